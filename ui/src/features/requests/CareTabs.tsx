import { TabLinks, useMay } from "../../app";
import * as m from "../../paraglide/messages";
import type { Permission } from "../../wire";

const tabs: [to: string, label: () => string, needs: Permission][] = [
  ["/requests", m.requests_title, "request_blood"],
  ["/samples", m.samples_title, "crossmatch"],
  ["/bedside", m.bedside_title, "see_stock"],
  ["/reactions", m.haemovigilance_title, "see_stock"],
  ["/massive", m.massive_title, "see_stock"],
  ["/forms", m.printing_forms_tab, "see_patients"],
];

/** From the request to the bedside: the addresses of one way, each for those who work there. */
export function CareTabs() {
  const may = useMay();
  const items = tabs.filter(([, , needs]) => may(needs)).map(([to, label]) => ({ to, label: label() }));
  return items.length > 1 ? <TabLinks label={m.requests_tabs()} items={items} /> : null;
}
