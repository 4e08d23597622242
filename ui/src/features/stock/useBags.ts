import { useRef, useState } from "react";
import { useScanner } from "../../app";
import { CommandFailed, useBackend } from "../../backend";
import * as m from "../../paraglide/messages";
import type { BagLabel, ScanPart } from "../../wire";

/**
 * Bags one after another under the scanner: a donation number, and the product code that follows it or
 * comes in the same burst. A number that names one bag here is enough by itself.
 */
export function useBags(onBag: (bag: BagLabel) => void, onParts?: (parts: ScanPart[]) => boolean) {
  const backend = useBackend();
  const [wrong, setWrong] = useState<string>();
  const waiting = useRef<string | null>(null);
  const took = useRef(false);
  function take(parts: ScanPart[]) {
    if (onParts?.(parts)) return;
    const number = parts.find((p) => p.kind === "donation_number");
    const product = parts.find((p) => p.kind === "product");
    const din = number?.kind === "donation_number" ? number.din : waiting.current;
    const code = product?.kind === "product" ? product.code : null;
    setWrong(undefined);
    // Whoever reads all codes of a bag reads its product and its group after the number that was enough.
    if (din === null && took.current && parts.length > 0 && parts.every((p) => p.kind === "product" || p.kind === "group")) return;
    if (din === null) return setWrong(m.recall_number_wrong());
    const known = number?.kind === "donation_number" && number.unit !== null;
    if (code === null && !known) {
      // The next code says which of its bags it is.
      waiting.current = din;
      return setWrong(m.shelf_box_which());
    }
    waiting.current = null;
    took.current = true;
    onBag({ din, productCode: code });
  }
  useScanner((scan) => (scan.error ? setWrong(m.recall_number_wrong()) : take(scan.parts)));
  async function typed(text: string): Promise<boolean> {
    try {
      const { parts } = await backend.call("scan.read", { text, typed: !/^[=&]/.test(text) });
      take(parts);
      return true;
    } catch (cause) {
      setWrong(CommandFailed.from(cause).code === "check_character_wrong" ? m.blood_check_wrong() : m.recall_number_wrong());
      return false;
    }
  }
  return { wrong, typed };
}
