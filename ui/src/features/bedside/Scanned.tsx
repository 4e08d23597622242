import { type ReactNode, useState } from "react";
import { type ScanAnswer, useScanner } from "../../app";
import { useBackend } from "../../backend";
import { formatName } from "../../clinical";
import { Bar } from "../../design";
import * as m from "../../paraglide/messages";
import type { BedsideRow, ScanPart } from "../../wire";
import { partKind } from "../bloodbank/words";

interface Note { n: number; kind: "notice" | "caution" | "critical"; text: string }

/**
 * After the check a scan changes nothing any more, and opens nothing: somebody stands at the bed with half of the
 * observations typed. It says whose wristband and which bag it was, and another one's sounds.
 */
export function Scanned({ row }: { row: BedsideRow }): ReactNode {
  const backend = useBackend();
  const [note, setNote] = useState<Note | null>(null);
  const name = formatName(row.patient);
  const put = (kind: Note["kind"], text: string): ScanAnswer => {
    setNote((was) => ({ n: (was?.n ?? 0) + 1, kind, text }));
    return kind === "notice" ? "taken" : "refused";
  };

  async function another(band: Extract<ScanPart, { kind: "patient" }>): Promise<ScanAnswer> {
    if (!band.patient) return put("critical", m.bedside_band_unknown({ number: band.number, name }));
    // Said at once; the name comes when the store has answered, and without it the warning stands.
    const answer = put("critical", m.bedside_band_other({ name }));
    backend.call("patient.view", { id: band.patient }).then((who) => put("critical", m.bedside_band_whose({ other: formatName(who), name })), () => undefined);
    return answer;
  }

  useScanner((scan) => {
    if (scan.error) return put("caution", m.shell_scan_unreadable());
    const band = scan.parts.find((p) => p.kind === "patient");
    const number = scan.parts.find((p) => p.kind === "donation_number");
    if (band) return band.patient === row.patient.id ? put("notice", m.bedside_band_same({ name })) : another(band);
    if (number) return number.din === row.unit.din ? put("notice", m.bedside_bag_same()) : put("critical", m.bedside_bag_another());
    const [part] = scan.parts;
    return put("caution", m.bedside_scan_no_use({ what: part ? partKind(part) : m.blood_kind_slip() }));
  });
  return <div aria-live="assertive" className="empty:hidden">{note && <Bar key={note.n} kind={note.kind}>{note.text}</Bar>}</div>;
}
