import { useState } from "react";
import { ErrorBlock, useGo, useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalTime, comma } from "../../clinical";
import { Bar, Button, Checkbox, DataGrid, Empty, Loading, NumberField, PageHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PlaceRow } from "../../wire";
import { Ask } from "../donors/dialogs";
import { placePath } from "./paths";
import { alarmWord, degrees, StockTabs, tenths } from "./words";

/** Fridges, freezers and shelves: what rings stands first. */
export function Places() {
  const list = useCommand("place.list", {});
  const go = useGo();
  const may = useMay();
  const [opening, setOpening] = useState(false);
  const { rows = [], unnamed = [] } = list.data ?? {};
  return (
    <>
      <PageHead title={m.shelf_place_title()} tabs={<StockTabs />} actions={may("receive_blood") && <Button variant="primary" icon="plus" onPress={() => setOpening(true)}>{m.shelf_place_new()}</Button>} />
      {unnamed.length > 0 && <Bar kind="notice">{m.shelf_place_unnamed({ names: unnamed.join(comma()) })}</Bar>}
      {list.isPending && <div className="p-4"><Loading label={m.shelf_reading()} lines={5} /></div>}
      {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.shelf_failed()} actions={<Button onPress={() => void list.refetch()}>{m.shelf_try_again()}</Button>} /></div>}
      {list.data && rows.length === 0 && <div className="p-4"><Empty title={m.shelf_place_none()}>{m.shelf_place_none_text()}</Empty></div>}
      {rows.length > 0 && (
        <DataGrid
          label={m.shelf_place_title()}
          rows={rows}
          rowKey={(r) => r.id}
          rowText={(r) => r.name}
          onAction={(id) => go(placePath(id))}
          columns={[
            { id: "name", title: m.shelf_place_name(), isRowHeader: true, cell: (r) => <bdi className="break-words">{r.name}</bdi> },
            { id: "state", title: m.shelf_place_state(), cell: (r) => <PlaceState row={r} /> },
            { id: "last", title: m.shelf_place_last(), cell: (r) => (r.last ? <span className="flex flex-wrap gap-2"><b dir="ltr">{degrees(r.last.tenths)} °C</b><ClinicalTime value={r.last.at} /></span> : m.shelf_place_no_reading()) },
            { id: "range", title: m.shelf_place_range(), cell: (r) => <bdi>{degrees(r.least)} – {degrees(r.most)} °C</bdi> },
            { id: "bags", title: m.shelf_place_bags(), cell: (r) => r.bags },
          ]}
        />
      )}
      {opening && <PlaceDialog names={unnamed} onClose={() => setOpening(false)} />}
    </>
  );
}

export function PlaceState({ row }: { row: PlaceRow }) {
  if (row.alarm) return <Status kind="critical">{alarmWord(row.alarm)}</Status>;
  if (!row.inUse) return <Status kind="inactive">{m.shelf_place_out_of_use()}</Status>;
  return row.last ? <Status kind="good">{m.shelf_place_good()}</Status> : <Status kind="caution">{m.shelf_place_no_reading()}</Status>;
}

/** A place that is described, or described anew; its name stays, because bags name it so. */
export function PlaceDialog({ row, names = [], onClose }: { row?: PlaceRow; names?: string[]; onClose(): void }) {
  const [name, setName] = useState(row?.name ?? "");
  const [least, setLeast] = useState<number | null>(row ? row.least / 10 : 2);
  const [most, setMost] = useState<number | null>(row ? row.most / 10 : 6);
  const [delay, setDelay] = useState<number | null>(row?.delayMinutes ?? 10);
  const [gap, setGap] = useState<number | null>(row?.gapMinutes ?? 240);
  const [inUse, setInUse] = useState(row?.inUse ?? true);
  const [tried, setTried] = useState(false);
  const send = useSend("place.put", { onDone: onClose });
  const [low, high] = [tenths(least), tenths(most)];
  return (
    <Ask
      title={row ? m.shelf_place_edit_title({ name: row.name }) : m.shelf_place_new()}
      act={m.shelf_save()}
      error={send.error}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => { setTried(true); if (name.trim() && low !== null && high !== null && low < high && delay !== null && gap !== null) send.mutate({ name: name.trim(), least: low, most: high, delayMinutes: delay, gapMinutes: gap, inUse }); }}
    >
      {!row && <TextField name="name" label={m.shelf_place_name()} value={name} onChange={setName} autoFocus autoComplete="off" error={tried && !name.trim() ? m.shelf_box_need() : undefined} />}
      {!row && names.length > 0 && <p className="flex flex-wrap gap-2">{names.map((n) => <Button key={n} size="sm" onPress={() => setName(n)}>{n}</Button>)}</p>}
      <div className="grid grid-cols-2 gap-3">
        <NumberField label={m.shelf_place_least()} unit="°C" decimals={1} step={0.1} min={-100} max={60} value={least} onChange={setLeast} error={tried && least === null ? m.shelf_box_need() : undefined} />
        <NumberField label={m.shelf_place_most()} unit="°C" decimals={1} step={0.1} min={-100} max={60} value={most} onChange={setMost} error={tried && most === null ? m.shelf_box_need() : tried && low !== null && high !== null && low >= high ? m.shelf_place_order() : undefined} />
        <NumberField label={m.shelf_place_delay()} unit="min" min={1} max={240} value={delay} onChange={setDelay} error={tried && delay === null ? m.shelf_box_need() : undefined} />
        <NumberField label={m.shelf_place_gap()} unit="min" min={5} max={1440} value={gap} onChange={setGap} error={tried && gap === null ? m.shelf_box_need() : undefined} />
      </div>
      <Checkbox isSelected={inUse} onChange={setInUse}>{m.shelf_place_in_use()}</Checkbox>
    </Ask>
  );
}
