/** For tests only: an invented reading room in memory. */
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import axe from "axe-core";
import { PreferencesProvider } from "../../app/preferences";
import { StatusProvider } from "../../app/status";
import { BackendProvider } from "../../backend";
import { ZoneProvider } from "../../clinical";
import { type FakeBackend, fakeBackend, signedIn } from "../../testing/fakeBackend";
import type { AnalysisView, FindingView, ImageView, Permission, Status, StudyRow, StudyView } from "../../wire";
import { screens } from "./screens";

export function image(over: Partial<ImageView> = {}): ImageView {
  return {
    id: "i1", fileName: "chest.dcm", rows: 4, cols: 4, frames: 1, samples: 1, signed: false, bitsStored: 12, inverted: false, slope: 1, intercept: 0,
    windows: [{ center: 2048, width: 4096, name: null }], spacingMm: null, orientation: null, modality: "DX", filePatientName: "SMITH^John", filePatientId: "77", sha256: "ab".repeat(32), ...over,
  };
}

export function finding(over: Partial<FindingView> = {}): FindingView {
  return {
    label: "bacterial_pneumonia", condition: "bacterial_pneumonia", normal: false, probability: 0.82, word: "likely", threshold: 0.46, sensitivity: 0.86, specificity: 0.91,
    map: { cols: 2, rows: 2, values: [0, 1000, 500, 100], rect: { x: 0, y: 0, width: 4, height: 4 } }, judged: null, ...over,
  };
}
export const normal = finding({ label: "normal", condition: "normal", normal: true, probability: 0.18, threshold: null, map: null });

export function analysis(over: Partial<AnalysisView> = {}): AnalysisView {
  return {
    id: "a1", image: "i1", state: "done", reason: null, detail: null, findings: [finding(), normal], outsideIntendedUse: null, task: "chest_xray_pneumonia", network: "basic_cnn",
    pack: { id: "chest-xray-basic", version: "0.1.0", sha256: "a91c07be".repeat(8) }, startedAt: "2026-11-20T11:00:00Z", finishedAt: "2026-11-20T11:00:01Z",
    timingMs: { decode: 1, preprocess: 2, infer: 3 }, askedBy: "OKELLO, Amina", ...over,
  };
}

export function row(over: Partial<StudyRow> = {}): StudyRow {
  return { id: "s1", patient: null, patientName: "SMITH^John", fileName: "chest.dcm", modality: "DX", bodyPart: "CHEST", takenAt: "2026-11-20T10:00:00Z", addedAt: "2026-11-20T10:01:00Z", images: 1, state: "done", outsideIntendedUse: false, finding: "bacterial_pneumonia", probability: 0.82, report: "none", writing: null, ...over };
}

export function room(study: StudyView | null = { row: row(), images: [image()], analyses: [analysis()], report: null }): FakeBackend {
  const backend = fakeBackend({
    "study.worklist": () => ({ rows: study ? [study.row] : [], total: study ? 1 : 0, as_of: "2026-11-20T11:46:00Z" }),
    "analysis.queue": { jobs: [] },
    "batch.list": { batches: [], halted: null },
    "analysis.judge": {},
    ...(study ? { "study.view": study } : {}),
  });
  backend.frame = async () => new ArrayBuffer(4 * 4 * 2);
  return backend;
}

export function open(backend: FakeBackend, path = "/images/s1", permissions?: Permission[]) {
  const all = signedIn();
  const status: Status = permissions && all.session ? { ...all, session: { ...all.session, permissions } } : all;
  const root = createRootRoute({ component: () => <main><Outlet /></main> });
  const routes = screens.map((s) => createRoute({ getParentRoute: () => root, path: s.path, component: s.component, validateSearch: (search: Record<string, unknown>) => search }));
  const router = createRouter({ routeTree: root.addChildren(routes), history: createMemoryHistory({ initialEntries: [path] }) });
  const view = render(
    <PreferencesProvider>
      <BackendProvider backend={backend}>
        <StatusProvider status={status}>
          <ZoneProvider zone="Africa/Nairobi" now={status.now}><RouterProvider router={router as never} /></ZoneProvider>
        </StatusProvider>
      </BackendProvider>
    </PreferencesProvider>,
  );
  return { ...view, router };
}

/** Contrast needs a real browser and is checked there. */
export async function faults(): Promise<string[]> {
  const result = await axe.run({ include: [["body"]], exclude: [["[data-live-announcer]"]] }, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`);
}
