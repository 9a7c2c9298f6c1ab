// SPDX-License-Identifier: Apache-2.0
// A table that sorts by its headers and grows on demand.
import type { ComponentChildren, HTMLAttributes, JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { count, countText, ms, shareText, size, type Figure } from "./figures";
import { Fold } from "./fold";
import { since, type Model } from "./model";
import { note, onHash, withBar } from "./parts";
import { name, shown, textsOf, unknown } from "./text";

export type Value = number | string | null | undefined;

export interface Column<T> {
  title: string;
  help?: string | undefined;
  /** The member that it shows. */
  at?: keyof T & string;
  /** What it sorts by, where that is not the member; null and undefined mean "not known". */
  value?: (row: T) => Value;
  /** A figure, and how it is shown. */
  as?: Figure;
  /** What it shows, where that is neither a figure nor a text. */
  cell?: (row: T) => ComponentChildren;
  class?: string;
}

type Heading = Pick<Column<never>, "title" | "help" | "as" | "class">;

export interface Order {
  by: string | undefined;
  falling: boolean;
}

export const PAGE = 100;
const MOST_TEXTS = 8;

/** A column of texts: one member. */
export function text<T>(title: string, at: keyof T & string, help?: string): Column<T> {
  return { title, at, help };
}

/** A column of texts that are made of the row. */
export function made<T>(title: string, value: (row: T) => Value, help?: string): Column<T> {
  return { title, value, help };
}

/** A column of lists of texts, folded where they are many. */
export function texts<T extends object>(title: string, at: keyof T & string): Column<T> {
  const all = (row: T) => textsOf(row, at).join(", ");
  return {
    ...made(title, (row) => all(row) || null),
    cell: (row) => {
      const list = textsOf(row, at);
      return list.length > MOST_TEXTS ? <Fold words={countText(list.length)}>{() => shown(all(row))}</Fold> : shown(all(row));
    },
  };
}

/** A member of a row, or what is made of the row. */
type Of<T> = (keyof T & string) | ((row: T) => Value);

/** A column of figures: a member, or what is made of the row. */
export function figure<T>(
  title: string,
  of: Of<T>,
  as: Figure,
  help?: string,
): Column<T> {
  return { ...(typeof of === "string" ? text(title, of, help) : made(title, of, help)), as };
}

/** A column of durations. */
export function time<T>(title: string, of: Of<T>, help?: string): Column<T> {
  return figure(`${title} (ms)`, of, ms, help);
}

/** A column of moments. */
export function sinceColumn<T>(title: string, model: Model, at: (row: T) => number): Column<T> {
  return time(title, (row) => since(model, at(row)), "on the headline's clock");
}

// What many tables have.
export const sizeColumn = figure<{ bytes?: number | null }>("Size", "bytes", size);
export const diskColumn = figure<{ disk_bytes: number }>("On disk", "disk_bytes", size, "in whole blocks");
export const filesColumn = figure<{ files: number | null }>("Files", "files", count);
export const packageColumn = text<{ distribution?: string | null }>("Package", "distribution");

/** A column of shares of a whole, behind bars. */
export function shares<T>(of: (row: T) => number | null, whole: number, words = shareText): Column<T> {
  return {
    ...figure("Share", of, count),
    cell: (row) => withBar(of(row)! / (whole || 1), <span class="share">{words(of(row)!, whole)}</span>),
  };
}

export function valueOf<T>(row: T, { at, value }: Column<T>): Value {
  return (value ? value(row) : at && (row[at] as Value)) ?? null;
}

/** What has no value comes last. */
export function comparing<T>(of: (row: T) => Value, falling: boolean): (left: T, right: T) => number {
  return (left, right) => {
    const a = of(left) ?? null!;
    const b = of(right) ?? null!;
    return Number(a === null) - Number(b === null) || (falling ? -1 : 1) * (a < b ? -1 : Number(a > b));
  };
}

function sorted<T>(rowList: T[], column: Column<T> | undefined, falling: boolean): T[] {
  return column ? rowList.slice().sort(comparing((row) => valueOf(row, column), falling)) : rowList;
}

/** A header that sorts on a click, by the greatest figure first or from A. */
function header(
  { title, help, as, class: name }: Heading,
  order: Order,
  onSort: (order: Order) => void,
): JSX.Element {
  const here = order.by === title;
  const falling = here ? !order.falling : !!as;
  return (
    <th
      scope="col" class={as ? "number" : name}
      aria-sort={here ? (order.falling ? "descending" : "ascending") : "none"}
    >
      {title && (
        <button title={help} onClick={() => onSort({ by: title, falling })}>
          {here && <span aria-hidden="true">{order.falling ? "↓" : "↑"} </span>}
          {title}
        </button>
      )}
    </th>
  );
}

interface FrameProperties<T> {
  captionText: string;
  columnList: Heading[];
  order: Order;
  onSort: (order: Order) => void;
  rowList: T[];
  row: (row: T) => JSX.Element;
  limit: number;
  onMore: (limit: number) => void;
  role?: "treegrid";
  body?: HTMLAttributes<HTMLTableSectionElement>;
}

/** The table around rows, as many as the limit says; it can be raised. */
export function frame<T>(of: FrameProperties<T>): JSX.Element {
  const { captionText, columnList, rowList, limit } = of;
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={captionText}>
        <table role={of.role} aria-rowcount={of.role && rowList.length + 1}>
          <caption class="hidden">{captionText}</caption>
          <thead>
            <tr>{columnList.map((column) => header(column, of.order, of.onSort))}</tr>
          </thead>
          <tbody {...of.body}>{rowList.slice(0, limit).map(of.row)}</tbody>
        </table>
      </div>
      {limit < rowList.length && (
        <p>
          {limit} of {countText(rowList.length)} rows are shown.{" "}
          <button onClick={() => of.onMore(limit + PAGE)}>Show {PAGE} more</button>
        </p>
      )}
    </>
  );
}

interface Properties<T> {
  captionText: string;
  rowList: T[];
  columnList: Column<T>[];
  /** Title of the column to sort by at first; without it the rows keep their order. */
  sort?: string;
  /** How many rows are shown at first. */
  most?: number;
  id?: (row: T) => string;
  isFaint?: (row: T) => boolean;
  /** Says nothing of columns without a value. */
  quiet?: boolean;
}

/** Columns without a value are left out; of figures it is said that they were not measured. */
export function Table<T extends object>(properties: Properties<T>) {
  const { captionText, rowList, columnList, sort, most = PAGE, id, isFaint, quiet } = properties;
  const isEmpty = (column: Column<T>) => rowList.every((row) => valueOf(row, column) === null);
  const kept = columnList.filter((column) => !isEmpty(column));
  const missing = quiet ? [] : columnList.filter((column) => column.as && column.at && isEmpty(column));
  const [order, onSort] = useState<Order>({ by: sort, falling: true });
  const [limit, onMore] = useState(most);
  const [first, setFirst] = useState<T | null>(null);
  const all = useMemo(() => {
    const list = sorted(rowList, columnList.find((one) => one.title === order.by), order.falling);
    return first ? [first, ...list.filter((one) => one !== first)] : list;
  }, [rowList, order, first]);
  // A link may lead to a row that is not shown: then it stands first.
  useEffect(() => {
    const follow = () => {
      const at = id ? all.findIndex((one) => `#${id(one)}` === location.hash) : -1;
      if (at < limit) return;
      setFirst(all[at]!);
      requestAnimationFrame(() => location.replace(location.hash));
    };
    follow();
    return onHash(follow);
  }, [all, limit]);
  const row = (one: T) => (
    <tr id={id?.(one)} class={isFaint?.(one) ? "faint" : ""}>{kept.map((column) => cell(one, column, kept))}</tr>
  );
  return (
    <>
      {frame({ captionText, columnList: kept, order, onSort, rowList: all, row, limit, onMore })}
      {missing.length > 0 && note(`Not measured: ${missing.map(({ title }) => lowered(title)).join(", ")}.`)}
    </>
  );
}

/** A table with a heading; nothing without rows. */
export function headed<T extends object>(title: string, of: Properties<T>): ComponentChildren {
  return of.rowList.length > 0 && [<h3>{title}</h3>, <Table {...of} />];
}

/** "On the CPU" to "on the CPU". */
function lowered(title: string): string {
  return title.slice(0, 1).toLowerCase() + title.slice(1);
}

export function cell<T extends object>(row: T, column: Column<T>, columnList: Column<T>[]): JSX.Element {
  const { as, class: name } = column;
  const shown = contents(row, column);
  return column === columnList[0]
    ? <th scope="row" class={as ? "number" : name}>{shown}</th>
    : <td class={as ? "number" : name}>{shown}</td>;
}

/** What a cell shows. */
export function contents<T extends object>(row: T, column: Column<T>): ComponentChildren {
  const { as, at, cell } = column;
  const value = valueOf(row, column);
  if (value === null || value === undefined) return unknown();
  if (cell) return cell(row);
  if (as) return as(value as number);
  return at ? name(row, at) : shown(String(value));
}
