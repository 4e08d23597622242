/** Boxes between sites, the counting of a shelf, and the places where blood lies. */
import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { BoxPage } from "./BoxPage";
import { Boxes } from "./Boxes";
import { Count } from "./Count";
import { PlacePage } from "./PlacePage";
import { Places } from "./Places";
import { Sites } from "./Sites";
import { TakeIn } from "./TakeIn";

export const screens: Screen[] = [
  { path: "/blood/boxes", area: "blood", title: m.shelf_box_title, component: Boxes, needs: "see_stock", inPalette: true, icon: "forward" },
  { path: "/blood/box/$id", area: "blood", title: m.shelf_box_title, component: BoxPage, needs: "see_stock" },
  { path: "/blood/take-in", area: "blood", title: m.shelf_in_title, component: TakeIn, needs: "receive_blood", inPalette: true, icon: "scan" },
  { path: "/blood/count", area: "blood", title: m.shelf_count_title, component: Count, needs: "receive_blood", inPalette: true, icon: "scan" },
  { path: "/blood/places", area: "blood", title: m.shelf_place_title, component: Places, needs: "see_stock", inPalette: true, icon: "fridge" },
  { path: "/blood/place/$id", area: "blood", title: m.shelf_place_title, component: PlacePage, needs: "see_stock" },
  { path: "/settings/sites", area: "settings", title: m.shelf_site_title, component: Sites, needs: "manage_facility", inPalette: true, icon: "key" },
];
