/** Recalls, and the map that leads from a donor to everybody who received and back. */
import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { LookBack } from "./LookBack";
import { RecallList } from "./RecallList";
import { RecallPage } from "./RecallPage";

export const screens: Screen[] = [
  { path: "/blood/recalls", area: "blood", title: m.recall_title, component: RecallList, needs: "see_stock", inPalette: true, icon: "triangle" },
  { path: "/blood/recall/$id", area: "blood", title: m.recall_title, component: RecallPage, needs: "see_stock" },
  { path: "/blood/look-back", area: "blood", title: m.recall_look_title, component: LookBack, needs: "recall_blood", inPalette: true, icon: "overlay" },
];
