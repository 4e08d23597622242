import { useCommand } from "../../backend";
import { formatName } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { DonorRow, PhotoView } from "../../wire";

const frame = "h-[128px] w-[96px] flex-none border border-line-2 bg-sunken";
const nameOf = (row: DonorRow) => formatName({ ...row, title: null });

/** The first letters of the name, as it is spoken; an empty box would look like a picture that failed. */
export function initials({ given, family }: Pick<DonorRow, "given" | "family">): string {
  const first = (text: string) => [...text.trim()][0]?.toLocaleUpperCase() ?? "";
  return `${first(given)}${first(family)}`;
}

/** Whether the person at the desk is the one of the record, at a glance. */
export function Photo({ row, photo }: { row: DonorRow; photo: PhotoView | null }) {
  const picture = useCommand("donor.photo", { donor: row.id, sha256: photo?.sha256 ?? "" }, { enabled: photo !== null });
  if (photo && picture.data) {
    return <img className={`${frame} object-contain`} src={`data:${picture.data.mediaType};base64,${picture.data.data}`} alt={m.donor_photo_of({ name: nameOf(row) })} width={96} height={128} />;
  }
  const words = photo === null ? m.donor_photo_none() : picture.error ? m.donor_photo_failed() : m.donor_photo_reading();
  return (
    <span role="img" aria-label={`${nameOf(row)}: ${words}`} className={`${frame} grid place-content-center justify-items-center gap-1 p-1 text-center`}>
      <bdi className="text-xl text-ink-2">{initials(row)}</bdi>
      <span className="text-sm text-ink-2">{words}</span>
    </span>
  );
}
