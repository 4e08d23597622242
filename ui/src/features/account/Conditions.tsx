import { useId, useState } from "react";
import { useCommand } from "../../backend";
import { conditionWord } from "../../clinical";
import { Button, DataGrid, Loading, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { ConditionRow } from "../../wire";
import { Refused } from "./parts";

const areas: Record<string, () => string> = {
  chest: m.account_area_chest, brain: m.account_area_brain, eye: m.account_area_eye, skin: m.account_area_skin, breast: m.account_area_breast,
  abdomen: m.account_area_abdomen, bowel: m.account_area_bowel, tissue_and_blood: m.account_area_tissue_and_blood, bone_and_teeth: m.account_area_bone_and_teeth,
};
const reasons: Record<string, () => string> = {
  no_pictures: m.account_conditions_no_pictures, not_labelled: m.account_conditions_not_labelled, told_in_parts: m.account_conditions_told_in_parts,
};
const order = { imported: 0, trained: 1, vocabulary_only: 2 };

/** Every condition the desk has words for, and who answers for it. Folded away until somebody asks. */
export function Conditions() {
  const rows = useCommand("model.conditions", {});
  const [open, setOpen] = useState(false);
  const id = useId();
  const all = [...(rows.data ?? [])].sort((a, b) => order[a.state] - order[b.state] || a.area.localeCompare(b.area) || a.name.localeCompare(b.name));
  const count = (state: ConditionRow["state"]) => all.filter((r) => r.state === state).length;
  return (
    <>
      <SectionHead
        title={m.account_conditions()}
        note={rows.data && m.account_conditions_count({ trained: all.filter((r) => r.state === "trained" && r.packs.length > 0).length, imported: count("imported"), words: count("vocabulary_only") })}
        actions={<Button size="sm" icon={open ? "up" : "down"} aria-expanded={open} aria-controls={id} onPress={() => setOpen(!open)}>{m.account_conditions_show()}</Button>}
      />
      <div id={id} hidden={!open}>
        <p className="max-w-[72ch] px-4 py-2 text-ink-2">{m.account_conditions_text()}</p>
        {rows.isPending && <div className="p-4"><Loading label={m.account_loading()} lines={5} /></div>}
        {rows.error && <div className="p-4"><Refused error={rows.error} /></div>}
        {open && rows.data && (
          <DataGrid
            label={m.account_conditions()}
            rows={all}
            rowKey={(r) => r.id}
            rowText={(r) => r.name}
            columns={[
              { id: "name", title: m.account_conditions_condition(), isRowHeader: true, cell: (r) => <bdi>{conditionWord(r.id, r.name)}</bdi> },
              { id: "area", title: m.account_conditions_area(), cell: (r) => areas[r.area]?.() ?? r.area },
              { id: "state", title: m.account_conditions_state(), cell: (r) => <State row={r} /> },
            ]}
          />
        )}
      </div>
    </>
  );
}

function State({ row: r }: { row: ConditionRow }) {
  const packs = r.packs.length > 0 && <span className="hs-mono text-sm text-ink-3">{r.packs.join(", ")}</span>;
  switch (r.state) {
    case "trained": return !packs ? <Status kind="inactive">{m.account_conditions_trained_off()}</Status> : <span className="grid"><Status kind="good">{m.account_conditions_trained()}</Status>{packs}</span>;
    case "imported": return <span className="grid"><Status kind="good">{m.account_conditions_imported()}</Status>{packs}</span>;
    case "vocabulary_only": return <span className="grid"><Status kind="inactive">{m.account_conditions_words()}</Status><span className="text-sm text-ink-3">{r.reason !== null && reasons[r.reason]?.()}</span></span>;
  }
}
