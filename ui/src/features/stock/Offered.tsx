import { useMemo } from "react";
import { AppLink, ErrorBlock, type Search, useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalTime, DonationNumber } from "../../clinical";
import { Loading, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { TransferBag } from "../../wire";
import { unitPath } from "../bloodbank/nav";
import { statusKind, statusWord } from "../bloodbank/words";

/** The bags that an offer named, in the address of the box that was begun from it. */
export const offeredIn = (units: string[]): Search => ({ offered: units.join(",") });
/** The same, kept for whoever began the box: the address is lost when the box is left and opened from the list. */
export const offeredDraft = (transfer: string) => `offered/${transfer}`;
export const offeredBody = (units: string[]) => JSON.stringify({ offered: units });

function read(body: string | null | undefined): string[] {
  try {
    const { offered } = JSON.parse(body ?? "{}") as { offered?: unknown };
    return Array.isArray(offered) ? offered.filter((id): id is string => typeof id === "string") : [];
  } catch {
    return [];
  }
}

/** What is still to be fetched for a box that was begun from an offer, and where it lies. It packs nothing by itself. */
export function Offered({ transfer, bags }: { transfer: string; bags: TransferBag[] }) {
  const [search] = useScreenSearch();
  const named = String(search.offered ?? "").split(",").filter((id) => id !== "");
  const kept = useCommand("draft.get", { screen: offeredDraft(transfer) }, { enabled: named.length === 0 });
  const body = kept.data?.body;
  const before = useMemo(() => read(body), [body]);
  const all = [...new Set(named.length > 0 ? named : before)];
  if (all.length === 0) return null;
  const left = all.filter((id) => !bags.some((bag) => bag.id === id));
  return (
    <section>
      <SectionHead title={m.shelf_box_offered()} note={left.length > 0 && m.shelf_box_offered_left({ count: left.length, all: all.length })} />
      {left.length === 0 ? <p className="p-4"><Status kind="good">{m.shelf_box_offered_done()}</Status></p> : (
        <div className="overflow-x-auto pb-3" tabIndex={0} role="region" aria-label={m.shelf_box_offered()}>
          <table className="w-full min-w-[560px] border-separate border-spacing-0" aria-label={m.shelf_box_offered()}>
            <thead><tr>{[m.blood_col_din(), m.blood_col_group(), m.blood_col_place(), m.blood_col_expires()].map((words) => <th key={words} scope="col" className={head}>{words}</th>)}</tr></thead>
            <tbody>{left.map((id) => <Row key={id} id={id} />)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}

// On the lines of the grid of packed bags beneath it.
const head = "border-b border-line-2 bg-sunken px-4 py-1.5 text-start align-bottom text-sm font-regular text-ink-3";
const cell = "border-b border-line px-4 py-1.5 align-top";

function Row({ id }: { id: string }) {
  const unit = useCommand("unit.view", { id });
  if (unit.error) return <tr><td colSpan={4} className={cell}><ErrorBlock error={unit.error} /></td></tr>;
  if (!unit.data) return <tr><td colSpan={4} className={cell}><Loading label={m.shelf_reading()} lines={1} /></td></tr>;
  const { row } = unit.data;
  return (
    <tr>
      <th scope="row" className={`${cell} text-start font-regular`}>
        <AppLink to={unitPath(row.id)} className="text-ink hover:text-accent"><DonationNumber din={row.din} check={row.check} /></AppLink>
        {/* It was free when it was offered; whoever walks to the fridge wants to know if it no longer is. */}
        {row.status !== "available" && <span className="block"><Status kind={statusKind(row.status)}>{statusWord(row.status)}</Status></span>}
      </th>
      <td className={cell}><BloodGroup group={row.group} size="sm" /></td>
      <td className={`${cell} break-words`}><bdi>{row.place}</bdi></td>
      <td className={cell}><ClinicalTime value={row.expiresAt} always="date-time" /></td>
    </tr>
  );
}
