import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { Place } from "./Place";
import { RequestPage } from "./RequestPage";
import { Worklist } from "./Worklist";

/** What the wards ask for, and how the blood bank fills it. */
export const screens: Screen[] = [
  { path: "/requests", area: "care", title: m.requests_title, component: Worklist, needs: "request_blood", home: true, inPalette: true, icon: "bed" },
  { path: "/requests/new", area: "care", title: m.requests_place_title, component: Place, needs: "request_blood", inPalette: true, icon: "plus" },
  { path: "/requests/$id", area: "care", title: m.requests_one, component: RequestPage, needs: "see_patients" },
];
