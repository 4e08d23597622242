import type { ReactNode } from "react";
import { Cell, Column, Row, Table, TableBody, TableHeader, TableLayout, Virtualizer } from "react-aria-components";
import { Icon } from "./Icon";

export interface GridColumn<T> {
  id: string;
  /** Sentence case; the unit of the numbers below stands here or after each number. */
  title: string;
  cell(row: T): ReactNode;
  align?: "start" | "end";
  width?: number | `${number}%` | `${number}fr`;
  /** The store sorts; the grid only shows and asks. */
  sortable?: boolean;
  /** The column that names the row for readers; the first one unless told. */
  isRowHeader?: boolean;
}

export interface GridSort {
  column: string;
  direction: "ascending" | "descending";
}

export interface DataGridProps<T> {
  label: string;
  columns: GridColumn<NoInfer<T>>[];
  rows: readonly T[];
  rowKey(row: NoInfer<T>): string;
  /** What a reader hears for the row when the cells are not plain text. */
  rowText?(row: NoInfer<T>): string;
  /** Enter, or a press on the row. */
  onAction?(key: string): void;
  selectedKey?: string | null;
  onSelect?(key: string): void;
  sort?: GridSort;
  onSort?(sort: GridSort): void;
  rowState?(row: NoInfer<T>): "critical" | "caution" | "elsewhere" | undefined;
  density?: "default" | "compact" | "double";
  empty?: ReactNode;
  /** Over about 100 rows: only the visible ones are drawn. The region then needs a height from its parent. */
  virtual?: boolean;
}

/** A real grid: arrows move between cells, Tab leaves it. Say above it how many, of how many, what is hidden and the order. */
export function DataGrid<T>({ label, columns, rows, rowKey, rowText, onAction, selectedKey, onSelect, sort, onSort, rowState, density = "default", empty, virtual }: DataGridProps<T>) {
  const header = columns.find((c) => c.isRowHeader)?.id ?? columns[0]?.id;
  const table = (
    <Table
      className="hs-grid"
      data-density={density}
      aria-label={label}
      selectionMode={onSelect ? "single" : "none"}
      selectionBehavior="replace"
      selectedKeys={selectedKey ? [selectedKey] : []}
      onSelectionChange={(keys) => { if (keys !== "all") { const [first] = [...keys]; if (first !== undefined) onSelect?.(String(first)); } }}
      onRowAction={onAction ? (key) => onAction(String(key)) : undefined}
      sortDescriptor={sort && { column: sort.column, direction: sort.direction }}
      onSortChange={(s) => onSort?.({ column: String(s.column), direction: s.direction })}
    >
      <TableHeader>
        {columns.map((c) => (
          <Column key={c.id} id={c.id} isRowHeader={c.id === header} allowsSorting={c.sortable} width={c.width} data-align={c.align} style={!virtual && c.width !== undefined && typeof c.width === "number" ? { width: c.width } : undefined}>
            {({ sortDirection }) => (
              <span className="hs-sort">{c.title}{sortDirection && <Icon name={sortDirection === "ascending" ? "up" : "down"} />}</span>
            )}
          </Column>
        ))}
      </TableHeader>
      <TableBody renderEmptyState={() => empty}>
        {rows.map((row) => (
          <Row key={rowKey(row)} id={rowKey(row)} textValue={rowText?.(row)} data-state={rowState?.(row)}>
            {columns.map((c) => <Cell key={c.id} data-align={c.align}>{c.cell(row)}</Cell>)}
          </Row>
        ))}
      </TableBody>
    </Table>
  );
  if (!virtual) return <div className="hs-grid-wrap">{table}</div>;
  const rowHeight = density === "compact" ? 28 : density === "double" ? 48 : 32;
  return (
    <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight, headingHeight: 28 }}>
      <div className="hs-grid-wrap h-full">{table}</div>
    </Virtualizer>
  );
}
