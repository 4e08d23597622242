import { useRef } from "react";
import { CommandFailed, useBackend } from "../../backend";
import { groupDin, usePlace } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { ScanPart, UnitRow } from "../../wire";
import { sentenceFor } from "./common";

/**
 * The bag that a scan means. A donation is divided into several bags with one number: where more than one is here, the
 * product code that follows, or came in the same scan, says which. Answers whether the scan was about a bag at all.
 */
export function useOneBag(onBag: (unit: string) => void, say: (note: string) => void) {
  const backend = useBackend();
  const place = usePlace();
  const waiting = useRef<readonly UnitRow[]>([]);
  async function ask(din: string, code: string | undefined): Promise<void> {
    try {
      const { rows } = await backend.call("unit.list", { component: null, group: null, status: null, text: din, limit: 50 });
      const all = rows.filter((row) => row.din === din && (code === undefined || row.productCode === code));
      const [one] = all;
      if (one && all.length === 1) return onBag(one.id);
      waiting.current = all;
      say(one ? m.shelf_box_which() : `${m.blood_unit_unknown_din({ din: groupDin(din) })} ${m.blood_unit_unknown_din_next()}`);
    } catch (cause) {
      const s = sentenceFor(CommandFailed.from(cause), place);
      say(`${s.title} ${s.doNow}`);
    }
  }
  return (parts: readonly ScanPart[]): boolean => {
    const number = parts.find((p) => p.kind === "donation_number");
    const product = parts.find((p) => p.kind === "product");
    const among = waiting.current;
    waiting.current = [];
    if (number?.unit) onBag(number.unit);
    else if (number) void ask(number.din, product?.code);
    else if (product && among[0]) {
      const one = among.find((row) => row.productCode === product.code);
      if (one) onBag(one.id);
      else {
        waiting.current = among;
        say(m.shelf_box_which());
      }
    } else return false;
    return true;
  };
}
