import { useState } from "react";
import { AppLink } from "../../app";
import { CommandFailed, useCommand, useSend } from "../../backend";
import { BloodGroup, Identifier } from "../../clinical";
import { BigChoice, Icon, RadioGroup, Shape, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Abo, BloodGroup as Group, GroupSide, RhdSide, SampleRow, ScreenResult, SecondPerson } from "../../wire";
import { nobody, secondReady, SecondPersonFields, wantsSecond } from "../bloodbank/common";
import { lacks, type Later, LaterFields, sent as sentLater } from "../downtime/Later";
import { Ask, refusal } from "../requests/parts";

type Side = Abo | "mixed_field" | "not_readable";
const sides: readonly Side[] = ["O", "A", "B", "AB", "mixed_field", "not_readable"];
const rhds: readonly RhdSide[] = ["negative", "positive", "weak"];

const sideWord = (side: Side) => (side === "mixed_field" ? m.samples_type_mixed() : side === "not_readable" ? m.samples_type_unreadable() : side);
const sent = (side: Side): GroupSide => (side === "mixed_field" || side === "not_readable" ? { kind: side } : { kind: "group", value: side });
const rhdWord = (rhd: RhdSide) => (rhd === "negative" ? m.samples_rhd_negative() : rhd === "positive" ? m.samples_rhd_positive() : m.samples_rhd_weak());

/** The group that three readings make; null when the two sides do not say the same. */
export function reads(forward: Side, reverse: Side, rhd: RhdSide): Group | null {
  if (forward !== reverse || forward === "mixed_field" || forward === "not_readable") return null;
  return { abo: forward, rhd: rhd === "positive" ? "positive" : "negative" };
}

/** Whose tube this is, at the top of every dialog about it. */
function Tube({ sample }: { sample: SampleRow }) {
  return <p className="flex flex-wrap items-center gap-x-3 text-lg"><Identifier>{sample.number}</Identifier> <bdi className="font-strong [overflow-wrap:anywhere]">{sample.patientName}</bdi></p>;
}

/** Cells, plasma and RhD in large choices; what they say together stands below before it is saved. */
export function TypeDialog({ sample, onClose }: { sample: SampleRow; onClose(): void }) {
  const [forward, setForward] = useState<Side | null>(null);
  const [reverse, setReverse] = useState<Side | null>(null);
  const [rhd, setRhd] = useState<RhdSide | null>(null);
  const [tried, setTried] = useState(false);
  const [asked, setAsked] = useState(false);
  const [second, setSecond] = useState<SecondPerson>(nobody);
  const [later, setLater] = useState<Later>(null);
  const patient = useCommand("patient.view", { id: sample.patient });
  const send = useSend("sample.type", { onDone: onClose });
  const known = patient.data?.group;
  const record = known && (known.state === "once" || known.state === "confirmed") ? known.group : null;

  function save() {
    setTried(true);
    if (!forward || !reverse || !rhd || (asked && !secondReady(second)) || lacks(later)) return;
    send.mutate({ sample: sample.id, forward: sent(forward), reverse: sent(reverse), rhd, second: asked ? second : null, ...sentLater(later) }, {
      onError: (cause) => {
        const error = CommandFailed.from(cause);
        if (!wantsSecond(error)) return;
        setAsked(true);
        setTried(false);
        setSecond((s) => ({ ...s, password: "" }));
      },
    });
  }
  const need = (missing: boolean) => (tried && missing ? m.samples_type_need() : undefined);
  return (
    <Ask size="lg" title={m.samples_type_title({ number: sample.number })} act={m.samples_type_save()} pending={send.isPending} error={send.error && !wantsSecond(send.error) ? refusal(send.error) : null} onClose={onClose} onSubmit={save}>
      <Tube sample={sample} />
      <BigChoice autoFocus label={m.samples_type_forward()} options={sides.map((id) => ({ id, label: sideWord(id), large: id.length <= 2 }))} value={forward} onChange={setForward} error={need(!forward)} />
      <BigChoice label={m.samples_type_reverse()} options={sides.map((id) => ({ id, label: sideWord(id), large: id.length <= 2 }))} value={reverse} onChange={setReverse} error={need(!reverse)} />
      <BigChoice label={m.samples_type_rhd()} options={rhds.map((id) => ({ id, label: rhdWord(id) }))} value={rhd} onChange={setRhd} error={need(!rhd)} />
      <Reading forward={forward} reverse={reverse} rhd={rhd} record={record} />
      <LaterFields entry={later} onChange={setLater} tried={tried} />
      {asked && <div className="grid gap-2"><p>{m.samples_type_second()}</p><SecondPersonFields value={second} onChange={setSecond} error={send.error} /></div>}
    </Ask>
  );
}

function Reading({ forward, reverse, rhd, record }: { forward: Side | null; reverse: Side | null; rhd: RhdSide | null; record: Group | null }) {
  const box = "grid min-h-[76px] items-center gap-x-6 gap-y-2 border border-line-2 bg-sunken px-4 py-3 sm:grid-cols-[auto_1fr]";
  if (!forward || !reverse || !rhd) return <div role="status" className={box}><span className="text-ink-2">{m.samples_type_reads_wait()}</span></div>;
  const group = reads(forward, reverse, rhd);
  if (!group) return <div role="status" className={box}><span className="flex items-start gap-2 sm:col-span-2"><Shape kind="critical" size={20} /><b>{m.samples_type_reads_not()}</b></span></div>;
  const same = record && record.abo === group.abo && record.rhd === group.rhd;
  return (
    <div role="status" className={box}>
      <span className="grid gap-1"><span className="hs-meta">{m.samples_type_reads()}</span><BloodGroup group={group} size="xl" /></span>
      <span className="grid justify-items-start gap-1">
        {rhd === "weak" && <Status kind="caution" wrap>{m.samples_type_reads_weak()}</Status>}
        {record && (same
          ? <Status kind="good" wrap>{m.samples_type_same()}</Status>
          : <><Status kind="critical" wrap>{m.samples_type_differs()}</Status><span className="flex flex-wrap items-center gap-2"><span className="hs-meta">{m.samples_type_on_record()}</span> <BloodGroup group={record} /></span></>)}
      </span>
    </div>
  );
}

export function ScreenDialog({ sample, onClose }: { sample: SampleRow; onClose(): void }) {
  const [screen, setScreen] = useState<ScreenResult | null>(null);
  const [tried, setTried] = useState(false);
  const [later, setLater] = useState<Later>(null);
  const send = useSend("sample.screen", { onDone: onClose });
  return (
    <Ask title={m.samples_screen_title({ number: sample.number })} act={m.samples_screen_save()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (screen && !lacks(later)) send.mutate({ sample: sample.id, screen, ...sentLater(later) }); }}>
      <Tube sample={sample} />
      <BigChoice
        autoFocus
        label={m.samples_screen_result()}
        options={[{ id: "negative", label: m.samples_screen_negative(), sub: m.samples_screen_negative_sub() }, { id: "positive", label: m.samples_screen_positive(), sub: m.samples_screen_positive_sub() }]}
        value={screen}
        onChange={(id) => setScreen(id)}
        error={tried && !screen ? m.samples_type_need() : undefined}
      />
      {screen === "positive" && <div role="status" className="grid justify-items-start gap-2"><Status kind="caution" wrap>{m.samples_screen_then()}</Status><AppLink to={`/patients/${sample.patient}/blood`} className="hs-btn"><Icon name="document" />{m.samples_record_link()}</AppLink></div>}
      <LaterFields entry={later} onChange={setLater} tried={tried} />
    </Ask>
  );
}

const faults: readonly [string, () => string][] = [
  ["label", m.samples_reject_label], ["haemolysed", m.samples_reject_haemolysed], ["little", m.samples_reject_little],
  ["wrong_tube", m.samples_reject_wrong_tube], ["clotted", m.samples_reject_clotted], ["doubt", m.samples_reject_doubt], ["own", m.samples_reject_own],
];

export function RejectDialog({ sample, onClose }: { sample: SampleRow; onClose(): void }) {
  const [fault, setFault] = useState<string | null>(null);
  const [own, setOwn] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("sample.reject", { onDone: onClose });
  const reason = fault === "own" ? own.trim() : faults.find(([id]) => id === fault)?.[1]() ?? "";
  return (
    <Ask title={m.samples_reject_title({ number: sample.number })} act={m.samples_reject_save()} danger keep={m.samples_reject_keep()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (reason) send.mutate({ sample: sample.id, reason }); }}>
      <Tube sample={sample} />
      <p className="text-ink-2">{m.samples_reject_text()}</p>
      <RadioGroup stacked label={m.samples_reject_reason()} options={faults.map(([id, label]) => ({ id, label: label() }))} value={fault} onChange={setFault} error={tried && !reason ? m.samples_reject_need() : undefined} />
      {fault === "own" && <TextField label={m.samples_reject_own_text()} value={own} onChange={setOwn} autoFocus autoComplete="off" />}
    </Ask>
  );
}
