// SPDX-License-Identifier: Apache-2.0
// A table that sorts by its headers and grows on demand.
import type { ComponentChildren, ComponentType, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { count } from "./figures";
import { Name, Shown, Unknown } from "./text";

type Value = number | string | boolean | null | undefined;

export interface Column<T> {
  title: string;
  help?: string | undefined;
  /** The member that it shows. */
  at?: keyof T & string;
  /** What it sorts by, where that is not the member; null and undefined mean "not known". */
  value?: (row: T) => Value;
  /** A figure, and how it is shown. */
  as?: ComponentType<{ of: number }>;
  /** What it shows, where that is neither a figure nor a text. */
  cell?: (row: T) => ComponentChildren;
  class?: string;
}

/** A column of texts: one member. */
export function text<T>(title: string, at: keyof T & string, help?: string): Column<T> {
  return { title, at, help };
}

/** A column of figures: a member, or what is made of the row. */
export function figure<T>(
  title: string,
  of: (keyof T & string) | ((row: T) => Value),
  as: ComponentType<{ of: number }>,
  help?: string,
): Column<T> {
  return typeof of === "string" ? { title, at: of, as, help } : { title, value: of, as, help };
}

interface Properties<T> {
  caption: string;
  rows: T[];
  columns: Column<T>[];
  /** Title of the column to sort by at first; without it the rows keep their order. */
  sort?: string;
  id?: (row: T) => string;
  faint?: (row: T) => boolean;
}

export interface Order {
  by: string | undefined;
  descending: boolean;
}

export const PAGE = 100;

/** The member as it is, whatever it is. */
function valueOf<T>(row: T, { at, value }: Column<T>): Value {
  return value ? value(row) : at && (row[at] as Value);
}

function sorted<T>(rows: T[], column: Column<T> | undefined, descending: boolean): T[] {
  if (!column) return rows;
  const sign = descending ? -1 : 1;
  const known = (row: T) => Number((valueOf(row, column) ?? null) !== null);
  return rows.slice().sort((left, right) => {
    const a = valueOf(left, column)!;
    const b = valueOf(right, column)!;
    return known(right) - known(left) || sign * (a < b ? -1 : Number(a > b));
  });
}

interface Heading {
  title: string;
  help?: string | undefined;
  figure: boolean;
  order: Order;
  onSort: (order: Order) => void;
}

/** A header that sorts on a click, by the greatest figure first or from A. */
export function SortHeader({ title, help, figure, order, onSort }: Heading): JSX.Element {
  const here = order.by === title;
  const descending = here ? !order.descending : figure;
  return (
    <th
      scope="col" class={figure ? "number" : ""}
      aria-sort={here ? (order.descending ? "descending" : "ascending") : "none"}
    >
      <button title={help} onClick={() => onSort({ by: title, descending })}>
        {here && <span aria-hidden="true">{order.descending ? "↓" : "↑"} </span>}
        {title}
      </button>
    </th>
  );
}

/** "Show 100 more", below a list that is cut. */
export function More({ shown, all, onMore }: { shown: number; all: number; onMore: () => void }) {
  if (shown >= all) return null;
  return (
    <p>
      {count(shown)} of {count(all)} rows are shown. <button onClick={onMore}>Show {PAGE} more</button>
    </p>
  );
}

export function Table<T extends object>(properties: Properties<T>): JSX.Element {
  const { caption, rows, id, faint } = properties;
  const hasValues = (column: Column<T>) => rows.some((row) => (valueOf(row, column) ?? null) !== null);
  const columns = properties.columns.filter(hasValues);
  const missing = properties.columns.filter((column) => column.as && !hasValues(column));
  const [order, setOrder] = useState<Order>({ by: properties.sort, descending: true });
  const [limit, setLimit] = useState(PAGE);
  const all = useMemo(
    () => sorted(rows, columns.find((one) => one.title === order.by), order.descending),
    [rows, order],
  );
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption class="hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map(({ title, help, as, class: name }) => (
                <SortHeader title={title} help={help} figure={!!as || !!name} order={order} onSort={setOrder} />
              ))}
            </tr>
          </thead>
          <tbody>
            {all.slice(0, limit).map((row) => (
              <tr id={id?.(row)} class={faint?.(row) ? "faint" : ""}>
                {columns.map((column, index) => <Cell row={row} column={column} first={index === 0} />)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More shown={limit} all={all.length} onMore={() => setLimit(limit + PAGE)} />
      {missing.length > 0 && (
        <p class="faint">Not measured: {missing.map(({ title }) => title.toLowerCase()).join(", ")}.</p>
      )}
    </>
  );
}

function Cell<T extends object>({ row, column, first }: { row: T; column: Column<T>; first: boolean }) {
  const Tag = first ? "th" : "td";
  return (
    <Tag scope={first ? "row" : undefined} class={column.as ? "number" : column.class}>
      <Content row={row} column={column} />
    </Tag>
  );
}

function Content<T extends object>({ row, column }: { row: T; column: Column<T> }): JSX.Element {
  const { as: Figure, at, cell } = column;
  const value = valueOf(row, column) ?? null;
  if (value === null) return <Unknown />;
  if (cell) return <>{cell(row)}</>;
  if (Figure) return <Figure of={value as number} />;
  return at ? <Name of={row} at={at} /> : <Shown text={String(value)} />;
}
