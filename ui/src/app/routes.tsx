import { createHashHistory, createRootRoute, createRoute, createRouter, Navigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { PageHead, Unavailable } from "../design";
import * as m from "../paraglide/messages";
import { ErrorBoundary, Stopped } from "./ErrorBlock";
import type { Screen } from "./screens";
import { Shell } from "./Shell";
import { useMay } from "./status";
import { areas, homeOf, screens } from "./table";

function framed(screen: Screen): () => ReactElement {
  const Inner = screen.component;
  return function Framed() {
    const may = useMay();
    if (screen.needs && !may(screen.needs)) {
      return <><PageHead title={screen.title()} /><Unavailable plain title={m.shell_not_for_role_title()}>{m.shell_not_for_role_do()}</Unavailable></>;
    }
    return <ErrorBoundary><Inner /></ErrorBoundary>;
  };
}

function Start() {
  const may = useMay();
  // The first area this person may see: a radiologist starts at the images, a nurse at the patients.
  const first = areas.map(homeOf).find((s) => s && (!s.needs || may(s.needs)));
  return <Navigate to={first?.path ?? "/settings/display"} replace />;
}

const root = createRootRoute({ component: Shell, notFoundComponent: Start });

const tree = root.addChildren([
  createRoute({ getParentRoute: () => root, path: "/", component: Start }),
  ...screens.map((screen) =>
    createRoute({
      getParentRoute: () => root,
      path: screen.path,
      component: framed(screen),
      staticData: { screen },
      validateSearch: (search: Record<string, unknown>) => search,
    }),
  ),
]);

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    screen?: Screen;
  }
}

export function makeRouter() {
  // The hash works the same under tauri:// and behind the dev-host, without a server that knows our addresses.
  return createRouter({ routeTree: tree, history: createHashHistory(), defaultPreload: false, scrollRestoration: false, defaultErrorComponent: Stopped });
}
