import { useEffect, useRef, useState } from "react";
import { ErrorBlock, ScanGuard, useGo, useScreenSearch } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, componentName } from "../../clinical";
import { Bar, Button, Checkbox, Loading, NumberField, PageHead, RadioGroup, SectionHead, Select, SidePanel, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { AppealAsk, AppealPreview, Appeals, AppealReach, AreaRow, BloodGroup as Group, Component, ContactChannel } from "../../wire";
import { channelWords, whyNotWords } from "./words";

const components: readonly Component[] = ["red_cells", "platelets", "plasma", "whole_blood", "cryoprecipitate"];
const allGroups: readonly Group[] = (["O", "A", "B", "AB"] as const).flatMap((abo) => (["negative", "positive"] as const).map((rhd) => ({ abo, rhd })));
const channels: readonly ContactChannel[] = ["call_list", "sms", "email"];
const same = (a: Group, b: Group) => a.abo === b.abo && a.rhd === b.rhd;
const FAR_KM = 30;

/** An appeal is written on one side, and what it would do stands on the other before anything is done. */
export function NewAppeal() {
  const list = useCommand("appeal.list", {});
  const [search] = useScreenSearch();
  const head = <PageHead title={m.appeals_new_title()} />;
  if (list.error) return <>{head}<div className="max-w-[720px] p-4"><ErrorBlock error={list.error} title={m.appeals_failed()} actions={<Button onPress={() => void list.refetch()}>{m.appeals_try_again()}</Button>} /></div></>;
  if (!list.data) return <>{head}<div className="p-4"><Loading label={m.appeals_reading()} lines={5} /></div></>;
  return <Form appeals={list.data} request={search.request ?? null} />;
}

function Form({ appeals, request }: { appeals: Appeals; request: string | null }) {
  const due = appeals.due.find((d) => d.request === request);
  const go = useGo();
  const [component, setComponent] = useState<Component>(due?.component ?? "red_cells");
  const [groups, setGroups] = useState<Group[]>([...(due?.groups ?? [])]);
  const [wanted, setWanted] = useState<number | null>(due?.missing ?? 4);
  const [hours, setHours] = useState<number | null>(24);
  const [reason, setReason] = useState(due ? m.appeals_reason_for_request() : "");
  const [channel, setChannel] = useState<ContactChannel>("call_list");
  const [km, setKm] = useState<number | null>(FAR_KM);
  const [areas, setAreas] = useState<AreaRow[]>(appeals.areas);
  const [unknownToo, setUnknownToo] = useState(true);
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const send = useSend("appeal.start", { onDone: (made) => go(`/appeals/${made.id}`) });

  const complete = groups.length > 0 && wanted !== null && hours !== null && km !== null;
  const ask: AppealAsk | null = complete ? {
    request: due ? due.request : null, reason: reason.trim(), component, groups, channel, wanted, hours, reach: reachOf(km, areas, unknownToo),
  } : null;
  const preview = useCommand("appeal.preview", useSettled(ask && { ...ask, reason: "-" }, 300) ?? nothing, { enabled: ask !== null, keepPrevious: true });
  const could = preview.data?.batch ?? 0;

  function start() {
    setTried(true);
    if (ask && ask.reason) send.mutate(ask);
    else if (ask) form.current?.querySelector<HTMLElement>("input[name=reason]")?.focus();
  }
  return (
    <>
      <PageHead title={m.appeals_new_title()} actions={<Button icon="back" onPress={() => go("/appeals")}>{m.appeals_back()}</Button>} />
      <ScanGuard />
      <div className="flex min-h-0 grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
        <form ref={form} noValidate onSubmit={(e) => { e.preventDefault(); start(); }} className="min-h-0 min-w-0 grow overflow-auto max-[1100px]:flex-none max-[1100px]:overflow-visible">
          <SectionHead title={m.appeals_new_what()} />
          <div className="grid max-w-[860px] gap-4 p-4">
            <div className="grid grid-cols-3 gap-3 max-[700px]:grid-cols-1">
              <Select label={m.appeals_component()} options={components.map((id) => ({ id, label: componentName(id) }))} value={component} onChange={(id) => setComponent(id)} autoFocus />
              <NumberField label={m.appeals_wanted()} hint={m.appeals_wanted_hint()} unit="" min={1} max={200} value={wanted} onChange={setWanted} />
              <NumberField label={m.appeals_hours()} unit={m.appeals_hours_unit()} min={1} max={336} value={hours} onChange={setHours} />
            </div>
            <fieldset className="m-0 grid gap-2 border-0 p-0">
              <legend className="hs-label">{m.appeals_groups()}</legend>
              <div className="grid grid-cols-4 gap-2 max-[700px]:grid-cols-2">
                {allGroups.map((g) => (
                  <Checkbox key={`${g.abo} ${g.rhd}`} isSelected={groups.some((one) => same(one, g))} onChange={(on) => setGroups(on ? [...groups, g] : groups.filter((one) => !same(one, g)))}><BloodGroup group={g} size="sm" /></Checkbox>
                ))}
              </div>
              {tried && groups.length === 0 && <p role="alert"><Status kind="critical">{m.appeals_groups_need()}</Status></p>}
            </fieldset>
            <TextField name="reason" label={m.appeals_reason()} hint={m.appeals_reason_hint()} value={reason} onChange={setReason} maxLength={200} error={tried && !reason.trim() ? m.appeals_reason_need() : undefined} autoComplete="off" />
          </div>
          <SectionHead title={m.appeals_new_who()} />
          <div className="grid max-w-[860px] gap-4 p-4">
            <RadioGroup stacked label={m.appeals_channel()} options={channels.map((id) => ({ id, label: channelWords[id](), sub: id === "call_list" ? m.appeals_channel_call_list_sub() : appeals.channels.includes(id) ? undefined : m.appeals_channel_waits() }))} value={channel} onChange={setChannel} />
            <div className="max-w-[260px]"><NumberField label={m.appeals_within()} unit="km" min={1} max={500} value={km} onChange={setKm} /></div>
            <Areas areas={areas} onChange={setAreas} />
            <Checkbox isSelected={unknownToo} onChange={setUnknownToo}>{m.appeals_unknown_too()}</Checkbox>
          </div>
        </form>
        <SidePanel label={m.appeals_preview()} width={380}>
          <h2 className="m-0 px-4 pt-3 text-lg">{m.appeals_preview()}</h2>
          {!complete && <p className="px-4 py-3 text-ink-2">{groups.length === 0 ? m.appeals_groups_need() : m.appeals_preview_wait()}</p>}
          {complete && preview.isPending && <div className="p-4"><Loading label={m.appeals_preview_wait()} lines={4} /></div>}
          {complete && preview.error && <div className="p-4"><ErrorBlock error={preview.error} /></div>}
          {complete && preview.data && <Preview preview={preview.data} />}
          <div className="grid gap-3 border-t border-line-2 px-4 py-3">
            {send.error && <ErrorBlock error={send.error} />}
            {complete && preview.data && could > 0 && <Button variant="primary" size="lg" pending={send.isPending} onPress={start}>{m.appeals_start({ count: could })}</Button>}
          </div>
        </SidePanel>
      </div>
    </>
  );
}

const nothing: AppealAsk = { request: null, reason: "-", component: "red_cells", groups: [], channel: "call_list", wanted: 1, hours: 1, reach: { withinMetres: 0, areas: [], unknownToo: false } };

export function reachOf(km: number, areas: readonly AreaRow[], unknownToo: boolean): AppealReach {
  return { withinMetres: Math.round(km * 1000), areas: areas.flatMap((a) => (a.metres === null ? [] : [{ area: a.area, metres: a.metres }])), unknownToo };
}

/** How far each area is, in kilometres; an empty field means that nobody knows. */
export function Areas({ areas, onChange }: { areas: AreaRow[]; onChange(areas: AreaRow[]): void }) {
  if (areas.length === 0) return <p className="text-ink-2">{m.appeals_areas_none()}</p>;
  return (
    <fieldset className="m-0 grid gap-2 border-0 p-0">
      <legend className="hs-label">{m.appeals_areas()}</legend>
      <p className="text-ink-2">{m.appeals_areas_text()}</p>
      <div className="grid grid-cols-2 gap-3 max-[700px]:grid-cols-1">
        {areas.map((a, n) => (
          <NumberField key={a.area} label={a.area} hint={m.appeals_area_donors({ count: a.donors })} unit="km" min={0} max={500} decimals={1} value={a.metres === null ? null : a.metres / 1000} onChange={(km) => onChange(areas.map((one, i) => (i === n ? { ...one, metres: km === null ? null : Math.round(km * 1000) } : one)))} />
        ))}
      </div>
    </fieldset>
  );
}

/** How many would be asked, and why all others are not. */
export function Preview({ preview: p }: { preview: AppealPreview }) {
  return (
    <div className="grid gap-3 px-4 py-3" role="status">
      {p.batch === 0
        ? <div className="grid justify-items-start gap-1"><Status kind="caution">{m.appeals_preview_none()}</Status><p className="text-ink-2">{m.appeals_preview_none_text()}</p></div>
        : <p className="text-xl font-strong">{m.appeals_preview_batch({ batch: p.batch })}</p>}
      <p>{m.appeals_preview_could({ could: p.could, all: p.all })}</p>
      <p className="text-ink-2">{p.answers.denominator === 0 ? m.appeals_preview_rate_none() : m.appeals_preview_rate({ yes: p.answers.numerator, delivered: p.answers.denominator })}</p>
      {p.leavesAt && <Bar kind="caution">{m.appeals_preview_night()} <ClinicalTime value={p.leavesAt} always="date-time" /></Bar>}
      {p.leftOut.length > 0 && (
        <div className="grid gap-1">
          <h3 className="m-0 text-base">{m.appeals_left_out()}</h3>
          <dl className="m-0 grid gap-1">
            {p.leftOut.map((l) => <div key={l.why} className="grid grid-cols-[3rem_minmax(0,1fr)] gap-x-3"><dt className="order-2">{whyNotWords[l.why]()}</dt><dd className="order-1 m-0 text-end font-strong">{l.count}</dd></div>)}
          </dl>
        </div>
      )}
      {p.notLookedAt > 0 && <p className="text-ink-2">{m.appeals_preview_more({ count: p.notLookedAt })}</p>}
    </div>
  );
}

/** The value once it has rested, so that not every key asks the store. */
function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text) as T), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return settled;
}
