import type { ReactNode } from "react";

/**
 * Our own icons: 20 px grid, 1.5 px stroke, round ends, no fill. An icon always has its word beside it,
 * except close, more and filter, which take a label for readers.
 */
const drawings = {
  blood: <><path d="M10 2.5c3.3 3.7 5 6.3 5 9a5 5 0 0 1-10 0c0-2.7 1.7-5.3 5-9z" /><path d="M7.7 11.8a2.4 2.4 0 0 0 2 2.2" /></>,
  lungs: <path d="M10 3v6M10 8.5C8.8 5.7 5.8 5.3 4.6 8.7 3.7 11.2 3.3 15 4.3 16c1.2 1 3.7-.2 4.3-1.2.3-.5.3-4 .3-4.8M10 8.500c1.2-2.8 4.2-3.2 5.4.2.9 2.5 1.3 6.3.3 7.3-1.2 1-3.7-.2-4.3-1.2-.3-.5-.3-4-.3-4.8" />,
  patients: <><circle cx="7.5" cy="7" r="2.8" /><path d="M2.5 16.5c.4-3.2 2.2-5 5-5s4.6 1.8 5 5M12.8 4.5a2.6 2.6 0 0 1 0 5M14.8 11.8c1.6.7 2.5 2.3 2.700 4.700" /></>,
  person: <><circle cx="10" cy="6.8" r="3" /><path d="M4 17c.5-3.500 2.700-5.500 6-5.500s5.500 2 6 5.500" /></>,
  settings: <><path d="M4 6h7M15 6h1M4 14h1M9 14h7" /><circle cx="13" cy="6" r="2" /><circle cx="7" cy="14" r="2" /></>,
  specimen: <path d="M8 3h4M8.500 3v5L4.300 15a1.300 1.300 0 0 0 1.200 2h9a1.300 1.300 0 0 0 1.200-2L11.500 8V3M6.300 12h7.400" />,
  tube: <path d="M7 2.500h6M8 2.500V15a2 2 0 0 0 4 0V2.500M8 9h4" />,
  lock: <><rect x="4.500" y="9" width="11" height="8" rx="1.500" /><path d="M7 9V6.500a3 3 0 0 1 6 0V9" /></>,
  key: <><circle cx="6.500" cy="13.500" r="3" /><path d="m8.700 11.300 7.300-7.300M13 7l2.500 2.500" /></>,
  scan: <path d="M3 6.500V4.500A1.500 1.500 0 0 1 4.500 3h2M13.500 3h2A1.500 1.500 0 0 1 17 4.500v2M17 13.500v2a1.500 1.500 0 0 1-1.500 1.500h-2M6.500 17h-2A1.500 1.500 0 0 1 3 15.500v-2M6.500 7v6M9 7v6M11 7v6M13.500 7v6" />,
  search: <><circle cx="9" cy="9" r="5.500" /><path d="M13.200 13.200 17 17" /></>,
  zoom: <><circle cx="9" cy="9" r="5.500" /><path d="M13.200 13.200 17 17M6.800 9h4.400M9 6.800v4.400" /></>,
  check: <path d="m4 10.500 4 4 8-9" />,
  minus: <path d="M4 10h12" />,
  plus: <path d="M10 4v12M4 10h12" />,
  close: <path d="m5 5 10 10M15 5 5 15" />,
  more: <path d="M4.500 10h.01M10 10h.01M15.500 10h.01" strokeWidth="2.400" />,
  filter: <path d="M3 5h14M6 10h8M8.500 15h3" />,
  up: <path d="m5.500 12.500 4.500-4.500 4.500 4.500" />,
  down: <path d="m5.500 8 4.500 4.500L14.500 8" />,
  updown: <path d="m6.500 8 3.500-3.500L13.500 8M6.500 12l3.500 3.500 3.500-3.500" />,
  forward: <path d="M4 10h12M11.500 5.500 16 10l-4.500 4.500" />,
  back: <path d="M16 10H4M8.500 5.500 4 10l4.500 4.500" />,
  chevron: <path d="m8 5.500 4.500 4.500L8 14.500" />,
  undo: <path d="M7.500 4 4 7.500 7.500 11M4 7.500h7.500a4.500 4.500 0 0 1 0 9H8" />,
  refresh: <path d="M4 8.300a6.300 6.300 0 0 1 11-2.500l1.500 1.700M16.500 3.700v3.800h-3.800M16 11.700a6.300 6.300 0 0 1-11 2.500l-1.500-1.700M3.500 16.300v-3.800h3.800" />,
  computer: <><rect x="4" y="4" width="12" height="9" rx="1.200" /><path d="M2.500 16h15" /></>,
  server: <><rect x="3.500" y="3.500" width="13" height="5.500" rx="1.200" /><rect x="3.500" y="11" width="13" height="5.500" rx="1.200" /><path d="M6.500 6.200h.01M6.500 13.700h.01" strokeWidth="2" /></>,
  offline: <><path d="M3 3l14 14M2.800 8a10.500 10.500 0 0 1 3.400-2.300M9 4.700A10.500 10.500 0 0 1 17.200 8M5.700 11a6.600 6.600 0 0 1 2.600-1.600M12.500 9.700A6.600 6.600 0 0 1 14.300 11M8.300 13.800a2.700 2.700 0 0 1 3-.3" /><circle cx="10" cy="16.300" r=".8" fill="currentColor" stroke="none" /></>,
  document: <path d="M5 2.500h6.500L15.500 6.500v11H5zM11.500 2.500v4h4M7.500 10.500h5.500M7.500 13.500h5.500" />,
  open: <path d="M2.500 15.500v-11h5l1.500 2h8.500v9zM2.500 9h15" />,
  print: <path d="M6 7.500V3h8v4.500M6 14H4a1.500 1.500 0 0 1-1.500-1.500V9A1.500 1.500 0 0 1 4 7.500h12A1.500 1.500 0 0 1 17.500 9v3.500A1.500 1.500 0 0 1 16 14h-2M6 12h8v5H6z" />,
  clock: <><circle cx="10" cy="10" r="7" /><path d="M10 6v4l2.700 1.800" /></>,
  calendar: <><rect x="3" y="4.500" width="14" height="12.500" rx="1.500" /><path d="M3 8.500h14M7 2.800v3M13 2.800v3" /></>,
  globe: <><circle cx="10" cy="10" r="7" /><path d="M3 10h14M10 3c2.300 2 3.200 4.300 3.200 7s-.9 5-3.200 7c-2.300-2-3.200-4.300-3.200-7s.9-5 3.200-7z" /></>,
  eye: <><path d="M2.500 10S5.200 5 10 5s7.500 5 7.500 5-2.700 5-7.500 5-7.500-5-7.500-5z" /><circle cx="10" cy="10" r="2.200" /></>,
  eyeOff: <path d="M3 3l14 14M8 5.300A7.600 7.600 0 0 1 10 5c4.800 0 7.500 5 7.500 5a13 13 0 0 1-2.300 2.800M12.600 14.400A7.600 7.600 0 0 1 10 15c-4.800 0-7.500-5-7.500-5a13 13 0 0 1 3.300-3.600M8.400 8.500a2.200 2.200 0 0 0 3.100 3.100" />,
  bed: <><path d="M2.500 4.500v12M2.500 13.200h15v3.300M17.500 13.200v-2.500A2.200 2.200 0 0 0 15.300 8.500H8.700v4.700" /><circle cx="5.600" cy="9.900" r="1.400" /></>,
  triangle: <path d="M10 3.500 17 16H3zM10 8.500v3.500M10 14v.1" />,
  edit: <path d="m4 16 .8-3.500L13.300 4l2.700 2.700-8.500 8.500zM11.500 5.800l2.700 2.700" />,
  trash: <path d="M4 5.500h12M8 5.500V3.500h4v2M5.500 5.500l.7 11h7.600l.7-11M8.500 8.500v5M11.500 8.500v5" />,
  fridge: <path d="M5.500 2.500h9v15h-9zM5.500 8h9M7.700 4.700v1.300M7.700 10.300v2.400" />,
  level: <><circle cx="10" cy="10" r="3.500" /><path d="M10 2.800v1.500M10 15.700v1.500M2.800 10h1.500M15.700 10h1.500M4.900 4.900 6 6M14 14l1.100 1.100M4.900 15.100 6 14M14 6l1.100-1.100" /></>,
  pan: <path d="M10 3v14M3 10h14M10 3 8 5M10 3l2 2M10 17l-2-2M10 17l2-2M3 10l2-2M3 10l2 2M17 10l-2-2M17 10l-2 2" />,
  length: <path d="m3 13.500 10.500-10.500 3.500 3.500L6.500 17zM6 10.500l1.700 1.700M8.500 8l1.700 1.700M11 5.500l1.700 1.700" />,
  invert: <><circle cx="10" cy="10" r="7" /><path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" /></>,
  fit: <path d="M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4" />,
  overlay: <path d="m10 3 7 4-7 4-7-4zM3 10.500l7 4 7-4M3 13.500l7 4 7-4" />,
  flipH: <path d="M10 3v14M7.500 6v8L3 14zM12.500 6v8l4.500 0z" />,
  rotate: <path d="M15.500 6A7 7 0 1 0 17 10M16.500 3v3.500H13" />,
  layout: <><rect x="3" y="3" width="14" height="14" rx="1.500" /><path d="M10 3v14" /></>,
  shield: <path d="M10 2.500 16 5v4.500c0 4-2.500 6.500-6 8-3.500-1.500-6-4-6-8V5zM7.300 9.800l2 2 3.500-4" />,
  theme: <path d="M16 11.800A6.500 6.500 0 0 1 8.200 4 6.500 6.500 0 1 0 16 11.800z" />,
  keyboard: <><rect x="2.500" y="5" width="15" height="10" rx="1.500" /><path d="M5.500 8h.01M8.500 8h.01M11.500 8h.01M14.500 8h.01M6.500 12h7" /></>,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof drawings;
export const iconNames = Object.keys(drawings) as IconName[];

const directional = new Set<IconName>(["forward", "back", "chevron", "undo"]);

/** `label` only where the icon stands without its word; otherwise it is hidden from readers. */
export function Icon({ name, size = 16, label }: { name: IconName; size?: 16 | 20; label?: string }) {
  return (
    <svg
      className="hs-icon"
      data-size={size}
      data-directional={directional.has(name) || undefined}
      viewBox="0 0 20 20"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {drawings[name]}
    </svg>
  );
}

/** The sign of the product: a drop with a pulse through it. */
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="M12 3.200c4.200 4.600 6.300 7.900 6.300 11a6.300 6.300 0 0 1-12.600 0c0-3.100 2.100-6.400 6.300-11z" />
      <path d="M3 14.500h5.200l1.800-3.300 3 5.600 1.800-2.300H21" stroke="var(--canvas)" strokeWidth="5" />
      <path d="M2.500 14.500h5.700l1.800-3.300 3 5.600 1.800-2.300h6.700" />
    </svg>
  );
}
