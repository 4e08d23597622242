import * as m from "../paraglide/messages";
import { DisplaySettings } from "./DisplaySettings";
import type { Area, Doors, Screen } from "./screens";

/**
 * The table of addresses. A feature registers by exporting `screens` from `src/features/<name>/screens.tsx`; the
 * feature `account` also exports `doors`. Nobody edits this file to add a screen, and a screen that does not exist
 * has no address and no button.
 */
const modules = import.meta.glob<{ screens?: Screen[]; doors?: Doors }>("../features/*/screens.tsx", { eager: true });

const own: Screen[] = [
  { path: "/settings/display", area: "settings", title: m.shell_display, component: DisplaySettings, inPalette: true, icon: "settings" },
];

export const screens: readonly Screen[] = [...Object.values(modules).flatMap((f) => f.screens ?? []), ...own];

export const doors: Partial<Doors> = Object.assign({}, ...Object.values(modules).map((f) => f.doors ?? {}));

const duplicate = screens.find((s, i) => screens.findIndex((o) => o.path === s.path) !== i);
if (duplicate) throw new Error(`Two screens have the address ${duplicate.path}`);

/** Where the rail leads; null for an area without a screen, which then has no button. */
export function homeOf(area: Area): Screen | null {
  const here = screens.filter((s) => s.area === area);
  return here.find((s) => s.home) ?? here.find((s) => !s.path.includes("$")) ?? null;
}

export const areas: readonly Area[] = (["blood", "care", "donors", "images", "patients", "settings"] as const).filter((a) => homeOf(a) !== null);

/** Whether an address exists, for instance before a scan is allowed to open a unit. */
export function screenAt(path: string): boolean {
  return screens.some((s) => s.path === path);
}
