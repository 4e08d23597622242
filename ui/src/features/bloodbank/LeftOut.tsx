import * as m from "../../paraglide/messages";

/** Of a list that holds the newest of very many: how many older ones wait and are not in it. */
export function LeftOut({ count }: { count: number | undefined }) {
  if (!count) return null;
  return <p className="px-4 py-2 text-ink-2">{m.blood_left_out({ count })}</p>;
}
