import { TabLinks, useMay } from "../../app";
import type { StatusKind } from "../../design";
import { formatNumber } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { AlarmKind, CountKind, TransferBagState, TransferStatus } from "../../wire";
import { boxesPath, countPath, placesPath } from "./paths";

export function StockTabs() {
  const may = useMay();
  const items = [
    { to: boxesPath, label: m.shelf_box_title() },
    ...(may("receive_blood") ? [{ to: countPath, label: m.shelf_count_title() }] : []),
    { to: placesPath, label: m.shelf_place_title() },
  ];
  return <TabLinks label={m.shelf_tabs()} items={items} />;
}

export function boxStatus(status: TransferStatus): { word: string; kind: StatusKind } {
  switch (status) {
    case "packing": return { word: m.shelf_box_status_packing(), kind: "caution" };
    case "on_its_way": return { word: m.shelf_box_status_on_its_way(), kind: "caution" };
    case "arriving": return { word: m.shelf_box_status_arriving(), kind: "caution" };
    case "arrived": return { word: m.shelf_box_status_arrived(), kind: "good" };
  }
}

export function bagStatus(state: TransferBagState): { word: string; kind: StatusKind } {
  switch (state) {
    case "packed": return { word: m.shelf_box_state_packed(), kind: "good" };
    case "on_its_way": return { word: m.shelf_box_state_on_its_way(), kind: "caution" };
    case "taken_in": return { word: m.shelf_box_state_taken_in(), kind: "good" };
    case "missing": return { word: m.shelf_box_state_missing(), kind: "critical" };
  }
}

export function countWord(kind: CountKind): string {
  switch (kind) {
    case "missing": return m.shelf_count_missing();
    case "elsewhere": return m.shelf_count_elsewhere();
    case "unexpected": return m.shelf_count_unexpected();
    case "unknown": return m.shelf_count_unknown();
    case "twice": return m.shelf_count_twice();
  }
}

export function alarmWord(kind: AlarmKind): string {
  switch (kind) {
    case "too_warm": return m.shelf_place_alarm_too_warm();
    case "too_cold": return m.shelf_place_alarm_too_cold();
    case "no_readings": return m.shelf_place_alarm_no_readings();
  }
}

/** Tenths of a degree as degrees. */
export const degrees = (tenths: number) => formatNumber(tenths / 10, 1);
export const tenths = (value: number | null) => (value === null ? null : Math.round(value * 10));
