import { useEffect, useMemo, useState } from "react";
import { useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { groups, nextUnread, type Order, ordered, orders, sifted, type Sieve, type SieveName } from "./sifting";

/** As many as the store gives at once. */
const limit = 500;

export interface Hidden { what: SieveName | "text" | "older"; count: number }

/**
 * The list sorted and sifted. What is shown keeps its place until somebody asks: new studies wait above, a changed
 * state changes its words and not its row, so that nothing moves under the pointer. What the own hand opened is shown
 * at once. What was read is what was signed, and is put away until somebody asks for it.
 */
export function useWorklist(selected: string | null) {
  const [search, setSearch] = useScreenSearch();
  const [text, setText] = useState(search.q ?? "");
  const order: Order = orders.find((o) => o === search.order) ?? "urgency";
  const sieve: Sieve = { group: groups.find((x) => x === search.ai) ?? null, modality: search.kind ?? null, unread: search.signed !== "shown" };
  const asked = text.trim() || null;
  const list = useCommand("study.worklist", { text: asked, limit }, { keepPrevious: true });
  // Without the text, to say how many it hides.
  const whole = useCommand("study.worklist", { text: null, limit: 1 }, { enabled: asked !== null });
  const all = useMemo(() => list.data?.rows ?? [], [list.data]);

  const passing = sifted(all, sieve, selected);
  const sorted = ordered(passing.rows, order);
  const question = [text, order, sieve.group, sieve.modality, sieve.unread].join("\n");
  const ids = sorted.map((r) => r.id).join(" ");
  const present = all.map((r) => r.id).join(" ");
  const [shown, setShown] = useState<{ question: string; ids: string[] } | null>(null);
  useEffect(() => {
    if (!list.data || list.isPlaceholderData) return;
    const now = ids === "" ? [] : ids.split(" ");
    const here = new Set(present.split(" "));
    setShown((old) => {
      if (!old || old.question !== question || old.ids.length === 0) return { question, ids: now };
      // The own hand brought it in: it stands where it belongs.
      if (selected && now.includes(selected) && !old.ids.includes(selected)) return { question, ids: now };
      const left = old.ids.filter((id) => here.has(id));
      return left.length === old.ids.length ? old : { question, ids: left };
    });
  }, [ids, present, list.data, list.isPlaceholderData, question, selected]);

  const byId = new Map(all.map((r) => [r.id, r]));
  const rows = shown && shown.question === question ? shown.ids.flatMap((id) => byId.get(id) ?? []) : sorted;
  const on = new Set(rows.map((r) => r.id));
  const waiting = sorted.filter((r) => !on.has(r.id)).length;
  const sortedNow = sorted.filter((r) => on.has(r.id)).map((r) => r.id).join(" ");
  const moved = waiting === 0 && rows.filter((r) => sortedNow.includes(r.id)).map((r) => r.id).join(" ") !== sortedNow;

  // What keeps its place although it no longer passes is not hidden.
  const held = sifted(all.filter((r) => !on.has(r.id)), sieve, selected).hidden;
  const matching = list.data?.total ?? 0;
  const total = asked === null ? matching : Math.max(matching, whole.data?.total ?? 0);
  const hidden: Hidden[] = ([
    { what: "text", count: total - matching },
    { what: "older", count: matching - all.length },
    { what: "group", count: held.group },
    { what: "modality", count: held.modality },
    { what: "unread", count: held.unread },
  ] as Hidden[]).filter((h) => h.count > 0);

  return {
    list, rows, waiting, moved, total, hidden, text, order, sieve, search,
    modalities: [...new Set(all.map((r) => r.modality ?? ""))].sort(),
    // That the signed ones are put away is how a list of things to read begins, and no filter somebody set.
    sifting: asked !== null || sieve.group !== null || sieve.modality !== null,
    showNew: () => setShown({ question, ids: sorted.map((r) => r.id) }),
    filter: (next: string) => { setText(next); setSearch({ q: next || undefined }); },
    set: (next: Partial<Sieve> & { order?: Order }) => setSearch({
      ...("group" in next ? { ai: next.group ?? undefined } : {}),
      ...("modality" in next ? { kind: next.modality ?? undefined } : {}),
      ...("unread" in next ? { signed: next.unread ? undefined : "shown" } : {}),
      ...(next.order ? { order: next.order === "urgency" ? undefined : next.order } : {}),
    }),
    showAll: () => { setText(""); setSearch({ q: undefined, ai: undefined, kind: undefined, signed: "shown" }); },
    next: (): string | null => nextUnread(rows, selected)?.id ?? null,
  };
}
