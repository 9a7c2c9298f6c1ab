// SPDX-License-Identifier: Apache-2.0
// Tables of what changed: a figure before, after, and by how much; searched, and narrowed to what came or went.
import { anchor, setting } from "./address";
import type { Numbers } from "./diff";
import type { Signed } from "./diff_figures";
import { countText, many, type Figure } from "./figures";
import { derive, state, type ComponentChildren, type State } from "./jsx";
import { PAGE, cell, comparing, frame, orderSetting, text, valueOf, type Column } from "./table";
import { shown } from "./text";
import { toggleButton } from "./parts";

/** How large a list has to be to be searched. */
const SEARCHED = 8;

export interface Pair {
  before?: number | null;
  after?: number | null;
  change?: number | null;
}

/** Columns for what it was, what it is, and the difference. */
export function pairColumns<T>(as: Figure, signed: Signed, of: (row: T) => Pair | null | undefined, unit = ""): Column<T>[] {
  const column = (title: string, key: keyof Pair, how: Figure): Column<T> =>
    ({ title: `${title}${unit}`, value: (row) => of(row)?.[key] ?? null, as: how });
  return [column("Before", "before", as), column("After", "after", as), column("Change", "change", signed)];
}

/** A number of both sides, with a unit of its own. */
export interface NumbersRow extends Numbers {
  title: string;
  as: Figure;
  signed: Signed;
}

/** Columns of rows that each have their own unit. */
export function numberColumns(): Column<NumbersRow>[] {
  return [
    text<NumbersRow>("Of", "title"),
    { title: "Before", value: (row) => row.before, cell: (row) => row.as(row.before), class: "number" },
    { title: "After", value: (row) => row.after, cell: (row) => row.as(row.after), class: "number" },
    { title: "Change", value: (row) => row.change, cell: (row) => row.signed(row.change), class: "number" },
  ];
}

const WORDS: Record<string, string> = { came: "bad", went: "good" };

/** "came", "went" and the like, and in which colour. */
export function changeWord(word: string, title?: string): JSX.Element {
  return <b class={WORDS[word] ?? ""} title={title}>{shown(word)}</b>;
}

/** A column of such words, in other words where the report's are too short. */
export function changeColumn<T extends { change: string }>(words: Record<string, string> = {}): Column<T> {
  return { title: "What", value: ({ change }) => change, cell: ({ change }) => changeWord(words[change] ?? change) };
}

interface Properties<T> {
  captionText: string;
  rowList: T[];
  columnList: Column<T>[];
  sort?: string;
  /** What a search looks in. */
  words: (row: T) => string;
  /** What kind of change a row is; buttons show one kind alone. */
  word: (row: T) => string;
  /** That kind, where the report's word is too short. */
  kindWords?: Record<string, string>;
  /** Words for those that matter most, and which they are: a button shows them alone. */
  chief?: [words: string, isChief: (row: T) => boolean];
  id?: (row: T) => string;
  /** The row that stands first: somebody asked for it. */
  asked?: State<T | null>;
}

/** A table that can be searched, with a button for each kind of change. */
export function ChangeTable<T extends object>(properties: Properties<T>): ComponentChildren {
  const { captionText, chief, kindWords = {}, rowList, words, word } = properties;
  const chiefs = chief ? rowList.filter(chief[1]) : rowList;
  const kinds = [...new Set(rowList.map(word))];
  const query = setting(`search ${captionText}`);
  const kind = setting(`show ${captionText}`);
  const only = setting(`only ${captionText}`);
  const haystacks = new Map<T, string>();
  const haystack = (row: T) => {
    const text = haystacks.get(row) ?? words(row).toLowerCase();
    haystacks.set(row, text);
    return text;
  };
  const kept = derive(() => {
    const wanted = query.val.trim().toLowerCase();
    return (only.val ? chiefs : rowList).filter((row) => (!kind.val || word(row) === kind.val) && (!wanted || haystack(row).includes(wanted)));
  });
  const pick = (one: string) => toggleButton(
    () => kind.val === one, () => { kind.val = kind.val === one ? "" : one; },
    kindWords[one] ?? one, " ", countText(rowList.filter((row) => word(row) === one).length),
  );
  return (
    <>
      {rowList.length >= SEARCHED && <div class="controls">
        <input
          type="search" value={() => query.val} aria-label={`Search in ${captionText}`} placeholder="Search"
          oninput={(event: InputEvent) => { query.val = (event.target as HTMLInputElement).value; }}
        />
        {kinds.length > 1 && kinds.map(pick)}
        {chiefs.length < rowList.length && toggleButton(
          () => !!only.val, () => { only.val = only.val ? "" : "yes"; }, `${chief![0]} `, countText(chiefs.length),
        )}
        <span class="faint" role="status">{() => (kept.val.length < rowList.length ? many(kept.val.length, "row") : "")}</span>
      </div>}
      {sortedTable(properties, kept)}
    </>
  );
}

/** Rows that change, in an order that stays. */
function sortedTable<T extends object>({ asked, captionText, columnList, id, rowList, sort }: Properties<T>, kept: State<T[]>): JSX.Element {
  const filled = columnList.filter((column) => rowList.some((row) => valueOf(row, column) !== null));
  const order = orderSetting(captionText, sort);
  const limit = state(PAGE);
  const linked = state<T | null>(null);
  const all = derive(() => {
    const { by, falling } = order.val;
    const column = filled.find((one) => one.title === by);
    const list = column ? kept.val.slice().sort(comparing((row) => valueOf(row, column), falling)) : kept.val;
    const first = asked?.val ?? linked.val;
    return first ? [first, ...list.filter((one) => one !== first)] : list;
  });
  // A link may lead to a row that is not shown: then it stands first.
  const follow = () => {
    const at = all.rawVal.findIndex((one) => id!(one) === anchor());
    if (at < limit.rawVal) return;
    linked.val = all.rawVal[at]!;
    requestAnimationFrame(() => location.replace(location.hash));
  };
  if (id) {
    addEventListener("hashchange", follow);
    follow();
  }
  const row = (one: T) => (
    <tr id={id?.(one)} aria-selected={asked ? () => String(asked.val === one) : undefined}>
      {filled.map((column) => cell(one, column, filled))}
    </tr>
  );
  return frame({ captionText: () => captionText, columnList: () => filled, order, rowList: all, row, limit });
}
