import { TabLinks, useMay } from "../../app";
import * as m from "../../paraglide/messages";

/** Donors and laboratory: two benches of one number. */
export function BenchTabs() {
  const may = useMay();
  const items = [...(may("see_donors") ? [{ to: "/donors", label: m.donor_title() }] : []), ...(may("test_donations") ? [{ to: "/lab", label: m.lab_title() }] : [])];
  return items.length > 1 ? <TabLinks label={m.lab_tabs()} items={items} /> : null;
}
