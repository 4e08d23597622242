import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { useCommand } from "../../backend";
import { Age, ClinicalDate, ClinicalTime, comma, componentName, DonationNumber, formatDay, formatName, groupDin, Identifier, ltr, NotKnown, sexWord, sourceWords } from "../../clinical";
import { Bar, Button, Chip, Loading, PageHead, SectionHead, SidePanel, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { DeferralView, DonationRow, DonorNext, DonorView, HealthView, HoldView, ScreeningView } from "../../wire";
import { ConfidenceDialog, DeferDialog, EndDialog, GiveDialog, ReactDialog } from "./dialogs";
import { ClearDialog, ConsentDialog, LiftDialog } from "./judging";
import { ElsewhereDialog, HealthDialog, HoldLiftDialog, Kept, ReportDialog, saidWord } from "./After";
import { DonationState, DonorGroup, Rules } from "./DonorDesk";
import { Contact } from "../appeals/Contact";
import { CertificateDialog } from "./Certificate";
import { CompareDialog } from "./Doubles";
import { KioskDialog } from "./Kiosk";
import { PhotoCard } from "./PhotoCard";
import { codeWord, effectWords, endWords, grades, holdWord, kindWord, nextWhy, nextWords, reactionWord, reasonWords, verdictWord } from "./words";

/** One donor: may they give, from when and why not, what they gave, and what is done next. */
export function DonorPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("donor.view", { id }, { enabled: id !== "" });
  const go = useGo();
  if (view.isPending) return <div className="p-4"><Loading label={m.donor_reading()} lines={5} /></div>;
  if (!view.data) {
    return (
      <div className="max-w-[720px] p-4">
        <ErrorBlock error={view.error} title={m.donor_failed_one()} actions={<><Button variant="primary" onPress={() => void view.refetch()}>{m.donor_try_again()}</Button><Button onPress={() => go("/donors")}>{m.donor_back()}</Button></>} />
      </div>
    );
  }
  return <Person key={view.data.row.id} donor={view.data} />;
}

type Open = { what: "give" | "defer" | "consent" | "kiosk" | "compare" | "elsewhere" } | { what: "health"; health: HealthView } | { what: "hold"; donation: DonationRow; hold: HoldView } | { what: "lift"; deferral: DeferralView } | { what: "clear"; screening: ScreeningView } | { what: "end" | "react" | "confidence" | "certificate" | "report"; donation: DonationRow };

function Person({ donor }: { donor: DonorView }) {
  const { row } = donor;
  const may = useMay();
  const go = useGo();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <PageHead
        title={<bdi>{formatName({ ...row, title: null })}</bdi>}
        actions={
          <>
            <Button icon="back" onPress={() => go("/donors")}>{m.donor_back()}</Button>
            <Button icon="lock" onPress={() => setOpen({ what: "kiosk" })}>{m.kiosk_open()}</Button>
            {may("recall_blood") && <Button onPress={() => go("/blood/look-back", { from: "donor", id: row.id })}>{m.recall_look_title()}</Button>}
            {may("screen_donors") && <Button onPress={() => go(`/donors/${row.id}/history`)}>{m.donor_history()}</Button>}
            {may("screen_donors") && <Button onPress={() => setOpen({ what: "defer" })}>{m.donor_defer()}</Button>}
            {may("screen_donors") && !donor.mayGive && donor.paperOf && <Button icon="blood" onPress={() => setOpen({ what: "give" })}>{m.downtime_give()}</Button>}
            {may("screen_donors") && !donor.mayGive && <Button variant="primary" icon="check" onPress={() => go(`/donors/${row.id}/screen`)}>{m.donor_screen()}</Button>}
            {may("screen_donors") && donor.mayGive && <Button variant="primary" icon="blood" onPress={() => setOpen({ what: "give" })}>{m.donor_give()}</Button>}
          </>
        }
      >
        <span className="hs-meta"><Identifier>{row.number}</Identifier></span>
      </PageHead>
      <div className="flex min-h-0 grow max-[1000px]:flex-col max-[1000px]:overflow-auto max-[1000px]:[&>aside]:w-full!">
        <SidePanel side="start" width={300} label={m.donor_facts()}>
          <PhotoCard donor={donor} />
          <Facts donor={donor} onConsent={() => setOpen({ what: "consent" })} onCompare={() => setOpen({ what: "compare" })} onHealth={(health) => setOpen({ what: "health", health })} />
          <Rules rules={donor.rules} />
        </SidePanel>
        <div className="min-h-0 min-w-0 grow overflow-auto max-[1000px]:flex-none max-[1000px]:overflow-visible">
          <Standing donor={donor} />
          <Donations donor={donor} onOpen={setOpen} />
          <Kept donor={donor} />
          <Deferrals donor={donor} onLift={(deferral) => setOpen({ what: "lift", deferral })} />
          <Screenings donor={donor} onClear={(screening) => setOpen({ what: "clear", screening })} />
          <Contact donor={row.id} />
        </div>
      </div>
      {open?.what === "kiosk" && <KioskDialog donor={row.id} name={formatName({ ...row, title: null })} onClose={close} />}
      {open?.what === "compare" && <CompareDialog donor={row} onClose={close} />}
      {open?.what === "elsewhere" && <ElsewhereDialog donor={donor} onClose={close} />}
      {open?.what === "health" && <HealthDialog donor={donor} health={open.health} onClose={close} />}
      {open?.what === "hold" && <HoldLiftDialog donation={open.donation} hold={open.hold} onClose={close} />}
      {open?.what === "report" && <ReportDialog donor={donor} donation={open.donation} onClose={close} />}
      {open?.what === "give" && <GiveDialog donor={donor} onClose={close} />}
      {open?.what === "defer" && <DeferDialog donor={donor} onClose={close} />}
      {open?.what === "consent" && <ConsentDialog donor={row.id} onClose={close} />}
      {open?.what === "lift" && <LiftDialog donor={open.deferral.donor} deferral={open.deferral} onClose={close} />}
      {open?.what === "clear" && <ClearDialog donor={row.id} screening={open.screening} onClose={close} />}
      {open?.what === "end" && <EndDialog donation={open.donation} onClose={close} />}
      {open?.what === "react" && <ReactDialog donation={open.donation} onClose={close} />}
      {open?.what === "certificate" && <CertificateDialog donation={open.donation} onClose={close} />}
      {open?.what === "confidence" && <ConfidenceDialog donation={open.donation} onClose={close} />}
    </>
  );
}

function Facts({ donor, onConsent, onCompare, onHealth }: { donor: DonorView; onConsent(): void; onCompare(): void; onHealth(health: HealthView): void }) {
  const { row } = donor;
  const may = useMay();
  const open = <NotKnown>{m.design_not_recorded()}</NotKnown>;
  const facts: [string, React.ReactNode][] = [
    [m.donor_born(), row.birthDate ? <><ClinicalDate value={row.birthDate} /> <Age birthDate={row.birthDate} /></> : open],
    [m.donor_sex(), row.sex === "not_known" ? <NotKnown /> : sexWord(row.sex)],
    [m.donor_col_group(), <DonorGroup key="g" group={row.group} />],
    [m.donor_phone(), donor.phone ? <bdi dir="ltr">{donor.phone}</bdi> : open],
    [m.donor_area(), donor.area ?? open],
    [m.donor_paper(), donor.paper ? <Identifier>{donor.paper}</Identifier> : open],
  ];
  return (
    <section className="grid gap-3 border-b border-line-2 px-4 py-3">
      <h2 className="m-0 text-lg">{m.donor_facts()}</h2>
      <dl className="m-0 grid gap-2">
        {facts.map(([name, value]) => <div key={name}><dt className="text-sm text-ink-3">{name}</dt><dd className="m-0 [overflow-wrap:anywhere]">{value}</dd></div>)}
        {donor.health && <Health donor={donor} health={donor.health} onHealth={onHealth} />}
        <div>
          <dt className="text-sm text-ink-3">{m.donor_consent()}</dt>
          <dd className="m-0 grid justify-items-start gap-1">
            {donor.consent ? <span><ClinicalDate value={donor.consent.at} />{donor.consent.guardian && <> · {donor.consent.guardian}</>}</span> : <Status kind="caution">{m.donor_consent_open()}</Status>}
            {!donor.consent && may("register_donors") && <Button size="sm" onPress={onConsent}>{m.donor_consent_record()}</Button>}
          </dd>
        </div>
      </dl>
      {donor.likelySame.length > 0 && (
        <div className="grid gap-1">
          <Status kind="caution" wrap>{m.donor_likely()}</Status>
          {donor.likelySame.map((other) => <AppLink key={other.id} to={`/donors/${row.id}/same/${other.id}`} className="hs-link"><bdi>{formatName({ ...other, title: null })}</bdi> <Identifier>{other.number}</Identifier></AppLink>)}
        </div>
      )}
      {donor.samePerson.length > 0 && (
        <div className="grid gap-1">
          <Status kind="notice" wrap>{m.donor_same_records()}</Status>
          {donor.samePerson.map((other) => <AppLink key={other.id} to={`/donors/${row.id}/same/${other.id}`} className="hs-link"><bdi>{formatName({ ...other, title: null })}</bdi> <Identifier>{other.number}</Identifier></AppLink>)}
        </div>
      )}
      {may("screen_donors") && <span><Button size="sm" onPress={onCompare}>{m.donor_compare()}</Button></span>}
    </section>
  );
}

function Health({ donor, health, onHealth }: { donor: DonorView; health: HealthView; onHealth(health: HealthView): void }) {
  const may = useMay();
  const lines: [string, boolean | null][] = [[m.donor_health_hla(), health.hlaNegative]];
  if (donor.row.sex !== "male") lines.unshift([m.donor_health_pregnant(), health.everPregnant], [m.donor_health_menopause(), health.afterMenopause]);
  const known = lines.filter(([, value]) => value !== null);
  return (
    <div>
      <dt className="text-sm text-ink-3">{m.donor_health()}</dt>
      <dd className="m-0 grid justify-items-start gap-1">
        {known.length === 0 ? <NotKnown>{m.design_not_recorded()}</NotKnown> : known.map(([name, value]) => <span key={name}>{name}: {saidWord(value)}</span>)}
        {may("screen_donors") && <Button size="sm" onPress={() => onHealth(health)}>{m.donor_health_record()}</Button>}
      </dd>
    </div>
  );
}

/** Whose record something stands in, when it is another one of the same person. */
function OtherRecord({ donor, record }: { donor: DonorView; record: string }) {
  const other = donor.samePerson.find((one) => one.id === record);
  return other ? <span className="hs-meta">{m.donor_same_under()} <Identifier>{other.number}</Identifier></span> : null;
}

function Standing({ donor }: { donor: DonorView }) {
  const { next } = donor.row;
  const now = next.on !== null && next.on <= donor.today;
  const words = next.on === null ? m.donor_may_not() : now ? m.donor_may_give() : m.donor_may_from({ day: ltr(formatDay(next.on) ?? next.on) });
  const why = now ? "" : nextWhy(next);
  return (
    <section>
      {donor.mayGive ? <Bar kind="notice"><b>{m.donor_accepted_now()}</b></Bar> : <Bar kind={next.on === null ? "critical" : now ? "notice" : "caution"}><b>{words}.</b> {why && `${why}. `}{m.donor_foreseen()}</Bar>}
      <SectionHead title={m.donor_next()} />
      <ul className="m-0 list-none p-0">
        {donor.next.map((n: DonorNext) => (
          <li key={n.kind} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,2fr)] gap-3 border-b border-line px-4 py-1.5">
            <span className="font-strong">{kindWord(n.kind)}</span>
            <span>{nextWords(n, donor.today)}</span>
            <span className="text-ink-2">{nextWhy(n)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The program sends the newest of a long history: then their number is no total, and does not stand there as one. */
const NEWEST = 50;
const newest = (count: number) => (count >= NEWEST ? m.donor_newest({ count }) : String(count));

function Donations({ donor, onOpen }: { donor: DonorView; onOpen(open: Open): void }) {
  const may = useMay();
  return (
    <section>
      <SectionHead title={m.donor_donations()} note={newest(donor.donations.length)} actions={may("screen_donors") && <Button size="sm" onPress={() => onOpen({ what: "elsewhere" })}>{m.donor_elsewhere_add()}</Button>} />
      {donor.donations.length === 0 ? <p className="p-4 text-ink-2">{m.donor_donations_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {donor.donations.map((d) => (
            <li key={d.id} className="grid gap-1 border-b border-line px-4 py-2">
              <span className="flex flex-wrap items-center gap-x-3"><DonationNumber din={d.din} check={d.check} /><span>{kindWord(d.kind)}</span><ClinicalTime value={d.begunAt} /><OtherRecord donor={donor} record={d.donor} /></span>
              <DonationState donation={d} />
              {d.redCellsReturned !== null && <span className="text-ink-2">{d.redCellsReturned ? m.donor_end_returned_yes() : m.donor_end_returned_no()}</span>}
              {(may("test_donations") || may("judge_donors")) && d.held.some((h) => !h.final) && <span className="flex flex-wrap gap-2">{d.held.filter((h) => !h.final).map((h) => <Button key={h.cause + h.reason} size="sm" onPress={() => onOpen({ what: "hold", donation: d, hold: h })}>{m.donor_hold_lift()}: {holdWord(h.reason)}</Button>)}</span>}
              {d.reactions.map((r) => <span key={r.at} className="text-ink-2">{reactionWord(r.kind)} · {grades[r.grade - 1]?.()}{r.note && <> · {r.note}</>}</span>)}
              {may("test_donations") && d.endedAt && <span><AppLink to={`/lab/donation/${d.id}`} className="hs-link">{m.donor_laboratory()} <span className="hs-vh">{groupDin(d.din)}</span></AppLink></span>}
              {may("screen_donors") && (
                <span className="flex flex-wrap gap-2">
                  {!d.endedAt && <Button size="sm" variant="primary" onPress={() => onOpen({ what: "end", donation: d })}>{m.donor_end()}</Button>}
                  {d.endedAt && !d.asked && <Button size="sm" variant="primary" onPress={() => onOpen({ what: "confidence", donation: d })}>{m.donor_confidence()}</Button>}
                  <Button size="sm" onPress={() => onOpen({ what: "react", donation: d })}>{m.donor_react()}</Button>
                  {d.endedAt && <Button size="sm" onPress={() => onOpen({ what: "report", donation: d })}>{m.donor_after()}</Button>}
                  {d.endedAt && <Button size="sm" icon="document" onPress={() => onOpen({ what: "certificate", donation: d })}>{m.kiosk_certificate()}</Button>}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {donor.elsewhere.length > 0 && (
        <ul className="m-0 list-none p-0">
          {donor.elsewhere.map((e) => <li key={e.on + e.kind} className="flex flex-wrap items-center gap-x-3 border-b border-line px-4 py-2"><b>{m.donor_elsewhere()}</b><span>{kindWord(e.kind)}</span><ClinicalDate value={e.on} /><span>{e.place}</span>{e.redCellsReturned !== null && <span className="text-ink-2">{e.redCellsReturned ? m.donor_end_returned_yes() : m.donor_end_returned_no()}</span>}</li>)}
        </ul>
      )}
    </section>
  );
}

function Deferrals({ donor, onLift }: { donor: DonorView; onLift(deferral: DeferralView): void }) {
  const may = useMay();
  return (
    <section>
      <SectionHead title={m.donor_deferrals()} note={String(donor.deferrals.filter((d) => d.holds).length)} />
      {donor.deferrals.length === 0 ? <p className="p-4 text-ink-2">{m.donor_deferrals_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {donor.deferrals.map((d) => (
            <li key={`${d.cause} ${d.code}`} className="grid gap-1 border-b border-line px-4 py-2">
              <span className="flex flex-wrap items-center gap-x-3">
                <b>{d.code ? codeWord(d.code) : m.donor_deferred()}</b>
                <span>{endWords(d.ends)}</span>
                {!d.holds && <Chip kind="inactive">{m.donor_deferral_past()}</Chip>}
                <OtherRecord donor={donor} record={d.donor} />
              </span>
              <span className="hs-meta"><ClinicalDate value={d.happened} />{d.only.length > 0 && <> · {m.donor_limit({ components: d.only.map(componentName).join(comma()) })}</>}{d.note && <> · {d.note}</>}</span>
              {d.source && <span className="hs-meta">{m.donor_source({ source: sourceWords(d.source) })}</span>}
              {d.holds && d.code && may("judge_donors") && <span><Button size="sm" onPress={() => onLift(d)}>{m.donor_lift()}</Button></span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Screenings({ donor, onClear }: { donor: DonorView; onClear(screening: ScreeningView): void }) {
  const may = useMay();
  return (
    <section>
      <SectionHead title={m.donor_screenings()} note={newest(donor.screenings.length)} />
      {donor.screenings.length === 0 ? <p className="p-4 text-ink-2">{m.donor_screenings_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {donor.screenings.map((s, n) => (
            <li key={s.cause} className="grid gap-1 border-b border-line px-4 py-2">
              <span className="flex flex-wrap items-center gap-x-3">
                <Status kind={s.verdict === "accept" ? "good" : s.verdict === "defer" ? "critical" : "caution"}>{verdictWord(s.verdict)}</Status>
                {s.until && <span>{endWords(s.until)}</span>}
                <ClinicalTime value={s.at} />
                <span className="hs-meta">{m.donor_by({ who: s.by })} · {m.donor_under({ rules: s.rules.toUpperCase() })}</span>
              </span>
              {s.reasons.length > 0 && (
                <ul className="m-0 grid gap-1 ps-5">
                  {s.reasons.map((r, i) => (
                    <li key={i}>{reasonWords(r)} · <span className="text-ink-2">{effectWords(r.effect)}</span>{r.source && <span className="hs-meta"> · {m.donor_source({ source: sourceWords(r.source) })}</span>}</li>
                  ))}
                </ul>
              )}
              {s.cleared && <span>{m.donor_cleared({ who: s.cleared })}</span>}
              {n === 0 && s.verdict === "refer" && !s.cleared && may("judge_donors") && <span><Button size="sm" variant="primary" onPress={() => onClear(s)}>{m.donor_clear_act()}</Button></span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
