import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import DesignPage from "../app/DesignPage";
import { PreferencesProvider } from "../app/preferences";
import { PatientBanner } from "../clinical";
import { Button, ComboBox, DataGrid, DateField, NumberField, RefusalBlock } from ".";

function Dated({ onChange }: { onChange(v: string | null): void }) {
  const [value, setValue] = useState<string | null>(null);
  return <DateField label="Born" value={value} yearAlone onChange={(v) => { setValue(v); onChange(v); }} />;
}

function Weighed({ onSubmit, first = null }: { onSubmit(kg: number | null): void; first?: number | null }) {
  const [kg, setKg] = useState<number | null>(first);
  return (
    <form noValidate onSubmit={(e) => { e.preventDefault(); onSubmit(kg); }}>
      <NumberField label="Weight" unit="kg" min={20} max={300} step={0.1} decimals={1} value={kg} onChange={setKg} />
      <button type="submit">Save</button>
    </form>
  );
}

describe("a number field", () => {
  it("says what can be and keeps what was typed, instead of making another number of it", async () => {
    const onSubmit = vi.fn();
    render(<Weighed onSubmit={onSubmit} first={62} />);
    const field = screen.getByRole("textbox", { name: "Weight" });
    await userEvent.clear(field);
    await userEvent.type(field, "999");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(field).toHaveValue("999");
    expect(field).toHaveAccessibleDescription(/This cannot be. Write 20 to 300 kg./);
    expect(field).toBeInvalid();
    // Nor does the form go as if nothing had been written.
    expect(onSubmit).not.toHaveBeenCalled();
    expect(field).toHaveFocus();
    await userEvent.clear(field);
    await userEvent.type(field, "61.5");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(onSubmit).toHaveBeenCalledExactlyOnceWith(61.5);
    expect(field).toBeValid();
  });
});

describe("a field with suggestions", () => {
  const zones = ["UTC", "Africa/Lagos", "Africa/Nairobi", "Asia/Kolkata"].map((id) => ({ id, label: id }));
  function Zone() {
    const [zone, setZone] = useState("UTC");
    return <><ComboBox label="Time zone" options={zones} value={zone} onChange={setZone} /><output>{zone}</output><button>Next</button></>;
  }
  it.each([
    ["africa/nairobi", "{Enter}", "Africa/Nairobi"],
    ["Africa/Lagos", "{Tab}", "Africa/Lagos"],
    ["kolk", "{Tab}", "Asia/Kolkata"],
    ["Africa/", "{Tab}", "UTC"],
    ["Mars/Base", "{Enter}", "UTC"],
  ])("%s and %s choose %s: what is typed whole, or has one meaning, is not quietly dropped", async (text, key, chosen) => {
    render(<Zone />);
    const field = screen.getByRole("combobox", { name: "Time zone" });
    await userEvent.clear(field);
    await userEvent.type(field, text);
    await userEvent.keyboard(key);
    expect(screen.getByRole("status", { hidden: true })).toHaveTextContent(chosen);
    if (key === "{Tab}") expect(field).toHaveValue(chosen);
  });

  it("takes what was typed where the next thing is pressed", async () => {
    render(<Zone />);
    const field = screen.getByRole("combobox", { name: "Time zone" });
    await userEvent.clear(field);
    await userEvent.type(field, "Africa/Nairobi");
    (field as HTMLInputElement).blur();
    expect(await screen.findByText("Africa/Nairobi", { selector: "output" })).toBeVisible();
  });
});

describe("a date field", () => {
  it("takes figures and letters and moves on by itself", async () => {
    const onChange = vi.fn();
    render(<Dated onChange={onChange} />);
    await userEvent.tab();
    await userEvent.keyboard("05mar1958");
    expect(onChange).toHaveBeenLastCalledWith("1958-03-05");
    expect(screen.getByRole("spinbutton", { name: "Month, Born" })).toHaveTextContent("Mar");
  });

  it("accepts the year alone where that is all that is known", async () => {
    const onChange = vi.fn();
    render(<Dated onChange={onChange} />);
    await userEvent.click(screen.getByRole("spinbutton", { name: "Year, Born" }));
    await userEvent.keyboard("1958");
    expect(onChange).toHaveBeenLastCalledWith("1958");
  });

  it("says that a day does not exist and gives no date", async () => {
    const onChange = vi.fn();
    render(<Dated onChange={onChange} />);
    await userEvent.tab();
    await userEvent.keyboard("31feb2026");
    expect(onChange).not.toHaveBeenLastCalledWith(expect.stringContaining("2026-02"));
    expect(screen.getByText(/There is no 31-Feb/)).toBeInTheDocument();
  });
});

describe("a button that cannot act yet", () => {
  it("stays reachable, says why, and does nothing", async () => {
    const onPress = vi.fn();
    render(<Button notNow="Scan the unit first" onPress={onPress}>Issue unit</Button>);
    await userEvent.tab();
    const button = screen.getByRole("button", { name: "Issue unit" });
    expect(button).toHaveFocus();
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(button).toHaveAccessibleDescription("Scan the unit first");
    await userEvent.keyboard("{Enter}");
    expect(onPress).not.toHaveBeenCalled();
  });
});

describe("a grid", () => {
  it("opens a row with Enter", async () => {
    const onAction = vi.fn();
    render(<DataGrid label="Units" rows={[{ id: "a" }, { id: "b" }]} rowKey={(r) => r.id} onAction={onAction} columns={[{ id: "id", title: "Number", cell: (r) => r.id }]} />);
    await userEvent.tab();
    await userEvent.keyboard("{ArrowDown}{Enter}");
    expect(onAction).toHaveBeenCalledWith("b");
  });
});

describe("a refusal", () => {
  it("says what, why, by which rule and what to do now", () => {
    render(<RefusalBlock title="This unit cannot be issued" why="Group B" rule="ABO" doNow="Put it back" code="ABO_INCOMPATIBLE" />);
    expect(screen.getByRole("alert")).toHaveTextContent("This unit cannot be issuedABO_INCOMPATIBLEWhyGroup BRuleABODo nowPut it back");
  });
});

describe("the patient banner", () => {
  const patient = { family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", sex: "male", hospitalNumber: "LD 4H8P 2RVA 9", died: null } as const;

  it("has exactly one of four headings for allergies", () => {
    const headings = [
      [{ state: "known", list: [{ substance: "Penicillin", reaction: null, severe: false, recordedAt: "" }] }, "Known allergies"],
      [{ state: "none_known" }, "No known allergies"],
      [{ state: "not_recorded" }, "Allergies not recorded"],
      [{ state: "unavailable" }, "Allergies unavailable"],
    ] as const;
    for (const [allergies, words] of headings) {
      const { unmount } = render(<PatientBanner patient={{ ...patient, allergies: structuredClone(allergies) as never }} />);
      expect(screen.getByText(words)).toBeInTheDocument();
      unmount();
    }
  });

  it("shows when somebody died, at which age, and no age of today", () => {
    render(<PatientBanner patient={{ ...patient, birthDate: "1941-02-02", died: "2026-11-18", allergies: { state: "none_known" } }} />);
    expect(screen.getByText("18-Nov-2026")).toBeInTheDocument();
    expect(screen.getByText("aged 85 years")).toBeInTheDocument();
  });
});

describe("the sheet of components", () => {
  it("has nothing that axe objects to", async () => {
    const { container } = render(<PreferencesProvider><DesignPage /></PreferencesProvider>);
    // Contrast needs a real layout; the tokens were measured and Playwright checks it in a browser.
    const result = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
    expect(result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`)).toEqual([]);
  });
});
