import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { ErrorBlock, useDraft, useMay, useStatus } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalDate, ClinicalTime, formatName, Identifier, NotKnown, usePlace } from "../../clinical";
import { Button, Dialog, SectionHead, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { ReportMark, ReportSection, ReportView, StudyView } from "../../wire";
import { ExportButton } from "../connections/Export";
import { arranged, headingOf, said, templateFor, templates, templateWords } from "./templates";
import { When } from "./When";
import { fileName, findingWord } from "./words";
import { isolated, Written } from "./Written";

/** What the record takes under one heading, in bytes. */
export const mostText = 16 * 1024;
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/**
 * The written report beside the film. Nothing of what a model says is copied into it unless a person agreed with it
 * and asks for it. `onLeave`: Escape gives the keys back to the film.
 */
export function ReportPanel({ study, onLeave, next, nextKey }: { study: StudyView; onLeave?(): void; next?(): void; nextKey?: string }) {
  const { report } = study;
  /** Signed a moment ago by this hand: the next step is another study. */
  const [stepOn, setStepOn] = useState(false);
  const leave = (e: KeyboardEvent<HTMLDivElement>) => {
    // React brings the keys of dialogs and menus here too; they close themselves.
    if (e.key !== "Escape" || e.defaultPrevented || !onLeave || !(e.target instanceof Element) || !e.currentTarget.contains(e.target)) return;
    e.preventDefault();
    onLeave();
  };
  return (
    <div data-report className="flex grow flex-col" onKeyDown={leave}>
      <SectionHead title={m.image_report_title()} actions={<Status kind={report?.signed ? "good" : "inactive"}>{report === null ? m.image_report_none() : report.signed ? m.image_report_signed() : m.image_report_draft()}</Status>} />
      <div className="px-4 pt-3"><ExportButton study={study.row.id} size="sm" /></div>
      {report?.signed
        ? <Signed key={study.row.id} study={study} report={report} arrived={stepOn} next={next} nextKey={nextKey} />
        : <Writing key={study.row.id} study={study} report={report} onSigned={() => setStepOn(true)} />}
    </div>
  );
}

const blocked = (may: boolean) => (may ? undefined : m.image_report_may_not());
const sameText = (a: ReportSection[], b: ReportSection[]) => JSON.stringify(said(a)) === JSON.stringify(said(b));

/** The acts stay in sight however long the text grows. */
const acts = "sticky bottom-0 z-10 mt-auto flex flex-wrap items-center gap-2 border-t border-line bg-sunken px-4 py-2.5";
/** A field that has just come must not begin behind the acts. */
const toField = (element: HTMLDivElement | null) => element?.scrollIntoView?.({ block: "end" });
/** Fields grow with their text and write from the side of their language, line by line. */
const fields = "grid grid-cols-[minmax(0,1fr)] gap-3 px-4 py-3 [&_textarea]:[field-sizing:content] [&_textarea]:[unicode-bidi:plaintext] [&_textarea]:scroll-mb-28";
/** Headings that mostly hold one line. */
const short = new Set(["technique", "comparison", "contrast", "limits"]);
const linesOf = (name: string) => (short.has(name) ? 1 : name === "impression" || name === "findings" ? 3 : 2);
const heightOf = ["", "[&_textarea]:min-h-8", "[&_textarea]:min-h-[52px]", "[&_textarea]:min-h-[72px]"];

/** The names of what a person agreed with, of the newest answer about each picture, each once. */
export function agreed(study: StudyView): string[] {
  const newest = study.images.flatMap((i) => study.analyses.find((a) => a.image === i.id) ?? []);
  return [...new Set(newest.filter((a) => a.state === "done").flatMap((a) => a.findings.filter((f) => !f.normal && f.judged?.agree === true).map(findingWord)))];
}

/** Ctrl and Enter asks; it neither answers nor gives up what it asked, even if it is pressed twice. */
function Deliberate({ children }: { children: ReactNode }) {
  const hold = (e: KeyboardEvent) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); e.stopPropagation(); } };
  return <div className="contents" onKeyDownCapture={hold}>{children}</div>;
}

function Writing({ study, report, onSigned }: { study: StudyView; report: ReportView | null; onSigned(): void }) {
  const may = useMay()("write_reports");
  const [template, setTemplate] = useState(report?.template ?? templateFor(study.row));
  const [sections, setSections] = useState<ReportSection[]>(() => arranged(report?.template ?? templateFor(study.row), report?.sections ?? []));
  /** The saved text that this one was begun from. */
  const [base, setBase] = useState(report);
  const revision = base?.revision ?? 0;
  const [signing, setSigning] = useState(false);
  const touched = !sameText(sections, base?.sections ?? []) || (base !== null && template !== base.template);
  const mine = (text: { template: string; sections: ReportSection[]; revision: number }): ReportView => ({ template: text.template, sections: text.sections, revision: text.revision + 1, written: report?.written ?? { by: "", at: "" }, signed: null, addenda: [] });
  const save = useSend("report.draft", { onDone: (_, sent) => { setBase(mine(sent)); draft.done(); } });
  const sign = useSend("report.sign", { onDone: (_, sent) => { setBase(mine(sent)); setSigning(false); draft.done(); onSigned(); } });
  // What this window has sent a moment ago comes back by itself.
  const newer = (report?.revision ?? 0) !== revision && !save.isPending && !sign.isPending;
  const overtaken = newer && touched;
  const changed = !sameText(sections, report?.sections ?? []) || (report !== null && template !== report.template);
  const tooLong = sections.find((s) => bytesOf(s.text) > mostText);
  // Also what cannot be saved as it is: too long, or begun from a text that somebody has replaced since.
  const body = may && touched && changed ? { template, sections: said(sections), revision } : null;
  const draft = useDraft(`report ${study.row.id}`, body, (kept) => {
    const old = kept as Partial<{ template: unknown; sections: unknown; revision: unknown }> | null;
    if (!old || typeof old.template !== "string" || !Array.isArray(old.sections)) return;
    const fits = old.sections.filter((s): s is ReportSection => typeof s?.name === "string" && typeof s?.text === "string");
    setTemplate(old.template);
    setSections(arranged(old.template, fits));
    // Begun from another text than the present one: the two must be decided between before either is saved.
    if (typeof old.revision === "number" && old.revision !== (report?.revision ?? 0)) setBase(report && { ...report, revision: old.revision });
  });
  const text = { study: study.row.id, template, sections, revision };
  const empty = said(sections).length === 0;

  function take(next: ReportView) {
    setTemplate(next.template);
    setSections(arranged(next.template, next.sections));
    setBase(next);
  }
  // Nothing was typed here: what another window or person saved is simply the text now.
  useEffect(() => {
    if (newer && !touched && report) take(report);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `take` reads nothing of this drawing
  }, [newer, touched, report]);

  const insertable = agreed(study).filter((words) => !sections.some((s) => s.text.includes(words)));
  const into = sections.some((s) => s.name === "findings") ? "findings" : "impression";
  const insert = () => setSections(sections.map((s) => (s.name === into ? { ...s, text: [s.text.trimEnd(), ...insertable.map((w) => `${w}.`)].filter(Boolean).join("\n") } : s)));

  const stop = blocked(may) ?? (overtaken ? m.image_report_first_decide() : tooLong ? m.image_report_too_long_where({ heading: headingOf(tooLong.name) }) : undefined);
  const notSave = stop ?? (changed ? undefined : m.image_report_nothing_new());
  const notSign = stop ?? (empty ? m.image_report_empty() : undefined);
  const readAndSign = () => { sign.reset(); setSigning(true); };
  const onKeyDown = (e: KeyboardEvent<HTMLDivElement>) => {
    if (!e.ctrlKey || e.altKey || e.shiftKey || !(e.target instanceof Element) || !e.currentTarget.contains(e.target)) return;
    if (e.code === "KeyS") { e.preventDefault(); if (!notSave && !save.isPending) save.mutate(text); }
    else if (e.key === "Enter") { e.preventDefault(); if (!notSign) readAndSign(); }
  };
  const unsaid = sections.filter((s) => s.text.trim() === "" && (s.name === "impression" || s.name === "findings")).map((s) => headingOf(s.name));

  return (
    <div className="flex grow flex-col" onKeyDown={onKeyDown}>
      <div className={fields}>
        {draft.offer}
        {report && <p className="text-sm text-ink-2">{m.image_report_saved({ name: isolated(report.written.by) })} <ClinicalTime value={report.written.at} /></p>}
        {overtaken && report && (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-2 border-s-[3px] border-caution-line bg-caution-bg px-3 py-2" role="status">
            <Status kind="caution" wrap>{m.image_report_overtaken({ name: isolated(report.written.by) })}</Status>
            <Button size="sm" onPress={() => take(report)}>{m.image_report_take_theirs()}</Button>
            <Button size="sm" onPress={() => setBase(report)}>{m.image_report_keep_mine()}</Button>
          </div>
        )}
        <Select
          label={m.image_report_template()}
          notNow={blocked(may)}
          options={templates.map((t) => ({ id: t.id, label: t.words() }))}
          value={template}
          onChange={(id) => { setTemplate(id); setSections(arranged(id, sections)); }}
        />
        {sections.map((s, i) => {
          const length = bytesOf(s.text);
          return (
            <div key={s.name} className={heightOf[linesOf(s.name)]}>
              <TextField
                label={headingOf(s.name)}
                lines={linesOf(s.name)}
                readOnly={!may}
                value={s.text}
                error={length > mostText ? m.image_report_too_long({ percent: Math.ceil((length / mostText - 1) * 100) }) : undefined}
                onChange={(next) => setSections(sections.map((old, j) => (j === i ? { ...old, text: next } : old)))}
              />
            </div>
          );
        })}
        {may && insertable.length > 0 && (
          <div className="grid justify-items-start gap-1">
            <Button size="sm" onPress={insert}>{m.image_report_insert()}</Button>
            <p className="text-sm text-ink-3">{m.image_report_insert_text({ what: insertable.join(", "), heading: headingOf(into) })}</p>
          </div>
        )}
        {save.error && <ErrorBlock error={save.error} title={m.image_report_not_saved()} />}
      </div>
      <div className={acts}>
        <Button kbd="Ctrl S" pending={save.isPending} notNow={notSave} onPress={() => save.mutate(text)}>{m.image_report_save()}</Button>
        <Button variant="primary" kbd="Ctrl ↵" notNow={notSign} onPress={readAndSign}>{m.image_report_sign()}</Button>
        {report && <PrintButton study={study} report={report} />}
      </div>
      {signing && (
        <Dialog
          isOpen
          keepOpen
          size="lg"
          title={m.image_report_sign_title()}
          onClose={() => setSigning(false)}
          footer={<Deliberate><Button autoFocus onPress={() => setSigning(false)}>{m.image_report_sign_back()}</Button></Deliberate>}
          footerEnd={<Deliberate><Button variant="primary" pending={sign.isPending} onPress={() => sign.mutate(text)}>{m.image_report_sign_do()}</Button></Deliberate>}
        >
          <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
            <About study={study} />
            {unsaid.length > 0 && <p><Status kind="caution" wrap>{m.image_report_sign_unsaid({ what: unsaid.join(", ") })}</Status></p>}
            <div className="border-s-2 border-line-2 ps-3" tabIndex={0} role="group" aria-label={m.image_report_title()}><Read sections={sections} /></div>
            <p className="text-ink-2">{m.image_report_sign_text()}</p>
            {sign.error && <ErrorBlock error={sign.error} title={m.image_report_not_signed()} />}
          </div>
        </Dialog>
      )}
    </div>
  );
}

function Signed({ study, report, arrived, next, nextKey }: { study: StudyView; report: ReportView; arrived: boolean; next?(): void; nextKey?: string }) {
  const may = useMay()("write_reports");
  const [text, setText] = useState("");
  const [adding, setAdding] = useState(false);
  const long = bytesOf(text) > mostText;
  const kept = useDraft(`addendum ${study.row.id}`, may && text.trim() !== "" ? { text } : null, (old) => {
    const was = (old as { text?: unknown } | null)?.text;
    if (typeof was !== "string") return;
    setText(was);
    setAdding(true);
  });
  // Somebody signed while another text was being typed here: it is no report any more, but it need not be lost.
  const left = useDraft(`report ${study.row.id}`, null, (old) => {
    const was = (old as { sections?: unknown } | null)?.sections;
    if (!Array.isArray(was)) return;
    setText(said(was.filter((s): s is ReportSection => typeof s?.name === "string" && typeof s?.text === "string")).map((s) => `${headingOf(s.name)}\n${s.text}`).join("\n\n"));
    setAdding(true);
  });
  const [asking, setAsking] = useState(false);
  const onward = useRef<HTMLDivElement>(null);
  // What had the focus is gone: it stands where one goes on from here, not nowhere.
  const [onwards, setOnwards] = useState(arrived);
  useEffect(() => {
    if (!onwards || adding || asking) return;
    // After the dialog, which gives the focus back as it goes.
    const timer = setTimeout(() => { setOnwards(false); onward.current?.querySelector("button")?.focus(); }, 50);
    return () => clearTimeout(timer);
  }, [onwards, adding, asking]);
  const add = useSend("report.addend", { onDone: () => { setText(""); setAsking(false); setAdding(false); setOnwards(true); kept.done(); left.done(); } });
  const notAdd = blocked(may) ?? (text.trim() === "" ? m.image_report_empty() : long ? m.image_report_too_long_where({ heading: m.image_report_addendum() }) : undefined);
  const ask = () => { if (notAdd) return; add.reset(); setAsking(true); };
  return (
    <>
      <div className={fields}>
        {kept.offer}
        {may && left.offer}
        <Read sections={report.sections} />
        <Marks report={report} />
        {adding && (
          <div ref={toField} className="scroll-mb-28 [&_textarea]:min-h-[72px]" onKeyDown={(e) => { if (e.ctrlKey && e.key === "Enter") { e.preventDefault(); ask(); } }}>
            <TextField label={m.image_report_addendum()} lines={3} autoFocus value={text} onChange={setText} hint={m.image_report_addendum_hint()} error={long ? m.image_report_too_long({ percent: Math.ceil((bytesOf(text) / mostText - 1) * 100) }) : undefined} />
          </div>
        )}
      </div>
      <div className={acts} ref={onward}>
        {adding
          ? (
            <>
              <Button variant="primary" kbd="Ctrl ↵" notNow={notAdd} onPress={ask}>{m.image_report_addendum_read()}</Button>
              <Button onPress={() => { setAdding(false); setText(""); setOnwards(true); kept.done(); }}>{m.image_report_addendum_drop()}</Button>
            </>
          )
          : <>
            {arrived && next && <Button variant="primary" kbd={nextKey} onPress={next}>{m.image_report_sign_next()}</Button>}
            <Button notNow={blocked(may)} onPress={() => setAdding(true)}>{m.image_report_addendum_add()}</Button>
            <PrintButton study={study} report={report} />
          </>}
      </div>
      {asking && (
        <Dialog
          isOpen
          keepOpen
          title={m.image_report_addendum_sign_title()}
          onClose={() => setAsking(false)}
          footer={<Deliberate><Button autoFocus onPress={() => setAsking(false)}>{m.image_report_sign_back()}</Button></Deliberate>}
          footerEnd={<Deliberate><Button variant="primary" pending={add.isPending} onPress={() => add.mutate({ study: study.row.id, text })}>{m.image_report_addendum_do()}</Button></Deliberate>}
        >
          <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
            <About study={study} />
            <p className="m-0 border-s-2 border-line-2 ps-3 whitespace-pre-wrap [overflow-wrap:anywhere] [unicode-bidi:plaintext]" tabIndex={0} role="group" aria-label={m.image_report_addendum()}>{text}</p>
            <p className="text-ink-2">{m.image_report_addendum_sign_text()}</p>
            {add.error && <ErrorBlock error={add.error} title={m.image_report_addendum_failed()} />}
          </div>
        </Dialog>
      )}
    </>
  );
}

/** Plain text, as written: nothing in it is markup. */
function Read({ sections }: { sections: ReportSection[] }) {
  return (
    <dl className="m-0 grid gap-2">
      {said(sections).map((s) => (
        <div key={s.name}>
          <dt className="text-sm text-ink-3">{headingOf(s.name)}</dt>
          <dd className="m-0 whitespace-pre-wrap [overflow-wrap:anywhere] [unicode-bidi:plaintext]">{s.text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Mark({ words, mark }: { words: (of: { name: string }) => string; mark: ReportMark }) {
  return <p className="text-sm text-ink-2">{words({ name: isolated(mark.by) })} <ClinicalTime value={mark.at} always="date-time" /></p>;
}

function Marks({ report }: { report: ReportView }) {
  return (
    <>
      {report.signed && <Mark words={m.image_report_signed_by} mark={report.signed} />}
      {report.addenda.map((a, i) => (
        <section key={i} className="border-t border-line pt-2" aria-label={m.image_report_addendum_number({ number: i + 1 })}>
          <h3 className="m-0 text-sm text-ink-3">{m.image_report_addendum_number({ number: i + 1 })}</h3>
          <p className="whitespace-pre-wrap [overflow-wrap:anywhere] [unicode-bidi:plaintext]">{a.text}</p>
          <Mark words={m.image_report_added_by} mark={a} />
        </section>
      ))}
    </>
  );
}

/** Whose picture it is and what it shows, for the dialog and the paper. */
function About({ study: { row, images } }: { study: StudyView }) {
  const patient = useCommand("patient.view", { id: row.patient ?? "" }, { enabled: row.patient !== null });
  const item = (label: string, value: ReactNode) => <div className="max-w-full min-w-0"><dt className="text-sm text-ink-3">{label}</dt><dd className="m-0 font-strong">{value}</dd></div>;
  const file = images[0]?.filePatientName;
  return (
    <>
    {row.patient === null && <p><Status kind="caution" wrap>{m.image_who_unassigned()}</Status></p>}
    <dl className="m-0 flex flex-wrap gap-x-6 gap-y-1">
      {row.patient === null
        ? item(m.image_who_file(), file ? <Written scroll>{fileName(file)}</Written> : <NotKnown>{m.image_who_file_none()}</NotKnown>)
        : item(m.design_patient(), patient.data ? <Written scroll>{formatName(patient.data)}</Written> : <NotKnown />)}
      {row.patient === null && !file && images[0] && item(m.image_who_file_name(), <Written scroll>{images[0].fileName}</Written>)}
      {patient.data && item(m.image_report_born(), <ClinicalDate value={patient.data.birthDate} />)}
      {patient.data && item(m.image_report_number(), <Identifier>{patient.data.hospitalNumber}</Identifier>)}
      {item(m.image_column_what(), <Written>{[row.modality, row.bodyPart].filter(Boolean).join(" ") || m.image_pane_no_kind()}</Written>)}
      {item(m.image_column_taken(), <When row={row} always="date-time" />)}
    </dl>
    </>
  );
}

/** Prints what is kept, never what is still being typed. On paper a draft says on its first line that it is one. */
function PrintButton({ study, report }: { study: StudyView; report: ReportView }) {
  const { facility } = useStatus();
  const place = usePlace();
  return (
    <>
      <Button icon="print" onPress={() => window.print()}>{m.image_report_print()}</Button>
      {createPortal(
        <article className="hs-print-page" aria-hidden="true">
          {!report.signed && <p className="hs-print-warning">{m.image_report_paper_draft()}</p>}
          <p>{facility?.name}</p>
          <h1>{m.image_report_title()}: {templateWords(report.template)}</h1>
          <About study={study} />
          <Read sections={report.sections} />
          <Marks report={report} />
          <p className="text-sm">{m.image_report_printed()} <ClinicalTime value={place.now} always="date-time" /></p>
          {facility?.training && <p className="hs-print-warning">{m.image_report_paper_training()}</p>}
        </article>,
        document.body,
      )}
    </>
  );
}
