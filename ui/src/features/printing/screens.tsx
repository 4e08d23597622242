import type { Screen } from "../../app";
import * as m from "../../paraglide/messages";
import { FormsPage } from "./FormsPage";

/** What is printed before it is needed. It stands beside the requests: its forms are theirs on paper. */
export const screens: Screen[] = [
  { path: "/forms", area: "care", title: m.printing_forms_title, component: FormsPage, needs: "see_patients", inPalette: true, icon: "print" },
];
