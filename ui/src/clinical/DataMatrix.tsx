import { dataMatrix } from "./matrix";

/** One module of quiet zone is the least that a reader needs (ISO/IEC 16022, 7.5); two are printed. */
const quiet = 2;

/** Black on white in both themes. `size` is the edge with its quiet zone, in CSS units that hold on paper. */
export function DataMatrix({ text, label, size }: { text: string; label: string; size: string }) {
  const rows = dataMatrix(text);
  if (!rows) return null;
  const edge = rows.length + 2 * quiet;
  const path = rows.flatMap((row, r) => row.map((dark, c) => (dark ? `M${c + quiet} ${r + quiet}h1v1h-1z` : ""))).join("");
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${edge} ${edge}`} shapeRendering="crispEdges" className="block bg-paper [direction:ltr]" style={{ inlineSize: size, blockSize: size }}>
      <path d={path} fill="#000000" />
    </svg>
  );
}
