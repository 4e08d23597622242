import * as m from "../paraglide/messages";

/**
 * Where a rule comes from, without the numbers by which our own notes find it; what nobody of the country has
 * confirmed says so in words.
 */
export function sourceWords(source: string): string {
  return source.replace(/\s*\[S\d+[a-z]?\]/g, "").replace(/\s*\(K\)/g, ` (${m.design_unconfirmed()})`).trim();
}
