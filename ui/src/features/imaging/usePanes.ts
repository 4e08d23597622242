import { useEffect, useMemo, useState } from "react";
import { useMay } from "../../app";
import { useCommand } from "../../backend";
import { usePlace } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { ImageView, StudyView } from "../../wire";
import { type Hanging, hung, keepLayout, type Layout, layoutFor, othersOf, pictureBeside, put, type Slot, studyBeside } from "./hanging";
import { type Content, type Offer, studyWords, whenWord } from "./Panes";
import { whenText } from "./When";
import { alike } from "./Who";
import { fileName } from "./words";
import { isolated } from "./Written";

/** Four at most, so that the number of questions never changes between two drawings. */
function useStudies(slots: (Slot | null)[], current: StudyView): Content[] {
  const ask = (slot: Slot | null | undefined) => ({ id: slot?.study ?? "", off: !slot || slot.study === current.row.id });
  const asks = [ask(slots[0]), ask(slots[1]), ask(slots[2]), ask(slots[3])] as const;
  const answers = [
    useCommand("study.view", { id: asks[0].id }, { enabled: !asks[0].off }),
    useCommand("study.view", { id: asks[1].id }, { enabled: !asks[1].off }),
    useCommand("study.view", { id: asks[2].id }, { enabled: !asks[2].off }),
    useCommand("study.view", { id: asks[3].id }, { enabled: !asks[3].off }),
  ];
  return slots.map((slot, i) => {
    const own = slot?.study === current.row.id;
    const answer = answers[i];
    const study = slot === null ? null : own ? current : (answer?.data ?? null);
    const image = study && (study.images.find((x) => x.id === slot?.image) ?? study.images[0] ?? null);
    return { slot, study, image, error: slot === null || own ? null : (answer?.error ?? null), retry: () => void answer?.refetch() };
  });
}

/** What hangs where: the study that was opened, and the same person's other studies beside it. */
export function usePanes(study: StudyView) {
  const may = useMay();
  const { zone, now } = usePlace();
  const { row } = study;
  const patient = useCommand("patient.view", { id: row.patient ?? "" }, { enabled: row.patient !== null && may("see_patients") });
  const studies = useMemo(() => (patient.data ? patient.data.studies : [row]), [patient.data, row]);
  const others = useMemo(() => othersOf(studies, row), [studies, row]);
  const first = study.images[0]?.id ?? null;
  const pictures = useMemo(() => study.images.map((i): Slot => ({ study: row.id, image: i.id })), [study.images, row.id]);

  const [hanging, setHanging] = useState<Hanging>(() => ({ layout: "1x1", slots: [{ study: row.id, image: first }], active: 0, linked: true }));
  // The layout of last time waits until the priors are known: hung without them it would leave an empty pane.
  const known = row.patient === null || !may("see_patients") || patient.isError || patient.data !== undefined;
  const [started, setStarted] = useState(false);
  const ids = others.map((o) => o.id).join(" ");
  useEffect(() => {
    if (started || !known) return;
    setStarted(true);
    const layout = layoutFor(row.modality);
    const beside = ids === "" ? [] : ids.split(" ");
    if (layout !== "1x1" && beside.length + pictures.length > 1) setHanging((old) => (old.layout === "1x1" ? hung(old, layout, beside, pictures) : old));
  }, [started, known, ids, pictures, row.modality]);

  const contents = useStudies(hanging.slots, study);
  const active: Content | null = contents[hanging.active] ?? null;

  const offers: Offer[] = [
    ...study.images.map((image, i) => ({ id: `${row.id}/${image.id}`, slot: { study: row.id, image: image.id }, label: m.image_pane_offer_picture({ when: m.image_pane_current(), number: i + 1, total: study.images.length, file: isolated(image.fileName) }) })),
    ...others.map((o) => ({ id: o.id, slot: { study: o.id, image: null }, label: m.image_pane_offer_study({ when: whenWord(o, row), date: whenText(o, zone, now), what: isolated(studyWords(o)) || m.image_pane_no_kind() }) })),
  ];
  const nothingElse = others.length > 0 ? null
    : row.patient === null ? m.image_pane_unassigned()
      : !may("see_patients") ? m.image_pane_may_not()
        : patient.error ? m.image_pane_failed()
          : patient.data ? m.image_pane_no_priors() : m.image_who_loading();

  return {
    hanging,
    contents,
    active,
    others,
    offers,
    nothingElse,
    setActive: (pane: number) => setHanging((old) => (old.active === pane || pane < 0 || pane >= old.slots.length ? old : { ...old, active: pane })),
    setLinked: (linked: boolean) => setHanging((old) => ({ ...old, linked })),
    setLayout(layout: Layout) {
      keepLayout(row.modality, layout);
      setHanging((old) => hung(old, layout, others.map((o) => o.id), pictures));
    },
    put: (pane: number, slot: Slot | null) => setHanging((old) => put(old, pane, slot)),
    /** One study further in time in the active pane. False at either end. */
    goStudy(by: "older" | "newer"): boolean {
      const to = studyBeside(studies, active?.slot?.study ?? row.id, by);
      if (to === null) return false;
      setHanging((old) => put(old, old.active, { study: to, image: to === row.id ? first : null }));
      return true;
    },
    /** Another picture in a pane, whichever is the active one. */
    hang: (pane: number, slot: Slot) => setHanging((old) => (old.slots[pane]?.image === slot.image && old.slots[pane]?.study === slot.study ? old : { ...old, slots: old.slots.map((s, i) => (i === pane ? slot : s)) })),
    /** One picture further in a pane's own study. */
    goPicture(pane: number, by: 1 | -1) {
      const here = contents[pane];
      const to = here?.study && here.image && pictureBeside(here.study, here.image.id, by);
      if (to) setHanging((old) => ({ ...old, slots: old.slots.map((s, i) => (i === pane ? to : s)) }));
    },
    /** What must be said when a file on a pane names somebody other than the patient it is filed under. */
    warning({ study: shown, image }: { study: StudyView | null; image: ImageView | null }): string | null {
      if (!shown || !image?.filePatientName || !patient.data) return null;
      const written = fileName(image.filePatientName);
      return alike(written, patient.data) ? null : m.image_who_mismatch({ name: isolated(written) });
    },
  };
}
