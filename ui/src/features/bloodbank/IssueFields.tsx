import { useGo } from "../../app";
import { Button, RadioGroup, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { unitPath } from "./nav";

export type Appearance = "ok" | "bad" | null;

/** What somebody sees on the bag, and who carries it away. */
export function IssueFields({ appearance, onAppearance, collector, onCollector, unit }: { appearance: Appearance; onAppearance(a: Appearance): void; collector: string; onCollector(name: string): void; unit: string | null }) {
  const go = useGo();
  return (
    <div className="grid max-w-[520px] gap-3">
      <RadioGroup label={m.blood_appearance()} stacked options={[{ id: "ok", label: m.blood_appearance_ok() }, { id: "bad", label: m.blood_appearance_bad() }]} value={appearance} onChange={(v: "ok" | "bad") => onAppearance(v)} />
      {appearance === "bad" && (
        <div role="alert" className="grid justify-items-start gap-2">
          <Status kind="critical" wrap>{m.blood_appearance_bad_next()}</Status>
          {unit && <Button onPress={() => go(unitPath(unit))}>{m.blood_appearance_bad_open()}</Button>}
        </div>
      )}
      <TextField label={m.blood_collected_by()} hint={m.blood_collected_by_hint()} value={collector} onChange={onCollector} size="lg" isRequired autoComplete="off" />
    </div>
  );
}

