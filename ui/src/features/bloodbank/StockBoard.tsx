import { Fragment, type KeyboardEvent, useRef, useState } from "react";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalDate, ClinicalTime, componentName, DonationNumber, groupWords } from "../../clinical";
import { Bar, Empty, Icon, Loading, SectionHead, SidePanel, Stats, Status, type StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { BloodGroup as Group, CountedCell, Level, SiteStock, StockBoard as Board, StockCell, StockLine, UnitRow } from "../../wire";
import { useTodoCount } from "../tasks/useTodoCount";
import { BloodHead, CouldNotRead, UnitLink } from "./common";
import { filterFor, filterThere, Go, paths } from "./nav";
import { daysLeftKind, daysLeftWords, levelWord, storageWords } from "./words";

/** What is in the fridges now: how many, is it enough, what ends next. Every number comes from the store. */
export function StockBoard() {
  const board = useCommand("unit.board", {}, { keepPrevious: true });
  return (
    <>
      <BloodHead
        actions={<Go to={paths.receive} className="hs-btn" data-variant="primary"><Icon name="scan" />{m.blood_receive_units()}</Go>}
      />
      <UrgentTasks />
      {board.isError ? <CouldNotRead title={m.blood_failed_title()} error={board.error} onRetry={() => void board.refetch()} />
        : !board.data ? <div className="p-4"><Loading label={m.blood_loading()} lines={5} /></div>
        : <BoardBody board={board.data} />}
    </>
  );
}

/** Somebody has to act now: said where staff look first, with the way to the list. */
function UrgentTasks() {
  const count = useTodoCount();
  if (!count || count.urgent === 0) return null;
  return (
    <Bar kind="critical" live action={<Go to={paths.tasks} className="hs-btn">{m.tasks_open_list()}</Go>}>
      <b>{m.tasks_urgent_bar({ count: count.urgent })}</b> {m.tasks_urgent_bar_text()}
    </Bar>
  );
}

function BoardBody({ board }: { board: Board }) {
  const { totals } = board;
  const nothing = totals.available + totals.reserved + totals.quarantined + totals.expired === 0;
  return (
    <div className="flex min-h-0 grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
      <div className="flex min-h-0 min-w-0 grow flex-col overflow-auto max-[1100px]:flex-none max-[1100px]:overflow-x-auto">
        <Stats
          items={[
            { label: m.blood_total_available(), value: totals.available, unit: m.blood_word_units({ count: totals.available }) },
            { label: m.blood_total_below(), value: totals.below_target, unit: m.blood_word_groups({ count: totals.below_target }) },
            { label: m.blood_total_expiring(), value: totals.expiring, unit: m.blood_word_units({ count: totals.expiring }) },
            { label: m.blood_total_reserved(), value: totals.reserved, unit: m.blood_word_units({ count: totals.reserved }) },
            { label: m.blood_total_quarantined(), value: totals.quarantined, unit: m.blood_word_units({ count: totals.quarantined }) },
            { label: m.blood_total_expired(), value: totals.expired, unit: m.blood_word_units({ count: totals.expired }) },
          ]}
        />
        <Matrix rows={board.rows} />
        {board.rare.length > 0 && <Rare cells={board.rare} />}
        {nothing && (
          <Empty plain title={m.blood_empty_title()} action={<Go to={paths.receive} className="hs-btn">{m.blood_receive_units()}</Go>}>
            {m.blood_empty_body()}
          </Empty>
        )}
        {board.elsewhere && <Elsewhere sites={board.elsewhere} groups={board.rows[0]?.cells.map((c) => c.group) ?? []} />}
        <p className="hs-meta px-4 py-3">{m.design_as_of()} <ClinicalTime value={board.asOf} /></p>
      </div>
      <Expiring units={board.expiring} total={board.expiringTotal} />
    </div>
  );
}

/** Bags without the H antigen stand under the table, in none of its cells: they are for nobody but a patient without it. */
function Rare({ cells }: { cells: CountedCell[] }) {
  return (
    <section aria-label={m.blood_rare_title()} className="border-b border-line-2">
      <SectionHead title={m.blood_rare_title()} note={m.blood_rare_note()} />
      <ul className="m-0 list-none p-0">
        {cells.map((cell) => (
          <li key={`${cell.component} ${groupWords(cell.group)}`} className="border-b border-line px-4 py-1.5 last:border-b-0">
            <Go to={paths.units} search={filterFor(cell.component, cell.group)} className="flex flex-wrap items-center gap-x-3 text-ink">
              <BloodGroup group={cell.group} size="sm" />
              <span>{componentName(cell.component)}</span>
              <b>{m.blood_n_units({ count: cell.available })}</b>
              <span className="hs-meta">{m.blood_rare_more({ reserved: cell.reserved, quarantined: cell.quarantined })}</span>
            </Go>
          </li>
        ))}
      </ul>
    </section>
  );
}

/**
 * What lies at other sites, in the columns of the table above and in none of its counts: it is not ours to give.
 * Without levels, for the floors of a site are its own.
 */
function Elsewhere({ sites, groups }: { sites: SiteStock[]; groups: Group[] }) {
  const edge = (column: number) => `border-t border-line p-0 align-top ${column % 2 === 0 ? "border-s border-s-line-2" : "border-s border-s-line"}`;
  return (
    <section aria-label={m.blood_sites_title()} className="border-b border-line-2">
      <SectionHead title={m.blood_sites_title()} note={m.blood_sites_note()} />
      <table aria-label={m.blood_sites_title()} className="w-full min-w-[960px] table-fixed border-separate border-spacing-0">
        <colgroup><col className="w-[146px]" />{groups.map((_, i) => <col key={i} />)}</colgroup>
        <thead>
          <tr>
            <th scope="col" className="border-b border-line bg-sunken px-4 text-start text-sm font-regular text-ink-3">{m.blood_sites_corner()}</th>
            {groups.map((group, i) => (
              <th key={i} scope="col" className={`h-[52px] border-b border-line bg-sunken ps-[5px] pe-0.5 text-start align-middle font-regular ${i % 2 === 0 ? "border-s border-s-line-2" : "border-s border-s-line"}`}>
                <BloodGroup group={group} stacked />
              </th>
            ))}
          </tr>
        </thead>
        {sites.map((site) => (
          <tbody key={site.site}>
            <tr>
              <th scope="rowgroup" colSpan={groups.length + 1} className="border-t border-line-2 px-4 pt-2.5 pb-1.5 text-start font-regular">
                <bdi className="text-lg font-strong break-words">{site.site}</bdi>
                {site.lines.length === 0 && <span className="hs-meta block">{m.blood_sites_unknown()}</span>}
              </th>
            </tr>
            {site.lines.map((line) => {
              const rare = line.cells.filter((c) => c.group.phenotype);
              const of = (group: Group) => line.cells.find((c) => !c.group.phenotype && c.group.abo === group.abo && c.group.rhd === group.rhd);
              return (
                <Fragment key={line.component}>
                  <tr>
                    <th scope="row" className="border-t border-line px-4 py-1.5 text-start align-top font-regular">
                      <span className="block">{componentName(line.component)}</span>
                      <span className="hs-meta block">{m.blood_n_units({ count: line.available })}</span>
                    </th>
                    {groups.map((group, i) => <td key={i} className={edge(i)}><There site={site.site} cell={of(group)} /></td>)}
                  </tr>
                  {rare.length > 0 && (
                    <tr>
                      <th scope="row" className="px-4 pb-1.5 text-start text-sm font-regular text-ink-2">{m.blood_rare_title()}</th>
                      <td colSpan={groups.length} className={edge(0)}><span className="flex flex-wrap">{rare.map((cell) => <There key={groupWords(cell.group)} site={site.site} cell={cell} named />)}</span></td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        ))}
      </table>
    </section>
  );
}

/** How many are free there, and beside it what is there and not free; it leads to these bags. */
function There({ site, cell, named = false }: { site: string; cell: CountedCell | undefined; named?: boolean }) {
  if (!cell) return <span className="block px-[9px] py-1.5 text-ink-3">0</span>;
  return (
    <Go to={paths.units} search={filterThere(cell, site)} className="block px-[9px] py-1.5 text-ink no-underline hover:bg-hover">
      <span className="hs-vh">{m.blood_cell_words({ component: componentName(cell.component), group: groupWords(cell.group) })} </span>
      <span className="text-lg font-strong">{cell.available}</span>
      {named && <span className="ms-2" aria-hidden><BloodGroup group={cell.group} size="sm" /></span>}
      {cell.reserved > 0 && <span className="hs-meta block">{m.blood_sites_reserved({ count: cell.reserved })}</span>}
      {cell.quarantined > 0 && <span className="hs-meta block">{m.blood_sites_quarantined({ count: cell.quarantined })}</span>}
    </Go>
  );
}

const edges: Record<Level, string> = {
  good: "",
  low: "bg-caution-bg border-s-[3px] border-caution-line ps-[6px]",
  critical: "bg-critical-bg border-s-[3px] border-critical ps-[6px]",
  not_stocked: "hs-hatch",
};

const levelKind: Record<Level, StatusKind> = { good: "good", low: "caution", critical: "critical", not_stocked: "inactive" };

/** Component by group. One Tab stop; the arrows move inside, Enter opens the units behind a cell. */
function Matrix({ rows }: { rows: StockLine[] }) {
  const [at, setAt] = useState<[number, number]>([0, 0]);
  const table = useRef<HTMLTableElement>(null);
  const columns = rows[0]?.cells ?? [];
  const [row, column] = [Math.min(at[0], rows.length - 1), Math.min(at[1], columns.length - 1)];

  function onKeyDown(e: KeyboardEvent) {
    const rtl = table.current !== null && getComputedStyle(table.current).direction === "rtl";
    const step: Record<string, [number, number]> = {
      ArrowRight: [0, rtl ? -1 : 1], ArrowLeft: [0, rtl ? 1 : -1], ArrowDown: [1, 0], ArrowUp: [-1, 0],
      Home: [0, -columns.length], End: [0, columns.length],
    };
    const by = step[e.key];
    if (!by) return;
    e.preventDefault();
    const clamp = (n: number, max: number) => Math.min(Math.max(n, 0), max - 1);
    const next: [number, number] = [clamp(row + by[0], rows.length), clamp(column + by[1], columns.length)];
    setAt(next);
    table.current?.querySelector<HTMLElement>(`[data-at="${next[0]}-${next[1]}"]`)?.focus();
  }

  return (
    <table ref={table} role="grid" aria-label={m.blood_board_name()} onKeyDown={onKeyDown} className="w-full min-w-[960px] table-fixed border-separate border-spacing-0 border-y border-line-2">
      <colgroup><col className="w-[146px]" />{columns.map((_, i) => <col key={i} />)}</colgroup>
      <thead>
        <tr role="row">
          <th role="columnheader" scope="col" className="border-b border-line-2 bg-sunken px-4 text-start align-middle text-sm font-regular text-ink-3">
            {m.blood_board_corner()}<br />{m.blood_board_corner_2()}
          </th>
          {columns.map((c, i) => (
            <th role="columnheader" key={i} scope="col" className={`h-[52px] border-b border-line-2 bg-sunken ps-[5px] pe-0.5 text-start align-middle font-regular ${i % 2 === 0 ? "border-s border-s-line-2" : "border-s border-s-line"}`}>
              <BloodGroup group={c.group} stacked />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((line, r) => (
          <tr role="row" key={line.component}>
            <th role="rowheader" scope="row" className="border-t border-line px-4 py-1.5 text-start align-top font-regular">
              <b className="block text-lg">{componentName(line.component)}</b>
              <bdi className="hs-meta block">{storageWords(line)}</bdi>
              <span className="hs-meta block">{m.blood_n_units({ count: line.available })}</span>
            </th>
            {line.cells.map((cell, c) => (
              <td role="gridcell" key={c} data-level={cell.level} className={`h-[66px] border-t border-t-line p-0 align-top ${c % 2 === 0 ? "border-s border-s-line-2" : "border-s border-s-line"}`}>
                <Cell
                  line={line}
                  cell={cell}
                  place={`${r}-${c}`}
                  tabIndex={r === row && c === column ? 0 : -1}
                  onFocus={() => setAt([r, c])}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Count, level at the end, days of cover, oldest expiry. Normal is ink on paper. */
function Cell({ line, cell, place, tabIndex, onFocus }: { line: StockLine; cell: StockCell; place: string; tabIndex: number; onFocus(): void }) {
  const box = `relative block h-full min-h-[66px] px-[9px] py-1.5 ${edges[cell.level]}`;
  if (cell.level === "not_stocked") {
    return (
      <span data-at={place} tabIndex={tabIndex} onFocus={onFocus} className={box}>
        <span className="mt-3.5 inline-block bg-surface px-1 text-sm text-inactive">{m.blood_level_not_stocked()}</span>
      </span>
    );
  }
  // The name of the cell is what stands in it, with what row and column say before it: spoken commands use what is seen.
  const words = m.blood_cell_words({ component: componentName(line.component), group: groupWords(cell.group) });
  const more = m.blood_cell_more({ reserved: cell.reserved, quarantined: cell.quarantined, floor: cell.floor, target: cell.target });
  return (
    <Go to={paths.units} search={filterFor(line.component, cell.group)} data-at={place} className={`${box} text-ink no-underline hover:bg-hover`} tabIndex={tabIndex} onFocus={onFocus}>
      <span className="hs-vh">{words} </span>
      <span className="flex min-h-[22px] flex-wrap items-center justify-between gap-x-1">
        <span className="text-xl font-strong leading-[22px]">{cell.available}</span>
        <Status kind={levelKind[cell.level]}>{levelWord(cell.level)}</Status>
      </span>
      {cell.available === 0 ? <span className="block text-sm text-ink-2">{m.blood_none_in_stock()}</span> : (
        <>
          <span className="block text-sm text-ink-2">
            {cell.daysOfCover === null ? m.blood_cover_unknown() : cell.daysOfCover === 0 ? m.blood_cover_under_day() : m.blood_n_days({ count: cell.daysOfCover })}
          </span>
          {cell.oldestExpiry && <span className="hs-meta block"><ClinicalDate value={cell.oldestExpiry} /></span>}
        </>
      )}
      <span className="hs-vh">. {more}</span>
    </Go>
  );
}

function Expiring({ units, total }: { units: UnitRow[]; total: number }) {
  return (
    <SidePanel label={m.blood_expiring_title()}>
      <SectionHead title={m.blood_expiring_title()} note={m.blood_expiring_order({ shown: units.length, total })} />
      {units.length === 0 ? <p className="p-4 text-ink-2">{m.blood_expiring_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {units.map((u) => (
            <li key={u.id} className="grid grid-cols-[1fr_auto] gap-x-2 gap-y-px border-b border-line px-4 py-1.5">
              <UnitLink id={u.id}><DonationNumber din={u.din} check={u.check} /></UnitLink>
              <span className="text-end"><Status kind={daysLeftKind(u.daysLeft)}>{daysLeftWords(u.daysLeft)}</Status></span>
              <span className="flex flex-wrap items-center gap-x-1.5 text-ink-2">{componentName(u.component)} <BloodGroup group={u.group} size="sm" /></span>
              <span className="hs-meta text-end"><ClinicalDate value={u.expiresAt} /></span>
            </li>
          ))}
        </ul>
      )}
    </SidePanel>
  );
}
