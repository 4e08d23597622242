import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { LabBoard } from "./LabBoard";
import { LabPage } from "./LabPage";
import { RunPage } from "./RunPage";

/** The bench between the chair and the shelf. It stands beside the donors: the same number leads through both. */
export const screens: Screen[] = [
  { path: "/lab", area: "donors", title: m.lab_title, component: LabBoard, needs: "test_donations", inPalette: true, icon: "specimen" },
  { path: "/lab/run", area: "donors", title: m.lab_run_title, component: RunPage, needs: "test_donations", inPalette: true, icon: "tube" },
  { path: "/lab/donation/$id", area: "donors", title: m.lab_title, component: LabPage, needs: "test_donations" },
];
