// SPDX-License-Identifier: Apache-2.0
// What markup in .tsx files becomes: elements, with VanJS. What is a function within it follows the
// states that it reads. What goes wrong is said, never a blank page.
import van, { type State } from "vanjs-core";

export type { State };
export const { add, state } = van;

export type ComponentChildren =
  | Node | string | number | boolean | null | undefined | readonly ComponentChildren[] | Follower;

/** Makes a part of the page anew whenever a state that it reads changes: one element, or a text. */
type Follower = (before?: Node) => ComponentChildren;

type Plain = string | number | boolean | null | undefined;

export interface Attributes {
  [name: string]: Plain | (() => Plain) | ((event: never) => void) | ComponentChildren;
  onclick?: (event: MouseEvent) => void;
  onpointermove?: (event: PointerEvent) => void;
  onkeydown?: (event: KeyboardEvent) => void;
}

declare global {
  namespace JSX {
    type Element = ComponentChildren;
    type IntrinsicElements = Record<string, Attributes>;
    interface ElementChildrenAttribute {
      children: unknown;
    }
  }
}

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = ["svg", "rect", "line", "text", "title"];

const place = document.getElementById("page")!;
let failed = false;

/** Does it, or says what went wrong in it, for good. */
export function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    failed = true;
    place.replaceChildren(<HTMLElement>h("p", { class: "notice", role: "alert" }, `The report can't be shown: ${error}`));
    return undefined;
  }
}

/** Shows it as the page. */
export function show(markup: ComponentChildren): void {
  if (failed) return;
  place.replaceChildren();
  add(place, h("", null, markup) as never);
}

/** A state that is made of others; or what is done whenever those that it reads change. */
export function derive<T>(make: () => T): State<T> {
  return van.derive(() => attempt(make)!);
}

type Maker = (...all: never[]) => Element;

const makers: Record<string, Maker> = {}; // by tag: those of SVG cost as much as their elements

const isSaid = (value: unknown, key = "") => (value ?? false) !== false || (value === false && key.startsWith("aria-"));

/**
 * An element, what a function makes of the attributes, or with neither the children alone. build.mjs
 * writes a class into the tag ("td.number") where it is all there is.
 */
export function h(
  tag: string | ((properties: object) => ComponentChildren),
  attributes: Attributes | null,
  ...children: ComponentChildren[]
): ComponentChildren {
  if (typeof tag === "function") return tag(attributes!);
  const said = children.flat(Infinity as 9).filter((child) => child !== true && isSaid(child))
    .map((child) => typeof child === "function" ? (before: Node) => attempt(() => (child as Follower)(before)) : child);
  if (!tag) return said as ComponentChildren;
  const [name, only] = tag.split(".") as [string, string?];
  const all: Attributes = { class: only, ...attributes };
  // What is drawn is for the eye, but for what says that it is an image.
  if (name === "svg" && !all.role) all["aria-hidden"] = "true";
  makers[name] ??= (DRAWN.includes(name) ? van.tags(SVG) : van.tags)[name] as Maker;
  const kept = Object.entries(all).filter(([key, value]) => isSaid(value, key));
  return makers[name](Object.fromEntries(kept) as never, ...(said as never[]));
}

export const Fragment = "";
