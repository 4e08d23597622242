/**
 * Window and level: stored value -> modality value -> light -> turned round when the file says so (PS3.3 C.11.2).
 * The same arithmetic as `crates/imaging/src/window.rs`; both are tested against the same vectors, so the screen,
 * the exported picture and the input of the networks cannot drift apart.
 */
export type VoiFunction = "linear" | "linear_exact" | "sigmoid";

export interface WindowLevel {
  center: number;
  width: number;
}

/** What turns a stored value into a value with a meaning, such as a Hounsfield number. */
export interface Modality {
  slope: number;
  intercept: number;
}

/** The smallest width a person may reach by dragging; a width of exactly 1 is legal and means a threshold. */
export const narrowest = 1;

/** One of 256 greys for a modality value, halves rounded upwards. */
export function grey(value: number, { center, width }: WindowLevel, voi: VoiFunction = "linear"): number {
  return Math.floor(Math.min(255, Math.max(0, scaled(value, center, width, voi))) + 0.5);
}

// Multiplying before dividing keeps exact halves exact: an 8-bit value through the identity window stays itself.
function scaled(value: number, center: number, width: number, voi: VoiFunction): number {
  switch (voi) {
    case "linear": {
      const half = (width - 1) / 2;
      if (value <= center - 0.5 - half) return 0;
      if (value > center - 0.5 + half) return 255;
      return ((value - (center - 0.5)) * 255) / (width - 1) + 127.5;
    }
    case "linear_exact": return ((value - center) * 255) / width + 127.5;
    case "sigmoid": return 255 / (1 + Math.exp((-4 * (value - center)) / width));
  }
}

/** Grey of every stored value, indexed by its sixteen bits; signed values by their two's complement. */
export function greyTable(window: WindowLevel, modality: Modality, options: { signed: boolean; turned: boolean; voi?: VoiFunction }): Uint8Array {
  const table = new Uint8Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const stored = options.signed && bits > 32_767 ? bits - 65_536 : bits;
    const light = grey(stored * modality.slope + modality.intercept, window, options.voi);
    table[bits] = options.turned ? 255 - light : light;
  }
  return table;
}

/** The window's two ends as stored values, for an engine that knows no slope; `turned` when the slope is negative. */
export function storedRange(window: WindowLevel, { slope, intercept }: Modality): { lower: number; upper: number; turned: boolean } {
  const half = Math.max(window.width - 1, 1e-3) / 2;
  const ends = [window.center - 0.5 - half, window.center - 0.5 + half].map((v) => (v - intercept) / slope) as [number, number];
  return { lower: Math.min(...ends), upper: Math.max(...ends), turned: slope < 0 };
}

/**
 * The CT windows behind the keys 1 to 7, in Hounsfield units: the five agreed ones, then mediastinum and abdomen with
 * the widths and levels customary in teaching (350/50 and 400/50). Other kinds of picture start from their header.
 */
export const ctPresets = [
  { name: "soft_tissue", width: 400, center: 40 },
  { name: "lung", width: 1500, center: -600 },
  { name: "liver", width: 150, center: 90 },
  { name: "bone", width: 2500, center: 480 },
  { name: "brain", width: 80, center: 40 },
  { name: "mediastinum", width: 350, center: 50 },
  { name: "abdomen", width: 400, center: 50 },
] as const;

/** Dragging right widens, dragging down darkens; a drag across 512 points moves by the width it began with. */
export function dragged(start: WindowLevel, dx: number, dy: number): WindowLevel {
  const step = Math.max(start.width, 16) / 512;
  return { center: start.center + dy * step, width: Math.max(narrowest, start.width + dx * step) };
}
