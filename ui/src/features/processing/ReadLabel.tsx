import { useState } from "react";
import { useMay } from "../../app";
import { useSend } from "../../backend";
import { DonationNumber } from "../../clinical";
import { Bar, Button } from "../../design";
import * as m from "../../paraglide/messages";
import type { UnitRow } from "../../wire";
import { Ask } from "../donors/dialogs";
import { LabError } from "../lab/dialogs";
import { useLabelRead } from "../lab/LabelRead";

/** A bag that came of a treatment is given out, but in an emergency, only after its new label was read back. */
export function LabelUnread({ row }: { row: UnitRow }) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Bar kind="caution" action={may("test_donations") ? <Button variant="primary" onPress={() => setOpen(true)}>{m.processing_label_read()}</Button> : undefined}><b>{m.processing_label_unread()}</b> {m.processing_label_unread_why()}</Bar>
      {open && <ReadDialog row={row} onClose={() => setOpen(false)} />}
    </>
  );
}

function ReadDialog({ row, onClose }: { row: UnitRow; onClose(): void }) {
  const [tried, setTried] = useState(false);
  const { label, fields } = useLabelRead(tried);
  const send = useSend("work.label", { onDone: onClose });
  return (
    <Ask title={m.processing_label_title()} act={m.processing_label_save()} error={null} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (label) send.mutate({ unit: row.id, label }); }}>
      <p className="flex flex-wrap items-center gap-2"><DonationNumber din={row.din} check={row.check} /> <span className="hs-mono">{row.productCode}</span></p>
      {fields}
      {send.error && <LabError error={send.error} />}
    </Ask>
  );
}
