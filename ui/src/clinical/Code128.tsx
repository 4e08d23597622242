/**
 * A Code 128 symbol (ISO/IEC 15417, set B), drawn from its own table: black bars on white paper in both themes, with
 * the quiet zones a reader needs. For labels a person scans from the screen, never for a unit: those are printed.
 */
const widths = (
  "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221 " +
  "223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 " +
  "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 " +
  "311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 " +
  "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 " +
  "214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split(" ");
const startB = 104;
const stop = 106;
const quiet = 10;

/** The symbol's values with start, check and stop; null when a character has none in set B. */
export function code128(text: string): number[] | null {
  const data = [...text].map((c) => c.charCodeAt(0) - 32);
  if (data.length === 0 || data.some((v) => v < 0 || v > 94)) return null;
  const check = data.reduce((sum, v, i) => sum + v * (i + 1), startB) % 103;
  return [startB, ...data, check, stop];
}

/** Widths of bars and spaces in turn, in modules, beginning with a bar. */
export function code128Bars(text: string): number[] | null {
  return code128(text)?.flatMap((v) => [...(widths[v] ?? "")].map(Number)) ?? null;
}

export const code128Widths: readonly string[] = widths;

export function Code128({ text, label }: { text: string; label: string }) {
  const bars = code128Bars(text);
  if (!bars) return null;
  const total = bars.reduce((a, b) => a + b, 0) + 2 * quiet;
  let at = quiet;
  const path = bars.map((w, i) => {
    const d = i % 2 === 0 ? `M${at} 0h${w}v1h-${w}z` : "";
    at += w;
    return d;
  }).join("");
  return (
    // Whole points for each module: a bar of a point and a half is a bar of two readings.
    <svg role="img" aria-label={label} viewBox={`0 0 ${total} 1`} preserveAspectRatio="none" width={total * 2} height={96} shapeRendering="crispEdges" className="block max-w-full bg-paper [direction:ltr]">
      <path d={path} fill="#000000" />
    </svg>
  );
}
