import { TabLinks, useMay } from "../../app";
import * as m from "../../paraglide/messages";
import type { Permission } from "../../wire";

const tabs: [to: string, label: () => string, needs: Permission][] = [
  ["/donors", m.donor_title, "see_donors"],
  ["/appointments", m.appointments_title, "see_donors"],
  ["/appeals", m.appeals_title, "see_donors"],
  ["/lab", m.lab_title, "test_donations"],
];

/** The donor side: who gives, who is expected, who is asked, and the bench. */
export function DonorTabs() {
  const may = useMay();
  const items = tabs.filter(([, , needs]) => may(needs)).map(([to, label]) => ({ to, label: label() }));
  return items.length > 1 ? <TabLinks label={m.lab_tabs()} items={items} /> : null;
}
