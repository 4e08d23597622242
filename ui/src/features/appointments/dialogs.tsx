import { useEffect, useState } from "react";
import { useCommand, useSend } from "../../backend";
import { formatDay, formatName, ltr } from "../../clinical";
import { DateField, RadioGroup, SearchField, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { AppointmentRow, DonorRow } from "../../wire";
import { Ask, refusal } from "../requests/parts";
import { readTime } from "../requests/time";

/** A donor found by name, number or telephone; the choice stands below the search. */
function DonorPick({ value, onChange, error, find = "" }: { value: DonorRow | null; onChange(donor: DonorRow): void; error?: string; find?: string }) {
  const [text, setText] = useState(find);
  const [asked, setAsked] = useState(find);
  useEffect(() => { const timer = setTimeout(() => setAsked(text.trim()), 150); return () => clearTimeout(timer); }, [text]);
  const found = useCommand("donor.search", { text: asked, limit: 6 }, { enabled: asked !== "", keepPrevious: true });
  const rows = asked ? (found.data?.rows ?? []) : value ? [value] : [];
  return (
    <div className="grid gap-2">
      <SearchField label={m.appointments_donor()} hideLabel={false} placeholder={m.appointments_donor_find()} value={text} onChange={setText} autoFocus />
      {asked && found.data && rows.length === 0 && <p className="text-ink-2" role="status">{m.appointments_donor_none()}</p>}
      {refusal(found.error)}
      {rows.length > 0 && (
        <RadioGroup stacked label={m.appointments_donor()} options={rows.map((r) => ({ id: r.id, label: formatName({ ...r, title: null }), sub: `${r.number} · ${nextOf(r)}` }))} value={value?.id ?? null} onChange={(id) => { const row = rows.find((r) => r.id === id); if (row) onChange(row); }} />
      )}
      {error && <p role="alert"><Status kind="critical">{error}</Status></p>}
    </div>
  );
}

const nextOf = (r: DonorRow) => (r.next.on === null ? m.appointments_donor_not() : m.appointments_donor_from({ day: ltr(formatDay(r.next.on) ?? r.next.on) }));

/** `find`: the number of the donor who said that they come; `onBooked`: the day that was booked. */
export function BookDialog({ day: first, find, onBooked, onClose }: { day: string; find?: string; onBooked(day: string): void; onClose(): void }) {
  const [donor, setDonor] = useState<DonorRow | null>(null);
  const [day, setDay] = useState<string | null>(first);
  const [time, setTime] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("appointment.book", { onDone: () => day && onBooked(day) });
  const at = readTime(time);
  return (
    <Ask title={m.appointments_book()} act={m.appointments_book_save()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (donor && day && at) send.mutate({ donor: donor.id, kind: "whole_blood", wall: `${day}T${at}` }); }}>
      <DonorPick value={donor} onChange={setDonor} find={find} error={tried && !donor ? m.appointments_donor_need() : undefined} />
      <When day={day} time={time} onDay={setDay} onTime={setTime} tried={tried} />
    </Ask>
  );
}

export function MoveDialog({ row, onClose }: { row: AppointmentRow; onClose(): void }) {
  const [day, setDay] = useState<string | null>(null);
  const [time, setTime] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("appointment.move", { onDone: onClose });
  const at = readTime(time);
  return (
    <Ask title={m.appointments_move_title({ name: row.donorName })} act={m.appointments_move_save()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (day && at) send.mutate({ appointment: row.id, wall: `${day}T${at}` }); }}>
      <When day={day} time={time} onDay={setDay} onTime={setTime} tried={tried} />
    </Ask>
  );
}

function When({ day, time, onDay, onTime, tried }: { day: string | null; time: string; onDay(day: string | null): void; onTime(time: string): void; tried: boolean }) {
  return (
    <div className="grid grid-cols-2 gap-3 max-[700px]:grid-cols-1">
      <DateField label={m.appointments_day()} value={day} onChange={onDay} error={tried && !day ? m.appointments_day_need() : undefined} />
      <TextField label={m.appointments_time()} hint={m.appointments_time_hint()} mono value={time} onChange={onTime} maxLength={5} autoComplete="off" error={tried && !readTime(time) ? m.appointments_time_need() : undefined} />
    </div>
  );
}

export function WalkInDialog({ onClose }: { onClose(): void }) {
  const [donor, setDonor] = useState<DonorRow | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("appointment.walk_in", { onDone: onClose });
  return (
    <Ask title={m.appointments_walk_in_title()} act={m.appointments_walk_in_save()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (donor) send.mutate({ donor: donor.id, kind: "whole_blood" }); }}>
      <DonorPick value={donor} onChange={setDonor} error={tried && !donor ? m.appointments_donor_need() : undefined} />
    </Ask>
  );
}
