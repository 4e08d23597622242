import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { Performance } from "./Performance";
import { ReadingRoom, ViewerWindow } from "./ReadingRoom";

export const screens: Screen[] = [
  { path: "/images", area: "images", title: () => m.image_title(), component: ReadingRoom, needs: "see_images", dark: true, home: true, inPalette: true, icon: "lungs" },
  { path: "/images/$studyId", area: "images", title: () => m.image_title(), component: ReadingRoom, needs: "see_images", dark: true },
  { path: "/images/performance", area: "images", title: () => m.image_perf_title(), component: Performance, needs: "judge_findings", inPalette: true, icon: "document" },
  { path: "/viewer/$studyId", area: "images", title: () => m.image_title(), component: ViewerWindow, needs: "see_images", dark: true, bare: true },
];
