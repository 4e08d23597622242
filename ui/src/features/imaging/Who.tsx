import { useState } from "react";
import { ErrorBlock, useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalDate, formatName, Identifier, NotKnown, PatientBanner, sexWord } from "../../clinical";
import { Button, Chip, Dialog, Empty, Loading, SearchField } from "../../design";
import * as m from "../../paraglide/messages";
import type { ImageView, PatientRow, StudyRow } from "../../wire";
import { fileName } from "./words";
import { isolated, shortened, Written } from "./Written";

/** Who is on the picture: the registry's patient, or only what the file says, marked as such. */
export function WhoIsThis({ study, image }: { study: StudyRow; image: ImageView | null }) {
  const patient = useCommand("patient.view", { id: study.patient ?? "" }, { enabled: study.patient !== null });
  const [assigning, setAssigning] = useState(false);
  const may = useMay();
  const written = image?.filePatientName ? fileName(image.filePatientName) : null;
  const button = (
    <Button size="sm" variant={study.patient ? "quiet" : "secondary"} notNow={may("import_images") ? undefined : m.image_who_may_not()} onPress={() => setAssigning(true)}>
      {study.patient ? m.image_who_reassign() : m.image_who_assign()}
    </Button>
  );
  return (
    <>
      {study.patient === null && (
        <section aria-label={m.design_patient()}>
          <dl className="hs-banner">
            <div className="hs-name max-w-[40%]!" data-long={(written?.length ?? 0) > 48 || undefined}>
              <dt>{written ? m.image_who_file() : m.design_patient()}</dt>
              <dd>{written ? <Written scroll>{written}</Written> : <NotKnown>{m.image_who_file_none()}</NotKnown>}</dd>
            </div>
            {image?.filePatientId && <div className="min-w-0 shrink! max-w-[30%]!"><dt>{m.image_who_file_id()}</dt><dd><Written scroll mono>{image.filePatientId}</Written></dd></div>}
            {!written && image && <div className="min-w-0 shrink! max-w-[45%]!"><dt>{m.image_who_file_name()}</dt><dd><Written scroll>{image.fileName}</Written></dd></div>}
            <div className="hs-end"><dt className="hs-vh">{m.image_who_assign()}</dt><dd className="flex items-center gap-2"><Chip kind="caution">{m.image_who_unassigned()}</Chip>{button}</dd></div>
          </dl>
        </section>
      )}
      {study.patient !== null && patient.data && (
        <PatientBanner
          patient={patient.data}
          end={<span className="grid max-w-[260px] justify-items-end gap-0.5">{written && !alike(written, patient.data) && <span className="hs-wrap contents" title={written}><Chip kind="caution">{m.image_who_mismatch({ name: isolated(written) })}</Chip></span>}{button}</span>}
        />
      )}
      {study.patient !== null && patient.isPending && <div className="hs-banner items-center"><Loading label={m.image_who_loading()} lines={1} /></div>}
      {study.patient !== null && patient.error && <ErrorBlock error={patient.error} title={m.image_who_failed()} />}
      {assigning && <Assign study={study} image={image} onClose={() => setAssigning(false)} />}
    </>
  );
}

const plain = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim().toLocaleLowerCase();

/** True when every part of the name in the file is part of the registry's name, whatever the order and the accents. */
export function alike(written: string, patient: { family: string; given: string }): boolean {
  const known = new Set(plain(`${patient.family} ${patient.given}`).split(" "));
  return plain(written).split(" ").every((part) => known.has(part));
}

function Assign({ study, image, onClose }: { study: StudyRow; image: ImageView | null; onClose(): void }) {
  const written = image?.filePatientName ? fileName(image.filePatientName) : null;
  // The family name of the file is where most searches begin; nobody is chosen by it.
  const [text, setText] = useState(shortened(written?.split(",")[0] ?? "", 40).replace("…", ""));
  const [chosen, setChosen] = useState<PatientRow | null>(null);
  const asked = text.trim();
  const found = useCommand("patient.search", { text: asked, limit: 20 }, { enabled: asked.length >= 2, keepPrevious: true });
  const assign = useSend("study.assign", { onDone: onClose });

  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      size="lg"
      title={m.image_assign_title()}
      footer={<><Button autoFocus={chosen !== null} onPress={onClose}>{m.image_assign_cancel()}</Button>{chosen && <Button variant="quiet" onPress={() => setChosen(null)}>{m.image_assign_other()}</Button>}</>}
      footerEnd={chosen && <Button variant="primary" pending={assign.isPending} onPress={() => assign.mutate({ study: study.id, patient: chosen.id })}>{m.image_assign_confirm({ name: isolated(formatName(chosen)) })}</Button>}
    >
      <div className="grid gap-4">
        {assign.error && <ErrorBlock error={assign.error} title={m.image_assign_failed()} />}
        <div className={chosen ? "grid grid-cols-2 gap-4" : ""}>
          <dl className="m-0 grid min-w-0 content-start gap-1 border-s-2 border-line-2 ps-3">
            <dt className="text-sm text-ink-3">{m.image_assign_in_file()}</dt>
            <dd className="m-0 text-lg font-strong">{written ? <Written scroll>{written}</Written> : <NotKnown>{m.image_who_file_none()}</NotKnown>}</dd>
            {image?.filePatientId && <dd className="m-0"><Written scroll mono>{image.filePatientId}</Written></dd>}
            {!written && image && <dd className="m-0 text-sm text-ink-2"><Written scroll>{image.fileName}</Written></dd>}
            {study.takenAt && <dd className="m-0 text-sm text-ink-2">{m.image_stage_taken()} <ClinicalDate value={study.takenAt} /></dd>}
          </dl>
          {chosen && (
            <dl className="m-0 grid min-w-0 content-start gap-1 border-s-2 border-accent ps-3">
              <dt className="text-sm text-ink-3">{m.image_assign_in_registry()}</dt>
              <dd className="m-0 text-lg font-strong"><Written scroll>{formatName(chosen)}</Written></dd>
              <dd className="m-0"><Identifier>{chosen.hospitalNumber}</Identifier></dd>
              <dd className="m-0 text-sm text-ink-2">{m.design_born()} <ClinicalDate value={chosen.birthDate} /> · {sexWord(chosen.sex)}</dd>
              {chosen.similarName && <dd className="m-0"><Chip kind="caution">{m.design_similar_name()}</Chip></dd>}
            </dl>
          )}
        </div>
        {chosen && <p>{m.image_assign_compare()}</p>}
        {!chosen && (
          <>
            <SearchField label={m.image_assign_search()} value={text} onChange={setText} placeholder={m.image_assign_placeholder()} autoFocus />
            {asked.length < 2 && <p className="text-sm text-ink-3">{m.image_assign_type()}</p>}
            {asked.length >= 2 && found.isPending && <Loading />}
            {found.error && <ErrorBlock error={found.error} />}
            {asked.length >= 2 && found.data && found.data.rows.length === 0 && <Empty title={m.image_assign_none({ text: isolated(asked) })}>{m.image_assign_none_text()}</Empty>}
            {asked.length >= 2 && found.data && found.data.rows.length > 0 && (
              <>
                <p className="text-sm text-ink-3">{m.image_assign_count({ shown: found.data.rows.length, total: found.data.total })}</p>
                <ul className="m-0 max-h-[40vh] list-none overflow-auto p-0">
                  {found.data.rows.map((row) => (
                    <li key={row.id} className="flex items-center gap-3 border-b border-line py-2">
                      <span className="grid min-w-0 grow">
                        <b><Written>{formatName(row)}</Written></b>
                        <span className="flex flex-wrap gap-x-3 text-sm text-ink-2"><Identifier>{row.hospitalNumber}</Identifier><span>{m.design_born()} <ClinicalDate value={row.birthDate} /></span><span>{sexWord(row.sex)}</span></span>
                      </span>
                      {row.similarName && <Chip kind="caution">{m.design_similar_name()}</Chip>}
                      <Button size="sm" onPress={() => { assign.reset(); setChosen(row); }}>{m.image_assign_choose()}<span className="hs-vh"> {isolated(formatName(row))}</span></Button>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}
