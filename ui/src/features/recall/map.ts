import type { LineageEdge, LookBackMap } from "../../wire";

export type NodeKind = "donor" | "donation" | "bag" | "recipient";

/** Everything above and below one node, itself among it: up to whoever gave, and down to whoever received. */
export function linked(edges: readonly LineageEdge[], node: string): Set<string> {
  const reach = (from: "from" | "to", to: "from" | "to") => {
    const next = new Map<string, string[]>();
    for (const edge of edges) next.set(edge[from], [...(next.get(edge[from]) ?? []), edge[to]]);
    const seen = new Set([node]);
    const queue = [node];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      for (const one of next.get(at) ?? []) if (!seen.has(one)) { seen.add(one); queue.push(one); }
    }
    return seen;
  };
  return new Set([...reach("from", "to"), ...reach("to", "from")]);
}

/** The bags of a choice that a recall would name: all below and above it, or all when nothing is chosen. */
export function bagsOf(map: LookBackMap, chosen: Set<string> | null): string[] {
  return map.bags.filter((bag) => chosen === null || chosen.has(bag.id)).map((bag) => bag.id);
}
