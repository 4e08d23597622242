import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { FiguresPage } from "./FiguresPage";

/** What a blood bank is measured by, each figure with its definition. */
export const screens: Screen[] = [
  { path: "/blood/figures", area: "blood", title: m.figures_title, component: FiguresPage, needs: "see_stock", inPalette: true, icon: "document" },
];
