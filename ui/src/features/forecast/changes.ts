/** The question as it is typed, and as it is asked. Bounds are the rule's own: it refuses, and the refusal stands beside its field. */
import type { CommandFailed } from "../../backend";
import { formatNumber } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { WhatIfChange } from "../../wire";

export type Kind = WhatIfChange["kind"];
export const kinds: readonly Kind[] = ["need", "service", "floors", "life", "hold", "delivery"];

/** One field of the question. */
export type Field = Exclude<Kind, "life"> | "life_least" | "life_most";
export type Typed = Record<Field, number | null>;

export const fieldsOf = (kind: Kind): readonly Field[] => (kind === "life" ? ["life_least", "life_most"] : [kind]);

/** What stands in a field when its change is chosen: something worth asking, never what is today. */
export const first: Typed = { need: 130, service: 90, floors: 50, life_least: 7, life_most: 14, hold: 12, delivery: 3 };

/** None while a chosen field is empty. */
export function changesOf(chosen: readonly Kind[], typed: Typed): WhatIfChange[] | null {
  const changes: WhatIfChange[] = [];
  for (const kind of kinds.filter((k) => chosen.includes(k))) {
    const values = fieldsOf(kind).map((f) => typed[f]);
    const [one, two] = values;
    if (values.includes(null) || one === null || one === undefined) return null;
    switch (kind) {
      case "need": changes.push({ kind, percent: one }); break;
      case "service": changes.push({ kind, permille: Math.round(one * 10) }); break;
      case "floors": changes.push({ kind, percent: one }); break;
      case "life": changes.push({ kind, least: one, most: two ?? one }); break;
      case "hold": changes.push({ kind, hours: one }); break;
      case "delivery": changes.push({ kind, days: one }); break;
    }
  }
  return changes;
}

/** Which field a refusal is about, and its words; null when it is about none. */
export function refusedField(error: CommandFailed | null, typed: Typed): { field: Field; words: string } | null {
  if (error?.code !== "out_of_bounds") return null;
  const kind = kinds.find((k) => k === error.args.field);
  if (!kind) return null;
  // The rule looks at the longest first, and then at the shortest against it.
  const field: Field = kind !== "life" ? kind : error.args.value === String(typed.life_most) ? "life_most" : "life_least";
  const number = (text: string | undefined) => (kind === "service" ? formatNumber(Number(text) / 10) : (text ?? ""));
  return { field, words: m.forecast_out_of_bounds({ value: number(error.args.value), least: number(error.args.least), most: number(error.args.most) }) };
}

/** A change as it was asked, in words. */
export function changeWords(change: WhatIfChange): string {
  switch (change.kind) {
    case "need": return m.forecast_said_need({ percent: change.percent });
    case "service": return m.forecast_said_service({ percent: formatNumber(change.permille / 10) });
    case "floors": return m.forecast_said_floors({ percent: change.percent });
    case "life": return m.forecast_said_life({ least: change.least, most: change.most });
    case "hold": return m.forecast_said_hold({ hours: change.hours });
    case "delivery": return m.forecast_said_delivery({ days: change.days });
  }
}
