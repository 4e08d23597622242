import { useState } from "react";
import { ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber, groupDin } from "../../clinical";
import { Bar, Button, Loading, PageHead, SectionHead, SidePanel, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { BloodPackView, PackBag, PackProposal, ProtocolView } from "../../wire";
import { Ask, GroupCard, ReasonDialog, refusal, Who } from "../requests/parts";
import { carriesRedCells } from "../requests/words";
import { AccountDialog, GroupDialog, IssueDialog } from "./dialogs";
import { fateWord, promptWord, statusKind, statusWord } from "./words";

/** One massive transfusion: what to ask the team, the next pack, and where every bag of every pack went. */
export function ProtocolPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("protocol.view", { id }, { enabled: id !== "" });
  const go = useGo();
  const head = <PageHead title={m.massive_title()} />;
  if (view.isPending) return <>{head}<div className="p-4"><Loading label={m.massive_reading()} lines={5} /></div></>;
  if (!view.data) return <>{head}<div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.massive_failed()} actions={<><Button variant="primary" onPress={() => void view.refetch()}>{m.massive_try_again()}</Button><Button onPress={() => go("/massive")}>{m.massive_title()}</Button></>} /></div></>;
  return <One key={view.data.row.id} view={view.data} />;
}

type Doing = { what: "issue"; pack: BloodPackView } | { what: "account" | "withdraw"; bag: PackBag } | { what: "group" } | { what: "switch" } | { what: "end" };

function One({ view }: { view: ProtocolView }) {
  const { row } = view;
  const go = useGo();
  const may = useMay();
  const gives = may("issue_blood");
  const asks = may("request_blood");
  const [doing, setDoing] = useState<Doing | null>(null);
  const stop = () => setDoing(null);
  const pack = useSend("protocol.pack");
  const end = useSend("protocol.end", { onDone: stop });
  const close = useSend("protocol.close");
  const account = useSend("protocol.account");
  const change = useSend("protocol.switch", { onDone: stop });
  const withdraw = useSend("protocol.withdraw", { onDone: stop });
  const failed = pack.error ?? close.error ?? account.error;
  const active = row.status === "active";
  const bags = view.packs.flatMap((p) => p.bags);
  // What the records show counts as said when the protocol is closed.
  const open = bags.filter((b) => b.fate === null && b.known === null).length;
  const known = bags.some((b) => b.fate === null && b.known !== null);
  // A pack that is ready goes out before the next one is made up.
  const waits = view.packs.some((p) => p.issuedAt === null);
  const have = view.next.reduce((n, line) => n + line.bags.length, 0);
  return (
    <>
      <Who id={row.patient.id} />
      <PageHead
        title={m.massive_title()}
        actions={
          <>
            <Button icon="back" onPress={() => go("/massive")}>{m.massive_title()}</Button>
            {active && asks && <Button variant="danger" onPress={() => setDoing({ what: "end" })}>{m.massive_end()}</Button>}
            {row.status === "ended" && gives && <Button variant="primary" pending={close.isPending} notNow={open > 0 ? m.massive_close_not_now({ count: open }) : undefined} onPress={() => close.mutate({ id: row.id })}>{m.massive_close()}</Button>}
          </>
        }
      >
        <span className="flex flex-wrap items-center gap-x-4"><Status kind={statusKind(row.status)}>{statusWord(row.status)}</Status><span>{m.massive_activated()} <ClinicalTime value={row.activatedAt} /> {m.massive_by({ name: row.activatedBy })}</span></span>
      </PageHead>
      <div aria-live="polite">
        {view.prompts.map((p) => (
          <Bar key={p.prompt} kind="caution" action={p.prompt === "switch_rhd_positive" && asks ? <Button onPress={() => setDoing({ what: "switch" })}>{m.massive_switch()}</Button> : undefined}><b>{m.massive_prompts()}.</b> {promptWord(p)}</Bar>
        ))}
      </div>
      <div className="flex min-h-0 grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
        <div className="min-h-0 min-w-0 grow overflow-auto max-[1100px]:overflow-visible" tabIndex={0} role="region" aria-label={m.massive_one()}>
          {failed && <div className="p-4">{refusal(failed)}</div>}
          {active && (
            <section>
              <SectionHead title={m.massive_next({ number: view.nextNumber })} actions={gives && have > 0 && <Button variant={waits ? undefined : "primary"} pending={pack.isPending} onPress={() => pack.mutate({ protocol: row.id, number: view.nextNumber, units: null })}>{m.massive_prepare({ number: view.nextNumber })}</Button>} />
              {!gives && <p className="px-4 pt-2 text-ink-2">{m.massive_next_who()}</p>}
              {have === 0 && <p className="px-4 py-3"><Status kind="critical">{m.massive_next_none()}</Status></p>}
              <ul className="m-0 grid list-none p-0">
                {view.next.map((line) => (
                  <li key={line.component} className="grid grid-cols-[minmax(0,220px)_minmax(0,1fr)] gap-3 border-b border-line px-4 py-2 max-[700px]:grid-cols-1">
                    <span className="grid justify-items-start"><b>{m.massive_next_line({ component: componentName(line.component), have: line.bags.length, count: line.count })}</b>{line.missing > 0 && <Status kind="critical" wrap>{m.massive_next_missing({ count: line.missing })}</Status>}{line.bags.some((b) => harms(view, b)) && <Status kind="caution" wrap>{m.massive_next_rhd_positive()}</Status>}</span>
                    <ul className="m-0 grid list-none gap-y-1 p-0">{line.bags.map((b) => <li key={b.unit.id} className="grid grid-cols-[140px_170px_minmax(0,1fr)] items-center gap-x-2"><span><BloodGroup group={b.unit.group} size="sm" /></span><DonationNumber din={b.unit.din} check={b.unit.check} /><span className="hs-meta"><bdi>{b.unit.place}</bdi></span></li>)}</ul>
                  </li>
                ))}
              </ul>
            </section>
          )}
          {view.packs.length === 0 && <p className="px-4 py-3 text-ink-2">{m.massive_none_yet()}</p>}
          {known && gives && <p className="px-4 py-3"><Button pending={account.isPending} onPress={() => account.mutate({ protocol: row.id, unit: null, fate: null })}>{m.massive_account_all()}</Button></p>}
          {[...view.packs].reverse().map((p) => (
            <section key={p.number}>
              <SectionHead
                title={m.massive_pack({ number: p.number })}
                note={p.issuedAt ? <>{m.massive_pack_issued()} <ClinicalTime value={p.issuedAt} /></> : m.massive_pack_waiting()}
                actions={p.issuedAt === null && active && gives && <Button variant="primary" onPress={() => setDoing({ what: "issue", pack: p })}>{m.massive_issue({ number: p.number })}</Button>}
              />
              <ul className="m-0 grid list-none p-0">
                {p.bags.map((bag) => (
                  <li key={bag.unit.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2">
                    <span className="w-[140px]"><BloodGroup group={bag.unit.group} size="sm" /></span>
                    <span className="w-[160px]"><DonationNumber din={bag.unit.din} check={bag.unit.check} /></span>
                    <span>{componentName(bag.unit.component)}</span>
                    <span className="ms-auto flex flex-wrap items-center gap-3">
                      {(p.issuedAt !== null || bag.fate !== null) && <Fate bag={bag} />}
                      {bag.fate === "transfused" && gives && row.status !== "closed" && <Button size="sm" onPress={() => setDoing({ what: "withdraw", bag })}>{m.massive_withdraw()}<span className="hs-vh"> {groupDin(bag.unit.din)}</span></Button>}
                      {bag.fate === null && gives && row.status !== "closed" && <Button size="sm" onPress={() => setDoing({ what: "account", bag })}>{m.massive_account()}<span className="hs-vh"> {groupDin(bag.unit.din)}</span></Button>}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
        <SidePanel label={m.massive_group()}>
          <section>
            <SectionHead title={m.massive_group()} />
            <div className="grid justify-items-start gap-2 px-4 py-3">
              {view.currentGroup ? <BloodGroup group={view.currentGroup} size="xl" /> : <Status kind="caution" wrap>{m.massive_group_none()}</Status>}
              {active && gives && <Button onPress={() => setDoing({ what: "group" })}>{m.massive_group_note()}</Button>}
              {view.rhdSwitchedAt && <Status kind="caution" wrap>{m.massive_switched()} <ClinicalTime value={view.rhdSwitchedAt} /></Status>}
            </div>
          </section>
          <section><SectionHead title={m.massive_record_group()} /><GroupCard group={view.group} antiDEver={false} /></section>
        </SidePanel>
      </div>
      {doing?.what === "issue" && <IssueDialog protocol={row.id} pack={doing.pack} onClose={stop} />}
      {doing?.what === "account" && <AccountDialog protocol={row.id} bag={doing.bag} onClose={stop} />}
      {doing?.what === "withdraw" && <ReasonDialog title={m.massive_withdraw_title({ fate: doing.bag.fate ? fateWord(doing.bag.fate) : "" })} text={`${groupDin(doing.bag.unit.din)}. ${m.massive_withdraw_text()}`} act={m.massive_withdraw()} keep={m.massive_cancel()} pending={withdraw.isPending} error={withdraw.error} onClose={stop} onReason={(reason) => withdraw.mutate({ protocol: row.id, unit: doing.bag.unit.id, reason })} />}
      {doing?.what === "end" && <Ask title={m.massive_end_title()} act={m.massive_end()} danger keep={m.massive_end_keep()} pending={end.isPending} error={refusal(end.error)} onClose={stop} onSubmit={() => end.mutate({ id: row.id })}><p>{m.massive_end_text()}</p></Ask>}
      {doing?.what === "group" && <GroupDialog protocol={row.id} onClose={stop} />}
      {doing?.what === "switch" && <ReasonDialog title={m.massive_switch()} text={view.prompts.find((p) => p.prompt === "switch_rhd_positive") ? promptWord(view.prompts.find((p) => p.prompt === "switch_rhd_positive")!) : ""} act={m.massive_switch_save()} danger keep={m.massive_cancel()} pending={change.isPending} error={change.error} onClose={stop} onReason={(reason) => change.mutate({ protocol: row.id, reason })} />}
    </>
  );
}

/** RhD-positive red cells for somebody in whom anti-D does harm: said before the pack is made up, not at its issue. */
function harms(view: ProtocolView, { unit, reasons }: PackProposal): boolean {
  const guarded = view.currentGroup ? view.currentGroup.rhd === "negative" : reasons.some((r) => r.args.protected === "true");
  return guarded && unit.group.rhd === "positive" && carriesRedCells(unit.component);
}

function Fate({ bag }: { bag: PackBag }) {
  if (bag.fate) return <Status kind="good">{fateWord(bag.fate)}</Status>;
  if (bag.known) return <Status kind="notice">{m.massive_fate_known({ fate: fateWord(bag.known) })}</Status>;
  return <Status kind="caution">{m.massive_fate_open()}</Status>;
}
