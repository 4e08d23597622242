import { useState } from "react";
import { AppLink, ErrorBlock, type Scan, useGo, useKeys, useScanner, useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalTime, Identifier, usePlace } from "../../clinical";
import { Bar, Button, Empty, Loading, PageHead, SearchField, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { SampleRow } from "../../wire";
import { LeftOut } from "../bloodbank/LeftOut";
import { partKind } from "../bloodbank/words";
import { PrintButton } from "../printing/PrintDialog";
import { CareTabs } from "../requests/CareTabs";
import { distanceWords } from "../requests/time";
import { own, standKind, standWord } from "../requests/words";
import { RejectDialog, ScreenDialog, TypeDialog } from "./dialogs";

type Doing = { what: "type" | "screen" | "reject"; sample: SampleRow };

/** The tubes on the bench: what each still waits for. A scanned wristband shows the tubes of that patient. */
export function SamplesPage() {
  const list = useCommand("sample.list", {}, { keepPrevious: true });
  const go = useGo();
  const [search, setSearch] = useScreenSearch();
  const [text, setText] = useState("");
  const [note, setNote] = useState<string | null>(null);
  const [doing, setDoing] = useState<Doing | null>(null);
  useKeys([{ keys: ["Scan"], words: m.samples_key_scan() }]);
  const waiting = list.data?.waiting ?? [];
  const recent = (list.data?.recent ?? []).filter((s) => !waiting.some((w) => w.id === s.id));
  const all = [...waiting, ...recent];
  useScanner((scan: Scan) => {
    const band = scan.parts.find((p) => p.kind === "patient");
    // A tube's own number is no code of a bag or of a person.
    const other = scan.parts.find((p) => p.kind === "other");
    setNote(null);
    if (band?.patient && all.some((s) => s.patient === band.patient)) setSearch({ patient: band.patient });
    else if (!band && other) setText(other.raw.replace(/^[=&]/, ""));
    else {
      const [part] = scan.parts;
      setNote(band ? m.samples_scan_none() : part ? m.blood_wrong_kind({ was: partKind(part), wanted: m.samples_want() }) : m.shell_scan_unreadable());
      return "refused";
    }
    return "taken";
  });
  const plain = (words: string) => words.replace(/\s+/g, "").toLocaleLowerCase();
  const fits = (s: SampleRow) => (!search.patient || s.patient === search.patient) && (!text.trim() || plain(s.number + s.patientName).includes(plain(text)));
  const shownWaiting = waiting.filter(fits);
  const shownRecent = recent.filter(fits);
  /** A number that ends in Enter, typed or scanned, is one tube: what it waits for comes next. */
  function next() {
    const [one, ...more] = shownWaiting;
    if (one && more.length === 0 && text.trim()) setDoing({ what: one.typings === 0 ? "type" : "screen", sample: one });
  }
  const only = search.patient ? all.find((s) => s.patient === search.patient) : undefined;
  return (
    <>
      <PageHead title={m.samples_title()} tabs={<CareTabs />} actions={<Button variant="primary" icon="scan" onPress={() => go("/samples/receive")}>{m.samples_receive()}</Button>} />
      <LeftOut count={list.data?.leftOut} />
      <div aria-live="polite">{note && <Bar kind="caution">{note}</Bar>}</div>
      {only && <Bar kind="notice" action={<Button size="sm" onPress={() => setSearch({ patient: undefined })}>{m.samples_scan_all()}</Button>}>{m.samples_scan_shown({ name: own(only.patientName) })}</Bar>}
      {list.isPending && <div className="p-4"><Loading label={m.samples_reading()} lines={5} /></div>}
      {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.samples_failed()} actions={<Button onPress={() => void list.refetch()}>{m.samples_try_again()}</Button>} /></div>}
      {list.data && (
        <>
          {all.length > 0 && <div className="border-b border-line px-4 py-2"><div className="max-w-[360px]"><SearchField label={m.samples_find()} value={text} onChange={setText} onSubmit={next} autoFocus /></div></div>}
          <div className="relative min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.samples_title()}>
            {text.trim() && shownWaiting.length + shownRecent.length === 0 && <div className="p-4"><Empty title={m.samples_find_none({ text: text.trim() })} /></div>}
            {waiting.length === 0 && !text.trim() && <div className="p-4"><Empty title={m.samples_waiting_none()} action={<Button onPress={() => go("/samples/receive")}>{m.samples_receive()}</Button>}>{m.samples_waiting_none_text()}</Empty></div>}
            {shownWaiting.length > 0 && (
              <section>
                <SectionHead title={m.samples_waiting()} note={m.samples_waiting_order()} />
                <ul className="m-0 list-none p-0">{shownWaiting.map((s) => <Tube key={s.id} sample={s} onDoing={setDoing} />)}</ul>
              </section>
            )}
            {shownRecent.length > 0 && (
              <section>
                <SectionHead title={m.samples_recent()} />
                <ul className="m-0 list-none p-0">{shownRecent.map((s) => <Tube key={s.id} sample={s} onDoing={setDoing} />)}</ul>
              </section>
            )}
          </div>
        </>
      )}
      {doing?.what === "type" && <TypeDialog sample={doing.sample} onClose={() => setDoing(null)} />}
      {doing?.what === "screen" && <ScreenDialog sample={doing.sample} onClose={() => setDoing(null)} />}
      {doing?.what === "reject" && <RejectDialog sample={doing.sample} onClose={() => setDoing(null)} />}
    </>
  );
}

/** One tube: whose, how old, what it showed, and the next act as the first button. */
function Tube({ sample: s, onDoing }: { sample: SampleRow; onDoing(doing: Doing): void }) {
  const place = usePlace();
  const usable = s.stand === "waiting" || s.stand === "ready";
  const hidden = <span className="hs-vh"> {s.number}</span>;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,230px)_minmax(0,420px)] items-start gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 max-[1100px]:grid-cols-2 max-[700px]:grid-cols-1">
      <span className="grid min-w-0 justify-items-start gap-0.5">
        <Identifier>{s.number}</Identifier>
        <AppLink to={`/patients/${s.patient}/blood`} className="font-strong text-ink [overflow-wrap:anywhere] hover:text-accent"><bdi>{s.patientName}</bdi></AppLink>
        {s.atRisk && <span className="hs-meta">{m.samples_at_risk()}</span>}
      </span>
      <span className="grid justify-items-start gap-0.5">
        <span>{m.samples_drawn()} <ClinicalTime value={s.drawnAt} /></span>
        <span className="hs-meta">{usable ? m.samples_until() : m.samples_ended()} <ClinicalTime value={s.validUntil} always="date-time" />{usable && <> · {distanceWords(s.validUntil, place.now)}</>}</span>
        <span className="hs-meta [overflow-wrap:anywhere]">{m.samples_people({ drawn: own(s.drawnBy), identified: own(s.identifiedBy) })}</span>
      </span>
      <span className="grid min-w-0 justify-items-start gap-1">
        {s.rejected !== null ? <Status kind="critical" wrap>{m.samples_rejected({ reason: own(s.rejected) })}</Status> : (
          <>
            {s.discrepant ? <Status kind="critical" wrap>{m.samples_discrepant()}</Status> : s.group ? <span className="flex items-center gap-2"><span className="text-ink-2">{m.samples_typed()}</span> <BloodGroup group={s.group} size="sm" /></span> : <Status kind="notice">{m.samples_todo_type()}</Status>}
            {s.screen === null ? <Status kind="notice">{m.samples_todo_screen()}</Status> : <span className="flex flex-wrap items-center gap-x-2"><span className="text-ink-2">{m.samples_screened()}</span> <Status kind={s.screen === "negative" ? "good" : "caution"}>{s.screen === "negative" ? m.samples_screen_negative() : m.samples_screen_positive()}</Status></span>}
            {!usable && <Status kind={standKind(s.stand)}>{standWord(s.stand)}</Status>}
          </>
        )}
      </span>
      <span className="flex flex-wrap justify-end gap-2 max-[1100px]:justify-start">
        {usable && (
          <>
            {s.typings === 0 && <Button variant="primary" onPress={() => onDoing({ what: "type", sample: s })}>{m.samples_type()}{hidden}</Button>}
            {s.screen === null && <Button variant={s.typings === 0 ? "secondary" : "primary"} onPress={() => onDoing({ what: "screen", sample: s })}>{m.samples_screen()}{hidden}</Button>}
            {s.typings > 0 && <Button onPress={() => onDoing({ what: "type", sample: s })}>{m.samples_type_again()}{hidden}</Button>}
            <PrintButton what={{ kind: "tube_labels", sample: s.id, copies: 2 }} subject={`${s.number}, ${s.patientName}`}>{m.printing_tubes()}{hidden}</PrintButton>
            <Button variant="quiet" onPress={() => onDoing({ what: "reject", sample: s })}>{m.samples_reject()}{hidden}</Button>
          </>
        )}
      </span>
    </li>
  );
}
