// SPDX-License-Identifier: Apache-2.0
// A table that sorts by its headers and grows on demand.
import { anchor, setting } from "./address";
import { count, countText, ms, shareText, size, type Figure } from "./figures";
import { fold } from "./fold";
import { derive, state, type Attributes, type ComponentChildren, type State } from "./jsx";
import { since, type Model } from "./model";
import { note, withBar } from "./parts";
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
      return list.length > MOST_TEXTS ? fold(countText(list.length), () => shown(all(row))) : shown(all(row));
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

/** How a table is sorted, which the address has as "-Size": the greatest first. */
export function orderSetting(table: string, by = ""): State<Order> {
  const words = ({ by = "", falling }: Order) => (falling ? "-" : "+") + by;
  const order = state<Order>({ by, falling: true });
  const text = setting(`sort ${table}`, words(order.rawVal));
  derive(() => {
    const now = text.val;
    if (now !== words(order.rawVal)) order.val = { by: now.slice(1), falling: now[0] === "-" };
  });
  derive(() => {
    text.val = words(order.val);
  });
  return order;
}

/** A header that sorts on a click, by the greatest figure first or from A. */
function header({ title, help, as, class: name }: Heading, order: State<Order>): JSX.Element {
  const isHere = () => order.val.by === title;
  const sort = () => {
    order.val = { by: title, falling: isHere() ? !order.val.falling : !!as };
  };
  return (
    <th
      scope="col" class={as ? "number" : name}
      aria-sort={() => (isHere() ? (order.val.falling ? "descending" : "ascending") : "none")}
    >
      {title && (
        <button title={help} onclick={sort}>
          {() => <span aria-hidden="true">{isHere() && (order.val.falling ? "↓ " : "↑ ")}</span>}
          {title}
        </button>
      )}
    </th>
  );
}

interface FrameProperties<T> {
  captionText: () => string;
  columnList: () => Heading[];
  order: State<Order>;
  rowList: State<T[]>;
  row: (row: T) => JSX.Element;
  limit: State<number>;
  role?: "treegrid";
  body?: Attributes;
}

/** The table around rows, as many as the limit says; it can be raised. */
export function frame<T>({ body, captionText, columnList, limit, order, role, row, rowList }: FrameProperties<T>): JSX.Element {
  // A row that has the keyboard's focus still has it when rows are made anew.
  const rows = (before?: Node) => {
    const held = before?.contains(document.activeElement) && document.activeElement!.closest("tr")!.dataset.key;
    const after = <tbody {...body}>{rowList.val.slice(0, limit.val).map(row)}</tbody> as HTMLElement;
    if (held) setTimeout(() => focusRow(after, held));
    return after;
  };
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={captionText}>
        <table role={role} aria-rowcount={role && (() => rowList.val.length + 1)}>
          <caption class="hidden">{captionText}</caption>
          <thead>{() => <tr>{columnList().map((column) => header(column, order))}</tr>}</thead>
          {rows}
        </table>
      </div>
      {(role || rowList.rawVal.length > limit.rawVal) && (
        <p hidden={() => limit.val >= rowList.val.length}>
          {() => `${limit.val} of ${countText(rowList.val.length)} rows are shown. `}
          <button onclick={() => { limit.val += PAGE; }}>Show {PAGE} more</button>
        </p>
      )}
    </>
  );
}

export function focusRow(body: Element, key: string): void {
  body.querySelector<HTMLElement>(`[data-key="${key}"]`)?.focus();
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
  const order = orderSetting(captionText, sort);
  const limit = state(most);
  const first = state<T | null>(null);
  const all = derive(() => {
    const list = sorted(rowList, columnList.find((one) => one.title === order.val.by), order.val.falling);
    return first.val ? [first.val, ...list.filter((one) => one !== first.val)] : list;
  });
  // A link may lead to a row that is not shown: then it stands first.
  const follow = () => {
    const at = all.rawVal.findIndex((one) => id!(one) === anchor());
    if (at < limit.rawVal) return;
    first.val = all.rawVal[at]!;
    requestAnimationFrame(() => location.replace(location.hash));
  };
  if (id) {
    addEventListener("hashchange", follow);
    follow();
  }
  const row = (one: T) => (
    <tr id={id?.(one)} class={isFaint?.(one) ? "faint" : ""}>{kept.map((column) => cell(one, column, kept))}</tr>
  );
  return (
    <>
      {frame({ captionText: () => captionText, columnList: () => kept, order, rowList: all, row, limit })}
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
