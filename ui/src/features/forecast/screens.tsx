/** How much blood will be needed, what to order, and what would happen if. Nothing is ordered by these pages. */
import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { ForecastPage } from "./ForecastPage";

export const screens: Screen[] = [
  { path: "/forecast", area: "blood", title: m.forecast_title, component: ForecastPage, needs: "see_stock", inPalette: true, icon: "level" },
];
