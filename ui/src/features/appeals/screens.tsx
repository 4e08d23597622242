import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { AppealPage } from "./AppealPage";
import { AppealsPage } from "./AppealsPage";
import { NewAppeal } from "./NewAppeal";

/** Writing to donors that blood is needed. */
export const screens: Screen[] = [
  { path: "/appeals", area: "donors", title: m.appeals_title, component: AppealsPage, needs: "see_donors", inPalette: true, icon: "person" },
  { path: "/appeals/new", area: "donors", title: m.appeals_new_title, component: NewAppeal, needs: "ask_donors", inPalette: true, icon: "plus" },
  { path: "/appeals/$id", area: "donors", title: m.appeals_title, component: AppealPage, needs: "see_donors" },
];
