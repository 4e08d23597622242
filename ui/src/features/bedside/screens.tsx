import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { BedsideList } from "./BedsideList";
import { BedsidePage } from "./BedsidePage";

/** Blood at the bed: the check by two people, the transfusion, its end. */
export const screens: Screen[] = [
  { path: "/bedside", area: "care", title: m.bedside_title, component: BedsideList, needs: "see_stock", inPalette: true, icon: "bed" },
  { path: "/bedside/$id", area: "care", title: m.bedside_page_title, component: BedsidePage, needs: "see_stock" },
];
