import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { BloodRecordPage } from "./BloodRecordPage";

/** What a person's blood has shown at any time. */
export const screens: Screen[] = [
  { path: "/patients/$id/blood", area: "patients", title: m.record_title, component: BloodRecordPage, needs: "see_patients" },
];
