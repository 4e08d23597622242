import { type ReactNode, useState } from "react";
import { createPortal } from "react-dom";
import { ErrorBlock, useDraft, useMay, useStatus } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalDate, ClinicalTime, formatName, Identifier, NotKnown } from "../../clinical";
import { Button, Dialog, SectionHead, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { ReportMark, ReportSection, ReportView, StudyView } from "../../wire";
import { arranged, headingOf, said, templateFor, templates, templateWords } from "./templates";
import { When } from "./When";
import { fileName } from "./words";

/** The written report beside the film. Nothing of what a model says is ever copied into it. */
export function ReportPanel({ study }: { study: StudyView }) {
  const { report } = study;
  return (
    <>
      <SectionHead title={m.image_report_title()} actions={<Status kind={report?.signed ? "good" : "inactive"}>{report === null ? m.image_report_none() : report.signed ? m.image_report_signed() : m.image_report_draft()}</Status>} />
      {report?.signed
        ? <Signed key={study.row.id} study={study} report={report} />
        : <Writing key={study.row.id} study={study} report={report} />}
    </>
  );
}

const blocked = (may: boolean) => (may ? undefined : m.image_report_may_not());

function Writing({ study, report }: { study: StudyView; report: ReportView | null }) {
  const may = useMay()("write_reports");
  const [template, setTemplate] = useState(report?.template ?? templateFor(study.row));
  const [sections, setSections] = useState<ReportSection[]>(() => arranged(report?.template ?? templateFor(study.row), report?.sections ?? []));
  /** The saved text that this one was begun from. */
  const [revision, setRevision] = useState(report?.revision ?? 0);
  const [signing, setSigning] = useState(false);
  const overtaken = (report?.revision ?? 0) !== revision;
  const changed = JSON.stringify(said(sections)) !== JSON.stringify(said(report?.sections ?? [])) || (report !== null && template !== report.template);
  const body = may && changed && !overtaken ? { template, sections: said(sections), revision } : null;
  const draft = useDraft(`report ${study.row.id}`, body, (kept) => {
    const old = kept as Partial<{ template: unknown; sections: unknown; revision: unknown }> | null;
    if (!old || typeof old.template !== "string" || !Array.isArray(old.sections)) return;
    const fits = old.sections.filter((s): s is ReportSection => typeof s?.name === "string" && typeof s?.text === "string");
    setTemplate(old.template);
    setSections(arranged(old.template, fits));
  });
  const save = useSend("report.draft", { onDone: () => { setRevision(revision + 1); draft.done(); } });
  const sign = useSend("report.sign", { onDone: () => { setSigning(false); draft.done(); } });
  const text = { study: study.row.id, template, sections, revision };
  const empty = said(sections).length === 0;

  function take(next: ReportView) {
    setTemplate(next.template);
    setSections(arranged(next.template, next.sections));
    setRevision(next.revision);
  }

  return (
    <div className="grid gap-3 px-4 py-3">
      {draft.offer}
      {report && <p className="text-sm text-ink-2">{m.image_report_saved({ name: report.written.by })} <ClinicalTime value={report.written.at} /></p>}
      {overtaken && report && (
        <div className="grid gap-2 border-s-[3px] border-caution-line bg-caution-bg px-3 py-2" role="status">
          <Status kind="caution" wrap>{m.image_report_overtaken({ name: report.written.by })}</Status>
          <Button size="sm" onPress={() => take(report)}>{m.image_report_take_theirs()}</Button>
          <Button size="sm" onPress={() => setRevision(report.revision)}>{m.image_report_keep_mine()}</Button>
        </div>
      )}
      <Select
        label={m.image_report_template()}
        notNow={blocked(may)}
        options={templates.map((t) => ({ id: t.id, label: t.words() }))}
        value={template}
        onChange={(id) => { setTemplate(id); setSections(arranged(id, sections)); }}
      />
      {sections.map((s, i) => (
        <TextField key={s.name} label={headingOf(s.name)} lines={s.name === "impression" || s.name === "findings" ? 4 : 2} readOnly={!may} value={s.text} onChange={(next) => setSections(sections.map((old, j) => (j === i ? { ...old, text: next } : old)))} />
      ))}
      {save.error && <ErrorBlock error={save.error} title={m.image_report_not_saved()} />}
      <div className="flex flex-wrap gap-2">
        <Button pending={save.isPending} notNow={blocked(may) ?? (overtaken ? m.image_report_first_decide() : changed ? undefined : m.image_report_nothing_new())} onPress={() => save.mutate(text)}>{m.image_report_save()}</Button>
        <Button variant="primary" notNow={blocked(may) ?? (overtaken ? m.image_report_first_decide() : empty ? m.image_report_empty() : undefined)} onPress={() => { sign.reset(); setSigning(true); }}>{m.image_report_sign()}</Button>
        {report && <PrintButton study={study} report={report} />}
      </div>
      {signing && (
        <Dialog
          isOpen
          keepOpen
          size="lg"
          title={m.image_report_sign_title()}
          onClose={() => setSigning(false)}
          footer={<Button autoFocus onPress={() => setSigning(false)}>{m.image_report_sign_back()}</Button>}
          footerEnd={<Button variant="primary" pending={sign.isPending} onPress={() => sign.mutate(text)}>{m.image_report_sign_do()}</Button>}
        >
          <About study={study} />
          <p className="py-2 text-ink-2">{m.image_report_sign_text()}</p>
          <Read sections={sections} />
          {sign.error && <ErrorBlock error={sign.error} title={m.image_report_not_signed()} />}
        </Dialog>
      )}
    </div>
  );
}

function Signed({ study, report }: { study: StudyView; report: ReportView }) {
  const may = useMay()("write_reports");
  const [text, setText] = useState("");
  const [adding, setAdding] = useState(false);
  const add = useSend("report.addend", { onDone: () => { setText(""); setAdding(false); } });
  return (
    <div className="grid gap-3 px-4 py-3">
      <Read sections={report.sections} />
      <Marks report={report} />
      {adding
        ? (
          <div className="grid gap-2">
            <TextField label={m.image_report_addendum()} lines={4} autoFocus value={text} onChange={setText} hint={m.image_report_addendum_hint()} />
            {add.error && <ErrorBlock error={add.error} title={m.image_report_addendum_failed()} />}
            <div className="flex flex-wrap gap-2">
              <Button onPress={() => setAdding(false)}>{m.image_report_sign_back()}</Button>
              <Button variant="primary" pending={add.isPending} notNow={text.trim() === "" ? m.image_report_empty() : undefined} onPress={() => add.mutate({ study: study.row.id, text })}>{m.image_report_addendum_do()}</Button>
            </div>
          </div>
        )
        : <div className="flex flex-wrap gap-2"><Button notNow={blocked(may)} onPress={() => setAdding(true)}>{m.image_report_addendum_add()}</Button><PrintButton study={study} report={report} /></div>}
    </div>
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
  return <p className="text-sm text-ink-2">{words({ name: mark.by })} <ClinicalTime value={mark.at} always="date-time" /></p>;
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
  const item = (label: string, value: ReactNode) => <div><dt className="text-sm text-ink-3">{label}</dt><dd className="m-0 font-strong">{value}</dd></div>;
  const file = images[0]?.filePatientName;
  return (
    <>
    {row.patient === null && <p><Status kind="caution" wrap>{m.image_who_unassigned()}</Status></p>}
    <dl className="m-0 flex flex-wrap gap-x-6 gap-y-1">
      {row.patient === null
        ? item(m.image_who_file(), file ? <bdi>{fileName(file)}</bdi> : <NotKnown>{m.image_who_file_none()}</NotKnown>)
        : item(m.design_patient(), patient.data ? <bdi>{formatName(patient.data)}</bdi> : <NotKnown />)}
      {patient.data && item(m.image_report_born(), <ClinicalDate value={patient.data.birthDate} />)}
      {patient.data && item(m.image_report_number(), <Identifier>{patient.data.hospitalNumber}</Identifier>)}
      {item(m.image_column_what(), [row.modality, row.bodyPart].filter(Boolean).join(" ") || m.image_pane_no_kind())}
      {item(m.image_column_taken(), <When row={row} always="date-time" />)}
    </dl>
    </>
  );
}

/** Prints what is kept, never what is still being typed. On paper a draft says on its first line that it is one. */
function PrintButton({ study, report }: { study: StudyView; report: ReportView }) {
  const { facility } = useStatus();
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
          {facility?.training && <p className="hs-print-warning">{m.image_report_paper_training()}</p>}
        </article>,
        document.body,
      )}
    </>
  );
}
