/** For tests only: one patient, one request, one tube and what the store says of them. */
import { configure, render } from "@testing-library/react";
import { vi } from "vitest";
import type { Screen } from "../../app/screens";
import { clinic, memory, type Memory, Program, statusOf } from "../../testing/program.testkit";
import type { AllocatedUnit, BloodRecord, CrossmatchRow, PatientRow, PatientView, Permission, ProposalLine, RequestRow, RequestView, SampleRow, UnitRow } from "../../wire";

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 10_000 });

export const now = "2026-11-20T14:46:00Z";
export const bench: Permission[] = ["see_patients", "see_stock", "reserve_blood", "issue_blood", "override_blood_warning", "request_blood", "crossmatch"];
export const ward: Permission[] = ["see_patients", "see_stock", "request_blood"];

export const person: PatientRow = { id: "p-1", family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", ageYears: 68, sex: "male", hospitalNumber: "HS000004J", similarName: false, deceased: false };
export const patient: PatientView = {
  id: "p-1", family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", ageYears: 68, sex: "male", hospitalNumber: "HS000004J", phone: null,
  nationalId: null, allergies: { state: "none_known" }, group: { state: "once", group: { abo: "A", rhd: "negative" } }, determinations: [], antiDEver: false, died: null,
  timeline: [], timelineHidden: 0, units: [], studies: [], asOf: now,
};
export const unit = (patch: Partial<UnitRow> = {}): UnitRow => ({
  id: "u-1", din: "A999826000107", check: "J", productCode: "D1001V00", component: "red_cells", group: { abo: "A", rhd: "negative" }, status: "available",
  expiresAt: "2026-11-28T20:59:00Z", daysLeft: 8, place: "Fridge 1, shelf C", patient: null, patientName: null, until: null, ...patch,
});
export const row = (patch: Partial<RequestRow> = {}): RequestRow => ({
  id: "r-1", patient: person, component: "red_cells", count: 2, urgency: "urgent", indication: "anaemia", neededBy: "2026-11-20T18:46:00Z", placedAt: "2026-11-20T13:00:00Z",
  requestedBy: "Dr Ana Ferreira", acceptedBy: "OKELLO, Amina", allocated: 0, issued: 0, status: "open", sample: "ready", overdue: false, consent: true, group: { state: "once", group: { abo: "A", rhd: "negative" } }, ...patch,
});
export const tube = (patch: Partial<SampleRow> = {}): SampleRow => ({
  id: "s-1", patient: "p-1", patientName: "SMITH, John (Mr)", number: "S26 006 101", drawnAt: "2026-11-20T12:00:00Z", drawnBy: "Ruth Mbeki", identifiedBy: "Dr Ana Ferreira",
  receivedAt: "2026-11-20T12:30:00Z", validUntil: "2026-11-23T20:59:00Z", atRisk: false, stand: "ready", rejected: null, group: { abo: "A", rhd: "negative" }, discrepant: false, typings: 1, screen: "negative", ...patch,
});
export const line = (patch: Partial<ProposalLine> = {}): ProposalLine => ({ unit: unit(), reasons: [{ why: "identical_group", args: {} }, { why: "oldest_first", args: {} }], cautions: [], ...patch });
export const crossmatch = (patch: Partial<CrossmatchRow> = {}): CrossmatchRow => ({
  id: "x-1", unit: unit(), sample: "S26 006 101", method: "ahg", outcome: "compatible", doneAt: "2026-11-20T14:00:00Z", recordedAt: "2026-11-20T14:00:00Z", by: "OKELLO, Amina",
  validUntil: "2026-11-23T20:59:00Z", retrospective: false, withdrawn: null, ...patch,
});
export const held = (patch: Partial<AllocatedUnit> = {}): AllocatedUnit => ({
  unit: unit({ status: "reserved" }), crossmatch: null, ready: false,
  needed: { need: { kind: "method", method: "immediate_spin" }, groupOOnly: false, medicalReview: false, antigenNegative: [], failed: ["switched_on"], why: ["electronic_conditions_fail"] }, ...patch,
});
export const view = (patch: Partial<RequestView> = {}): RequestView => ({
  row: row(), group: { state: "confirmed", group: { abo: "A", rhd: "negative" } }, antiDEver: false, measured: [{ measure: "haemoglobin", value: 64 }], needs: [], freshDays: null, cancelReason: null,
  advice: [{ measure: "haemoglobin", value: 64, below: 70, reconsider: false, source: "AABB 2023" }], sample: tube(), allocated: [], issued: [], proposal: [line()], leftOut: [], leftOutTotal: 0, missing: 0, ...patch,
});
export const record = (patch: Partial<BloodRecord> = {}): BloodRecord => ({
  patient: person, group: { state: "confirmed", group: { abo: "A", rhd: "negative" } }, antiDEver: false, phenotype: "ordinary", transplant: false, antibodies: [], requirements: [], exposures: [], samples: [], requests: [],
  crossmatches: [], issues: [], ...patch,
});

/** A workstation with the patient above; what a test wants otherwise it puts into `answers`. */
export function desk(permissions: Permission[] = bench, answers: Memory["answers"] = {}): Memory {
  return memory({
    "app.status": () => statusOf({ door: "signed_in", now, facility: clinic, session: { user: "amina", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions, since: now } }),
    "draft.get": () => ({ body: null, at: null }),
    "draft.put": () => ({}),
    "draft.drop": () => ({}),
    "patient.view": () => patient,
    "patient.search": () => ({ rows: [person], total: 1 }),
    "request.list": () => ({ open: [], ended: [] }),
    "request.view": () => view(),
    "request.choices": () => ({ thresholds: [{ indication: "anaemia", component: "red_cells", measure: "haemoglobin", below: 70, source: "AABB 2023" }] }),
    "request.advise": () => [],
    "blood.record": () => record(),
    "sample.list": () => ({ waiting: [], recent: [] }),
    "staff.names": () => [
      { user: "mbeki", name: "Ruth Mbeki", role: "nurse", me: false, draws: true }, { user: "ferreira", name: "Dr Ana Ferreira", role: "physician", me: false, draws: true }, { user: "amina", name: "OKELLO, Amina", role: "blood_bank_scientist", me: true, draws: true },
    ],
    ...answers,
  });
}

export function open(screens: Screen[], path: string, backend: Memory): Memory {
  render(<Program backend={backend} screens={screens} path={path} />);
  return backend;
}

export { scan } from "../../testing/scanning.testkit";
