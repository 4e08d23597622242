/** What the blood bank still has to do, in one list. */
import type { Screen } from "../../app/screens";
import * as m from "../../paraglide/messages";
import { TasksPage } from "./TasksPage";

export const screens: Screen[] = [
  { path: "/blood/tasks", area: "blood", title: m.tasks_title, component: TasksPage, needs: "see_stock", inPalette: true, icon: "clock" },
];
