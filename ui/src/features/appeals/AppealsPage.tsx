import { AppLink, ErrorBlock, useGo, useMay } from "../../app";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalTime, componentName } from "../../clinical";
import { Bar, Button, Empty, Loading, PageHead, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { AppealDue, AppealRow, BloodGroup as Group } from "../../wire";
import { LeftOut } from "../bloodbank/LeftOut";
import { urgencyKind, urgencyWord } from "../requests/words";
import { Again } from "./Again";
import { DonorTabs } from "./DonorTabs";
import { Messages } from "./Messages";
import { stateKind, stateWords } from "./words";

/** What is missing, what was asked, and what waits to leave. */
export function AppealsPage() {
  const list = useCommand("appeal.list", {}, { keepPrevious: true });
  const outbox = useCommand("message.list", {}, { keepPrevious: true });
  const go = useGo();
  const may = useMay();
  const ask = may("ask_donors");
  const button = ask && <Button variant="primary" icon="plus" onPress={() => go("/appeals/new")}>{m.appeals_ask()}</Button>;
  const due = list.data?.due ?? [];
  const rows = list.data?.rows ?? [];
  const waiting = outbox.data?.rows ?? [];
  return (
    <>
      <PageHead title={m.appeals_title()} tabs={<DonorTabs />} actions={button} />
      <LeftOut count={outbox.data?.leftOut} />
      {list.isPending && <div className="p-4"><Loading label={m.appeals_reading()} lines={5} /></div>}
      {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.appeals_failed()} actions={<Button onPress={() => void list.refetch()}>{m.appeals_try_again()}</Button>} /></div>}
      {list.data && (
        <div className="relative min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.appeals_title()}>
          {list.data.channels.length === 0 && <Bar kind="caution">{m.appeals_no_channel()}</Bar>}
          {due.length > 0 && (
            <section>
              <SectionHead title={m.appeals_due()} note={m.appeals_due_note()} />
              <ul className="m-0 list-none p-0">{due.map((d) => <Due key={d.request} due={d} onAsk={ask ? () => go("/appeals/new", { request: d.request }) : null} />)}</ul>
            </section>
          )}
          <section>
            <SectionHead title={m.appeals_list()} note={String(rows.length)} />
            {rows.length === 0
              ? <div className="p-4"><Empty title={m.appeals_none()} action={button || undefined}>{m.appeals_none_text()}</Empty></div>
              : <ul className="m-0 list-none p-0">{rows.map((r) => <Appeal key={r.id} appeal={r} />)}</ul>}
          </section>
          {may("register_donors") && <Again />}
          <section>
            <SectionHead title={m.appeals_outbox()} note={outbox.data && String(waiting.length)} />
            {/* What could not be read must not look like nothing. */}
            {outbox.error ? <div className="p-4"><ErrorBlock error={outbox.error} title={m.appeals_outbox_failed()} actions={<Button onPress={() => void outbox.refetch()}>{m.appeals_try_again()}</Button>} /></div>
              : !outbox.data ? <div className="p-4"><Loading label={m.appeals_reading()} lines={2} /></div>
              : waiting.length === 0
              ? <p className="px-4 py-3 text-ink-2"><b>{m.appeals_outbox_none()}.</b> {m.appeals_outbox_none_text()}</p>
              : <Messages rows={waiting} label={m.appeals_outbox()} />}
          </section>
        </div>
      )}
    </>
  );
}

export function Groups({ groups }: { groups: readonly Group[] }) {
  return <span className="flex flex-wrap gap-x-3 gap-y-1">{groups.map((g) => <BloodGroup key={`${g.abo} ${g.rhd}`} group={g} size="sm" />)}</span>;
}

function Due({ due, onAsk }: { due: AppealDue; onAsk: (() => void) | null }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_auto] items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 max-[900px]:grid-cols-1">
      <span className="grid justify-items-start gap-1">
        <b className="text-lg">{componentName(due.component)}</b>
        <Status kind={urgencyKind(due.urgency)}>{urgencyWord(due.urgency)}</Status>
        <Status kind="critical">{m.appeals_due_missing({ count: due.missing })}</Status>
      </span>
      <span className="grid justify-items-start gap-1">
        <span className="hs-meta">{m.appeals_groups_help()}</span>
        <Groups groups={due.groups} />
        <span>{m.appeals_due_by()} <ClinicalTime value={due.neededBy} always="date-time" /></span>
      </span>
      <span className="flex flex-wrap justify-end gap-2">
        <AppLink to={`/requests/${due.request}`} className="hs-btn">{m.appeals_due_request()}</AppLink>
        {onAsk && <Button variant="primary" onPress={onAsk}>{m.appeals_ask()}</Button>}
      </span>
    </li>
  );
}

function Appeal({ appeal: a }: { appeal: AppealRow }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_auto] items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 max-[900px]:grid-cols-1">
      <span className="grid justify-items-start gap-1">
        <AppLink to={`/appeals/${a.id}`} className="hs-link font-strong">{componentName(a.component)}</AppLink>
        <Groups groups={a.groups} />
      </span>
      <span className="grid justify-items-start gap-0.5">
        <bdi className="[overflow-wrap:anywhere]">{a.reason}</bdi>
        <span className="hs-meta">{m.appeals_started()} <ClinicalTime value={a.startedAt} always="date-time" /> · {m.appeals_by({ who: a.startedBy })}</span>
        <span>{m.appeals_counts({ asked: a.asked, waiting: a.waiting, yes: a.yes, wanted: a.wanted, came: a.came })}</span>
      </span>
      <Status kind={stateKind(a.state)}>{stateWords[a.state]()}</Status>
    </li>
  );
}
