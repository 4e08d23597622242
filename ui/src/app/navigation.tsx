import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect, useId } from "react";
import type { KeyHint } from "./screens";

/** Parameters of the address: `{ id }` for `/patients/$id`. */
export function useScreenParams(): Record<string, string> {
  return useParams({ strict: false }) as Record<string, string>;
}

export type Search = Record<string, string | undefined>;

/** Filters and tabs of a list live in the address, so that back, reload and a second window show the same. */
export function useScreenSearch(): [Search, (next: Search) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  return [search, (next) => void navigate({ to: ".", search: { ...search, ...next } as never, replace: true })];
}

export function useGo(): (path: string, search?: Search) => void {
  const navigate = useNavigate();
  return (path, search) => void navigate({ to: path, search: (search ?? {}) as never });
}

export function AppLink({ to, search, children, className, label }: { to: string; search?: Search; children: ReactNode; className?: string; label?: string }) {
  return <Link to={to} search={(search ?? {}) as never} className={className} aria-label={label}>{children}</Link>;
}

/** Tabs in the head of a page that are addresses of their own. */
export function TabLinks({ label, items }: { label: string; items: { to: string; label: string; count?: number }[] }) {
  return (
    <nav className="hs-tablist" aria-label={label}>
      {items.map((t) => (
        <Link key={t.to} to={t.to} activeOptions={{ exact: true, includeSearch: false }} className="hs-tab">{t.label}{t.count !== undefined && <span className="hs-count">{t.count}</span>}</Link>
      ))}
    </nav>
  );
}

export interface KeyRegistry {
  set(id: string, hints: KeyHint[]): void;
  drop(id: string): void;
}
export const KeyContext = createContext<KeyRegistry | null>(null);

/** Lists the keys of a screen under `?` and in the ground line. It does not bind them. */
export function useKeys(hints: KeyHint[]) {
  const id = useId();
  const registry = useContext(KeyContext);
  const text = JSON.stringify(hints);
  useEffect(() => {
    registry?.set(id, JSON.parse(text) as KeyHint[]);
    return () => registry?.drop(id);
  }, [registry, id, text]);
}
