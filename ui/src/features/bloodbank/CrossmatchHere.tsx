import { useCommand } from "../../backend";
import { formatName, usePlace } from "../../clinical";
import { Button, Dialog, Loading } from "../../design";
import * as m from "../../paraglide/messages";
import type { UnitRow } from "../../wire";
import { CrossmatchDialog } from "../requests/CrossmatchDialog";
import { Refused } from "./common";

/** The crossmatch of one bag for one patient, recorded where it is missing: at the counter, or afterwards where it is owed. */
export function CrossmatchHere({ unit, patient, onClose }: { unit: UnitRow; patient: string; onClose(): void }) {
  const place = usePlace();
  const needed = useCommand("crossmatch.ask", { patient, unit: unit.id });
  const who = useCommand("patient.view", { id: patient });
  const error = needed.error ?? who.error;
  if (!needed.data || !who.data) {
    return (
      <Dialog isOpen onClose={onClose} title={m.requests_xm_record()} footer={<Button size="lg" onPress={onClose}>{m.blood_close()}</Button>}>
        {error ? <Refused error={error} subject={{ unit, ...place }} /> : <Loading label={m.blood_checking()} />}
      </Dialog>
    );
  }
  const { data } = who;
  return <CrossmatchDialog held={{ unit, needed: needed.data }} patient={{ id: patient, name: formatName(data), number: data.hospitalNumber, birthDate: data.birthDate, group: data.group }} onClose={onClose} />;
}
