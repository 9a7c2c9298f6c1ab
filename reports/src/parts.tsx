// SPDX-License-Identifier: Apache-2.0
// Pieces that several views are made of. Views are functions that make markup of data; only what has
// a state of its own is a component.
import type { ComponentChildren, JSX } from "preact";
import { duration, share, type Figure } from "./figures";
import { shown } from "./text";
import { color } from "./words";

/** What stands for a section whose list is not there: not looked for (null), or empty. */
interface Absence {
  absent?: string;
  empty: string;
}

export function section<T>(
  id: string,
  title: string,
  list: T[] | null,
  { absent, empty }: Absence,
  contents: (list: T[]) => ComponentChildren,
): JSX.Element {
  return (
    <section id={id}>
      <h2>{title}</h2>
      {!list ? <p>{absent}</p> : list.length > 0 ? contents(list) : <p>{empty}</p>}
    </section>
  );
}

export function lines(items: ComponentChildren[], name?: string): JSX.Element | false {
  return items.length > 0 && <ul class={name}>{items.map((line) => <li>{line}</li>)}</ul>;
}

/** Calls it whenever a link within the page is followed; what it returns ends that. */
export function onHash(follow: () => void): () => void {
  addEventListener("hashchange", follow);
  return () => removeEventListener("hashchange", follow);
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
    <svg class="swatch" aria-hidden="true">
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
      <svg aria-hidden="true">
        <rect width={percent(part)} height="100%" />
      </svg>
      {figure}
    </span>
  );
}

export interface Part {
  name: string;
  amount: number;
  fill: string;
  words?: string | undefined;
}

/** One bar for a whole, cut into its parts, with a list of them. */
export function strip(parts: Part[], whole: number, as: Figure = duration): JSX.Element | false {
  const longest = Math.max(...parts.map((part) => part.amount));
  let next = 0;
  return whole > 0 && (
    <div class="strip">
      <svg aria-hidden="true">
        {parts.map(({ amount, fill }) => {
          const x = next;
          next += amount / whole;
          return <rect fill={fill} x={percent(x)} width={percent(amount / whole)} height="100%" />;
        })}
      </svg>
      <ul class="row">
        {parts.map(({ name, amount, fill, words }) => (
          <li class={amount === longest ? "longest" : ""} title={words}>
            {swatch(fill)}{shown(name)} {as(amount)} {share(amount, whole)}
          </li>
        ))}
      </ul>
    </div>
  );
}
