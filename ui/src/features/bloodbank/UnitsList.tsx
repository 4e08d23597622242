import { useDeferredValue, useState } from "react";
import { useGo, useMay, useScanner, useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { type AboOrBombay, bagGroups, bagLetters, BloodGroup, ClinicalDate, comma, componentName, DonationNumber, formatMoment, groupDin, groupLetters, groupOf, groupWords, usePlace } from "../../clinical";
import { Bar, Button, DataGrid, Empty, type GridColumn, SearchField, Select, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { Component, Rhd, UnitRow, UnitStatus } from "../../wire";
import { Became, BloodHead, CouldNotRead, sentenceFor, Waiting } from "./common";
import { useChosenBags } from "../processing/Placed";
import { Go, paths, unitPath } from "./nav";
import { components, daysLeftKind, daysLeftWords, isOver, partKind, statuses, statusKind, statusWord, unitWords } from "./words";

const step = 100;
const any = "any";

function oneOf<T extends string>(value: string | undefined, all: readonly T[]): T | null {
  return all.find((v) => v === value) ?? null;
}

/** The units of this site, or of another that was chosen on the board; by number those of every site. A scan of one opens it. */
export function UnitsList() {
  const [search, setSearch] = useScreenSearch();
  const go = useGo();
  const may = useMay();
  const place = usePlace();
  const [limit, setLimit] = useState(step);
  const [note, setNote] = useState<string | null>(null);
  const component = oneOf<Component>(search.component, components);
  const abo = oneOf<AboOrBombay>(search.abo, bagLetters);
  const rhd = oneOf<Rhd>(search.rhd, ["negative", "positive"]);
  const status = oneOf<UnitStatus>(search.status, statuses);
  const [typed, setTyped] = useState(() => String(search.text ?? ""));
  const text = useDeferredValue(typed.trim());
  const site = typeof search.site === "string" && search.site ? search.site : null;
  const group = abo && rhd ? groupOf(abo, rhd) : null;
  const found = useCommand("unit.list", { component, group, status, text: text || null, limit, ...(site && { site }) }, { keepPrevious: true });

  useScanner((scan) => {
    if (scan.error) {
      const s = sentenceFor(scan.error, place);
      setNote(`${s.title} ${s.doNow}`);
      return "refused";
    }
    const number = scan.parts.find((p) => p.kind === "donation_number");
    if (number?.unit) go(unitPath(number.unit));
    else if (number) {
      // A number is looked for at every site.
      setSearch({ site: undefined });
      setTyped(number.din);
      setNote(m.blood_scan_filtered({ din: groupDin(number.din) }));
    } else {
      const [part] = scan.parts;
      setNote(m.blood_wrong_kind({ was: part ? partKind(part) : m.blood_kind_slip(), wanted: m.blood_want_unit() }));
      return "refused";
    }
    return "taken";
  });

  const filters = [site, component && componentName(component), group && groupWords(group), status && statusWord(status), text && `“${text}”`].filter(Boolean).join(comma());
  function clear() {
    setTyped("");
    setNote(null);
    setSearch({ component: undefined, abo: undefined, rhd: undefined, status: undefined, text: undefined, site: undefined });
  }

  const chosen = useChosenBags(found.data?.rows ?? []);
  const columns: GridColumn<UnitRow>[] = [
    chosen.column,
    { id: "din", title: m.blood_col_din(), isRowHeader: true, cell: (u) => <DonationNumber din={u.din} check={u.check} /> },
    { id: "group", title: m.blood_col_group(), cell: (u) => <BloodGroup group={u.group} size="sm" /> },
    { id: "component", title: m.blood_col_component(), cell: (u) => componentName(u.component) },
    {
      id: "status", title: m.blood_col_status(), cell: (u) => (
        <span className="flex flex-wrap items-center gap-x-2">
          <Status kind={statusKind(u.status)}>{statusWord(u.status)}</Status>
          {u.became?.map((b) => <Became key={b.id} bag={b} />)}
          {u.patientName && <span className="break-words">{m.blood_reserved_for({ name: u.patientName })}</span>}
          {u.until && <span className="hs-meta">{m.blood_until({ time: formatMoment(u.until, place.zone, place.now) ?? "" })}</span>}
        </span>
      ),
    },
    {
      id: "expires", title: m.blood_col_expires(), cell: (u) => (
        <span className="flex flex-wrap items-center gap-x-2">
          <ClinicalDate value={u.expiresAt} />
          {!isOver(u.status) && <Status kind={daysLeftKind(u.daysLeft)}>{daysLeftWords(u.daysLeft)}</Status>}
        </span>
      ),
    },
    { id: "place", title: m.blood_col_place(), cell: (u) => (u.site ? <bdi>{m.blood_sites_at({ site: u.site })}</bdi> : u.place) },
  ];

  const shown = found.data?.rows.length ?? 0;
  const total = found.data?.total ?? 0;
  return (
    <>
      <BloodHead title={m.blood_units_title()} actions={may("reserve_blood") && <Go to={paths.reserve} className="hs-btn">{m.blood_many_title()}</Go>} />
      {note && <Bar kind="notice" live>{note}</Bar>}
      <div className="grid flex-none grid-cols-4 items-end gap-3 border-b border-line px-4 py-3 max-[900px]:grid-cols-2">
        <SearchField label={m.blood_units_search()} hideLabel={false} value={typed} onChange={setTyped} />
        <Select label={m.blood_filter_component()} options={[{ id: any, label: m.blood_filter_any() }, ...components.map((id) => ({ id, label: componentName(id) }))]} value={component ?? any} onChange={(id) => setSearch({ component: id === any ? undefined : id })} />
        <Select
          label={m.blood_filter_group()}
          options={[{ id: any, label: m.blood_filter_any() }, ...bagGroups.map((g) => ({ id: `${groupLetters(g)} ${g.rhd}`, label: groupWords(g) }))]}
          value={group ? `${groupLetters(group)} ${group.rhd}` : any}
          onChange={(id) => { const [a, r] = id === any ? [] : id.split(" "); setSearch({ abo: a, rhd: r }); }}
        />
        <Select label={m.blood_filter_status()} options={[{ id: any, label: m.blood_filter_any() }, ...statuses.map((id) => ({ id, label: statusWord(id) }))]} value={status ?? any} onChange={(id) => setSearch({ status: id === any ? undefined : id })} />
      </div>
      {found.isError ? <CouldNotRead title={m.blood_failed_title()} error={found.error} onRetry={() => void found.refetch()} />
        : !found.data ? <Waiting label={m.blood_loading()} />
        : (
          <>
            <p role="status" className="hs-meta flex flex-none flex-wrap items-center gap-2 px-4 py-2">
              <span>{found.data.more ? m.blood_units_count_more({ shown, total }) : m.blood_units_count({ shown, total, hidden: total - shown })}</span>
              {filters && <><span>{m.blood_units_filtered({ filters })}</span> <Button size="sm" variant="quiet" onPress={clear}>{m.blood_units_clear()}</Button></>}
            </p>
            {chosen.bar}
            {shown === 0 ? (
              filters
                ? <Empty plain title={m.blood_units_none_filtered({ filters })} action={<Button onPress={clear}>{m.blood_units_clear()}</Button>} />
                : <Empty plain title={m.blood_empty_title()} action={<Button onPress={() => go(paths.receive)}>{m.blood_receive_units()}</Button>}>{m.blood_empty_body()}</Empty>
            ) : (
              <div className="min-h-0 grow overflow-auto">
                <DataGrid label={m.blood_units_title()} columns={columns} rows={found.data.rows} rowKey={(u) => u.id} rowText={unitWords} onAction={(id) => go(unitPath(id))} />
                {shown < total && <div className="p-4"><Button onPress={() => setLimit(limit + step)}>{m.blood_units_more()}</Button></div>}
              </div>
            )}
          </>
        )}
    </>
  );
}
