// SPDX-License-Identifier: Apache-2.0
// Pieces that several views are made of. Views are functions that make markup of data.
import type { ComponentChildren, State } from "./jsx";
import { duration, share, type Figure } from "./figures";
import type { AnyModel } from "./model";
import { shown, textsOf } from "./text";
import { color } from "./words";

/** A section of the page, as the links to the sections have it, and what makes its contents. */
export type Section = [id: string, title: string, contents: () => ComponentChildren, count?: number | null | undefined];

/** Nothing when it has nothing to say. */
export type View<M = AnyModel> = (model: M) => Section | false;

export const NO_IMPORT = "No import was observed.";

/** The contents of a section of a list that may be empty, or null: not looked for. */
export function ofList<T>(
  list: T[] | null,
  contents: (list: T[]) => ComponentChildren,
  empty: string,
  absent = empty,
): () => ComponentChildren {
  return () => (list?.length ? contents(list) : <p>{list ? empty : absent}</p>);
}

export function details(summary: ComponentChildren, ...contents: ComponentChildren[]): JSX.Element {
  return <details><summary>{summary}</summary>{contents}</details>;
}

/** A button that is down, or not. */
export function toggleButton(down: () => boolean, onclick: () => void, ...words: ComponentChildren[]): JSX.Element {
  return <button aria-pressed={down} onclick={onclick}>{words}</button>;
}

/** Buttons of which one is down. */
export function choice(labelText: string, all: readonly (readonly [value: string, words: string])[], own: State<string>): JSX.Element {
  return (
    <div role="group" aria-label={labelText}>
      {all.map(([value, words]) => toggleButton(() => own.val === value, () => { own.val = value; }, words))}
    </div>
  );
}

/** What it comes to in a word, and in a sentence. */
export function verdictLine(good: boolean, word: string, ...words: ComponentChildren[]): JSX.Element {
  return <p class="verdict"><b class={good ? "good" : ""}>{word}</b> {words}</p>;
}

/** A sentence that explains. */
export function note(...words: ComponentChildren[]): JSX.Element {
  return <p class="faint">{words}</p>;
}

/** A list of those that say anything. */
export function lines(items: ComponentChildren[], name?: string): JSX.Element | false {
  const said = items.filter(Boolean);
  return said.length > 0 && <ul class={name}>{said.map((line) => <li>{line}</li>)}</ul>;
}

/** A list of paths, or other texts of somebody else. */
export function pathLines<T extends object>(of: T, key: keyof T & string): JSX.Element | false {
  return lines(textsOf(of, key).map(shown));
}

/** One term of a <dl>; nothing when nothing is known. */
export function fact(title: string, contents: ComponentChildren, name?: string) {
  return !!contents && <div class={name}><dt>{title}</dt><dd>{contents}</dd></div>;
}

/** "a, b, c" */
export function joined(items: ComponentChildren[]): ComponentChildren[] {
  return items.flatMap((item, index) => (index > 0 ? [", ", item] : item));
}

// --- bars: drawn in SVG by attributes, as the page's policy allows no style in markup ---

export function percent(part: number): string {
  return `${100 * part}%`;
}

/** A small square of a colour that a chart uses. */
export function swatch(fill: string): JSX.Element {
  return (
    <svg class="swatch">
      <rect fill={fill} width="100%" height="100%" />
    </svg>
  );
}

/** What the colours of a chart mean; colours by their names in report.css. */
export function legend(items: [fill: string, words: ComponentChildren][]): JSX.Element {
  return <ul class="row">{items.map(([fill, words]) => <li>{swatch(color(fill))}{words}</li>)}</ul>;
}

/** A figure behind a short bar of its share; where there is little room, alone. */
export function withBar(part: number, figure: ComponentChildren, title?: string): JSX.Element {
  return (
    <span class="with-bar" title={title}>
      <svg>
        <rect width={percent(part)} height="100%" />
      </svg>
      {figure}
    </span>
  );
}

export interface Part {
  name: string;
  partAmount: number;
  fill: string;
  words?: string | undefined;
}

/** One bar for a whole, cut into its parts, with a list of them. */
export function strip(parts: Part[], whole: number, as: Figure = duration): JSX.Element | false {
  const longest = Math.max(...parts.map((part) => part.partAmount));
  let next = 0;
  return whole > 0 && (
    <div class="strip">
      <svg>
        {parts.map(({ partAmount, fill }) => {
          const x = next;
          next += partAmount / whole;
          return <rect fill={fill} x={percent(x)} width={percent(partAmount / whole)} height="100%" />;
        })}
      </svg>
      <ul class="row">
        {parts.map(({ name, partAmount, fill, words }) => (
          <li class={partAmount === longest ? "longest" : ""} title={words}>
            {swatch(fill)}{shown(name)} {as(partAmount)} {share(partAmount, whole)}
          </li>
        ))}
      </ul>
    </div>
  );
}
