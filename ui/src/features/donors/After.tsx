import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useScreenParams } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalDate, ClinicalTime, DonationNumber, formatDay, formatName, Identifier, ltr } from "../../clinical";
import { Button, DateField, Dialog, Loading, PageHead, RadioGroup, SectionHead, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { AfterGiving, DonationKind, DonationRow, DonorEvent, DonorLine, DonorVerdict, DonorView, HealthView, HoldView } from "../../wire";
import { Ask } from "./dialogs";
import { isThere, nobody, Second, secondSent } from "./Second";
import { codeWord, holdWord, kinds, kindWord, verdictWord } from "./words";

export const afterGiving: readonly AfterGiving[] = ["fever", "diarrhoea", "infection", "test_elsewhere", "risk", "medicine", "vaccine", "travel", "other"];
const after: Record<AfterGiving, () => string> = {
  fever: m.donor_after_fever, diarrhoea: m.donor_after_diarrhoea, infection: m.donor_after_infection, test_elsewhere: m.donor_after_test_elsewhere, risk: m.donor_after_risk,
  medicine: m.donor_after_medicine, vaccine: m.donor_after_vaccine, travel: m.donor_after_travel, other: m.donor_after_other,
};
const afterWord = (what: string) => after[what as AfterGiving]?.() ?? what;
const day = (iso: string | undefined) => (iso ? ltr(formatDay(iso) ?? iso) : "");

/** A donor says later what would have mattered: everything of the donation is stopped, and the dialog says what was. */
export function ReportDialog({ donor, donation, onClose }: { donor: DonorView; donation: DonationRow; onClose(): void }) {
  const [what, setWhat] = useState<AfterGiving | null>(null);
  const [note, setNote] = useState("");
  const [defer, setDefer] = useState<string | null>(null);
  const [happened, setHappened] = useState<string | null>(donor.today);
  const [tried, setTried] = useState(false);
  const send = useSend("donation.report");
  const codes = donor.deferralCodes.map((id) => ({ id, label: codeWord(id) })).sort((a, b) => a.label.localeCompare(b.label));
  const toCome = happened !== null && happened > donor.today;
  const needsNote = what === "other" && !note.trim();
  if (send.data) {
    const { recall, bags, issued } = send.data;
    return (
      <Dialog isOpen onClose={onClose} title={m.donor_after_title()} footer={<Button variant="primary" onPress={onClose}>{m.donor_after_close()}</Button>}>
        <div className="grid gap-3" role="status">
          <Status kind="good">{m.donor_after_saved()}</Status>
          {recall ? (
            <>
              <p>{m.donor_after_stopped({ bags })}</p>
              {issued > 0 && <Status kind="critical" wrap>{m.donor_after_issued({ issued })}</Status>}
              <AppLink to={`/blood/recall/${recall}`} className="hs-link">{m.donor_after_recall()}</AppLink>
            </>
          ) : <p>{m.donor_after_none()}</p>}
        </div>
      </Dialog>
    );
  }
  return (
    <Ask title={m.donor_after_title()} act={m.donor_after_save()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (what && !needsNote && (!defer || (happened && !toCome))) send.mutate({ donation: donation.id, what, note: note.trim() || null, defer, happened: defer ? happened : null }); }}>
      <p><DonationNumber din={donation.din} check={donation.check} size="lg" /></p>
      <p className="text-ink-2">{m.donor_after_text()}</p>
      <Select<AfterGiving> label={m.donor_after_what()} options={afterGiving.map((id) => ({ id, label: afterWord(id) }))} value={what} onChange={setWhat} error={tried && !what ? m.donor_after_need() : undefined} autoFocus />
      <TextField label={m.donor_after_note()} hint={what === "other" ? undefined : m.donor_optional()} value={note} onChange={setNote} lines={2} error={tried && needsNote ? m.donor_after_need() : undefined} />
      <Select label={m.donor_after_defer()} options={[{ id: "none", label: m.donor_after_defer_not() }, ...codes]} value={defer ?? "none"} onChange={(code) => setDefer(code === "none" ? null : code)} />
      {defer && <DateField label={m.donor_defer_happened()} value={happened} onChange={setHappened} error={toCome ? m.design_date_to_come() : tried && !happened ? m.donor_defer_need() : undefined} />}
    </Ask>
  );
}

/** A hold goes by its name, by two people; what the donor excluded and what is reactive, by nobody. */
export function HoldLiftDialog({ donation, hold, onClose }: { donation: DonationRow; hold: HoldView; onClose(): void }) {
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const send = useSend("donation.lift", { onDone: onClose });
  return (
    <Ask title={m.donor_hold_lift()} act={m.donor_hold_lift()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (reason.trim() && isThere(second)) send.mutate({ donation: donation.id, hold: hold.cause, reason: reason.trim(), second: secondSent(second) }); }}>
      <p><DonationNumber din={donation.din} check={donation.check} size="lg" /></p>
      <p className="font-strong">{holdWord(hold.reason)}</p>
      <TextField label={m.donor_lift_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.donor_lift_need() : undefined} autoFocus />
      <Second value={second} onChange={setSecond} tried={tried} />
    </Ask>
  );
}

type Returned = "yes" | "no" | "unknown";

/** What was given elsewhere counts from now on, as if it had been given here. */
export function ElsewhereDialog({ donor, onClose }: { donor: DonorView; onClose(): void }) {
  const [kind, setKind] = useState<DonationKind>("whole_blood");
  const [on, setOn] = useState<string | null>(null);
  const [place, setPlace] = useState("");
  const [returned, setReturned] = useState<Returned>("unknown");
  const [tried, setTried] = useState(false);
  const send = useSend("donor.elsewhere", { onDone: onClose });
  const asked = kind === "platelets" || kind === "plasma";
  return (
    <Ask title={m.donor_elsewhere()} act={m.donor_elsewhere_save()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (on && on <= donor.today && place.trim()) send.mutate({ donor: donor.row.id, kind, on, place: place.trim(), redCellsReturned: asked && returned !== "unknown" ? returned === "yes" : null }); }}>
      <p className="text-ink-2">{m.donor_elsewhere_text()}</p>
      <RadioGroup<DonationKind> stacked label={m.donor_screen_kind()} options={kinds.map((id) => ({ id, label: kindWord(id) }))} value={kind} onChange={setKind} />
      <DateField label={m.donor_elsewhere_on()} value={on} onChange={setOn} error={on && on > donor.today ? m.design_date_to_come() : tried && !on ? m.donor_elsewhere_need() : undefined} />
      <TextField label={m.donor_elsewhere_place()} value={place} onChange={setPlace} autoComplete="off" error={tried && !place.trim() ? m.donor_elsewhere_need() : undefined} />
      {asked && <RadioGroup<Returned> stacked label={m.donor_end_returned()} options={[{ id: "yes", label: m.donor_end_returned_yes() }, { id: "no", label: m.donor_end_returned_no() }, { id: "unknown", label: m.donor_end_returned_unknown() }]} value={returned} onChange={setReturned} />}
    </Ask>
  );
}

type Said = "yes" | "no" | "unknown";
const said = (value: boolean | null): Said => (value === null ? "unknown" : value ? "yes" : "no");
const meant = (value: Said): boolean | null => (value === "unknown" ? null : value === "yes");
export const saidWord = (value: boolean | null) => (value === null ? m.donor_health_unknown() : value ? m.donor_yes() : m.donor_no());

export function HealthDialog({ donor, health, onClose }: { donor: DonorView; health: HealthView; onClose(): void }) {
  const [pregnant, setPregnant] = useState(said(health.everPregnant));
  const [menopause, setMenopause] = useState(said(health.afterMenopause));
  const [hla, setHla] = useState(said(health.hlaNegative));
  const send = useSend("donor.health", { onDone: onClose });
  const man = donor.row.sex === "male";
  const options = [{ id: "yes" as const, label: m.donor_yes() }, { id: "no" as const, label: m.donor_no() }, { id: "unknown" as const, label: m.donor_health_unknown() }];
  return (
    <Ask title={m.donor_health()} act={m.donor_health_save()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => send.mutate({ donor: donor.row.id, health: { everPregnant: meant(pregnant), afterMenopause: meant(menopause), hlaNegative: meant(hla) } })}>
      <p className="text-ink-2">{m.donor_health_text()}</p>
      {!man && <RadioGroup<Said> label={m.donor_health_pregnant()} options={options} value={pregnant} onChange={setPregnant} />}
      {!man && <RadioGroup<Said> label={m.donor_health_menopause()} options={options} value={menopause} onChange={setMenopause} />}
      <RadioGroup<Said> label={m.donor_health_hla()} options={options} value={hla} onChange={setHla} />
    </Ask>
  );
}

/** Every determination of the group, and what was told after giving. */
export function Kept({ donor }: { donor: DonorView }) {
  return (
    <>
      <SectionHead title={m.donor_groups()} note={String(donor.groups.length)} />
      {donor.groups.length === 0 ? <p className="p-4 text-ink-2">{m.donor_groups_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {donor.groups.map((g) => <li key={g.at + (g.din ?? "")} className="flex flex-wrap items-center gap-x-3 border-b border-line px-4 py-2"><BloodGroup group={g.group} size="sm" /><ClinicalTime value={g.at} />{g.din && <span className="text-ink-2">{m.donor_groups_from()} <Identifier>{g.din}</Identifier></span>}</li>)}
        </ul>
      )}
      {donor.told.length > 0 && (
        <>
          <SectionHead title={m.donor_told()} note={String(donor.told.length)} />
          <ul className="m-0 list-none p-0">
            {donor.told.map((t) => <li key={t.at + t.din} className="flex flex-wrap items-center gap-x-3 border-b border-line px-4 py-2"><b>{afterWord(t.what)}</b>{t.note && <span>{t.note}</span>}<ClinicalTime value={t.at} /><span className="text-ink-2">{m.donor_groups_from()} <Identifier>{t.din}</Identifier></span></li>)}
          </ul>
        </>
      )}
    </>
  );
}

/** Everything that became known of a donor, also what was lifted and taken back since. */
export function DonorHistoryPage() {
  const { id = "" } = useScreenParams();
  const history = useCommand("donor.history", { id }, { enabled: id !== "" });
  // Whose it is stands on every page of one person.
  const who = useCommand("donor.view", { id }, { enabled: id !== "" }).data?.row;
  const go = useGo();
  return (
    <>
      <PageHead title={m.donor_history()} actions={<Button icon="back" onPress={() => go(`/donors/${id}`)}>{m.donor_history_back()}</Button>}>
        {who && <span className="hs-meta"><bdi className="font-strong text-ink">{formatName({ ...who, title: null })}</bdi> <Identifier>{who.number}</Identifier></span>}
      </PageHead>
      <div className="min-h-0 grow overflow-auto">
        {history.isPending && <div className="p-4"><Loading label={m.donor_reading()} lines={5} /></div>}
        {history.error && <div className="max-w-[720px] p-4"><ErrorBlock error={history.error} title={m.donor_failed_one()} actions={<Button onPress={() => void history.refetch()}>{m.donor_try_again()}</Button>} /></div>}
        <ol className="m-0 list-none p-0">
          {history.data?.lines.map((line, n) => (
            <li key={n} className="grid gap-px border-b border-line px-4 py-2">
              <span className="flex flex-wrap items-center gap-x-3"><b>{eventWords[line.what]()}</b><span>{detail(line)}</span></span>
              <span className="hs-meta"><ClinicalTime value={line.at} /> · {m.donor_by({ who: line.by })}{line.second && ` · ${m.donor_history_second({ who: line.second })}`}{line.record && <> · {m.donor_same_under()} <Identifier>{line.record}</Identifier></>}</span>
            </li>
          ))}
        </ol>
      </div>
    </>
  );
}

const eventWords: Record<DonorEvent, () => string> = {
  registered: m.donor_event_registered, amended: m.donor_event_amended, consented: m.donor_event_consented, consent_withdrawn: m.donor_event_consent_withdrawn,
  health_said: m.donor_health, group_found: m.donor_event_group_found, deferred: m.donor_deferred, deferral_lifted: m.donor_event_deferral_lifted, screened: m.donor_event_screened,
  cleared: m.donor_event_cleared, gave: m.donor_event_gave, gave_elsewhere: m.donor_elsewhere, told_after: m.donor_told, same_person: m.donor_same_is, two_people: m.donor_same_two,
  photo_set: m.donor_event_photo_set, photo_removed: m.donor_event_photo_removed,
};

function detail({ what, args }: DonorLine): React.ReactNode {
  const told = (name: string, label: string) => (args[name] === undefined ? null : `${label}: ${saidWord(args[name] === "true")}`);
  switch (what) {
    case "health_said": return [told("everPregnant", m.donor_health_pregnant()), told("afterMenopause", m.donor_health_menopause()), told("hlaNegative", m.donor_health_hla())].filter(Boolean).join(" · ");
    case "group_found": return args.abo && args.rhd ? <BloodGroup group={{ abo: args.abo as "O", rhd: args.rhd as "positive" }} size="sm" /> : null;
    case "deferred": return [args.code && codeWord(args.code), args.ends === "never" ? m.donor_until_never() : args.ends === "when_lifted" ? m.donor_until_lifted() : m.donor_until_day({ day: day(args.ends) })].filter(Boolean).join(" · ");
    case "deferral_lifted": return [args.code && codeWord(args.code), args.reason].filter(Boolean).join(" · ");
    case "screened": return args.verdict ? verdictWord(args.verdict as DonorVerdict) : null;
    case "gave": return args.kind ? kindWord(args.kind as DonationKind) : null;
    case "gave_elsewhere": return <>{args.kind && kindWord(args.kind as DonationKind)} · <ClinicalDate value={args.on ?? ""} /> · {args.place}</>;
    case "told_after": return [args.what && afterWord(args.what), args.note].filter(Boolean).join(" · ");
    case "same_person":
    case "two_people": return <><Identifier>{args.other ?? ""}</Identifier> {args.reason}</>;
    case "photo_removed": return [args.reason, args.erased === "false" && m.donor_photo_shared()].filter(Boolean).join(" · ");
    default: return args.reason ?? null;
  }
}
