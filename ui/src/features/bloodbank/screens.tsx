/** The blood bank: stock, issue, receive, units. Every value on these screens comes from the store. */
import type { Screen } from "../../app";
import * as m from "../../paraglide/messages";
import { Counter } from "./Counter";
import { IssuesPage } from "./Issues";
import { Receive } from "./Receive";
import { ReserveMany } from "./ReserveMany";
import { StockBoard } from "./StockBoard";
import { UnitPage } from "./UnitPage";
import { UnitsList } from "./UnitsList";

export const screens: Screen[] = [
  { path: "/blood", area: "blood", title: m.blood_title, component: StockBoard, needs: "see_stock", home: true, inPalette: true, icon: "blood" },
  { path: "/blood/issue", area: "blood", title: m.blood_counter_title, component: Counter, needs: "see_stock", inPalette: true, icon: "scan" },
  { path: "/issues", area: "blood", title: m.blood_issues_title, component: IssuesPage, needs: "see_stock", inPalette: true, icon: "clock" },
  { path: "/blood/receive", area: "blood", title: m.blood_receive_title, component: Receive, needs: "see_stock", inPalette: true, icon: "fridge" },
  { path: "/blood/units", area: "blood", title: m.blood_units_title, component: UnitsList, needs: "see_stock", inPalette: true, icon: "tube" },
  { path: "/blood/reserve", area: "blood", title: m.blood_many_title, component: ReserveMany, needs: "reserve_blood", inPalette: true, icon: "tube" },
  { path: "/blood/unit/$id", area: "blood", title: m.blood_counter_unit, component: UnitPage, needs: "see_stock" },
];
