import { useRef } from "react";
import type { ScanAnswer } from "../../app";
import { CommandFailed, useBackend } from "../../backend";
import { groupDin, usePlace } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { ScanPart, UnitRow } from "../../wire";
import { sentenceFor } from "./common";

/**
 * The bag that a scan means. A donation is divided into several bags with one number: where more than one is here, the
 * product code that follows, or came in the same scan, says which. Answers nothing where the scan was not about a bag.
 */
export function useOneBag(onBag: (unit: string) => void | ScanAnswer, say: (note: string) => void) {
  const backend = useBackend();
  const place = usePlace();
  const waiting = useRef<readonly UnitRow[]>([]);
  async function ask(din: string, code: string | undefined): Promise<ScanAnswer> {
    try {
      const { rows } = await backend.call("unit.list", { component: null, group: null, status: null, text: din, limit: 50 });
      const all = rows.filter((row) => row.din === din && (code === undefined || row.productCode === code));
      const [one] = all;
      if (one && all.length === 1) return onBag(one.id) ?? "taken";
      waiting.current = all;
      say(one ? m.shelf_box_which() : `${m.blood_unit_unknown_din({ din: groupDin(din) })} ${m.blood_unit_unknown_din_next()}`);
      return one ? "taken" : "refused";
    } catch (cause) {
      const s = sentenceFor(CommandFailed.from(cause), place);
      say(`${s.title} ${s.doNow}`);
      return "refused";
    }
  }
  return (parts: readonly ScanPart[]): ScanAnswer | Promise<ScanAnswer> | null => {
    const number = parts.find((p) => p.kind === "donation_number");
    const product = parts.find((p) => p.kind === "product");
    const among = waiting.current;
    waiting.current = [];
    if (number?.unit) return onBag(number.unit) ?? "taken";
    if (number) return ask(number.din, product?.code);
    if (!product || !among[0]) return null;
    const one = among.find((row) => row.productCode === product.code);
    if (one) return onBag(one.id) ?? "taken";
    waiting.current = among;
    say(m.shelf_box_which());
    return "refused";
  };
}
