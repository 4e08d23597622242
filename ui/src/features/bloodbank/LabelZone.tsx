import { useState } from "react";
import { zoneNames, zoneWords } from "../../clinical";
import { ComboBox } from "../../design";
import * as m from "../../paraglide/messages";

const here = "here";

/** In which zone a label says its times: nearly always that of this house, which nobody has to choose. */
export function LabelZone({ value, onChange }: { value: string; onChange(zone: string): void }) {
  const [options] = useState(() => [{ id: here, label: m.blood_zone_here() }, ...zoneNames().map((id) => ({ id, label: zoneWords(id) }))]);
  return <ComboBox name="zone" label={m.blood_zone()} hint={m.blood_zone_hint()} options={options} value={value || here} onChange={(id) => onChange(id === here ? "" : id)} />;
}
