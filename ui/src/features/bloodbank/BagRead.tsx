import { useState } from "react";
import { CommandFailed, useBackend } from "../../backend";
import { bagGroups, groupWords, sameGroup, usePlace } from "../../clinical";
import { Button, Dialog, Select, Shape, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { BagScan, BloodGroup, UnitRow } from "../../wire";
import { listed } from "./careWords";
import { sentenceFor } from "./common";

/** What was read from the bag itself, part by part; null: not yet. All three together are one unit. */
export interface BagParts {
  din: string | null;
  product: string | null;
  group: BloodGroup | null;
}
export const nothingRead: BagParts = { din: null, product: null, group: null };

type Part = keyof BagParts;
export const partWord: Record<Part, () => string> = { din: m.blood_part_din, product: m.blood_part_product, group: m.blood_part_group };

/** Whether a part was read and is that of the unit on the screen. */
export function partState(part: Part, read: BagParts, row: Pick<UnitRow, "din" | "productCode" | "group">): "open" | "agrees" | "differs" {
  const agrees = part === "din" ? read.din === row.din : part === "product" ? read.product === row.productCode : read.group !== null && sameGroup(read.group, row.group);
  return read[part] === null ? "open" : agrees ? "agrees" : "differs";
}

export const bagParts: readonly Part[] = ["din", "product", "group"];
export const missingWords = (read: BagParts): string => listed(bagParts.filter((p) => read[p] === null).map((p) => partWord[p]()));

/**
 * What the store compares: all three, once they are read; before that nothing, or, when a part differs already, that
 * part beside the record's own others, so that the stop comes at once.
 */
export function bagScanOf(read: BagParts, row: Pick<UnitRow, "din" | "productCode" | "group">): BagScan | null {
  const whole = read.din !== null && read.product !== null && read.group !== null;
  if (!whole && !bagParts.some((p) => partState(p, read, row) === "differs")) return null;
  return { din: read.din ?? row.din, productCode: read.product ?? row.productCode, group: read.group ?? row.group };
}

/** Under the unit: which parts of its label were read from the bag, and which are still to be scanned. */
export function BagRead({ read, row, onTyped }: { read: BagParts; row: UnitRow; onTyped(parts: BagParts): void }) {
  const [typing, setTyping] = useState(false);
  const states = bagParts.map((part) => [part, partState(part, read, row)] as const);
  return (
    <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1">
      <ul className="m-0 flex list-none flex-wrap gap-x-3 gap-y-1 p-0" aria-label={m.blood_bag_read()}>
        {states.map(([part, state]) => (
          <li key={part} data-part={part} data-state={state} className="flex items-center gap-1.5 text-sm">
            <Shape kind={state === "agrees" ? "good" : state === "differs" ? "critical" : "inactive"} />
            <span className={state === "agrees" ? "" : "font-strong"}>
              {state === "agrees" ? m.blood_bag_part_done({ part: partWord[part]() }) : state === "differs" ? m.blood_bag_part_wrong({ part: partWord[part]() }) : m.blood_bag_part_open({ part: partWord[part]() })}
            </span>
          </li>
        ))}
      </ul>
      {states.some(([, state]) => state !== "agrees") && <span className="ms-auto -my-1"><Button size="sm" variant="quiet" onPress={() => setTyping(true)}>{m.blood_bag_type()}</Button></span>}
      {typing && <TypeBag onClose={() => setTyping(false)} onTyped={(parts) => { setTyping(false); onTyped(parts); }} />}
    </div>
  );
}

/** Without a scanner: the same three parts, typed from the bag. The check character guards the number as it does in a scan. */
function TypeBag({ onClose, onTyped }: { onClose(): void; onTyped(parts: BagParts): void }) {
  const backend = useBackend();
  const place = usePlace();
  const [din, setDin] = useState("");
  const [product, setProduct] = useState("");
  const [group, setGroup] = useState<string | null>(null);
  const [error, setError] = useState<string>();
  const ready = din.trim() !== "" && product.trim() !== "" && group !== null;
  async function take() {
    try {
      const { parts } = await backend.call("scan.read", { text: din.trim(), typed: true });
      const number = parts.find((p) => p.kind === "donation_number");
      if (!number) return setError(m.blood_check_wrong());
      onTyped({ din: number.din, product: product.trim().toUpperCase(), group: bagGroups.find((g) => groupWords(g) === group) ?? null });
    } catch (cause) {
      const failed = CommandFailed.from(cause);
      const s = sentenceFor(failed, place);
      setError(failed.code === "check_character_wrong" ? m.blood_check_wrong() : `${s.title} ${s.doNow}`);
    }
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      title={m.blood_bag_type_title()}
      footer={<Button size="lg" onPress={onClose}>{m.blood_keep()}</Button>}
      footerEnd={<Button size="lg" variant="primary" notNow={ready ? undefined : m.blood_bag_type_missing()} onPress={() => void take()}>{m.blood_bag_type_take()}</Button>}
    >
      <p className="text-ink-2">{m.blood_bag_type_body()}</p>
      <TextField label={m.blood_bag_type_din()} value={din} onChange={(v) => { setDin(v); setError(undefined); }} error={error} mono autoFocus autoComplete="off" isRequired />
      <TextField label={m.blood_field_product()} value={product} onChange={setProduct} mono autoComplete="off" isRequired maxLength={8} />
      <Select label={m.blood_bag_type_group()} value={group} onChange={setGroup} options={bagGroups.map((g) => ({ id: groupWords(g), label: groupWords(g) }))} isRequired />
      {error && <div role="alert" className="hs-vh"><Status kind="critical">{error}</Status></div>}
    </Dialog>
  );
}
