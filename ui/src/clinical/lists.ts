import { getLocale } from "../paraglide/runtime";

/** What stands between the words of a list: Arabic has a comma of its own, and the Latin one looks like a slip in it. */
export function comma(): string {
  return getLocale() === "ar" ? "\u060c " : ", ";
}
