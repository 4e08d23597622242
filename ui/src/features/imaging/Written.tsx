import { getLocale } from "../../paraglide/runtime";

/** Longer than any name a person has: beyond this it is shown in part, and the rest is reached by keys and pointer. */
const long = 80;

/**
 * Text as a file or another system wrote it: in its own direction, which moves nothing beside it, and never larger
 * than its place. `scroll` where it stands alone and may take the focus; elsewhere the whole is in its title.
 */
export function Written({ children: text, scroll, mono }: { children: string; scroll?: boolean; mono?: boolean }) {
  const much = text.length > long;
  if (scroll && much) return <bdi className={`hs-written ${mono ? "font-mono" : ""}`} data-scroll tabIndex={0} role="group" aria-label={shortened(text)} title={text}>{text}</bdi>;
  return <bdi className={`hs-written ${mono ? "font-mono" : ""}`} title={much ? text : undefined}>{text}</bdi>;
}

/** For a button, a menu or a sentence: as much as tells one from another, isolated from what stands around it. */
export function shortened(text: string, most = long): string {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most).join("")}…` : text;
}

const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/;

/** A name inside a sentence that runs the other way: U+2068 and U+2069 keep each in its own order, and are not seen. */
export function isolated(text: string): string {
  const short = shortened(text);
  return getLocale() === "ar" || rightToLeft.test(short) ? `\u2068${short}\u2069` : short;
}
