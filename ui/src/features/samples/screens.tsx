import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { ReceiveTube } from "./ReceiveTube";
import { SamplesPage } from "./SamplesPage";

/** Tubes of patients' blood, from their arrival to group and screen. */
export const screens: Screen[] = [
  { path: "/samples", area: "care", title: m.samples_title, component: SamplesPage, needs: "crossmatch", inPalette: true, icon: "tube" },
  { path: "/samples/receive", area: "care", title: m.samples_receive_title, component: ReceiveTube, needs: "crossmatch", inPalette: true, icon: "scan" },
];
