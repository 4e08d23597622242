import { type FormEvent, useRef, useState } from "react";
import { ErrorBlock, fitting, ScanGuard, useDraft, useGo, useScreenParams } from "../../app";
import { useCommand, useSend } from "../../backend";
import { formatName, Identifier } from "../../clinical";
import { Button, Checkbox, DateField, Loading, NumberField, PageHead, RadioGroup, Select } from "../../design";
import * as m from "../../paraglide/messages";
import type { DonationKind, DonorView, QuestionView } from "../../wire";
import { lacks, type Later, type LaterEntry, LaterFields, sent as sentLater } from "../downtime/Later";
import { Photo } from "./Photo";
import { bagWord, kinds, kindWord, questionWord } from "./words";

interface Given { yes: boolean; when: string | null }
type Measured = "weight" | "height" | "haemoglobin" | "systolic" | "diastolic" | "pulse" | "temperature" | "platelets";
const nothing: Record<Measured, number | null> = { weight: null, height: null, haemoglobin: null, systolic: null, diastolic: null, pulse: null, temperature: null, platelets: null };

/** Everything that is asked and measured before the needle, on one page; the store decides and keeps what came of it. */
export function ScreenDonor() {
  const { id = "" } = useScreenParams();
  const view = useCommand("donor.view", { id }, { enabled: id !== "" });
  if (view.isPending) return <div className="p-4"><Loading label={m.donor_reading()} lines={5} /></div>;
  if (!view.data) return <div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.donor_failed_one()} /></div>;
  return <Form key={id} donor={view.data} />;
}

function isOpen(q: QuestionView, given: Given | undefined, today: string): boolean {
  return given === undefined || (q.asksWhen && given.yes === q.when && (given.when === null || given.when > today));
}

function Form({ donor }: { donor: DonorView }) {
  const go = useGo();
  const back = `/donors/${donor.row.id}`;
  const [kind, setKind] = useState<DonationKind>("whole_blood");
  const [bag, setBag] = useState<string | null>(null);
  const [identity, setIdentity] = useState(false);
  const [values, setValues] = useState(nothing);
  const [answers, setAnswers] = useState<Record<string, Given>>({});
  const [tried, setTried] = useState(false);
  const [later, setLater] = useState<Later>(null);
  const form = useRef<HTMLFormElement>(null);
  const send = useSend("donor.screen", { onDone: () => { draft.done(); go(back); } });
  const begun = identity || bag !== null || later !== null || Object.keys(answers).length > 0 || Object.values(values).some((x) => x !== null);
  const draft = useDraft(`donor.screen/${donor.row.id}`, begun ? { kind, bag, identity, values, answers, later } : null, (kept) => {
    const was = fitting({ kind: "", bag: null as string | null, identity: false, values: {}, answers: {} }, kept);
    setKind(kinds.find((k) => k === was.kind) ?? "whole_blood");
    setBag(donor.rules.bags.find((b) => b.code === was.bag)?.code ?? null);
    setIdentity(was.identity);
    setValues(fitting(nothing, was.values));
    // A question that is no longer asked has no answer here, and a new one has none yet.
    const old = was.answers as Record<string, unknown>;
    setAnswers(Object.fromEntries(donor.questions.flatMap((q) => {
      const given = old[q.id] as Partial<Given> | undefined;
      return typeof given?.yes === "boolean" ? [[q.id, { yes: given.yes, when: typeof given.when === "string" ? given.when : null }]] : [];
    })));
    const entry = (kept as { later?: unknown }).later;
    setLater(entry ? fitting<LaterEntry>({ day: null, time: "", by: null, second: null, reason: "" }, entry) : null);
  });
  const open = donor.questions.filter((q) => isOpen(q, answers[q.id], donor.today));
  const put = (name: Measured) => (value: number | null) => setValues((v) => ({ ...v, [name]: value }));
  const tenths = (value: number | null) => (value === null ? null : Math.round(value * 10));

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    // The page is longer than the screen: what is missing comes to the person, who stands at its end.
    const noBag = kind === "whole_blood" && !bag;
    const first = noBag ? "[data-part=bag] button" : open[0] && `[data-question="${open[0].id}"] ${answers[open[0].id] ? "[role=spinbutton]" : "input"}`;
    if (noBag || first) { if (first) form.current?.querySelector<HTMLElement>(first)?.focus(); return; }
    if (lacks(later)) return;
    send.mutate({
      donor: donor.row.id, kind, bag: kind === "whole_blood" ? bag : null, identityShown: identity, ...values, weight: tenths(values.weight), temperature: tenths(values.temperature),
      answers: donor.questions.map((q) => ({ question: q.id, yes: answers[q.id]?.yes ?? false, when: answers[q.id]?.when ?? null })),
      ...sentLater(later),
    });
  }
  return (
    <>
      <PageHead title={m.donor_screen_title()} actions={<Button icon="back" onPress={() => go(back)}>{m.donor_cancel()}</Button>}>
        <span className="hs-meta"><bdi className="font-strong text-ink">{formatName({ ...donor.row, title: null })}</bdi> <Identifier>{donor.row.number}</Identifier></span>
      </PageHead>
      <ScanGuard />
      {draft.offer}
      <div className="min-h-0 grow overflow-auto">
        <form ref={form} onSubmit={submit} noValidate className="grid max-w-[860px] gap-5 p-4">
          <div className="flex flex-wrap gap-4">
            <Photo row={donor.row} photo={donor.photo} />
            <div className="grid min-w-0 content-start gap-5">
              <RadioGroup<DonationKind> label={m.donor_screen_kind()} options={kinds.map((id) => ({ id, label: kindWord(id) }))} value={kind} onChange={setKind} />
              <Checkbox isSelected={identity} onChange={setIdentity}>{m.donor_screen_identity()}</Checkbox>
            </div>
          </div>
          <section className="grid gap-3">
            <h2 className="m-0 text-lg">{m.donor_screen_measured()}</h2>
            <p className="text-ink-2">{m.donor_screen_empty()}</p>
            <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
              <NumberField label={m.donor_screen_haemoglobin()} unit="g/L" min={30} max={250} value={values.haemoglobin} onChange={put("haemoglobin")} autoFocus />
              <NumberField label={m.donor_screen_weight()} unit="kg" min={20} max={300} step={0.1} decimals={1} value={values.weight} onChange={put("weight")} />
              <NumberField label={m.donor_screen_height()} unit="cm" min={100} max={230} value={values.height} onChange={put("height")} />
              <NumberField label={m.donor_screen_temperature()} unit="°C" min={30} max={43} step={0.1} decimals={1} value={values.temperature} onChange={put("temperature")} />
              <NumberField label={m.donor_screen_systolic()} unit="mmHg" min={50} max={260} value={values.systolic} onChange={put("systolic")} />
              <NumberField label={m.donor_screen_diastolic()} unit="mmHg" min={30} max={160} value={values.diastolic} onChange={put("diastolic")} />
              <NumberField label={m.donor_screen_pulse()} unit={m.donor_per_minute()} min={30} max={220} value={values.pulse} onChange={put("pulse")} />
              {kind === "platelets" && <NumberField label={m.donor_screen_platelets()} unit="×10⁹/L" min={10} max={1000} value={values.platelets} onChange={put("platelets")} />}
              {kind === "whole_blood" && <div data-part="bag"><Select label={m.donor_give_bag()} options={donor.rules.bags.map((b) => ({ id: b.code, label: bagWord(b.code) }))} value={bag} onChange={setBag} error={tried && !bag ? m.donor_screen_bag_need() : undefined} /></div>}
            </div>
          </section>
          <section className="grid gap-3">
            <h2 className="m-0 text-lg">{m.donor_screen_asked()}</h2>
            {donor.questions.map((q) => {
              const given = answers[q.id];
              const set = (next: Given) => setAnswers((a) => ({ ...a, [q.id]: next }));
              return (
                <div key={q.id} data-question={q.id} className="grid gap-2 border-t border-line pt-2 sm:grid-cols-[1fr_auto]">
                  <RadioGroup<"yes" | "no">
                    label={questionWord(q.id)}
                    options={[{ id: "yes", label: m.donor_yes() }, { id: "no", label: m.donor_no() }]}
                    value={given === undefined ? null : given.yes ? "yes" : "no"}
                    onChange={(v) => set({ yes: v === "yes", when: given?.when ?? null })}
                    error={tried && given === undefined ? m.donor_screen_answer() : undefined}
                  />
                  {q.asksWhen && given?.yes === q.when && <DateField label={m.donor_screen_when()} value={given.when} onChange={(when) => set({ ...given, when })} error={given.when !== null && given.when > donor.today ? m.design_date_to_come() : tried && given.when === null ? m.donor_screen_when_need() : undefined} />}
                </div>
              );
            })}
          </section>
          <LaterFields entry={later} onChange={setLater} tried={tried} />
          {send.error && <ErrorBlock error={send.error} />}
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.donor_screen_submit()}</Button>
            <span role="status" className="text-ink-2">{open.length > 0 && m.donor_screen_open({ count: open.length })}</span>
          </div>
        </form>
      </div>
    </>
  );
}
