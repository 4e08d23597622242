import { useState } from "react";
import { ErrorBlock, useGo, useScreenParams } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber } from "../../clinical";
import { Button, Loading, PageHead, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { HoldView, LabView, PartView } from "../../wire";
import { holdWord, kindWord } from "../donors/words";
import { DiscardDialog, DivideDialog, LabError, LiftDialog, ReleaseDialog, TypeDialog } from "./dialogs";
import { Typing } from "./LabBoard";
import { markerWord, outcomeWord, partWord, problemWord, productWord, stateKind, stateWord } from "./words";

/** One donation in the laboratory: what was made of it, its group, its tests, and what still stands against a release. */
export function LabPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("lab.view", { id }, { enabled: id !== "" });
  const go = useGo();
  if (view.isPending) return <div className="p-4"><Loading label={m.lab_reading()} lines={5} /></div>;
  if (!view.data) return <div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.lab_failed()} actions={<Button onPress={() => go("/lab")}>{m.lab_back()}</Button>} /></div>;
  return <Bench key={view.data.row.donation} lab={view.data} />;
}

type Open = { what: "divide" | "type" } | { what: "release" | "discard"; part: PartView } | { what: "lift"; hold: HoldView };

function Bench({ lab }: { lab: LabView }) {
  const go = useGo();
  const [open, setOpen] = useState<Open | null>(null);
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
        <span className="hs-meta"><ClinicalTime value={row.endedAt} /> · {row.volumeMl} mL · {row.bag ?? kindWord(row.kind)}</span>
      </PageHead>
      <div className="min-h-0 grow overflow-auto">
        <Holds lab={lab} onLift={(hold) => setOpen({ what: "lift", hold })} />
        <Components lab={lab} onOpen={setOpen} />
        <Typings lab={lab} />
        <Markers lab={lab} />
      </div>
      {open?.what === "divide" && <DivideDialog lab={lab} onClose={close} />}
      {open?.what === "type" && <TypeDialog donation={row.donation} onClose={close} />}
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

function Components({ lab, onOpen }: { lab: LabView; onOpen(open: Open): void }) {
  return (
    <section>
      <SectionHead title={m.lab_components()} />
      {lab.parts.length === 0 ? <p className="p-4 text-ink-2">{m.lab_components_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {lab.parts.map((p) => {
            const waits = p.state === "quarantine";
            return (
              <li key={p.id} className="grid gap-1 border-b border-line px-4 py-2">
                <span className="flex flex-wrap items-center gap-x-3">
                  <b>{productWord(p.product)}</b>
                  <span className="hs-mono">{p.productCode}</span>
                  <span>{p.volumeMl} mL</span>
                  <span className="text-ink-2">{m.lab_ends()} <ClinicalTime value={p.expiresAt} /></span>
                  <Status kind={p.state === "available" ? "good" : waits ? "caution" : "inactive"}>{partWord(p.state)}</Status>
                  {p.component && <span className="hs-meta">{componentName(p.component)}</span>}
                </span>
                {waits && (p.problems.length === 0
                  ? <Status kind="good">{m.lab_may_go()}</Status>
                  : <ul className="m-0 grid gap-px ps-5">{p.problems.map((problem, n) => <li key={n}>{problemWord(problem)}</li>)}</ul>)}
                {waits && (
                  <span className="flex flex-wrap gap-2">
                    {p.component && p.problems.length === 0 && <Button size="sm" variant="primary" onPress={() => onOpen({ what: "release", part: p })}>{m.lab_release()}</Button>}
                    <Button size="sm" variant="danger" onPress={() => onOpen({ what: "discard", part: p })}>{m.lab_discard()}</Button>
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

function Typings({ lab }: { lab: LabView }) {
  const verify = useSend("lab.verify");
  return (
    <section>
      <SectionHead title={m.lab_typing()} note={<Typing typing={lab.row.typing} />} />
      {lab.typings.length === 0 ? <p className="p-4 text-ink-2">{m.lab_typing_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {lab.typings.map((t) => (
            <li key={t.entry} className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
              {t.group ? <BloodGroup group={t.group} size="sm" /> : <Status kind="caution">{m.lab_no_group()}</Status>}
              <span>{t.method} · {t.lot}</span>
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

function Markers({ lab }: { lab: LabView }) {
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
              <span key={r.entry} className="hs-meta">
                {r.stage === "initial" ? m.lab_stage_initial() : m.lab_stage_repeat()} · {outcomeWord(r.outcome)} · {m.lab_by({ who: r.by })} <ClinicalTime value={r.at} />
                {" · "}{!r.valid ? m.lab_run_invalid() : r.verifiedBy ? m.lab_verified({ who: r.verifiedBy }) : m.lab_unverified()}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
