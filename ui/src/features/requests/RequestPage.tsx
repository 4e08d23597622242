import { type ReactNode, useRef, useState } from "react";
import { AppLink, ErrorBlock, type Scan, useGo, useMay, useScanner, useScreenParams } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber, formatName, groupDin, usePlace } from "../../clinical";
import { Bar, Button, Loading, Menu, type MenuAction, PageHead, SectionHead, Shape, SidePanel, Status, type StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { RequestView, UnitRow } from "../../wire";
import { partKind } from "../bloodbank/words";
import { Aside } from "./Aside";
import { NeedDialog, UrgencyDialog } from "./dialogs";
import { Ask, Fact, GroupCard, Needs, ReasonDialog, RecordLink, refusal, SampleLines, Who } from "./parts";
import { AdviceLine } from "./Place";
import { Offer } from "./Offer";
import { distanceWords } from "./time";
import { carriesRedCells, indicationWord, isOverdue, measureValue, measureWord, needsSample, nextSteps, own, reasonWord, standKind, standWord, urgencyKind, urgencyWord, whatWord } from "./words";

/** One request: for whom, what stands against it, what the shelf offers, what is set aside. */
export function RequestPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("request.view", { id }, { enabled: id !== "", keepPrevious: false });
  const go = useGo();
  if (view.isPending) return <><PageHead title={m.requests_one()} /><div className="p-4"><Loading label={m.requests_reading()} lines={5} /></div></>;
  if (!view.data) return <><PageHead title={m.requests_one()} /><div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.requests_failed_one()} actions={<><Button variant="primary" onPress={() => void view.refetch()}>{m.requests_try_again()}</Button><Button onPress={() => go("/requests")}>{m.requests_back()}</Button></>} /></div></>;
  return <One key={view.data.row.id} view={view.data} />;
}

type Doing = "urgency" | "need" | "cancel" | "close";

function One({ view }: { view: RequestView }) {
  const { row } = view;
  const place = usePlace();
  const go = useGo();
  const may = useMay();
  const open = row.status === "open";
  const [doing, setDoing] = useState<Doing | null>(null);
  const [note, setNote] = useState<{ kind: "notice" | "caution"; text: string } | null>(null);
  const [chosen, setChosen] = useState<{ id: string } | null>(null);
  const stop = () => setDoing(null);
  const accept = useSend("request.accept");
  const cancel = useSend("request.cancel", { onDone: stop });
  const close = useSend("request.close", { onDone: stop });
  const name = formatName(row.patient);
  // What did not go together once is not offered again by itself, whatever else speaks for the bag.
  const record = useCommand("blood.record", { id: row.patient.id }, { enabled: open });
  const incompatible = (record.data?.crossmatches ?? []).filter((x) => x.outcome === "incompatible" && x.withdrawn === null);

  /** A number that several bags for this request bear: the product code says which. */
  const waiting = useRef<string | null>(null);
  useScanner((scan: Scan) => {
    const band = scan.parts.find((p) => p.kind === "patient");
    const number = scan.parts.find((p) => p.kind === "donation_number");
    const product = scan.parts.find((p) => p.kind === "product");
    const din = number?.din ?? (product ? waiting.current : null);
    const [part] = scan.parts;
    const said = band ? (band.patient === row.patient.id ? { kind: "notice" as const, text: m.requests_scan_same_patient() } : { kind: "caution" as const, text: m.requests_scan_other_patient({ name: own(name) }) })
      : din ? look(din, product?.code)
      : { kind: "caution" as const, text: part ? m.blood_wrong_kind({ was: partKind(part), wanted: m.blood_want_unit_or_patient() }) : m.shell_scan_unreadable() };
    setNote(said);
    return said.kind === "notice" || waiting.current !== null ? "taken" : "refused";
  });

  /** Where a scanned bag stands in this request. */
  function look(din: string, code?: string): { kind: "notice" | "caution"; text: string } {
    const is = (unit: UnitRow) => unit.din === din && (code === undefined || unit.productCode === code);
    const all = [...view.proposal.map((l) => l.unit), ...view.allocated.map((a) => a.unit)].filter(is);
    waiting.current = all.length > 1 ? din : null;
    if (all.length > 1) return { kind: "caution", text: m.shelf_box_which() };
    const said = groupDin(din);
    const line = view.proposal.find((l) => is(l.unit));
    if (line) { setChosen({ id: line.unit.id }); return { kind: "notice", text: m.requests_scan_chosen({ din: said }) }; }
    const held = view.allocated.find((a) => is(a.unit));
    if (held) { document.getElementById(`aside-${held.unit.id}`)?.focus(); return { kind: "notice", text: m.requests_scan_aside({ din: said }) }; }
    const out = view.leftOut.find((l) => is(l.unit));
    const why = out?.reasons[0];
    if (why) return { kind: "caution", text: m.requests_scan_left_out({ din: said, why: reasonWord(why, place) }) };
    return { kind: "caution", text: m.requests_scan_not_here({ din: said }) };
  }

  const acts: MenuAction[] = [
    ...(may("request_blood") ? [{ id: "urgency", label: m.requests_urgency_change(), onAction: () => setDoing("urgency") }, { id: "need", label: m.requests_need_add(), onAction: () => setDoing("need") }] : []),
    ...(may("reserve_blood") ? [{ id: "close", label: m.requests_close_request(), onAction: () => setDoing("close") }] : []),
    ...(may("request_blood") ? [{ id: "cancel", label: m.requests_cancel_request(), variant: "danger" as const, onAction: () => setDoing("cancel") }] : []),
  ];
  return (
    <>
      <Who id={row.patient.id} />
      <PageHead
        title={whatWord(row)}
        actions={
          <>
            <Button icon="back" onPress={() => go("/requests")}>{m.requests_back()}</Button>
            {open && acts.length > 0 && <Menu label={m.requests_more()} items={acts} trigger={<Button icon="more">{m.requests_more()}</Button>} />}
            {open && row.acceptedBy === null && may("reserve_blood") && <Button variant="primary" pending={accept.isPending} onPress={() => accept.mutate({ id: row.id })}>{m.requests_accept()}</Button>}
          </>
        }
      >
        <span className="flex flex-wrap items-center gap-x-4">
          <Status kind={urgencyKind(row.urgency)}>{urgencyWord(row.urgency)}</Status>
          <span>{m.requests_place_when()} <b><ClinicalTime value={row.neededBy} /></b> {open && (isOverdue(row, place.now) ? <Status kind="critical">{m.requests_overdue()} · {distanceWords(row.neededBy, place.now)}</Status> : <span className="text-ink-2">{distanceWords(row.neededBy, place.now)}</span>)}</span>
        </span>
      </PageHead>
      <div aria-live="polite">{note && <Bar kind={note.kind}>{note.text}</Bar>}</div>
      <div className="flex min-h-[280px] grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
        <div className="relative min-h-0 min-w-0 grow overflow-auto max-[1100px]:overflow-visible" tabIndex={0} aria-label={whatWord(row)} role="region">
          {open ? <Steps view={view} /> : <Bar kind="inactive">{row.status === "cancelled" ? m.requests_cancelled_why({ reason: own(view.cancelReason ?? "") }) : row.issued >= row.count ? m.requests_status_filled() : m.requests_status_closed()}</Bar>}
          {accept.error && <div className="p-4">{refusal(accept.error)}</div>}
          <Aside view={view} name={name} />
          {open && <Offer view={view} incompatible={incompatible} name={name} chosen={chosen} onNote={setNote} />}
          {view.issued.length > 0 && <Issued units={view.issued} />}
        </div>
        <Facts view={view} />
      </div>
      {doing === "urgency" && <UrgencyDialog row={row} onClose={stop} />}
      {doing === "need" && <NeedDialog request={row.id} onClose={stop} />}
      {doing === "cancel" && <ReasonDialog title={m.requests_cancel_request()} text={m.requests_cancel_text()} act={m.requests_cancel_request()} danger keep={m.requests_cancel_keep()} pending={cancel.isPending} error={cancel.error} onClose={stop} onReason={(reason) => cancel.mutate({ request: row.id, reason })} />}
      {doing === "close" && <CloseDialog pending={close.isPending} error={refusal(close.error)} onClose={stop} onAct={() => close.mutate({ id: row.id })} />}
    </>
  );
}

/** Five steps from the order to the ward, each with its shape, its word and how many. */
function Steps({ view }: { view: RequestView }) {
  const { row } = view;
  const aside = row.allocated + row.issued;
  const ready = view.allocated.filter((a) => a.ready).length + row.issued;
  const groupKnown = view.group.state === "once" || view.group.state === "confirmed";
  const count = (done: number): [StatusKind, string] => [done >= row.count ? "good" : done > 0 ? "notice" : "inactive", m.requests_of({ done, count: row.count })];
  const steps: [word: string, kind: StatusKind, text: string][] = [
    [m.requests_step_accepted(), row.acceptedBy ? "good" : "inactive", row.acceptedBy ?? m.requests_accepted_not()],
    [m.requests_step_sample(), ...(needsSample(row.component, groupKnown) ? [standKind(row.sample), standWord(row.sample)] as const : ["good", m.requests_sample_not_needed()] as const)],
    [m.requests_step_aside(), ...count(aside)],
    [carriesRedCells(row.component) ? m.requests_step_crossmatched() : m.requests_step_ready(), ...count(ready)],
    [m.requests_step_issued(), ...count(row.issued)],
  ];
  return (
    <div className="border-b border-line-2 bg-sunken">
      <ol aria-label={m.requests_steps()} className="m-0 grid list-none grid-cols-5 p-0 max-[1000px]:grid-cols-2">
        {steps.map(([word, kind, text]) => (
          <li key={word} className="grid min-w-0 grid-cols-[auto_minmax(0,1fr)] items-start gap-x-2 border-s border-line px-4 py-2 first:border-s-0">
            <span className="pt-0.5"><Shape kind={kind} size={16} /></span>
            <span className="min-w-0"><b className="block">{word}</b><span className="hs-meta block [overflow-wrap:anywhere]">{text}</span></span>
          </li>
        ))}
      </ol>
      <p className="m-0 flex flex-wrap items-center gap-x-4 border-t border-line px-4 py-2"><span className="text-ink-2">{m.requests_col_next()}</span> {nextSteps(row, groupKnown, view.allocated.filter((a) => a.ready).length).map((next) => <Status key={next.word} kind={next.kind} wrap>{next.word}</Status>)}</p>
    </div>
  );
}

function Issued({ units }: { units: UnitRow[] }) {
  return (
    <section>
      <SectionHead title={m.requests_issued()} note={units.length} />
      <ul className="m-0 list-none p-0">
        {units.map((u) => (
          <li key={u.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2">
            <AppLink to={`/blood/unit/${u.id}`} className="text-ink hover:text-accent"><DonationNumber din={u.din} check={u.check} /></AppLink>
            <BloodGroup group={u.group} size="sm" />
            <span>{componentName(u.component)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Facts({ view }: { view: RequestView }) {
  const { row } = view;
  const may = useMay();
  return (
    <SidePanel label={m.requests_facts()} width={316}>
      <SectionHead title={m.requests_card()} />
      <GroupCard group={view.group} antiDEver={view.antiDEver} />
      <div className="border-b border-line px-4 pb-3"><RecordLink id={row.patient.id} /></div>
      <dl className="m-0">
        <Fact label={m.requests_needs()}><Needs needs={view.needs} /></Fact>
        <Fact label={m.requests_sample()}>
          {view.sample ? <SampleLines sample={view.sample} /> : <Status kind="caution" wrap>{m.requests_sample_none()}</Status>}
          {may("crossmatch") && row.status === "open" && (view.sample?.stand !== "ready") && (
            <span className="mt-1.5 flex flex-wrap gap-2">
              {view.sample?.stand === "waiting" && <AppLink to="/samples" search={{ patient: row.patient.id }} className="hs-btn">{m.requests_sample_work()}</AppLink>}
              {view.sample?.stand !== "waiting" && <AppLink to="/samples/receive" search={{ patient: row.patient.id }} className="hs-btn">{m.requests_sample_receive()}</AppLink>}
            </span>
          )}
        </Fact>
        <Fact label={m.requests_why()}>{indicationWord(row.indication)}</Fact>
        <Fact label={m.requests_values()}>
          {view.measured.length === 0 ? <span className="text-ink-2">{m.requests_values_none()}</span> : view.measured.map((v) => <span key={v.measure} className="block">{measureWord(v.measure)} <b>{measureValue(v.measure, v.value)}</b></span>)}
          {view.advice.map((a) => <div key={a.measure} className="mt-1"><AdviceLine row={a} /></div>)}
        </Fact>
        {view.freshDays !== null && <Fact label={m.requests_fresh_title()}>{m.requests_fresh({ days: view.freshDays })}</Fact>}
        <Fact label={m.requests_consent()}>{row.consent ? m.requests_consent_yes() : <Status kind="caution" wrap>{m.requests_no_consent()}</Status>}</Fact>
        <Fact label={m.requests_col_asked()}><ClinicalTime value={row.placedAt} always="date-time" /> · {m.requests_asked_by({ name: own(row.requestedBy) })}</Fact>
        <Fact label={m.requests_step_accepted()}>{row.acceptedBy ?? m.requests_accepted_not()}</Fact>
      </dl>
    </SidePanel>
  );
}

function CloseDialog({ pending, error, onClose, onAct }: { pending: boolean; error: ReactNode; onClose(): void; onAct(): void }) {
  return <Ask title={m.requests_close_act()} act={m.requests_close_act()} keep={m.requests_cancel_keep()} pending={pending} error={error} onClose={onClose} onSubmit={onAct}><p>{m.requests_close_text()}</p></Ask>;
}
