import { useState } from "react";
import { ErrorBlock, useMay } from "../../app";
import { useSend } from "../../backend";
import { ClinicalTime, ltr } from "../../clinical";
import { Button, Dialog, NumberField, RadioGroup, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { BedsideRow, BedsideView, ReactionSign, TransfusionOutcome, VitalSigns } from "../../wire";
import { AgainstRules, lacks, type Later, LaterFields, sent as sentLater, useLater } from "../downtime/Later";
import { Ask, refusal } from "../requests/parts";
import { Scanned } from "./Scanned";
import { anyVital, noVitals, outcomes, outcomeText, outcomeWord, tenths } from "./words";

/** One set of observations; what is not taken stays empty. */
export function Vitals({ value, onChange, temperatureError, autoFocus }: { value: VitalSigns; onChange(next: VitalSigns): void; temperatureError?: string; autoFocus?: boolean }) {
  const put = (field: keyof VitalSigns) => (n: number | null) => onChange({ ...value, [field]: n === null ? null : field === "temperature" ? Math.round(n * 10) : Math.round(n) });
  return (
    <div className="grid grid-cols-3 gap-3 max-[700px]:grid-cols-2">
      <NumberField size="lg" label={m.bedside_temperature()} unit="°C" min={25} max={45} step={0.1} decimals={1} value={value.temperature === null ? null : value.temperature / 10} onChange={put("temperature")} error={temperatureError} autoFocus={autoFocus} />
      <NumberField size="lg" label={m.bedside_pulse()} unit={m.bedside_per_minute()} min={0} max={300} value={value.pulse} onChange={put("pulse")} />
      <NumberField size="lg" label={m.bedside_breaths()} unit={m.bedside_per_minute()} min={0} max={100} value={value.breaths} onChange={put("breaths")} />
      <NumberField size="lg" label={m.bedside_systolic()} unit="mmHg" min={0} max={300} value={value.systolic} onChange={put("systolic")} />
      <NumberField size="lg" label={m.bedside_diastolic()} unit="mmHg" min={0} max={200} value={value.diastolic} onChange={put("diastolic")} />
      <NumberField size="lg" label={m.bedside_oxygen()} unit="%" min={0} max={100} value={value.oxygen} onChange={put("oxygen")} />
    </div>
  );
}

/** After the check: the observations before the start, and the start. */
export function Start({ view }: { view: BedsideView }) {
  const may = useMay();
  const [vitals, setVitals] = useState(noVitals);
  const [tried, setTried] = useState(false);
  const [over, setOver] = useState({ reason: "", user: "", password: "" });
  const send = useSend("bedside.start");
  const [later, setLater] = useState<Later>(null);
  const paper = later !== null;
  const late = send.error?.kind === "needs_override" ? send.error : null;
  const ready = over.reason.trim().length >= 10 && over.user.trim() !== "" && over.password !== "";
  const begin = (pass: boolean) => send.mutate({
    issue: view.row.id, vitals,
    override: pass && late ? { rules: late.rules, reason: over.reason.trim() } : null,
    second: pass ? { user: over.user.trim(), password: over.password } : null,
    ...sentLater(later),
  });
  return (
    <div className="grid max-w-[760px] gap-4 p-5">
      <h2 className="m-0 text-2xl">{m.bedside_start_title()}</h2>
      <form className="grid gap-4" noValidate onSubmit={(e) => { e.preventDefault(); setTried(true); if ((paper || vitals.temperature !== null) && !lacks(later)) begin(false); }}>
        <Vitals value={vitals} onChange={setVitals} temperatureError={tried && !paper && vitals.temperature === null ? m.bedside_start_temperature_need() : undefined} autoFocus />
        <LaterFields entry={later} onChange={(next) => { setLater(next); send.reset(); }} tried={tried} />
        {send.error && !late && <ErrorBlock error={send.error} />}
        {!late && <span><Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.bedside_start_save()}</Button></span>}
      </form>
      {late && paper && <AgainstRules error={late} pending={send.isPending} mayPass={may("override_blood_warning")} onPass={(override, second) => send.mutate({ issue: view.row.id, vitals, override, second, ...sentLater(later) })} />}
      {late && !paper && (
        <form className="grid max-w-[520px] gap-3" noValidate onSubmit={(e) => { e.preventDefault(); setTried(true); if (ready) begin(true); }}>
          <ErrorBlock error={late} title={m.bedside_over_title()} />
          <p>{m.bedside_over_text()}</p>
          {may("override_blood_warning") && (
            <>
              <TextField size="lg" label={m.bedside_over_reason()} value={over.reason} onChange={(reason) => setOver({ ...over, reason })} lines={2} error={tried && !ready ? m.bedside_over_need() : undefined} />
              <TextField size="lg" label={m.bedside_second_user()} value={over.user} onChange={(user) => setOver({ ...over, user })} autoComplete="off" />
              <TextField size="lg" type="password" label={m.bedside_second_password()} value={over.password} onChange={(password) => setOver({ ...over, password })} autoComplete="off" />
              <span><Button type="submit" variant="danger" size="lg" pending={send.isPending}>{m.bedside_over_save()}</Button></span>
            </>
          )}
        </form>
      )}
    </div>
  );
}

/** While the blood flows: observe, end, and stop within one press. */
export function Running({ view }: { view: BedsideView }) {
  const [doing, setDoing] = useState<"observe" | "end" | "stop" | null>(null);
  const close = () => setDoing(null);
  return (
    <div className="grid gap-4 p-5">
      <p className="text-xl">{m.bedside_since()} <b><ClinicalTime value={view.row.startedAt} /></b></p>
      <div className="flex flex-wrap items-center gap-3">
        <Button variant="primary" size="lg" onPress={() => setDoing("observe")}>{m.bedside_observe()}</Button>
        <Button size="lg" onPress={() => setDoing("end")}>{m.bedside_end()}</Button>
        <span className="ms-auto"><Button variant="danger" size="lg" icon="close" onPress={() => setDoing("stop")}>{m.bedside_stop()}</Button></span>
      </div>
      {doing === "observe" && <ObserveDialog row={view.row} onClose={close} />}
      {doing === "end" && <EndDialog row={view.row} onClose={close} />}
      {doing === "stop" && <StopDialog row={view.row} onClose={close} />}
    </div>
  );
}

function ObserveDialog({ row, paper = false, onClose }: { row: BedsideRow; paper?: boolean; onClose(): void }) {
  const [vitals, setVitals] = useState(noVitals);
  const [tried, setTried] = useState(false);
  const { open } = useLater();
  const [later, setLater] = useState<Later>(() => (paper ? open() : null));
  const send = useSend("bedside.observe", { onDone: onClose });
  return (
    <Ask title={m.bedside_observe()} act={m.bedside_observe_save()} keep={m.bedside_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (anyVital(vitals) && !lacks(later)) send.mutate({ issue: row.id, vitals, findings: null, ...sentLater(later) }); }}>
      <Scanned row={row} />
      <Vitals value={vitals} onChange={setVitals} temperatureError={tried && !anyVital(vitals) ? m.bedside_observe_need() : undefined} autoFocus />
      <LaterFields entry={later} onChange={setLater} tried={tried} fixed={paper} />
    </Ask>
  );
}

function EndDialog({ row, onClose }: { row: BedsideRow; onClose(): void }) {
  const [vitals, setVitals] = useState(noVitals);
  const [volume, setVolume] = useState<number | null>(null);
  const [later, setLater] = useState<Later>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("bedside.end", { onDone: onClose });
  return (
    <Ask title={m.bedside_end_title()} act={m.bedside_end_save()} keep={m.bedside_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (!lacks(later)) send.mutate({ issue: row.id, vitals, volumeMl: volume, ...sentLater(later) }); }}>
      <Scanned row={row} />
      <Vitals value={vitals} onChange={setVitals} autoFocus />
      <NumberField size="lg" label={m.bedside_end_volume()} unit="mL" min={0} max={1000} value={volume} onChange={setVolume} />
      <LaterFields entry={later} onChange={setLater} tried={tried} />
    </Ask>
  );
}

const reasons: [label: () => string, signs: ReactionSign[]][] = [
  [m.bedside_stop_fever, ["rigors"]],
  [m.bedside_stop_skin, ["urticaria"]],
  [m.bedside_stop_breath, ["dyspnoea"]],
  [m.bedside_stop_pressure, []],
  [m.bedside_stop_urine, ["haemoglobinuria"]],
  [m.bedside_stop_wrong, []],
];

/** Each reason is a button that stops at once: no second question between the reason and the stop. */
function StopDialog({ row, onClose }: { row: BedsideRow; onClose(): void }) {
  const [other, setOther] = useState("");
  const [tried, setTried] = useState(false);
  const [later, setLater] = useState<Later>(null);
  const send = useSend("bedside.stop", { onDone: onClose });
  const stop = (reason: string, signs: ReactionSign[] | null) => {
    setTried(true);
    if (send.isPending || lacks(later)) return;
    send.mutate({ issue: row.id, reason, ...sentLater(later), findings: signs && { riseTenths: null, highestTenths: null, systolicDrop: null, overloadSigns: 0, signs } });
  };
  return (
    <Dialog isOpen onClose={onClose} keepOpen role="alertdialog" title={m.bedside_stop_title()} footer={<Button size="lg" onPress={onClose}>{m.bedside_cancel()}</Button>}>
      <div className="grid gap-4">
        <Scanned row={row} />
        <p className="text-lg">{m.bedside_stop_text()}</p>
        <div className="grid grid-cols-2 gap-2 max-[700px]:grid-cols-1">
          {reasons.map(([label, signs], n) => <Button key={label()} variant="danger" size="lg" autoFocus={n === 0} onPress={() => stop(label(), signs)}>{label()}</Button>)}
        </div>
        <form className="grid gap-2" noValidate onSubmit={(e) => { e.preventDefault(); setTried(true); if (other.trim()) stop(other.trim(), null); }}>
          <TextField size="lg" label={m.bedside_stop_other_field()} value={other} onChange={setOther} error={tried && !later && !other.trim() ? m.bedside_stop_reason_need() : undefined} />
          <span><Button type="submit" size="lg" pending={send.isPending}>{m.bedside_stop_other_save()}</Button></span>
        </form>
        <LaterFields entry={later} onChange={setLater} tried={tried} />
        {refusal(send.error)}
      </div>
    </Dialog>
  );
}

/** How it went, in five words; a reaction opens its case with the same press. */
export function Outcome({ view }: { view: BedsideView }) {
  const [outcome, setOutcome] = useState<TransfusionOutcome | null>(null);
  const [tried, setTried] = useState(false);
  const [later, setLater] = useState<Later>(null);
  const [adding, setAdding] = useState(false);
  const send = useSend("bedside.outcome");
  return (
    <>
    <form className="grid max-w-[640px] gap-4 p-5" noValidate onSubmit={(e) => { e.preventDefault(); setTried(true); if (outcome && !lacks(later)) send.mutate({ issue: view.row.id, outcome, findings: null, ...sentLater(later) }); }}>
      <h2 className="m-0 text-2xl">{m.bedside_outcome_title()}</h2>
      <RadioGroup stacked label={m.bedside_outcome_title()} options={outcomes.map((id) => ({ id, label: outcomeWord(id), sub: outcomeText(id) }))} value={outcome} onChange={setOutcome} error={tried && !outcome ? m.bedside_outcome_need() : undefined} />
      <LaterFields entry={later} onChange={setLater} tried={tried} />
      {refusal(send.error)}
      <span className="flex flex-wrap gap-3"><Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.bedside_outcome_save()}</Button><Button size="lg" onPress={() => setAdding(true)}>{m.downtime_observe()}</Button></span>
    </form>
    {adding && <ObserveDialog row={view.row} paper onClose={() => setAdding(false)} />}
    </>
  );
}

const columns: [keyof VitalSigns, () => string, string][] = [
  ["temperature", m.bedside_temperature, "°C"], ["pulse", m.bedside_pulse, "/min"], ["systolic", m.bedside_systolic, "mmHg"],
  ["diastolic", m.bedside_diastolic, "mmHg"], ["breaths", m.bedside_breaths, "/min"], ["oxygen", m.bedside_oxygen, "%"],
];

/** Every set of observations in one table; the rise since the start stands beside the temperature. */
export function Observations({ view }: { view: BedsideView }) {
  // Lines of a form come in any order; they stand in the order in which it happened.
  const rows = [...view.observations].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const first = rows[0]?.vitals.temperature ?? null;
  if (rows.length === 0) return null;
  return (
    <section>
      <SectionHead title={m.bedside_observations()} />
      <div className="overflow-x-auto px-4 pb-4" tabIndex={0} role="region" aria-label={m.bedside_observations()}>
        <table className="w-full border-collapse [&_tbody_th]:border-b [&_tbody_th]:border-line [&_td]:border-b [&_td]:border-line [&_td]:py-2 [&_td]:pe-4 [&_th]:py-2 [&_th]:pe-4 [&_th]:text-start">
          <thead><tr><th scope="col">{m.bedside_col_time()}</th>{columns.map(([field, label, unit]) => <th key={field} scope="col">{label()} <span className="hs-meta">{ltr(unit)}</span></th>)}<th scope="col">{m.bedside_col_by()}</th></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.at} ${row.recordedAt ?? ""}`}>
                <th scope="row"><ClinicalTime value={row.at} />{row.recordedAt && <span className="hs-meta block">{m.downtime_line_entered()} <ClinicalTime value={row.recordedAt} /></span>}</th>
                {columns.map(([field]) => <td key={field} className="tabular-nums">{value(row.vitals, field)}{field === "temperature" && <Rise temperature={row.vitals.temperature} first={first} limit={view.feverRiseTenths} />}</td>)}
                <td>{row.by}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function value(vitals: VitalSigns, field: keyof VitalSigns) {
  const n = vitals[field];
  if (n === null) return <span className="text-ink-2"><span aria-hidden="true">–</span><span className="hs-vh">{m.bedside_not_taken()}</span></span>;
  return field === "temperature" ? tenths(n) : n;
}

function Rise({ temperature, first, limit }: { temperature: number | null; first: number | null; limit: number }) {
  if (temperature === null || first === null || temperature - first < 10) return null;
  return <> <Status kind={temperature - first >= limit ? "critical" : "caution"}>{ltr(`+${tenths(temperature - first)}`)}</Status></>;
}
