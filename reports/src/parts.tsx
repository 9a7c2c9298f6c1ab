// SPDX-License-Identifier: Apache-2.0
// Pieces that several views are made of.
import type { ComponentChildren, JSX } from "preact";
import { Duration, Share } from "./figures";
import { Shown } from "./text";

/** A section of the page. `list` null: not looked for; empty: none; else the children are shown. */
export function Section<T>(of: {
  id: string;
  title: string;
  list: T[] | null;
  absent?: string;
  empty: string;
  children: (list: T[]) => ComponentChildren;
}): JSX.Element {
  const { list } = of;
  return (
    <section id={of.id}>
      <h2>{of.title}</h2>
      {!list ? <p>{of.absent}</p> : list.length > 0 ? of.children(list) : <p>{of.empty}</p>}
    </section>
  );
}

export function Lines({ of, ...properties }: { of: ComponentChildren[]; class?: string }): JSX.Element | null {
  return of.length > 0 ? <ul {...properties}>{of.map((line) => <li>{line}</li>)}</ul> : null;
}

/** One term of a <dl>; nothing when nothing is known. */
export function Fact(of: { title: string; class?: string; children: ComponentChildren }) {
  return of.children ? (
    <div class={of.class}>
      <dt>{of.title}</dt>
      <dd>{of.children}</dd>
    </div>
  ) : null;
}

/** "a, b, c" */
export function joined(items: ComponentChildren[], between = ", "): ComponentChildren[] {
  return items.flatMap((item, index) => (index > 0 ? [between, item] : item));
}

// --- bars: drawn in SVG by attributes, as the page's policy allows no style in markup ---

export interface Part {
  name: string;
  ns: number;
  fill: string;
  words?: string;
}

export function percent(part: number): string {
  return `${100 * part}%`;
}

/** A small square of a colour that a chart uses. */
export function Swatch({ fill }: { fill: string }): JSX.Element {
  return (
    <svg class="swatch" aria-hidden="true">
      <rect fill={fill} width="100%" height="100%" />
    </svg>
  );
}

/** One bar for a whole, cut into its parts, with a list of them. */
export function Strip({ parts, whole }: { parts: Part[]; whole: number }): JSX.Element | null {
  const longest = Math.max(...parts.map((part) => part.ns));
  let next = 0;
  return whole > 0 ? (
    <div class="strip">
      <svg aria-hidden="true">
        {parts.map(({ ns, fill }) => {
          const x = next;
          next += ns / whole;
          return <rect fill={fill} x={percent(x)} width={percent(ns / whole)} height="100%" />;
        })}
      </svg>
      <ul class="row">
        {parts.map(({ name, ns, fill, words }) => (
          <li class={ns === longest ? "longest" : ""} title={words}>
            <Swatch fill={fill} />
            <Shown text={name} /> <Duration of={ns} /> <Share part={ns} whole={whole} />
          </li>
        ))}
      </ul>
    </div>
  ) : null;
}
