import { useState } from "react";
import { useStatus } from "../../app";
import { useCommand } from "../../backend";
import { ClinicalTime, dayOf, usePlace } from "../../clinical";
import { Button, Checkbox, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Code, CommandError, Happened, HappenedRow, Override, SecondPerson } from "../../wire";
import { ruleWords, valueWords } from "../account/ruleWords";
import { nobody, secondReady, SecondPersonFields } from "../bloodbank/common";
import { ruleTitle } from "../bloodbank/words";
import { MomentFields } from "../requests/parts";
import { readTime } from "../requests/time";

/** Shorter is no reason that somebody understands in a year. */
const shortest = 10;

/** What stands on the downtime form beside the act itself, as far as it is entered. */
export interface LaterEntry { day: string | null; time: string; by: string | null; second: string | null; reason: string }

/** Off: it happens now. */
export type Later = LaterEntry | null;

/** What is still missing; none: it can be sent. */
export function lacks(entry: Later, two = false): string | undefined {
  if (!entry) return undefined;
  if (!entry.day || readTime(entry.time) === null) return m.downtime_need_when();
  if (!entry.by) return m.downtime_need_by();
  if (two && !entry.second) return m.downtime_need_second();
  return entry.reason.trim().length < shortest ? m.downtime_need_reason() : undefined;
}

/** For the store; absent while it happens now, or is not whole. */
export function sent(entry: Later, two = false): { happened?: Happened } {
  if (!entry || lacks(entry, two)) return {};
  return { happened: { wall: `${entry.day}T${readTime(entry.time)}`, reason: entry.reason.trim(), by: entry.by ?? "", ...(two && entry.second ? { second: entry.second } : {}) } };
}

/** An entry that is open, with today's date. */
export function useLater(): { open(): LaterEntry } {
  const place = usePlace();
  return { open: () => ({ day: dayOf(place.now, place.zone) ?? null, time: "", by: null, second: null, reason: "" }) };
}

/**
 * One field for every act that paper may tell of: off until somebody says that it happened earlier. Then when, by
 * whose hand, and from which form. The act itself is entered as it always is.
 */
export function LaterFields({ entry, onChange, two = false, tried = false, fixed = false }: { entry: Later; onChange(next: Later): void; two?: boolean; tried?: boolean; fixed?: boolean }) {
  const { open } = useLater();
  const me = useStatus().session?.displayName;
  const staff = useCommand("staff.names", {}, { enabled: entry !== null });
  const people = (staff.data ?? []).map((s) => ({ id: s.user, label: s.name }));
  const put = (part: Partial<LaterEntry>) => entry && onChange({ ...entry, ...part });
  const when = entry !== null && (!entry.day || readTime(entry.time) === null);
  return (
    <div className="grid gap-3">
      {!fixed && <Checkbox isSelected={entry !== null} onChange={(on) => onChange(on ? open() : null)} sub={m.downtime_sub()}>{m.downtime_on()}</Checkbox>}
      {entry && (
        <fieldset className="m-0 grid gap-3 border-2 border-caution p-3">
          <legend className="px-1 font-strong">{m.downtime_title()}</legend>
          <MomentFields
            day={entry.day}
            time={entry.time}
            onDay={(day) => put({ day })}
            onTime={(time) => put({ time })}
            dayLabel={m.downtime_day()}
            timeLabel={m.downtime_time()}
            dayError={tried && when && !entry.day ? m.downtime_need_when() : undefined}
            timeError={tried && when && entry.day ? m.downtime_need_when() : undefined}
          />
          <div className="grid grid-cols-2 gap-3 max-[700px]:grid-cols-1">
            <Select label={two ? m.downtime_first() : m.downtime_by()} options={people} value={entry.by} onChange={(by) => put({ by })} error={tried && !entry.by ? m.downtime_need_by() : undefined} />
            {two && <Select label={m.downtime_second()} options={people} value={entry.second} onChange={(second) => put({ second })} error={tried && !entry.second ? m.downtime_need_second() : undefined} />}
          </div>
          <TextField label={m.downtime_reason()} hint={m.downtime_reason_hint()} value={entry.reason} onChange={(reason) => put({ reason })} lines={2} error={tried && entry.reason.trim().length < shortest ? m.downtime_need_reason() : undefined} />
          <RulesOfTheDay entry={entry} />
          <p className="hs-meta">{m.downtime_entered_by({ name: me ?? "" })}</p>
        </fieldset>
      )}
    </div>
  );
}

/** By which rules it will be judged, where those of its day are not those of today. */
function RulesOfTheDay({ entry }: { entry: LaterEntry }) {
  const time = readTime(entry.time);
  const asked = useCommand("late.rules", { wall: `${entry.day}T${time}` }, { enabled: entry.day !== null && time !== null });
  if (!asked.data || asked.data.version === asked.data.today) return null;
  const { version, today, changed } = asked.data;
  return (
    <div role="status" className="grid gap-1">
      <Status kind="caution" wrap>{m.downtime_rules({ version, today })}</Status>
      {changed.length > 0 && (
        <ul className="m-0 grid gap-0.5 ps-5 text-sm">
          {changed.map((c) => <li key={c.name} className="[overflow-wrap:anywhere]">{m.downtime_rules_changed({ rule: ruleWords(c.name), then: valueWords(c.name, c.then), now: valueWords(c.name, c.now) })}</li>)}
        </ul>
      )}
    </div>
  );
}

/** What paper tells of against a rule: it is named, somebody stands for the entry, and it is kept. */
export function AgainstRules({ error, pending, mayPass, onPass }: { error: CommandError; pending: boolean; mayPass: boolean; onPass(override: Override, second: SecondPerson): void }) {
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState<SecondPerson>(nobody);
  const [tried, setTried] = useState(false);
  const ready = reason.trim().length >= shortest && secondReady(second);
  return (
    <div role="alert" className="grid max-w-[620px] gap-3 border-2 border-critical p-3">
      <b>{m.downtime_against_title()}</b>
      <RuleNames codes={error.rules ?? []} />
      <p>{m.downtime_against_text()}</p>
      {!mayPass && <Status kind="caution" wrap>{m.downtime_against_who()}</Status>}
      {mayPass && (
        <>
          <TextField label={m.downtime_against_reason()} value={reason} onChange={setReason} lines={2} error={tried && reason.trim().length < shortest ? m.downtime_need_reason() : undefined} />
          <SecondPersonFields value={second} onChange={setSecond} error={null} tried={tried} />
          <span><Button variant="danger" size="lg" pending={pending} onPress={() => { setTried(true); if (ready) onPass({ rules: error.rules ?? [], reason: reason.trim() }, { ...second, user: second.user.trim() }); }}>{m.downtime_against_keep()}</Button></span>
        </>
      )}
    </div>
  );
}

/** Rules that something on paper broke, by name. */
export function RuleNames({ codes, kind = "critical" }: { codes: readonly Code[]; kind?: "critical" | "caution" }) {
  const place = usePlace();
  return <ul className="m-0 grid list-none gap-1 p-0">{codes.map((code) => <li key={code}><Status kind={kind} wrap>{ruleTitle(code, { unit: null, patient: null, ...place })}</Status></li>)}</ul>;
}

/** In a record: when it happened and by whose hand, beside when it was entered. */
export function HappenedLine({ happened, enteredBy, enteredAt }: { happened?: HappenedRow | null; enteredBy: string; enteredAt: string }) {
  if (!happened) return null;
  return (
    <span className="block text-sm break-words text-ink-2">
      <Status kind="caution" wrap>{m.downtime_line()}</Status>{" "}
      {m.downtime_line_happened()} <ClinicalTime value={happened.at} always="date-time" />, <bdi>{happened.by}</bdi>. {m.downtime_line_entered()} <ClinicalTime value={enteredAt} always="date-time" />, <bdi>{enteredBy}</bdi>.
      {happened.reason && <> <bdi>{happened.reason}</bdi></>}
      {happened.rulesVersion != null && <> {m.downtime_line_rules({ version: happened.rulesVersion })}</>}
      {happened.againstToday && happened.againstToday.length > 0 && <span className="block"><b>{m.downtime_line_today()}</b><RuleNames codes={happened.againstToday} kind="caution" /></span>}
    </span>
  );
}
