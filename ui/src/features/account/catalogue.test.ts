import { describe, expect, it } from "vitest";
import accountAr from "../../../messages/account/ar.json";
import accountEn from "../../../messages/account/en.json";
import patientAr from "../../../messages/patient/ar.json";
import patientEn from "../../../messages/patient/en.json";

const values = (message: unknown) => [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();

describe.each([["account", accountEn, accountAr], ["patient", patientEn, patientAr]] as [string, Record<string, unknown>, Record<string, unknown>][])("the words of %s", (_, en, ar) => {
  it("are all there in Arabic, each with the same values", () => {
    expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort());
    // In Arabic "one" and "two" are words; the number itself must stand in the forms for more.
    for (const key of Object.keys(en)) expect([key, values(ar[key])]).toEqual([key, values(en[key])]);
  });

  it("use no exclamation mark", () => {
    for (const [key, message] of Object.entries(en)) expect([key, JSON.stringify(message).includes("!")]).toEqual([key, false]);
  });
});
