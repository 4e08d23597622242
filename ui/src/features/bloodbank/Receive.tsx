import { useRef, useState } from "react";
import { fitting, type Scan, useDraft, useMay, useScanner } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { type AboOrBombay, bagLetters, BloodGroup, componentName, DonationNumber, formatMoment, formatWall, groupDin, groupLetters, groupOf, groupWords, NotKnown, Quadrants, usePlace } from "../../clinical";
import { Bar, Button, NumberField, SectionHead, Select, SidePanel, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Component, Rhd, ScanPart } from "../../wire";
import { LabelZone } from "./LabelZone";
import { BloodHead, Refused, sentenceFor, UnitLink } from "./common";
import { type Draft, emptyDraft, type Heard, hear, missing, missingWords, nextDraft, readTypedExpiry, toCommand } from "./receiveDraft";
import { components, partKind } from "./words";

interface Received {
  id: string;
  din: string;
  check: string;
  component: Component;
  group: Draft["group"];
  at: string;
}

/** The fields that take one kind of code each, by name. */
const fieldKinds: Record<string, { kind: ScanPart["kind"]; words(): string } | undefined> = { din: { kind: "donation_number", words: m.blood_kind_donation_number }, product: { kind: "product", words: m.blood_kind_product } };

/** What the last scan or typed code led to, said on the screen at once. */
type Note = { kind: "notice" | "caution"; text: string };

/** The receiving table: scan a bag, compare, save, next bag. Whatever is refused, what was read stays. */
export function Receive() {
  const backend = useBackend();
  const place = usePlace();
  const may = useMay();
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  // Two quick scans must both land: the second starts from what the first left, rendered or not.
  const current = useRef(draft);
  const [note, setNote] = useState<Note | null>(null);
  const [other, setOther] = useState<{ din: string; parts: ScanPart[] } | null>(null);
  const [sitting, setSitting] = useState<Received[]>([]);
  const [din, setDin] = useState("");
  const [dinError, setDinError] = useState<string>();
  const [product, setProduct] = useState("");
  const [productError, setProductError] = useState<string>();
  const [expiry, setExpiry] = useState("");
  const [expiryError, setExpiryError] = useState<string>();
  const receive = useSend("unit.receive");
  const lacking = missing(draft);
  // The place alone is a habit of the table, not a label somebody began to read.
  const begun = Object.entries(draft).some(([key, value]) => key !== "place" && key !== "supplier" && key !== "zone" && value !== null) || din !== "" || product !== "" || expiry !== "";
  const kept = useDraft("unit.receive", begun ? { ...draft, typed: { din, product, expiry } } : null, (then) => {
    put(fitting(emptyDraft, then));
    const typed = fitting({ din: "", product: "", expiry: "" }, (then as { typed?: unknown }).typed);
    setDin(typed.din);
    setProduct(typed.product);
    setExpiry(typed.expiry);
  });

  function put(next: Draft) {
    current.current = next;
    setDraft(next);
  }

  function edit(patch: Partial<Draft>) {
    put({ ...current.current, ...patch });
  }

  function take(parts: ScanPart[]): Heard {
    const { draft: next, heard } = hear(current.current, parts);
    put(next);
    setOther(heard.kind === "other_unit" ? { din: heard.din, parts: heard.parts } : null);
    if (heard.kind !== "wrong_kind" && heard.kind !== "same" && receive.error) receive.reset();
    switch (heard.kind) {
      case "read": setNote({ kind: "notice", text: m.blood_receive_read({ what: heard.words.join("; ") }) }); break;
      case "same": setNote({ kind: "notice", text: m.blood_receive_again() }); break;
      case "replaced": setNote({ kind: "caution", text: m.blood_receive_replaced({ what: heard.what, old: heard.old }) }); break;
      case "other_unit": setNote(null); break;
      case "wrong_kind": {
        const open = missing(next).filter((what) => what !== "place");
        setNote({ kind: "caution", text: m.blood_wrong_kind({ was: heard.was, wanted: open.length > 0 ? missingWords(open) : m.blood_want_label() }) });
        break;
      }
    }
    return heard;
  }

  useScanner((scan: Scan) => {
    if (scan.error) {
      const s = sentenceFor(scan.error, place);
      setNote({ kind: "caution", text: `${s.title}. ${s.doNow}` });
      return "refused";
    }
    if (scan.parts.length === 0) {
      setNote({ kind: "caution", text: m.blood_wrong_kind({ was: m.blood_kind_slip(), wanted: m.blood_want_label() }) });
      return "refused";
    }
    const { kind } = take(scan.parts);
    // The keyboard stands in the field of another code: that field is left as it is, and whoever watches the bag hears it.
    const wanted = fieldKinds[document.activeElement?.getAttribute("name") ?? ""];
    const [first] = scan.parts;
    if ((kind === "read" || kind === "same") && wanted && first && !scan.parts.some((p) => p.kind === wanted.kind)) {
      setNote({ kind: "caution", text: m.blood_receive_put_elsewhere({ was: partKind(first), wanted: wanted.words() }) });
      return "refused";
    }
    return kind === "wrong_kind" || kind === "other_unit" || kind === "replaced" ? "refused" : "taken";
  });

  /** A typed code goes the same way as a scanned one; a code of another kind says what it was. */
  async function readTyped(text: string, typed: boolean, wanted: "donation_number" | "product", wantedWords: string): Promise<string | undefined> {
    try {
      const { parts } = await backend.call("scan.read", { text, typed });
      const strange = parts.find((p) => p.kind !== wanted);
      if (strange || parts.length === 0) return strange ? m.blood_wrong_kind_typed({ was: partKind(strange), wanted: wantedWords }) : m.blood_scan_unreadable();
      take(parts);
      return undefined;
    } catch (cause) {
      const error = CommandFailed.from(cause);
      if (error.code === "check_character_wrong") return m.blood_check_wrong();
      const s = sentenceFor(error, place);
      return `${s.title}. ${s.doNow}`;
    }
  }

  async function takeDin() {
    if (din.trim() === "") return;
    // A code with its data identifier was scanned or pasted into the field: it says itself what it is.
    const wrong = await readTyped(din.trim(), !/^[=&]/.test(din.trim()), "donation_number", m.blood_kind_donation_number());
    setDinError(wrong);
    if (!wrong) setDin("");
  }

  async function takeProduct() {
    const code = product.trim().toUpperCase();
    if (code === "") return;
    // The data identifier that the barcode would carry tells the store which kind was meant.
    const text = /^[=&]/.test(code) ? code : `=<${code}`;
    const wrong = await readTyped(text, false, "product", m.blood_kind_product());
    setProductError(wrong);
    if (!wrong) setProduct("");
  }

  function takeExpiry() {
    if (expiry.trim() === "") return;
    const wall = readTypedExpiry(expiry);
    setExpiryError(wall ? undefined : m.blood_field_expiry_wrong());
    if (wall) {
      take([{ kind: "expiry", wall }]);
      setExpiry("");
    }
  }

  function clear() {
    put(nextDraft(draft));
    setOther(null);
    setNote(null);
    receive.reset();
  }

  function save() {
    const command = toCommand(draft);
    const { din: number, group } = draft;
    if (!command || !number || receive.isPending) return;
    receive.mutate(command, {
      onSuccess: (made) => {
        kept.done();
        const at = place.now;
        const component = command.component ?? draft.product?.component;
        if (component) setSitting((list) => [{ id: made.id, din: number.din, check: number.check, component, group, at }, ...list]);
        // Somebody may already have scanned the next bag while this one was being saved.
        if (current.current.din?.din === number.din) put(nextDraft(current.current));
        setNote({ kind: "notice", text: m.blood_receive_saved({ din: groupDin(number.din), time: formatMoment(at, place.zone, place.now) ?? "" }) });
      },
    });
  }

  const group = draft.group;
  const [rhdHalf, setRhdHalf] = useState<Rhd | null>(null);
  const [aboHalf, setAboHalf] = useState<AboOrBombay | null>(null);
  function chooseGroup(abo: AboOrBombay | null, rhd: Rhd | null) {
    // What the scanner read is not typed over: a label that is wrong is a bag to be set aside, not a field to be corrected.
    if (draft.groupRead && draft.group) {
      setNote({ kind: "caution", text: m.blood_receive_group_read({ group: groupWords(draft.group) }) });
      return;
    }
    // A group is taken only when both halves were chosen: no half is ever guessed.
    if (abo && rhd) {
      setAboHalf(null);
      setRhdHalf(null);
      take([{ kind: "group", group: groupOf(abo, rhd), donation_type: "" }]);
      edit({ groupRead: false });
    } else {
      setAboHalf(abo);
      setRhdHalf(rhd);
    }
  }

  if (!may("receive_blood")) {
    return <><BloodHead title={m.blood_receive_title()} /><div className="p-4"><Bar kind="inactive">{m.blood_receive_forbidden()}</Bar></div></>;
  }

  const refusedUnit = draft.din && group && draft.product?.component
    ? { din: draft.din.din, group, component: draft.product.component, place: draft.place, expiresAt: draft.expires ?? "", patientName: null }
    : null;
  return (
    <>
      <BloodHead title={m.blood_receive_title()} />
      <div className="flex min-h-0 grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
        <div className="min-h-0 min-w-0 grow overflow-auto max-[1100px]:flex-none max-[1100px]:overflow-visible">
          {kept.offer}
          <div aria-live="polite">
            {note && <Bar kind={note.kind}>{note.text}</Bar>}
          </div>
          {other && (
            <div role="alert">
              <Bar
                kind="caution"
                action={
                  <span className="flex flex-wrap gap-2">
                    <Button variant="primary" onPress={() => setOther(null)}>{m.blood_receive_other_din_keep({ din: groupDin(draft.din?.din ?? "") })}</Button>
                    <Button onPress={() => { const { parts } = other; put(nextDraft(current.current)); take(parts); }}>{m.blood_receive_other_din_start({ din: groupDin(other.din) })}</Button>
                  </span>
                }
              >
                <b>{m.blood_receive_other_din_title()}.</b> {m.blood_receive_other_din_body({ din: groupDin(draft.din?.din ?? "") })}
              </Bar>
            </div>
          )}
          {receive.error && (
            <>
              <Refused error={receive.error} subject={{ unit: refusedUnit, ...place }} />
              <p className="px-4 pt-2 text-ink-2">{m.blood_receive_not_saved()}</p>
            </>
          )}
          <section className="grid gap-3 border-b border-line-2 bg-sunken p-4">
            <div className="flex flex-wrap items-baseline gap-2">
              <h2 className="m-0 text-lg">{m.blood_receive_label()}</h2>
              <span className="hs-meta">{m.blood_receive_hint()}</span>
            </div>
            <div className="max-w-[680px]"><DraftLabel draft={draft} /></div>
            <p role="status" className="text-ink-2">
              {lacking.length === 0 ? m.blood_receive_complete() : m.blood_receive_missing({ what: missingWords(lacking) })}
            </p>
            <div className="grid max-w-[680px] grid-cols-2 gap-3 max-[700px]:grid-cols-1">
              {draft.product && !draft.product.component && (
                <Select
                  label={m.blood_field_component()}
                  options={components.map((id) => ({ id, label: componentName(id) }))}
                  value={draft.component}
                  onChange={(id) => edit({ component: id as Component })}
                  hint={m.blood_field_component_needed({ code: draft.product.code })}
                  isRequired
                />
              )}
              <TextField label={m.blood_field_place()} value={draft.place} onChange={(value) => edit({ place: value })} hint={m.blood_field_place_hint()} isRequired />
            </div>
            <div className="flex flex-wrap gap-2">
              <Button variant="primary" size="lg" pending={receive.isPending} notNow={lacking.length > 0 ? m.blood_receive_save_off({ what: missingWords(lacking) }) : undefined} onPress={save}>{m.blood_receive_save()}</Button>
              <Button size="lg" variant="quiet" onPress={clear}>{m.blood_receive_clear()}</Button>
            </div>
          </section>
          <section className="grid gap-3 p-4">
            <h2 className="m-0 text-lg">{m.blood_receive_manual()}</h2>
            <div className="grid max-w-[680px] grid-cols-2 gap-x-3 gap-y-4 max-[700px]:grid-cols-1">
              <Typed name="din" label={m.blood_field_din()} hint={m.blood_field_din_hint()} error={dinError} value={din} onChange={(v) => { setDin(v); setDinError(undefined); }} act={m.blood_field_din_take()} onTake={() => void takeDin()} mono />
              <Typed name="product" label={m.blood_field_product()} hint={m.blood_field_product_hint()} error={productError} value={product} onChange={(v) => { setProduct(v); setProductError(undefined); }} act={m.blood_field_product_take()} onTake={() => void takeProduct()} mono />
              <div className="grid grid-cols-2 content-start gap-2">
                <Select label={m.blood_field_abo()} options={bagLetters.map((id) => ({ id, label: id }))} value={aboHalf ?? (group && groupLetters(group))} onChange={(id) => chooseGroup(id as AboOrBombay, rhdHalf ?? group?.rhd ?? null)} />
                <Select label={m.blood_field_rhd()} options={[{ id: "positive", label: "RhD POSITIVE" }, { id: "negative", label: "RhD NEGATIVE" }]} value={rhdHalf ?? group?.rhd ?? null} onChange={(id) => chooseGroup(aboHalf ?? (group && groupLetters(group)), id as Rhd)} />
              </div>
              <Typed label={m.blood_field_expiry()} hint={m.blood_field_expiry_hint()} error={expiryError} value={expiry} onChange={(v) => { setExpiry(v); setExpiryError(undefined); }} act={m.blood_field_expiry_take()} onTake={takeExpiry} />
              <TextField label={`${m.blood_field_supplier()} (${m.blood_optional()})`} value={draft.supplier} onChange={(supplier) => edit({ supplier })} />
              <LabelZone value={draft.zone} onChange={(zone) => edit({ zone })} />
              <NumberField label={`${m.blood_field_volume()} (${m.blood_optional()})`} value={draft.volume} onChange={(volume) => edit({ volume })} unit="mL" min={1} max={2000} />
            </div>
          </section>
        </div>
        <SidePanel label={m.blood_receive_sitting()}>
          <SectionHead title={m.blood_receive_sitting()} note={m.blood_n_units({ count: sitting.length })} />
          {sitting.length === 0 ? <p className="p-4 text-ink-2">{m.blood_receive_sitting_none()}</p> : (
            <ol className="m-0 list-none p-0">
              {sitting.map((u) => (
                <li key={u.id} className="grid grid-cols-[1fr_auto] gap-x-2 gap-y-px border-b border-line px-4 py-1.5">
                  <UnitLink id={u.id}><DonationNumber din={u.din} check={u.check} /></UnitLink>
                  <span className="hs-meta text-end">{formatMoment(u.at, place.zone, place.now)}</span>
                  <span className="col-span-2 flex flex-wrap items-center gap-x-1.5 text-ink-2">{componentName(u.component)} {u.group && <BloodGroup group={u.group} size="sm" />}</span>
                </li>
              ))}
            </ol>
          )}
        </SidePanel>
      </div>
    </>
  );
}

/** The four places of a unit label, filled as codes are read. */
function DraftLabel({ draft }: { draft: Draft }) {
  const component = draft.product?.component ?? draft.component;
  const open = <NotKnown>{m.blood_not_read()}</NotKnown>;
  return (
    <Quadrants
      kind={draft.din ? "unit" : "patient"}
      label={m.blood_receive_label()}
      cells={[
        <>
          <span className="hs-k">{m.blood_field_din()}</span>
          {draft.din ? <DonationNumber din={draft.din.din} check={draft.din.check} size="lg" /> : open}
          {draft.collected && <span className="hs-k">{m.blood_collected({ date: formatWall(draft.collected) ?? draft.collected })}</span>}
        </>,
        <><span className="hs-k">{m.blood_filter_group()}</span>{draft.group ? <BloodGroup group={draft.group} size="xl" /> : open}</>,
        <>
          <span className="hs-k">{m.blood_field_product()}</span>
          {draft.product ? <><span className="hs-big">{draft.product.name ?? (component ? componentName(component) : <NotKnown />)}</span><span className="hs-k hs-mono">{draft.product.code}</span></> : open}
        </>,
        <><span className="hs-k">{m.blood_expires()}</span>{draft.expires ? <span className="hs-big">{formatWall(draft.expires)}</span> : open}</>,
      ]}
    />
  );
}

/** A code typed by hand and read like a scan; Enter in the field reads it, and nothing else. */
function Typed({ name, label, hint, error, value, onChange, act, onTake, mono }: { name?: string; label: string; hint: string; error?: string; value: string; onChange(v: string): void; act: string; onTake(): void; mono?: boolean }) {
  return (
    <form className="grid content-start gap-2" onSubmit={(e) => { e.preventDefault(); onTake(); }}>
      <TextField name={name} label={label} hint={hint} error={error} value={value} onChange={onChange} mono={mono} autoComplete="off" />
      <span><Button type="submit" size="sm">{act}</Button></span>
    </form>
  );
}
