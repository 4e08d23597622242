import { AppLink, useMay } from "../../app";
import { ClinicalTime } from "../../clinical";
import { Empty, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { StudyRow } from "../../wire";
import { analysisWord } from "./words";

/** The studies of this person and what a model said of each; abstained, failed and nothing found are not the same. */
export function ImagesPanel({ studies }: { studies: readonly StudyRow[] }) {
  const may = useMay();
  return (
    <section>
      <SectionHead title={m.patient_images()} note={studies.length > 0 ? m.patient_images_count({ count: studies.length }) : undefined} />
      {studies.length === 0
        ? <div className="p-4"><Empty title={m.patient_images_none()}>{m.patient_images_none_text()}</Empty></div>
        : (
          <ul className="m-0 list-none p-0">
            {studies.map((s) => {
              const name = [s.bodyPart, s.modality].filter(Boolean).join(", ") || m.patient_study_untitled();
              const { kind, word } = analysisWord(s.state, s.finding, s.probability, s.outsideIntendedUse);
              return (
                <li key={s.id} className="grid gap-0.5 border-b border-line px-4 py-2">
                  {may("see_images") ? <AppLink to={`/images/${s.id}`} className="justify-self-start font-strong" label={m.patient_study_open({ study: name })}>{name}</AppLink> : <b>{name}</b>}
                  <span className="hs-meta">{s.takenAt ? <>{m.patient_study_taken()} <ClinicalTime value={s.takenAt} always="date-time" /></> : <>{m.patient_study_added()} <ClinicalTime value={s.addedAt} always="date-time" /></>}</span>
                  {kind ? <Status kind={kind} wrap>{word}</Status> : <span>{word}</span>}
                </li>
              );
            })}
          </ul>
        )}
    </section>
  );
}
