import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { ArchivesPage } from "./ArchivesPage";
import { ConnectionsPage } from "./ConnectionsPage";

export const screens: Screen[] = [
  { path: "/settings/connections", area: "settings", title: () => m.connect_title(), component: ConnectionsPage, needs: "manage_facility", inPalette: true, icon: "server" },
  { path: "/archives", area: "images", title: () => m.connect_search_title(), component: ArchivesPage, needs: "import_images", inPalette: true, icon: "server" },
];
