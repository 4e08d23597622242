import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenSearch } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalTime, formatDay, Identifier, ltr, usePlace } from "../../clinical";
import { Button, Chip, DateField, Empty, Loading, PageHead, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { AppointmentRow } from "../../wire";
import { DonorTabs } from "../appeals/DonorTabs";
import { messageKind, messageWords } from "../appeals/words";
import { kindWord } from "../donors/words";
import { ReasonDialog, refusal } from "../requests/parts";
import { BookDialog, MoveDialog, WalkInDialog } from "./dialogs";

type Open = { what: "book" | "walk_in" } | { what: "move" | "off"; row: AppointmentRow };

/** The day after or before one, `2026-11-20`. */
export function dayFrom(day: string, by: number): string {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + by);
  return at.toISOString().slice(0, 10);
}

/** One day of the donor desk: who is expected, who is there, who stayed away. */
export function AppointmentsPage() {
  const [search, setSearch] = useScreenSearch();
  const list = useCommand("appointment.list", { day: search.day ?? null }, { keepPrevious: true });
  const may = useMay();
  // From the answer of a donor who said that they come: the number of the donor.
  const book = search.book;
  const [open, setOpen] = useState<Open | null>(book ? { what: "book" } : null);
  const close = () => { setOpen(null); if (book) setSearch({ book: undefined }); };
  const day = list.data?.day ?? search.day ?? "";
  const today = list.data?.today ?? "";
  const rows = list.data?.rows ?? [];
  const count = (state: AppointmentRow["state"]) => rows.filter((r) => r.state === state).length;
  const to = (next: string | null) => setSearch({ day: next === today ? undefined : next ?? undefined, book: undefined });
  const desk = may("register_donors");
  return (
    <>
      <PageHead
        title={m.appointments_title()}
        tabs={<DonorTabs />}
        actions={desk && <><Button onPress={() => setOpen({ what: "walk_in" })}>{m.appointments_walk_in()}</Button><Button variant="primary" icon="plus" onPress={() => setOpen({ what: "book" })}>{m.appointments_book()}</Button></>}
      />
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-4 py-3">
        <div className="max-w-[320px]"><DateField label={m.appointments_day()} value={day || null} onChange={(next) => next && to(next)} /></div>
        {day && (
          <>
            <Button className="mt-5" onPress={() => to(dayFrom(day, -1))}>{m.appointments_before()}</Button>
            <Button className="mt-5" onPress={() => to(today)}>{m.appointments_today()}</Button>
            <Button className="mt-5" onPress={() => to(dayFrom(day, 1))}>{m.appointments_after()}</Button>
          </>
        )}
        <p className="mt-[26px] min-h-5 text-ink-2" role="status">{list.data && m.appointments_count({ booked: count("booked"), came: count("came"), missed: count("did_not_come") })}</p>
      </div>
      {list.isPending && <div className="p-4"><Loading label={m.appointments_reading()} lines={5} /></div>}
      {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.appointments_failed()} actions={<Button onPress={() => void list.refetch()}>{m.appointments_try_again()}</Button>} /></div>}
      {list.data && (
        <div className="relative min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.appointments_title()}>
          <SectionHead title={ltr(formatDay(day) ?? day)} note={String(rows.length)} />
          {rows.length === 0
            ? <div className="p-4"><Empty title={m.appointments_none()}>{m.appointments_none_text()}</Empty></div>
            : <ul className="m-0 list-none p-0">{rows.map((r) => <Expected key={r.id} row={r} isToday={day === today} onOpen={setOpen} />)}</ul>}
        </div>
      )}
      {open?.what === "book" && list.data && <BookDialog day={day > today ? day : dayFrom(today, 1)} find={book} onBooked={(booked) => { setOpen(null); to(booked); }} onClose={close} />}
      {open?.what === "walk_in" && <WalkInDialog onClose={close} />}
      {open?.what === "move" && <MoveDialog row={open.row} onClose={close} />}
      {open?.what === "off" && <OffDialog row={open.row} onClose={close} />}
    </>
  );
}

/** One donor of the day, with the next act as the first button. */
function Expected({ row: r, isToday, onOpen }: { row: AppointmentRow; isToday: boolean; onOpen(open: Open): void }) {
  const may = useMay();
  const go = useGo();
  const place = usePlace();
  const came = useSend("appointment.came");
  const missed = useSend("appointment.missed");
  const late = r.state === "booked" && r.at < place.now;
  const who = <span className="hs-vh"> {r.donorName}</span>;
  return (
    <li className="grid grid-cols-[90px_minmax(0,1fr)_minmax(0,1fr)_minmax(0,460px)] items-start gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 max-[1100px]:grid-cols-[90px_minmax(0,1fr)] max-[700px]:grid-cols-1">
      <span className="text-xl font-strong"><ClinicalTime value={r.at} always="time" /></span>
      <span className="grid justify-items-start gap-0.5">
        <AppLink to={`/donors/${r.donor}`} className="hs-link font-strong"><bdi className="[overflow-wrap:anywhere]">{r.donorName}</bdi></AppLink>
        <span className="flex flex-wrap items-center gap-x-2"><Identifier>{r.donorNumber}</Identifier>{r.similarName && <Chip kind="caution">{m.appointments_similar()}</Chip>}</span>
        <span>{kindWord(r.kind)}</span>
      </span>
      <span className="grid justify-items-start gap-0.5">
        <State row={r} late={late} />
        {r.walkIn && <span className="hs-meta">{m.appointments_was_walk_in()}</span>}
        {r.moved > 0 && <span className="hs-meta">{m.appointments_moved({ count: r.moved })}</span>}
        {r.state === "booked" && (r.reminder
          ? <span className="flex flex-wrap items-center gap-x-2 hs-meta">{m.appointments_reminder()} <Status kind={messageKind(r.reminder)} wrap>{messageWords[r.reminder]()}</Status></span>
          : <span className="hs-meta">{m.appointments_reminder_none()}</span>)}
      </span>
      <span className="grid justify-items-end gap-2 max-[1100px]:col-span-2 max-[1100px]:justify-items-start max-[700px]:col-span-1">
        <span className="flex flex-wrap justify-end gap-2 max-[1100px]:justify-start">
          {may("register_donors") && r.state === "booked" && (isToday || late) && <Button variant="primary" pending={came.isPending} onPress={() => came.mutate({ id: r.id })}>{m.appointments_came()}{who}</Button>}
          {may("register_donors") && late && <Button pending={missed.isPending} onPress={() => missed.mutate({ id: r.id })}>{m.appointments_missed()}{who}</Button>}
          {may("register_donors") && r.state === "did_not_come" && isToday && <Button pending={came.isPending} onPress={() => came.mutate({ id: r.id })}>{m.appointments_came()}{who}</Button>}
          {may("screen_donors") && r.state === "came" && isToday && <Button variant="primary" onPress={() => go(`/donors/${r.donor}/screen`)}>{m.appointments_screen()}{who}</Button>}
          {may("register_donors") && r.state === "booked" && <><Button onPress={() => onOpen({ what: "move", row: r })}>{m.appointments_move()}{who}</Button><Button variant="quiet" onPress={() => onOpen({ what: "off", row: r })}>{m.appointments_call_off()}{who}</Button></>}
        </span>
        {refusal(came.error ?? missed.error)}
      </span>
    </li>
  );
}

function State({ row: r, late }: { row: AppointmentRow; late: boolean }) {
  switch (r.state) {
    case "booked": return late ? <Status kind="caution">{m.appointments_state_late()}</Status> : <Status kind="notice">{m.appointments_state_booked()}</Status>;
    case "came": return <span className="flex flex-wrap items-center gap-x-2"><Status kind="good">{m.appointments_state_came()}</Status> <ClinicalTime value={r.cameAt} /></span>;
    case "did_not_come": return <Status kind="inactive">{m.appointments_state_did_not_come()}</Status>;
    case "cancelled": return <Status kind="inactive" wrap>{m.appointments_state_cancelled({ reason: r.cancelReason ?? "" })}</Status>;
  }
}

function OffDialog({ row, onClose }: { row: AppointmentRow; onClose(): void }) {
  const send = useSend("appointment.cancel", { onDone: onClose });
  return <ReasonDialog title={m.appointments_off_title({ name: row.donorName })} text={m.appointments_off_reason()} act={m.appointments_off_save()} danger keep={m.appointments_off_keep()} pending={send.isPending} error={send.error} onClose={onClose} onReason={(reason) => send.mutate({ appointment: row.id, reason })} />;
}
