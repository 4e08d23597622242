import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

interface Place {
  /** IANA zone of the facility. */
  zone: string;
  /** The store's idea of now, moved on by the minute; RFC 3339. */
  now: string;
}

const PlaceContext = createContext<Place | null>(null);

/** Gives dates below it the facility's zone, and a now that moves once a minute. */
export function ZoneProvider({ zone, now, children }: { zone: string; now?: string; children: ReactNode }) {
  const [tick, setTick] = useState(() => Date.now());
  const [offset, setOffset] = useState(0);
  useEffect(() => {
    // The store's clock wins over the page's: they may be on different machines behind the dev-host.
    const at = now ? Date.parse(now) : Number.NaN;
    setOffset(Number.isNaN(at) ? 0 : at - Date.now());
    setTick(Date.now());
  }, [now]);
  useEffect(() => {
    const timer = setInterval(() => setTick(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  const value = { zone, now: new Date(tick + offset).toISOString() };
  return <PlaceContext value={value}>{children}</PlaceContext>;
}

/** Zone of the facility and the present moment. Outside a provider (tests, first start): UTC and this computer's clock. */
export function usePlace(): Place {
  return useContext(PlaceContext) ?? { zone: "UTC", now: new Date().toISOString() };
}

/** Every time zone that this machine knows by name, with UTC, in order. */
export function zoneNames(): string[] {
  const all = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  return [...new Set(["UTC", ...all])].sort();
}
