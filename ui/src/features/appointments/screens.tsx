import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { AppointmentsPage } from "./AppointmentsPage";

/** Who is expected at the donor desk, day by day. */
export const screens: Screen[] = [
  { path: "/appointments", area: "donors", title: m.appointments_title, component: AppointmentsPage, needs: "see_donors", inPalette: true, icon: "calendar" },
];
