import { TabLinks, useMay } from "../../app";
import * as m from "../../paraglide/messages";

export const recallsPath = "/blood/recalls";
export const lookPath = "/blood/look-back";
export const recallPath = (id: string) => `/blood/recall/${encodeURIComponent(id)}`;

export function RecallTabs() {
  const may = useMay();
  const items = [{ to: recallsPath, label: m.recall_title() }, ...(may("recall_blood") ? [{ to: lookPath, label: m.recall_look_title() }] : [])];
  return items.length > 1 ? <TabLinks label={m.recall_tabs()} items={items} /> : null;
}
