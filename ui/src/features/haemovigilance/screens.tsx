import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { CaseList } from "./CaseList";
import { CasePage } from "./CasePage";

/** Reactions and near misses: found, worked up, judged, closed. */
export const screens: Screen[] = [
  { path: "/reactions", area: "care", title: m.haemovigilance_title, component: CaseList, needs: "see_stock", inPalette: true, icon: "triangle" },
  { path: "/reactions/$id", area: "care", title: m.haemovigilance_one, component: CasePage, needs: "see_stock" },
];
