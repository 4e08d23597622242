import { ClinicalDate, ClinicalTime, formatDay, formatMoment } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { StudyRow } from "../../wire";

/** Most files know the day and not the hour. A day alone never becomes midnight somewhere. */
const isDay = (value: string) => /^\d{4}(-\d{2}){0,2}$/.test(value);

/** When the picture was taken; without that, when it was added, which is said. */
export function When({ row: { takenAt, addedAt }, always }: { row: Pick<StudyRow, "takenAt" | "addedAt">; always?: "date-time" }) {
  if (takenAt === null) return <>{m.image_pane_added()} <ClinicalTime value={addedAt} always={always} /></>;
  return isDay(takenAt) ? <ClinicalDate value={takenAt} /> : <ClinicalTime value={takenAt} always={always} />;
}

export function whenText({ takenAt, addedAt }: Pick<StudyRow, "takenAt" | "addedAt">, zone: string, now: string): string {
  if (takenAt !== null && isDay(takenAt)) return formatDay(takenAt) ?? takenAt;
  return formatMoment(takenAt ?? addedAt, zone, now) ?? takenAt ?? addedAt;
}
