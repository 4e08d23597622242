import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { ProtocolList } from "./ProtocolList";
import { ProtocolPage } from "./ProtocolPage";

/** Massive transfusion: packs, prompts, and every bag accounted for. */
export const screens: Screen[] = [
  { path: "/massive", area: "care", title: m.massive_title, component: ProtocolList, needs: "see_stock", inPalette: true, icon: "blood" },
  { path: "/massive/$id", area: "care", title: m.massive_one, component: ProtocolPage, needs: "see_stock" },
];
