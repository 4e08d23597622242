import { useRef, useState } from "react";
import { type ScanAnswer, useScanner } from "../../app";
import { CommandFailed, useBackend } from "../../backend";
import * as m from "../../paraglide/messages";
import type { BagLabel, ScanPart } from "../../wire";
import { partKind } from "../bloodbank/words";

/**
 * Bags one after another under the scanner: a donation number, and the product code that follows it or
 * comes in the same burst. A number that names one bag here is enough by itself. `onBag` says whether it took the bag.
 */
export function useBags(onBag: (bag: BagLabel) => ScanAnswer | Promise<ScanAnswer>, onParts?: (parts: ScanPart[]) => ScanAnswer | Promise<ScanAnswer> | null) {
  const backend = useBackend();
  const [wrong, setWrong] = useState<string>();
  const waiting = useRef<string | null>(null);
  const took = useRef(false);
  function refuse(words: string): ScanAnswer {
    setWrong(words);
    return "refused";
  }
  /** Why the number alone is not enough: several bags bear it, or none that is known here. */
  async function which(din: string): Promise<ScanAnswer> {
    // Said at once; a store that does not answer leaves it standing.
    setWrong(m.shelf_box_which_code());
    const here = await backend.call("unit.list", { component: null, group: null, status: null, text: din, limit: 20 }).then(({ rows }) => rows.some((row) => row.din === din), () => null);
    // The code may have come meanwhile.
    if (waiting.current !== din || here === null) return "taken";
    setWrong(here ? m.shelf_box_which() : m.shelf_box_unknown());
    return here ? "taken" : "refused";
  }
  function take(parts: ScanPart[]): ScanAnswer | Promise<ScanAnswer> {
    const heard = onParts?.(parts);
    // What was wrong with an earlier scan is not said of this one.
    setWrong(undefined);
    if (heard) return heard;
    const number = parts.find((p) => p.kind === "donation_number");
    const product = parts.find((p) => p.kind === "product");
    const din = number?.din ?? waiting.current;
    const code = product?.code ?? null;
    // Whoever reads all codes of a bag reads the others after the number that was enough.
    const label = parts.length > 0 && parts.every((p) => p.kind === "product" || p.kind === "group" || p.kind === "expiry" || p.kind === "collected");
    if (din === null && took.current && label) return "taken";
    const [part] = parts;
    if (din === null || (!number && code === null && !label)) return refuse(part ? m.blood_wrong_kind({ was: partKind(part), wanted: din === null ? m.blood_want_unit() : m.blood_kind_product() }) : m.recall_number_wrong());
    if (code === null && !number?.unit) {
      // The next code says which of its bags it is.
      waiting.current = din;
      return which(din);
    }
    waiting.current = null;
    took.current = true;
    return onBag({ din, productCode: code });
  }
  useScanner((scan) => (scan.parts.length > 0 ? take(scan.parts) : refuse(scan.error ? m.recall_number_wrong() : m.blood_wrong_kind({ was: m.blood_kind_slip(), wanted: m.blood_want_unit() }))));
  async function typed(text: string): Promise<boolean> {
    try {
      const { parts } = await backend.call("scan.read", { text, typed: !/^[=&]/.test(text) });
      void take(parts);
      return true;
    } catch (cause) {
      setWrong(CommandFailed.from(cause).code === "check_character_wrong" ? m.blood_check_wrong() : m.recall_number_wrong());
      return false;
    }
  }
  return { wrong, typed };
}
