import { type ReactNode, useState } from "react";
import { useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { bagGroups, groupDin, groupWords, sameGroup, usePlace } from "../../clinical";
import { Button, Chip, Loading, RadioGroup, SectionHead, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Antigen, SecondPerson, UnitAttribute, UnitRow, UnitTraitsView } from "../../wire";
import { antigens, antigenSign, attributes, attributeWord } from "../requests/words";
import { AskDialog, CouldNotRead, nobody, Refused, secondReady, SecondPersonFields, wantsSecond } from "./common";

type Doing = "group" | "attribute" | "antigen" | null;

/** What is known of a bag beside its label: the group read again from its own segment, properties, tested antigens. */
export function Traits({ row, live, onDone }: { row: UnitRow; live: boolean; onDone(words: string): void }) {
  const traits = useCommand("unit.traits", { id: row.id });
  const may = useMay();
  const [doing, setDoing] = useState<Doing>(null);
  const finish = (words: string) => { setDoing(null); onDone(words); };
  const close = () => setDoing(null);
  const allowed = live && may("crossmatch");
  if (traits.isError) return <CouldNotRead title={m.blood_trait_title()} error={traits.error} onRetry={() => void traits.refetch()} />;
  const known = traits.data;
  const cells = row.component === "red_cells" || row.component === "whole_blood";
  return (
    <section aria-label={m.blood_trait_title()}>
      <SectionHead title={m.blood_trait_title()} />
      {!known ? <div className="p-4"><Loading label={m.blood_loading()} /></div> : (
        <dl className="m-0 px-4 py-2">
          {(cells || known.confirmed || known.entered) && (
            <Row name={m.blood_trait_group()} action={allowed && !known.confirmed && !(known.entered && known.enteredByMe) && !known.readByMe ? <Button size="sm" onPress={() => setDoing("group")}>{known.readings.length > 0 ? m.blood_trait_settle() : known.entered ? m.blood_trait_verify() : m.blood_trait_enter()}</Button> : null}>
              <GroupRead known={known} row={row} />
            </Row>
          )}
          <Row name={m.blood_trait_attributes()} action={allowed && known.attributes.length < attributes.length ? <Button size="sm" onPress={() => setDoing("attribute")}>{m.blood_trait_attribute_add()}</Button> : null}>
            {known.attributes.length === 0 ? <span className="text-ink-2">{m.blood_trait_none()}</span> : <span className="flex flex-wrap gap-1">{known.attributes.map((a) => <Chip key={a}>{attributeWord(a)}</Chip>)}</span>}
          </Row>
          {cells && (
            <Row name={m.blood_trait_antigens()} action={allowed ? <Button size="sm" onPress={() => setDoing("antigen")}>{m.blood_trait_antigen_add()}</Button> : null}>
              {known.antigens.length === 0 ? <span className="text-ink-2">{m.blood_trait_untested()}</span>
                : <span className="flex flex-wrap gap-1">{known.antigens.map((a) => <Chip key={a.antigen} kind={a.positive ? "notice" : undefined}>{a.positive ? m.blood_trait_positive({ antigen: antigenSign(a.antigen) }) : m.blood_trait_negative({ antigen: antigenSign(a.antigen) })}</Chip>)}</span>}
            </Row>
          )}
          {known.phenotype !== "ordinary" && (
            <Row name={m.blood_trait_phenotype()} action={null}>
              <Status kind="critical" wrap>{known.phenotype === "bombay" ? m.blood_trait_bombay() : m.blood_trait_para_bombay()}</Status>
            </Row>
          )}
        </dl>
      )}
      {doing === "group" && known && <GroupDialog row={row} known={known} onClose={close} onDone={finish} />}
      {doing === "attribute" && known && <AttributeDialog row={row} open={attributes.filter((a) => !known.attributes.includes(a))} onClose={close} onDone={finish} />}
      {doing === "antigen" && <AntigenDialog row={row} onClose={close} onDone={finish} />}
    </section>
  );
}

function Row({ name, action, children }: { name: string; action: ReactNode; children: ReactNode }) {
  return (
    <div className="grid min-h-9 grid-cols-[140px_1fr_auto] items-center gap-x-3 border-b border-line py-1 last:border-b-0">
      <dt className="text-ink-3">{name}</dt>
      <dd className="m-0 min-w-0 break-words">{children}</dd>
      {action && <dd className="m-0">{action}</dd>}
    </div>
  );
}

/** What two people read in the segment, or how far that is. */
function GroupRead({ known, row }: { known: UnitTraitsView; row: UnitRow }) {
  if (known.confirmed) {
    return (
      <span className="grid gap-px">
        {sameGroup(known.confirmed, row.group)
          ? <Status kind="good" wrap>{m.blood_trait_confirmed({ group: groupWords(known.confirmed) })}</Status>
          : <Status kind="critical" wrap>{m.blood_trait_differs({ group: groupWords(known.confirmed), label: groupWords(row.group) })}</Status>}
        {known.settled && <span className="hs-meta">{m.blood_trait_settled({ reason: known.settled })}</span>}
      </span>
    );
  }
  if (known.readings.length > 0) {
    return (
      <span className="grid gap-px">
        <Status kind="critical" wrap>{m.blood_trait_readings_differ()}</Status>
        {known.readings.map((r, i) => <span key={i}>{m.blood_trait_reading({ group: groupWords(r.group), who: r.by })}</span>)}
        {known.readByMe && <span className="hs-meta">{m.blood_trait_readings_me()}</span>}
      </span>
    );
  }
  if (!known.entered) return <Status kind="caution" wrap>{m.blood_trait_unread()}</Status>;
  // Whoever verifies must not read the first answer off the screen; a reading that differs is no secret any more.
  if (!sameGroup(known.entered, row.group)) return <Status kind="critical" wrap>{m.blood_trait_entered_differs({ group: groupWords(known.entered), label: groupWords(row.group) })}</Status>;
  return <Status kind="notice" wrap>{known.enteredByMe ? m.blood_trait_entered_me() : m.blood_trait_entered()}</Status>;
}

/**
 * One reading of the segment: the first, the one that verifies it, or the one that settles two that differ.
 * A reading that differs from the label takes the bag off the shelf, and says so before it is saved.
 */
function GroupDialog({ row, known, onClose, onDone }: { row: UnitRow; known: UnitTraitsView; onClose(): void; onDone(words: string): void }) {
  const place = usePlace();
  const [chosen, setChosen] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const group = bagGroups.find((g) => groupWords(g) === chosen) ?? null;
  const settles = known.readings.length > 0;
  const first = !settles && known.entered === null;
  const differs = group !== null && !sameGroup(group, row.group);
  function done() {
    if (settles) return group && known.readings.some((r) => sameGroup(r.group, group)) ? (differs ? m.blood_trait_done_settled_label() : m.blood_trait_done_settled()) : m.blood_trait_done_further();
    if (known.entered && group && !sameGroup(known.entered, group)) return m.blood_trait_done_differs();
    return differs ? m.blood_trait_done_quarantined() : first ? m.blood_trait_done_entered() : m.blood_trait_done_verified();
  }
  const send = useSend("unit.retype", { onDone: () => onDone(done()) });
  const din = groupDin(row.din);
  const ready = group !== null && (!settles || reason.trim() !== "");
  return (
    <AskDialog
      isOpen
      title={settles ? m.blood_trait_settle_title({ din }) : first ? m.blood_trait_enter_title({ din }) : m.blood_trait_verify_title({ din })}
      onClose={onClose}
      act={settles ? m.blood_trait_settle_act() : first ? m.blood_trait_enter_act() : m.blood_trait_verify_act()}
      danger={differs}
      notNow={ready ? undefined : settles ? m.blood_trait_settle_need() : m.blood_trait_choose()}
      pending={send.isPending}
      onAct={() => { if (group && ready) send.mutate({ unit: row.id, group, reason: settles ? reason.trim() : null }); }}
    >
      <p className="text-ink-2">{settles ? m.blood_trait_settle_body() : first ? m.blood_trait_enter_body() : m.blood_trait_verify_body()}</p>
      {settles && <ul className="m-0 grid gap-px ps-5">{known.readings.map((r, i) => <li key={i}>{m.blood_trait_reading({ group: groupWords(r.group), who: r.by })}</li>)}</ul>}
      <RadioGroup label={m.blood_trait_read()} options={bagGroups.map((g) => ({ id: groupWords(g), label: groupWords(g) }))} value={chosen} onChange={(v: string) => { setChosen(v); if (send.error) send.reset(); }} stacked />
      {group?.abo === "O" && <p className="text-ink-2">{m.blood_trait_read_h()}</p>}
      {settles && <TextField label={m.blood_trait_settle_reason()} hint={m.blood_trait_settle_reason_hint()} value={reason} onChange={setReason} lines={2} isRequired />}
      {differs && !settles && <div role="alert"><Status kind="critical" wrap>{m.blood_trait_will_quarantine({ label: groupWords(row.group) })}</Status></div>}
      {send.error && <Refused error={send.error} subject={{ unit: row, ...place }} />}
    </AskDialog>
  );
}

function AttributeDialog({ row, open, onClose, onDone }: { row: UnitRow; open: UnitAttribute[]; onClose(): void; onDone(words: string): void }) {
  const place = usePlace();
  const [attribute, setAttribute] = useState<UnitAttribute | null>(null);
  const [second, setSecond] = useState<SecondPerson>(nobody);
  const send = useSend("unit.attribute", { onDone: () => onDone(m.blood_trait_done_attribute({ attribute: attribute ? attributeWord(attribute) : "" })) });
  return (
    <AskDialog isOpen title={m.blood_trait_attribute_add()} onClose={onClose} act={m.blood_trait_save()} notNow={!attribute ? m.blood_trait_choose() : secondReady(second) ? undefined : m.blood_second_missing()} pending={send.isPending} onAct={() => { if (attribute) send.mutate({ unit: row.id, attribute, second }, { onError: () => setSecond((s) => ({ ...s, password: "" })) }); }}>
      <p className="text-ink-2">{m.blood_trait_attribute_body()}</p>
      <RadioGroup label={m.blood_trait_attributes()} options={open.map((id) => ({ id, label: attributeWord(id) }))} value={attribute} onChange={setAttribute} stacked />
      <SecondPersonFields value={second} onChange={setSecond} error={send.error} />
      {send.error && !wantsSecond(send.error) && <Refused error={send.error} subject={{ unit: row, ...place }} />}
    </AskDialog>
  );
}

function AntigenDialog({ row, onClose, onDone }: { row: UnitRow; onClose(): void; onDone(words: string): void }) {
  const place = usePlace();
  const [antigen, setAntigen] = useState<Antigen | null>(null);
  const [result, setResult] = useState<"negative" | "positive" | null>(null);
  const words = antigen && result ? (result === "positive" ? m.blood_trait_positive({ antigen: antigenSign(antigen) }) : m.blood_trait_negative({ antigen: antigenSign(antigen) })) : "";
  const send = useSend("unit.antigen", { onDone: () => onDone(m.blood_trait_done_antigen({ result: words })) });
  const known = send.error?.code === "known";
  return (
    <AskDialog isOpen title={m.blood_trait_antigen_add()} onClose={onClose} act={m.blood_trait_save()} notNow={antigen && result ? undefined : m.blood_trait_choose_both()} pending={send.isPending} onAct={() => { if (antigen && result) send.mutate({ unit: row.id, antigen, positive: result === "positive" }); }}>
      <Select label={m.blood_trait_antigen()} value={antigen} onChange={(id) => { setAntigen(id as Antigen); if (send.error) send.reset(); }} options={antigens.map((id) => ({ id, label: antigenSign(id) }))} isRequired autoFocus />
      <RadioGroup label={m.blood_trait_result()} options={[{ id: "negative", label: m.blood_trait_result_negative() }, { id: "positive", label: m.blood_trait_result_positive() }]} value={result} onChange={(v: "negative" | "positive") => { setResult(v); if (send.error) send.reset(); }} />
      {send.error && (known ? <div role="alert"><Status kind="critical" wrap>{m.blood_trait_antigen_known()}</Status></div> : <Refused error={send.error} subject={{ unit: row, ...place }} />)}
    </AskDialog>
  );
}
