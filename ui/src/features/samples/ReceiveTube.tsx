import { type FormEvent, useRef, useState } from "react";
import { ErrorBlock, fitting, roleWord, type Scan, useDraft, useGo, useScanner, useScreenSearch } from "../../app";
import { type CommandFailed, useCommand, useSend } from "../../backend";
import { dayOf, usePlace } from "../../clinical";
import { Bar, BigChoice, Button, DateField, PageHead, RefusalBlock, Select, Status, TextField, toast } from "../../design";
import * as m from "../../paraglide/messages";
import type { PatientView, SaidAnswer, SampleReceive, StaffName } from "../../wire";
import { PatientChoice } from "../bloodbank/common";
import { partKind } from "../bloodbank/words";
import { MomentFields, Who } from "../requests/parts";
import { readTime } from "../requests/time";

interface Fields {
  patient: string;
  number: string;
  labelNumber: string;
  family: string;
  given: string;
  birth: string | null;
  day: string | null;
  time: string;
  drawnBy: string;
  identifiedBy: string;
  transfused: string;
  pregnant: string;
}

const blank: Fields = { patient: "", number: "", labelNumber: "", family: "", given: "", birth: null, day: null, time: "", drawnBy: "", identifiedBy: "", transfused: "", pregnant: "" };

/** What is missing, the first one first; empty when the tube can be received. */
export function lacking(f: Fields): string[] {
  return [
    !f.patient && "patient",
    !f.number.trim() && "number",
    !f.labelNumber.trim() && "labelNumber",
    !f.day && "day",
    readTime(f.time) === null && "time",
    !f.drawnBy && "drawnBy",
    (!f.identifiedBy || f.identifiedBy === f.drawnBy) && "identifiedBy",
    !f.transfused && "transfused",
    !f.pregnant && "pregnant",
  ].filter((x): x is string => typeof x === "string");
}

/** Labels print a number with or without its spaces; nothing else is forgiven. */
const tight = (text: string) => text.replace(/\s+/g, "").toUpperCase();

export function tubeOf(f: Fields, known: Pick<PatientView, "hospitalNumber" | "nationalId"> | null): SampleReceive {
  const written = f.labelNumber.trim();
  const same = [known?.hospitalNumber, known?.nationalId].find((number) => number && tight(number) === tight(written));
  return {
    patient: f.patient,
    number: f.number.trim(),
    labelNumber: same ?? written,
    labelName: `${f.given.trim()} ${f.family.trim()}`.trim() || null,
    labelBirthDate: f.birth,
    drawnWall: `${f.day}T${readTime(f.time)}`,
    drawnBy: f.drawnBy,
    identifiedBy: f.identifiedBy,
    transfused: f.transfused as SaidAnswer,
    pregnant: f.pregnant as SaidAnswer,
  };
}

/** A tube arrives: what stands on its label is read from the tube, and the program compares it with the record. */
export function ReceiveTube() {
  const go = useGo();
  const place = usePlace();
  const [search] = useScreenSearch();
  const [fields, setFields] = useState<Fields>(() => ({ ...blank, patient: search.patient ?? "", day: dayOf(place.now, place.zone) }));
  const [tried, setTried] = useState(false);
  const [note, setNote] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const patient = useCommand("patient.view", { id: fields.patient }, { enabled: fields.patient !== "" });
  const staff = useCommand("staff.names", {});
  const begun = [fields.number, fields.labelNumber, fields.family, fields.given, fields.time, fields.drawnBy, fields.identifiedBy, fields.transfused, fields.pregnant].some((x) => x.trim() !== "") || fields.birth !== null;
  const draft = useDraft("sample.receive", begun ? fields : null, (kept) => setFields(fitting(blank, kept)));
  const send = useSend("sample.receive", { onDone: () => { draft.done(); toast(m.samples_receive_done({ number: fields.number.trim() })); go("/samples"); } });
  useScanner((scan: Scan) => {
    const band = scan.parts.find((p) => p.kind === "patient");
    const other = scan.parts.find((p) => p.kind === "other");
    setNote(null);
    // Before the patient is known a code is the paper's; after that it is the tube's own label.
    if (band && !fields.patient && !band.patient) {
      setNote(m.requests_scan_unknown({ number: band.number }));
      return "refused";
    }
    if (band?.patient && !fields.patient) put("patient")(band.patient);
    else if (band) put("labelNumber")(band.number);
    else if (other) put("number")(other.raw.replace(/^[=&]/, ""));
    else {
      const [part] = scan.parts;
      setNote(part ? m.blood_wrong_kind({ was: partKind(part), wanted: m.samples_want() }) : m.shell_scan_unreadable());
      return "refused";
    }
    return "taken";
  });

  function put<K extends keyof Fields>(name: K) {
    return (value: Fields[K]) => { setFields((f) => ({ ...f, [name]: value })); if (send.error) send.reset(); };
  }
  const lacks = lacking(fields);
  const need = (name: string, words: string) => (tried && lacks.includes(name) ? words : undefined);
  const named = (all: readonly StaffName[]) => all.map((s) => ({ id: s.user, label: s.name, note: roleWord(s.role) }));
  const people = named(staff.data ?? []);
  const drawers = named((staff.data ?? []).filter((s) => s.draws));
  const answers = [{ id: "no" as const, label: m.samples_answer_no() }, { id: "yes" as const, label: m.samples_answer_yes() }, { id: "unknown" as const, label: m.samples_answer_unknown() }];

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const [first] = lacks;
    if (!first) send.mutate(tubeOf(fields, patient.data ?? null));
    else form.current?.querySelector<HTMLElement>(`[data-field="${first}"] :is(input, button, [role=spinbutton])`)?.focus();
  }

  return (
    <>
      {fields.patient && <Who id={fields.patient} />}
      <PageHead title={m.samples_receive_title()} actions={<><Button icon="back" onPress={() => go("/samples")}>{m.samples_title()}</Button>{fields.patient && <Button onPress={() => setFields({ ...blank, day: fields.day })}>{m.samples_receive_other()}</Button>}</>} />
      <div className="relative min-h-[280px] grow overflow-auto">
        {draft.offer}
        <div aria-live="polite">{note && <Bar kind="caution">{note}</Bar>}</div>
        <form ref={form} onSubmit={submit} noValidate className="grid max-w-[900px] gap-5 p-4">
          {!fields.patient && (
            <fieldset data-field="patient" className="m-0 grid gap-2 border border-line-2 p-3">
              <legend className="px-1 text-lg font-strong">{m.samples_receive_who()}</legend>
              <p className="text-ink-2">{m.samples_receive_who_text()}</p>
              <PatientChoice autoFocus onChoose={(row) => put("patient")(row.id)} />
              {need("patient", "x") && <Status kind="critical">{m.samples_need_patient()}</Status>}
            </fieldset>
          )}
          <section className="grid gap-3">
            <h2 className="m-0 text-lg">{m.samples_receive_tube()}</h2>
            <p className="text-ink-2">{m.samples_receive_tube_text()}</p>
            <div className="grid grid-cols-2 gap-4 max-[700px]:grid-cols-1">
              <div data-field="number"><TextField mono size="lg" label={m.samples_receive_number()} hint={m.samples_receive_number_hint()} value={fields.number} onChange={put("number")} error={need("number", m.samples_need_number())} autoFocus={fields.patient !== ""} autoComplete="off" maxLength={40} /></div>
              <div data-field="labelNumber"><TextField mono size="lg" label={m.samples_receive_label_number()} value={fields.labelNumber} onChange={put("labelNumber")} error={need("labelNumber", m.samples_need_label())} autoComplete="off" maxLength={40} /></div>
            </div>
            <div className="grid grid-cols-3 gap-4 max-[800px]:grid-cols-1">
              <TextField label={m.samples_receive_label_family()} hint={m.samples_receive_optional()} value={fields.family} onChange={put("family")} autoComplete="off" />
              <TextField label={m.samples_receive_label_given()} hint={m.samples_receive_optional()} value={fields.given} onChange={put("given")} autoComplete="off" />
              <DateField label={m.samples_receive_label_birth()} hint={m.samples_receive_optional()} value={fields.birth} onChange={put("birth")} />
            </div>
          </section>
          <section className="grid gap-3 border-t border-line-2 pt-3">
            <h2 className="m-0 text-lg">{m.samples_receive_drawing()}</h2>
            <div className="grid grid-cols-2 gap-4 max-[700px]:grid-cols-1">
              <div data-field={!fields.day ? "day" : "time"}><MomentFields day={fields.day} time={fields.time} onDay={put("day")} onTime={put("time")} dayLabel={m.samples_receive_drawn_date()} timeLabel={m.samples_receive_drawn_time()} dayError={need("day", m.samples_need_date())} timeError={need("time", m.samples_need_time())} /></div>
              <span />
              <div data-field="drawnBy"><Select label={m.samples_receive_drawn_by()} options={drawers} value={fields.drawnBy || null} onChange={put("drawnBy")} error={need("drawnBy", m.samples_need_person())} /></div>
              <div data-field="identifiedBy"><Select label={m.samples_receive_identified_by()} hint={m.samples_receive_identified_hint()} options={people} value={fields.identifiedBy || null} onChange={put("identifiedBy")} error={fields.identifiedBy && fields.identifiedBy === fields.drawnBy ? m.samples_receive_same() : need("identifiedBy", m.samples_need_person())} /></div>
            </div>
            {staff.error && <ErrorBlock error={staff.error} />}
          </section>
          <section className="grid gap-3 border-t border-line-2 pt-3">
            <h2 className="m-0 text-lg">{m.samples_receive_risk()}</h2>
            <p className="text-ink-2">{m.samples_receive_risk_text()}</p>
            <div className="grid grid-cols-2 gap-4 max-[800px]:grid-cols-1">
              <div data-field="transfused"><BigChoice label={m.samples_receive_transfused()} options={answers} value={(fields.transfused || null) as SaidAnswer | null} onChange={put("transfused")} error={need("transfused", m.samples_need_answer())} /></div>
              <div data-field="pregnant"><BigChoice label={m.samples_receive_pregnant()} options={answers} value={(fields.pregnant || null) as SaidAnswer | null} onChange={put("pregnant")} error={need("pregnant", m.samples_need_answer())} /></div>
            </div>
          </section>
          {send.error && <Refusal error={send.error} />}
          <div><Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.samples_receive_submit()}</Button></div>
        </form>
      </div>
    </>
  );
}

/** A label that is not this patient's: which of its words, and that the tube must not be used. */
function Refusal({ error }: { error: CommandFailed }) {
  const why = error.code !== "identity_mismatch" ? null
    : error.args.field === "name" ? m.samples_mismatch_name()
    : error.args.field === "birthDate" ? m.samples_mismatch_birth()
    : m.samples_mismatch_number();
  if (!why) return <ErrorBlock error={error} />;
  return <RefusalBlock title={why} why={m.samples_mismatch_why()} doNow={m.samples_mismatch_do()} code={error.code.toUpperCase()} />;
}
