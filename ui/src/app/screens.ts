import type { ComponentType, FunctionComponent } from "react";
import type { IconName } from "../design";
import type { Door, Permission } from "../wire";

export type Area = "blood" | "care" | "donors" | "images" | "patients" | "settings";

/** One address of the program. A feature exports `screens: Screen[]` from `src/features/<name>/screens.tsx`. */
export interface Screen {
  /** `/blood/stock`, `/patients/$id`; a parameter is read with `useScreenParams`. */
  path: string;
  area: Area;
  /** Shown by the palette and read out on arrival; for a screen about one thing, its kind. */
  title(): string;
  component: FunctionComponent;
  /** Without it the screen says who may see it instead of opening. */
  needs?: Permission;
  /** Fills a window of its own: no rail, no search, nothing that leads away. */
  bare?: boolean;
  /** True dark, for reading film. */
  dark?: boolean;
  /** Where the rail leads for this area; exactly one screen of an area. */
  home?: boolean;
  /** Offered in the command palette; screens with parameters cannot be. */
  inPalette?: boolean;
  icon?: IconName;
}

/**
 * What stands in the window when nobody works yet. `src/features/account/screens.tsx` exports
 * `doors: Doors`; each fills the whole window (no rail, no ground line) and calls its own commands.
 */
export type Doors = Record<Exclude<Door, "signed_in">, ComponentType>;

/** The keys of a screen, listed under `?`; a feature calls `useKeys` with them. */
export interface KeyHint {
  keys: string[];
  words: string;
}
