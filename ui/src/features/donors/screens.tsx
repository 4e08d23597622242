import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { DonorDesk } from "./DonorDesk";
import { DonorPage } from "./DonorPage";
import { Double, Doubles } from "./Doubles";
import { RegisterDonor } from "./RegisterDonor";
import { ScreenDonor } from "./ScreenDonor";

export const screens: Screen[] = [
  { path: "/donors", area: "donors", title: m.donor_title, component: DonorDesk, needs: "see_donors", home: true, inPalette: true, icon: "person" },
  { path: "/donors/register", area: "donors", title: m.donor_register, component: RegisterDonor, needs: "register_donors", inPalette: true, icon: "plus" },
  { path: "/donors/doubles", area: "donors", title: m.donor_doubles, component: Doubles, needs: "see_donors", inPalette: true, icon: "person" },
  { path: "/donors/$id/same/$other", area: "donors", title: m.donor_same_title, component: Double, needs: "see_donors" },
  { path: "/donors/$id", area: "donors", title: m.donor_title, component: DonorPage, needs: "see_donors" },
  { path: "/donors/$id/screen", area: "donors", title: m.donor_screen_title, component: ScreenDonor, needs: "screen_donors" },
];
