import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useScreenParams } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, comma, DonationNumber, groupDin, Quantity } from "../../clinical";
import { Bar, Button, Loading, PageHead, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { BagState, HoldView, LabView, PartView, ResultView, RunInvalidated } from "../../wire";
import { bagWord, holdWord, kindWord } from "../donors/words";
import { PrintLabels } from "../printing/Placed";
import { own } from "../requests/words";
import { CorrectDialog, DiscardDialog, DivideDialog, InvalidateDialog, LabError, LiftDialog, ReleaseDialog, ResolveDialog, TypeDialog } from "./dialogs";
import { Typing } from "./LabBoard";
import { stateWord as bagState } from "../recall/words";
import { markerWord, outcomeWord, partWord, problemWord, productWord, stateKind, stateWord } from "./words";

/** One donation in the laboratory: what was made of it, its group, its tests, and what still stands against a release. */
export function LabPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("lab.view", { id }, { enabled: id !== "" });
  const go = useGo();
  const head = <PageHead title={m.lab_one()} />;
  if (view.isPending) return <>{head}<div className="p-4"><Loading label={m.lab_reading()} lines={5} /></div></>;
  if (!view.data) return <>{head}<div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.lab_failed_one()} actions={<><Button variant="primary" onPress={() => void view.refetch()}>{m.lab_try_again()}</Button><Button onPress={() => go("/lab")}>{m.lab_back()}</Button></>} /></div></>;
  return <Bench key={view.data.row.donation} lab={view.data} />;
}

type Open = { what: "divide" | "type" | "resolve" } | { what: "correct" | "invalidate"; result: ResultView } | { what: "release" | "discard"; part: PartView } | { what: "lift"; hold: HoldView };

function Bench({ lab }: { lab: LabView }) {
  const go = useGo();
  const [open, setOpen] = useState<Open | null>(null);
  const [back, setBack] = useState<RunInvalidated | null>(null);
  const close = () => setOpen(null);
  const { row } = lab;
  return (
    <>
      <PageHead
        title={<DonationNumber din={row.din} check={row.check} size="lg" />}
        actions={
          <>
            <Button icon="back" onPress={() => go("/lab")}>{m.lab_back()}</Button>
            <Button onPress={() => setOpen({ what: "type" })}>{m.lab_type()}</Button>
            {lab.parts.length === 0 && lab.sets.length > 0 && <Button variant="primary" onPress={() => setOpen({ what: "divide" })}>{m.lab_divide()}</Button>}
          </>
        }
      >
        <span className="hs-meta"><ClinicalTime value={row.endedAt} /> · <Quantity value={row.volumeMl} unit="mL" /> · {row.bag ? bagWord(row.bag) : kindWord(row.kind)}</span>
      </PageHead>
      <div role="status">
        {back && <Bar kind={back.issued.length > 0 ? "critical" : "notice"}>{m.lab_invalidated({ donations: back.donations, bags: back.quarantined })} {back.issued.length > 0 && m.lab_invalidated_issued({ numbers: back.issued.map(groupDin).join(comma()) })}</Bar>}
      </div>
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.lab_one()}>
        <Holds lab={lab} onLift={(hold) => setOpen({ what: "lift", hold })} />
        <Components lab={lab} onOpen={setOpen} />
        <Typings lab={lab} onResolve={() => setOpen({ what: "resolve" })} />
        <Markers lab={lab} onOpen={setOpen} />
      </div>
      {open?.what === "divide" && <DivideDialog lab={lab} onClose={close} />}
      {open?.what === "resolve" && <ResolveDialog lab={lab} onClose={close} />}
      {open?.what === "correct" && <CorrectDialog donation={row.donation} result={open.result} onClose={close} />}
      {open?.what === "invalidate" && <InvalidateDialog result={open.result} onClose={close} onDone={(done) => { setBack(done); close(); }} />}
      {open?.what === "type" && <TypeDialog lab={lab} onClose={close} />}
      {open?.what === "release" && <ReleaseDialog lab={lab} part={open.part} onClose={close} />}
      {open?.what === "discard" && <DiscardDialog lab={lab} part={open.part} onClose={close} />}
      {open?.what === "lift" && <LiftDialog donation={row.donation} hold={open.hold} onClose={close} />}
    </>
  );
}

function Holds({ lab, onLift }: { lab: LabView; onLift(hold: HoldView): void }) {
  if (lab.holds.length === 0) return null;
  return (
    <section>
      <SectionHead title={m.lab_holds()} />
      <ul className="m-0 list-none p-0">
        {lab.holds.map((h) => (
          <li key={h.cause + h.reason} className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
            <Status kind="critical" wrap>{holdWord(h.reason)}</Status>
            {!h.final && <Button size="sm" onPress={() => onLift(h)}>{m.lab_lift()}</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What became of a bag after its release: nothing of it is urgent here but that somebody stopped it. */
const releasedKind = (bag: BagState) => (bag === "quarantined" || bag === "not_known" ? "caution" : "inactive") as "caution" | "inactive";

function Components({ lab, onOpen }: { lab: LabView; onOpen(open: Open): void }) {
  const waiting = lab.parts.filter((p) => p.state === "quarantine");
  const label = (p: PartView) => ({ id: p.id, din: lab.row.din, productCode: p.productCode });
  // What stands against all of them is said once; it is what the tests and the typing below have to answer.
  const words = waiting.map((p) => p.problems.map(problemWord));
  const common = waiting.length > 1 ? (words[0] ?? []).filter((word) => words.every((of) => of.includes(word))) : [];
  return (
    <section>
      <SectionHead title={m.lab_components()} actions={waiting.length > 1 && <PrintLabels size="sm" units={waiting.map(label)} />} />
      {waiting.some((p) => p.problems.length > 0) && <p className="px-4 pt-2 text-ink-2">{m.lab_components_label()}</p>}
      {common.length > 0 && (
        <div className="border-b border-line px-4 py-2">
          <Status kind="caution">{m.lab_components_all()}</Status>
          <ul className="m-0 flex flex-wrap gap-x-8 ps-6">{common.map((word) => <li key={word}>{word}</li>)}</ul>
        </div>
      )}
      {lab.parts.length === 0 ? <p className="p-4 text-ink-2">{m.lab_components_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {lab.parts.map((p) => {
            const waits = p.state === "quarantine";
            const own = waits ? p.problems.map(problemWord).filter((word) => !common.includes(word)) : [];
            return (
              <li key={p.id} className="flex flex-wrap items-start gap-x-3 gap-y-1 border-b border-line px-4 py-2">
                <div className="grid min-w-0 grow gap-1">
                  <span className="flex flex-wrap items-center gap-x-3">
                    <b>{productWord(p.product)}</b>
                    <span className="hs-mono">{p.productCode}</span>
                    <Quantity value={p.volumeMl} unit="mL" />
                    <span className="text-ink-2">{m.lab_ends()} <ClinicalTime value={p.expiresAt} /></span>
                    {p.bag && p.bag !== "available" ? <Status kind={releasedKind(p.bag)}>{bagState(p.bag)}</Status> : <Status kind={p.state === "available" ? "good" : waits ? "caution" : "inactive"}>{partWord(p.state)}</Status>}
                    {p.bag && <AppLink to={`/blood/unit/${p.id}`}>{m.lab_part_bag()}<span className="hs-vh"> {productWord(p.product)}</span></AppLink>}
                  </span>
                  {waits && p.problems.length === 0 && <Status kind="good">{m.lab_may_go()}</Status>}
                  {own.length > 0 && <ul className="m-0 grid gap-px ps-5">{own.map((word) => <li key={word}>{word}</li>)}</ul>}
                </div>
                {waits && (
                  <span className="flex flex-wrap gap-2">
                    {p.component && p.problems.length === 0 && <Button size="sm" variant="primary" onPress={() => onOpen({ what: "release", part: p })}>{m.lab_release()}<span className="hs-vh"> {productWord(p.product)}</span></Button>}
                    {p.component && <PrintLabels size="sm" units={[label(p)]} />}
                    <Button size="sm" variant="danger" onPress={() => onOpen({ what: "discard", part: p })}>{m.lab_discard()}<span className="hs-vh"> {productWord(p.product)}</span></Button>
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function Typings({ lab, onResolve }: { lab: LabView; onResolve(): void }) {
  const doubt = lab.row.typing.state === "no_match" || lab.row.typing.state === "indeterminate";
  const verify = useSend("lab.verify");
  return (
    <section>
      <SectionHead title={m.lab_typing()} note={<Typing typing={lab.row.typing} />} actions={lab.resolvable.length > 0 && <Button size="sm" variant="primary" onPress={onResolve}>{m.lab_resolve()}</Button>} />
      {lab.row.typing.state === "ambiguous" && <p className="max-w-[75ch] px-4 pt-2 text-ink-2">{m.lab_typing_independent()}</p>}
      {doubt && lab.resolvable.length === 0 && <p className="px-4 pt-2 text-ink-2">{m.lab_resolve_first()}</p>}
      {lab.resolution && <p className="px-4 pt-2">{m.lab_resolved({ who: lab.resolution.by, second: lab.resolution.second, reason: own(lab.resolution.reason) })}</p>}
      {lab.neighbours.length > 0 && (
        <p className="flex flex-wrap items-center gap-x-3 px-4 pt-2">
          {m.lab_neighbours()}
          {lab.neighbours.map((n) => <AppLink key={n.donation} to={`/lab/donation/${n.donation}`}><DonationNumber din={n.din} check={n.check} /></AppLink>)}
        </p>
      )}
      {lab.typings.length === 0 ? <p className="p-4 text-ink-2">{m.lab_typing_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {lab.typings.map((t) => (
            <li key={t.entry} className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
              {t.group ? <BloodGroup group={t.group} size="sm" /> : <Status kind="caution">{m.lab_no_group()}</Status>}
              <span><bdi>{t.method}</bdi> · <bdi>{t.lot}</bdi></span>
              <span className="hs-meta">{m.lab_by({ who: t.by })} <ClinicalTime value={t.at} /></span>
              {t.verifiedBy
                ? <span className="hs-meta">{m.lab_verified({ who: t.verifiedBy })}</span>
                : t.mine
                  ? <Status kind="caution">{m.lab_unverified()}</Status>
                  : <Button size="sm" pending={verify.isPending} onPress={() => verify.mutate({ donation: lab.row.donation, typings: [t.entry], results: [] })}>{m.lab_verify()}</Button>}
            </li>
          ))}
        </ul>
      )}
      {verify.error && <div className="p-4"><LabError error={verify.error} /></div>}
    </section>
  );
}

function Markers({ lab, onOpen }: { lab: LabView; onOpen(open: Open): void }) {
  const go = useGo();
  const verify = useSend("lab.verify");
  const mine = lab.results.filter((r) => r.verifiedBy === null && !r.mine).map((r) => r.entry);
  return (
    <section>
      <SectionHead
        title={m.lab_markers()}
        actions={
          <>
            {mine.length > 0 && <Button size="sm" variant="primary" pending={verify.isPending} onPress={() => verify.mutate({ donation: lab.row.donation, typings: [], results: mine })}>{m.lab_verify_all()}</Button>}
            <Button size="sm" onPress={() => go("/lab/run", { donation: lab.row.donation })}>{m.lab_run()}</Button>
          </>
        }
      />
      {verify.error && <div className="p-4"><LabError error={verify.error} /></div>}
      <ul className="m-0 list-none p-0">
        {lab.markers.map((marker) => (
          <li key={marker.marker} className="grid gap-1 border-b border-line px-4 py-2">
            <span className="flex flex-wrap items-center gap-x-3"><b>{markerWord(marker.marker)}</b><Status kind={stateKind(marker.state)}>{stateWord(marker.state)}</Status></span>
            {lab.results.filter((r) => r.marker === marker.marker).map((r) => (
              <span key={r.entry} className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span className="hs-meta">
                  {r.stage === "initial" ? m.lab_stage_initial() : m.lab_stage_repeat()} · {outcomeWord(r.outcome)} · {m.lab_run_of({ kit: r.kit, lot: r.lot })} · {m.lab_by({ who: r.by })} <ClinicalTime value={r.at} />
                  {" · "}{!r.valid ? m.lab_run_invalid() : r.verifiedBy ? m.lab_verified({ who: r.verifiedBy }) : m.lab_unverified()}
                  {r.before.map((b, n) => <span key={n} className="block">{m.lab_corrected({ outcome: outcomeWord(b.outcome), who: b.by, reason: own((r.before[n + 1] ?? r).reason ?? "") })}</span>)}
                </span>
                {r.valid && <span className="ms-auto flex flex-wrap gap-2">{r.correctable && <Button size="sm" onPress={() => onOpen({ what: "correct", result: r })}>{m.lab_correct()}<span className="hs-vh"> {markerWord(r.marker)}, {outcomeWord(r.outcome)}</span></Button>}
                <Button size="sm" onPress={() => onOpen({ what: "invalidate", result: r })}>{m.lab_invalidate()}<span className="hs-vh"> {m.lab_run_of({ kit: r.kit, lot: r.lot })}</span></Button></span>}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
