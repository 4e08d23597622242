/** For tests only: one bag at one bed, and a case about it. */
import type { BedsideRow, BedsideView, CaseRow, PatientRow } from "../../wire";
import { A_NEG, now, row as unit } from "../bloodbank/memory.testkit";

export const smith: PatientRow = { id: "p-1", family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", ageYears: 68, sex: "male", hospitalNumber: "LD 4H8P 2RVA 9", similarName: false, deceased: false };

export const at = (minutes: number) => new Date(Date.parse(now) + minutes * 60_000).toISOString();

export function bedsideRow(patch: Partial<BedsideRow> = {}): BedsideRow {
  return {
    id: "i-1", unit: unit({ group: A_NEG, patient: "p-1", status: "issued" }), patient: smith, stand: "out", leftAt: at(-10), collectedBy: "Ruth Mbeki, ward 3", uncrossmatched: false,
    startedAt: null, endedAt: null, startBefore: at(20), observeBefore: null, endBefore: null, alarms: [], presumed: false, riseTenths: null, outcome: null, ...patch,
  };
}

export function bedsideView(patch: Partial<BedsideRow> = {}, more: Partial<BedsideView> = {}): BedsideView {
  return {
    row: bedsideRow(patch), group: { state: "confirmed", group: A_NEG }, needs: [], slip: "s-1", first: null, second: null, observations: [], volumeMl: null, stopReason: null, tasks: [],
    case: null, feverRiseTenths: 20, ...more,
  };
}

export function caseRow(patch: Partial<CaseRow> = {}): CaseRow {
  return {
    id: "c-1", patient: smith, units: [unit({ group: A_NEG })], openedAt: at(-60), suspected: [], category: null, severity: null, prevented: null,
    missing: ["clerical", "visual", "direct_antiglobulin"], mustNotify: false, closedAt: null, ...patch,
  };
}
