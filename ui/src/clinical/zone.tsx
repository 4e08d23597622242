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

/** Browsers still list some zones under names that the people there no longer use; the store takes both. */
const renamed: Readonly<Record<string, string>> = {
  "Africa/Asmera": "Africa/Asmara", "America/Buenos_Aires": "America/Argentina/Buenos_Aires", "America/Catamarca": "America/Argentina/Catamarca", "America/Coral_Harbour": "America/Atikokan",
  "America/Cordoba": "America/Argentina/Cordoba", "America/Godthab": "America/Nuuk", "America/Indianapolis": "America/Indiana/Indianapolis", "America/Jujuy": "America/Argentina/Jujuy",
  "America/Louisville": "America/Kentucky/Louisville", "America/Mendoza": "America/Argentina/Mendoza", "Asia/Calcutta": "Asia/Kolkata", "Asia/Katmandu": "Asia/Kathmandu", "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh", "Atlantic/Faeroe": "Atlantic/Faroe", "Europe/Kiev": "Europe/Kyiv", "Pacific/Enderbury": "Pacific/Kanton", "Pacific/Ponape": "Pacific/Pohnpei", "Pacific/Truk": "Pacific/Chuuk",
};
const former = new Map(Object.entries(renamed).map(([then, now]) => [now, then]));

/** An engine that is older than the new name could not reckon in it. */
function reckonsIn(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The name of today for a zone that this machine calls by an older one. */
export function currentZone(zone: string): string {
  const now = renamed[zone];
  return now && reckonsIn(now) ? now : zone;
}

/** A zone as it is read; with its former name where that is another word, so that either finds it. */
export function zoneWords(zone: string): string {
  const last = (name: string) => name.slice(name.lastIndexOf("/") + 1);
  const then = former.get(zone);
  return (then && last(then) !== last(zone) ? `${zone} (${last(then)})` : zone).replaceAll("_", " ");
}

/** Every time zone that this machine knows by name, with UTC, in order; renamed ones under the name of today. */
export function zoneNames(): string[] {
  const all = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  return [...new Set(["UTC", ...all.map(currentZone)])].sort();
}
