import { type FormEvent, type ReactNode, useDeferredValue, useEffect, useRef, useState } from "react";
import { ErrorBlock, fitting, type Scan, type ScanAnswer, useDraft, useGo, useScanner, useScreenSearch } from "../../app";
import { useCommand, useSend } from "../../backend";
import { componentName, dayOf, sourceWords, usePlace } from "../../clinical";
import { Bar, Button, Checkbox, Chip, NumberField, PageHead, RadioGroup, SectionHead, Select, SidePanel, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { AdviceRow, Antigen, Component, Measure, RequestPlace, UnitAttribute, Urgency } from "../../wire";
import { PatientChoice } from "../bloodbank/common";
import { components } from "../bloodbank/words";
import { antigenOptions, KnownOf, MomentFields, Who } from "./parts";
import { instantOf, later, readTime } from "./time";
import { antigens, attributes, attributeWord, indicationWord, measureFactor, measureOf, measures, measureUnit, measureValue, measureWord, needWord, urgencies, urgencyText, urgencyWord } from "./words";

type When = "soon" | "hour" | "four" | "day" | "at";
const minutesOf: Record<Exclude<When, "at">, number> = { soon: 15, hour: 60, four: 240, day: 1440 };
/** Chosen in the list of reasons: the ward writes its own words. */
const own = "own";

interface Fields {
  patient: string;
  component: string;
  count: number;
  urgency: string;
  when: string;
  day: string | null;
  time: string;
  indication: string;
  words: string;
  values: Record<string, number>;
  attributes: UnitAttribute[];
  antigens: Antigen[];
  fresh: number | null;
  consent: boolean;
}

const blank: Fields = { patient: "", component: "", count: 1, urgency: "", when: "", day: null, time: "", indication: "", words: "", values: {}, attributes: [], antigens: [], fresh: null, consent: false };

/** What of the form is missing, the first one first; empty when it can be sent. */
export function missing(f: Fields, zone: string): string[] {
  const momentGiven = f.day !== null && readTime(f.time) !== null && instantOf(`${f.day}T${readTime(f.time)}`, zone) !== null;
  return [
    !f.patient && "patient",
    !f.component && "component",
    !(f.count >= 1 && f.count <= 50) && "count",
    !f.urgency && "urgency",
    !f.when && "when",
    f.when === "at" && !momentGiven && "moment",
    !f.indication && "indication",
    f.indication === own && !f.words.trim() && "words",
  ].filter((x): x is string => typeof x === "string");
}

/** What goes to the store. Nothing that was left empty becomes a value. */
export function orderOf(f: Fields, zone: string, now: string): RequestPlace {
  const at = f.when === "at" ? instantOf(`${f.day}T${readTime(f.time)}`, zone) : later(now, minutesOf[f.when as Exclude<When, "at">] ?? 1440);
  return {
    patient: f.patient,
    component: f.component as Component,
    count: f.count,
    urgency: f.urgency as Urgency,
    indication: f.indication === own ? f.words.trim() : f.indication,
    measured: measures.flatMap((measure) => { const value = f.values[measure]; return value === undefined ? [] : [{ measure, value: Math.round(value * measureFactor(measure)) }]; }),
    needs: [...f.attributes.map((attribute) => ({ attribute })), ...f.antigens.map((antigen_negative) => ({ antigen_negative }))],
    freshDays: f.fresh,
    neededBy: at ?? later(now, 1440),
    consent: f.consent,
  };
}

/** An order for blood: one page, in the order in which a ward thinks. Nothing here refuses for a laboratory value. */
export function Place() {
  const go = useGo();
  const place = usePlace();
  const [search] = useScreenSearch();
  const [fields, setFields] = useState<Fields>({ ...blank, patient: search.patient ?? "" });
  const [tried, setTried] = useState(false);
  const [note, setNote] = useState<{ kind: "notice" | "caution" | "critical"; text: string } | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const begun = JSON.stringify({ ...fields, patient: "" }) !== JSON.stringify(blank);
  const draft = useDraft("request.place", begun ? fields : null, (kept) => setFields(fitting(blank, kept)));
  const choices = useCommand("request.choices", {});
  const list = useCommand("request.list", {});
  const send = useSend("request.place", { onDone: (made) => { draft.done(); go(`/requests/${made.id}`); } });
  useScanner((scan: Scan) => {
    const band = scan.parts.find((p) => p.kind === "patient");
    if (!band?.patient) {
      setNote({ kind: "caution", text: band ? m.requests_scan_unknown({ number: band.number }) : m.requests_place_scan_wrong() });
      return "refused";
    }
    if (fields.patient && band.patient !== fields.patient) return another(band.patient);
    setNote(fields.patient ? { kind: "notice", text: m.requests_scan_same_patient() } : null);
    put("patient")(band.patient);
    return "taken";
  });

  /** What was written for one patient is never sent for another: the form begins anew, and says so (scenario 22). */
  function another(patient: string): ScanAnswer {
    setNote({ kind: "critical", text: begun ? m.requests_place_cleared() : m.requests_place_other() });
    startFor(patient);
    return "refused";
  }

  function startFor(patient: string) {
    setFields({ ...blank, patient });
    setTried(false);
    send.reset();
  }

  function put<K extends keyof Fields>(name: K) {
    return (value: Fields[K]) => { setFields((f) => ({ ...f, [name]: value })); if (send.error) send.reset(); };
  }
  const lacks = missing(fields, place.zone);
  const need = (name: string, words: string) => (tried && lacks.includes(name) ? words : undefined);
  // Whoever bleeds has a reason at every level: no threshold of policy names it for red cells or plasma.
  const reasons = [...new Set(["bleeding", ...(choices.data?.thresholds ?? []).filter((t) => !fields.component || t.component === fields.component).map((t) => t.indication)])];
  const shown = fields.indication && fields.indication !== own && !reasons.includes(fields.indication) ? [...reasons, fields.indication] : reasons;
  const already = (list.data?.open ?? []).filter((r) => r.patient.id === fields.patient);

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const [first] = lacks;
    if (!first) send.mutate(orderOf(fields, place.zone, place.now));
    else form.current?.querySelector<HTMLElement>(`[data-field="${first}"] :is(input, button, [role=spinbutton])`)?.focus();
  }

  return (
    <>
      {fields.patient && <Who id={fields.patient} />}
      <PageHead title={m.requests_place_title()} actions={<><Button icon="back" onPress={() => go("/requests")}>{m.requests_back()}</Button>{fields.patient && <Button onPress={() => { setNote(begun ? { kind: "notice", text: m.requests_place_emptied() } : null); startFor(""); }}>{m.requests_place_change_patient()}</Button>}</>} />
      <div className="flex min-h-[280px] grow max-[1000px]:flex-col max-[1000px]:overflow-auto max-[1000px]:[&>aside]:w-full!">
        <div className="relative min-h-0 min-w-0 grow overflow-auto max-[1000px]:overflow-visible">
          {draft.offer}
          <div aria-live="assertive">{note && <Bar kind={note.kind}>{note.text}</Bar>}</div>
          {already.length > 0 && (
            <Bar kind="notice" action={already[0] && <Button size="sm" onPress={() => go(`/requests/${already[0]?.id}`)}>{m.requests_place_open_look()}</Button>}>
              {m.requests_place_open_already({ count: already.length })} {already.map((r) => m.requests_count_of({ component: componentName(r.component), count: r.count })).join(" · ")}
            </Bar>
          )}
          <form ref={form} onSubmit={submit} noValidate className="grid max-w-[860px] gap-5 p-4">
            {!fields.patient && (
              <Field name="patient">
                <fieldset className="m-0 grid gap-2 border border-line-2 p-3">
                  <legend className="px-1 text-lg font-strong">{m.requests_place_who()}</legend>
                  <p className="text-ink-2">{m.requests_place_who_text()}</p>
                  <PatientChoice autoFocus onChoose={(row) => put("patient")(row.id)} />
                  {need("patient", "x") && <Status kind="critical">{m.requests_place_need_patient()}</Status>}
                </fieldset>
              </Field>
            )}
            <Group title={m.requests_place_what()}>
              <div className="grid grid-cols-[minmax(0,1fr)_180px] gap-4 max-[700px]:grid-cols-1">
                <Field name="component"><RadioGroup label={m.requests_place_component()} options={components.map((id) => ({ id, label: componentName(id) }))} value={fields.component || null} onChange={put("component")} error={need("component", m.requests_place_need_component())} /></Field>
                <Field name="count"><NumberField label={m.requests_place_count()} unit={m.requests_place_units()} min={1} max={50} value={fields.count} onChange={(n) => put("count")(n ?? 0)} error={need("count", m.requests_place_need_count())} /></Field>
              </div>
            </Group>
            <Group title={m.requests_place_urgency()}>
              <div className="grid grid-cols-2 gap-4 max-[700px]:grid-cols-1">
                <Field name="urgency"><RadioGroup stacked label={m.requests_col_urgency()} options={urgencies.map((id) => ({ id, label: urgencyWord(id), sub: urgencyText(id) }))} value={fields.urgency || null} onChange={put("urgency")} error={need("urgency", m.requests_place_need_urgency())} /></Field>
                <div className="grid content-start gap-3">
                  <Field name="when">
                    <RadioGroup
                      stacked
                      label={m.requests_place_when()}
                      options={[{ id: "soon", label: m.requests_when_soon() }, { id: "hour", label: m.requests_when_hour() }, { id: "four", label: m.requests_when_four() }, { id: "day", label: m.requests_when_day() }, { id: "at", label: m.requests_when_at() }]}
                      value={fields.when || null}
                      onChange={(when) => setFields((f) => ({ ...f, when, day: f.day ?? dayOf(place.now, place.zone) }))}
                      error={need("when", m.requests_place_need_when())}
                    />
                  </Field>
                  {fields.when === "at" && (
                    <Field name="moment">
                      <MomentFields day={fields.day} time={fields.time} onDay={put("day")} onTime={put("time")} dayLabel={m.requests_date()} timeLabel={m.requests_time()} dayError={tried && !fields.day ? m.requests_date_need() : undefined} timeError={tried && readTime(fields.time) === null ? m.requests_time_need() : undefined} />
                    </Field>
                  )}
                </div>
              </div>
            </Group>
            <Group title={m.requests_place_why()}>
              <div className="grid grid-cols-2 gap-4 max-[700px]:grid-cols-1">
                <Field name="indication"><Select label={m.requests_place_indication()} options={[...shown.map((id) => ({ id, label: indicationWord(id) })), { id: own, label: m.requests_ind_own() }]} value={fields.indication || null} onChange={put("indication")} error={need("indication", m.requests_place_need_reason())} /></Field>
                {fields.indication === own && <Field name="words"><TextField label={m.requests_place_indication_own()} value={fields.words} onChange={put("words")} error={need("words", m.requests_place_need_own())} autoComplete="off" maxLength={200} /></Field>}
              </div>
              <fieldset className="m-0 grid gap-1.5 border-0 p-0">
                <legend className="hs-label mb-1 p-0">{m.requests_place_values()} · {m.requests_place_values_hint()}</legend>
                <div className="grid grid-cols-4 gap-3 max-[1000px]:grid-cols-2">
                  {inOrder(fields.component as Component | "").map((measure) => (
                    <NumberField
                      key={measure}
                      label={measureWord(measure)}
                      unit={measureUnit[measure]}
                      min={0}
                      max={2000}
                      decimals={measure === "inr" ? 1 : 0}
                      step={measure === "inr" ? 0.1 : 1}
                      value={fields.values[measure] ?? null}
                      onChange={(value) => { const { [measure]: _, ...rest } = fields.values; put("values")(value === null ? rest : { ...rest, [measure]: value }); }}
                    />
                  ))}
                </div>
              </fieldset>
              <Advice order={lacks.includes("patient") || lacks.includes("component") || lacks.includes("urgency") || lacks.includes("indication") ? null : orderOf(fields, place.zone, place.now)} />
            </Group>
            <Group title={m.requests_needs()}>
              <p className="hs-meta">{m.requests_needs_hint()}</p>
              <div className="flex flex-wrap gap-x-5 gap-y-1">
                {attributes.map((a) => <Checkbox key={a} isSelected={fields.attributes.includes(a)} onChange={(on) => put("attributes")(on ? [...fields.attributes, a] : fields.attributes.filter((x) => x !== a))}>{attributeWord(a)}</Checkbox>)}
              </div>
              <div className="grid grid-cols-2 gap-4 max-[700px]:grid-cols-1">
                <div className="grid content-start gap-1.5">
                  <Select label={m.requests_antigen_add()} options={antigenOptions().filter((o) => !fields.antigens.includes(o.id))} value={null} onChange={(a) => put("antigens")([...fields.antigens, a])} />
                  {fields.antigens.length > 0 && (
                    <ul aria-label={m.requests_antigen_chosen()} className="m-0 flex list-none flex-wrap gap-2 p-0">
                      {antigens.filter((a) => fields.antigens.includes(a)).map((a) => {
                        const word = needWord({ antigen_negative: a });
                        return <li key={a} className="flex items-center gap-1"><Chip kind="caution">{word}</Chip><Button size="sm" variant="quiet" icon="close" onPress={() => put("antigens")(fields.antigens.filter((x) => x !== a))}><span className="hs-vh">{m.requests_antigen_drop({ need: word })}</span></Button></li>;
                      })}
                    </ul>
                  )}
                </div>
                <NumberField label={m.requests_place_fresh()} hint={m.requests_place_fresh_hint()} unit={m.requests_place_days()} min={1} max={42} value={fields.fresh} onChange={put("fresh")} />
              </div>
            </Group>
            <Group title={m.requests_consent()}>
              <Checkbox isSelected={fields.consent} onChange={put("consent")} sub={m.requests_place_consent_hint()}>{m.requests_place_consent()}</Checkbox>
            </Group>
            {send.error && <ErrorBlock error={send.error} />}
            <div><Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.requests_place_submit()}</Button></div>
          </form>
        </div>
        <SidePanel label={m.requests_place_known()}>
          <SectionHead title={m.requests_place_known()} />
          {fields.patient ? <KnownOf key={fields.patient} id={fields.patient} /> : <p className="p-4 text-ink-2">{m.requests_place_known_wait()}</p>}
        </SidePanel>
      </div>
    </>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return <section className="grid gap-3 border-t border-line-2 pt-3 first:border-0 first:pt-0"><h2 className="m-0 text-lg">{title}</h2>{children}</section>;
}

/** Marks a field by name, so that a missing one can take the focus. */
function Field({ name, children }: { name: string; children: ReactNode }) {
  return <div data-field={name} className="min-w-0">{children}</div>;
}

/** The value that decides about the component stands first. */
function inOrder(component: Component | ""): Measure[] {
  const first = component === "" ? "haemoglobin" : measureOf(component);
  return [first, ...measures.filter((x) => x !== first)];
}

/** What the usual levels say, beside the reason it was asked for. It never stands in the way. */
function Advice({ order }: { order: RequestPlace | null }) {
  const asked = useSettled(order);
  const rows = useCommand("request.advise", asked as RequestPlace, { enabled: asked !== null && asked.measured.length > 0, keepPrevious: true });
  if (!asked) return null;
  const critical = asked.urgency === "emergency" || asked.urgency === "massive";
  const none = asked.measured.length === 0 ? m.requests_advice_value() : critical ? m.requests_advice_emergency() : m.requests_advice_none();
  const list = asked.measured.length === 0 ? [] : (rows.data ?? []);
  return <div role="status" className="grid gap-1.5 border-s-[3px] border-line-2 bg-sunken px-3 py-2">{list.length === 0 ? <span className="text-ink-2">{none}</span> : list.map((row) => <AdviceLine key={row.measure} row={row} />)}</div>;
}

export function AdviceLine({ row }: { row: AdviceRow }) {
  const values = { measure: measureWord(row.measure), value: measureValue(row.measure, row.value), below: measureValue(row.measure, row.below) };
  return (
    <span className="grid gap-0.5">
      <Status kind={row.reconsider ? "caution" : "good"} wrap>{row.reconsider ? m.requests_advice_reconsider(values) : m.requests_advice_below(values)}</Status>
      <span className="hs-meta">{m.requests_advice_source({ source: sourceWords(row.source) })}</span>
    </span>
  );
}

/** What decides about the advice, once the typing has paused. The moment of need does not, and it moves with the clock. */
function useSettled(order: RequestPlace | null): RequestPlace | null {
  const key = order && JSON.stringify({ ...order, neededBy: "" });
  const [settled, setSettled] = useState<{ key: string | null; order: RequestPlace | null }>({ key: null, order: null });
  const latest = useRef(order);
  latest.current = order;
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ key, order: latest.current }), 250);
    return () => clearTimeout(timer);
  }, [key]);
  return useDeferredValue(settled.order);
}
