// SPDX-License-Identifier: Apache-2.0
// A tree drawn on a canvas: see, point at, walk by keyboard, zoom. What is drawn is for others to say.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { pathOf } from "./tree";

interface ChartNode<N> {
  /** Names it for as long as the page is open. */
  key: string;
  labelText: string; // plain text
  parent: N | null;
  offspring: N[];
}

type Key = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

const ARROWS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

/** A colour of the page's style, by name. */
export type Palette = (name: string) => string;

/** The canvas at the resolution of the screen, with the page's font and colours. */
export function prepare(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): [CanvasRenderingContext2D, Palette] {
  const context = canvas.getContext("2d")!;
  const style = getComputedStyle(canvas);
  const ratio = Math.max(window.devicePixelRatio || 1, 1);
  const known = new Map<string, string>();
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  context.font = `12px ${style.fontFamily}`;
  context.textBaseline = "middle";
  const palette = (name: string) => {
    let color = known.get(name);
    if (color === undefined) {
      color = style.getPropertyValue(`--${name}`).trim() || style.getPropertyValue("--unknown").trim();
      known.set(name, color);
    }
    return color;
  };
  return [context, palette];
}

/** Up to context.restore(), what is written stays in a box. */
export function clip(
  context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, color: string,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width - 2, height);
  context.clip();
  context.fillStyle = color;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The innermost box at a point: parts come after what they are parts of. */
export function boxAt<B extends Box>(boxes: B[], x: number, y: number): B | undefined {
  return boxes.filter((box) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height).pop();
}

/** A frame within the edges of a box. */
export function paintFrame(context: CanvasRenderingContext2D, box: Box | undefined, color: string): void {
  if (!box) return;
  context.lineWidth = 2;
  context.strokeStyle = color;
  context.strokeRect(box.x + 1, box.y + 1, Math.max(box.width - 3, 1), box.height - 3);
}

/** Where an arrow leads: up to the parent, down to the largest child, to the sides to siblings. */
function step<N extends ChartNode<N>>(from: N, key: Key, top: N, weight: (node: N) => number): N {
  if (key === "ArrowDown")
    return from.offspring.reduce((best, one) => (weight(one) > weight(best) ? one : best), from.offspring[0] ?? from);
  if (from === top || !from.parent) return from;
  if (key === "ArrowUp") return from.parent;
  const siblings = from.parent.offspring;
  return siblings[siblings.indexOf(from) + (key === "ArrowLeft" ? -1 : 1)] ?? from;
}

/** Size of an element in px, and a number that grows when the page's colours change. */
function useCanvasSize() {
  const [element, measure] = useState<HTMLElement | null>(null);
  const [[width, height], setSize] = useState([0, 0]);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    if (!element) return;
    const observer = new ResizeObserver(() => setSize([Math.floor(element.clientWidth), element.clientHeight]));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  useEffect(() => {
    const repaint = () => setTheme((before) => before + 1);
    const queries = ["(prefers-color-scheme: dark)", "print"].map((one) => matchMedia(one));
    for (const query of queries) query.addEventListener("change", repaint);
    return () => queries.forEach((query) => query.removeEventListener("change", repaint));
  }, []);
  return { measure, width, height, theme };
}

/** The state of a chart; `has` tells whether a node is of the tree that is shown now. */
export function useChart<N extends ChartNode<N>>(root: N, has: (node: N) => boolean) {
  const [zoom, setZoom] = useState<N | null>(null);
  const [walked, setWalked] = useState<N | null>(null);
  const [pointed, setPointed] = useState<N | null>(null);
  const [focused, setFocused] = useState(false);
  const canvas = useRef<HTMLCanvasElement>(null);
  const inTree = (node: N | null) => (node && has(node) ? node : null);
  const top = inTree(zoom) ?? root;
  const focus = inTree(walked) ?? top;
  const walkTo = (node: N, seen: boolean) => {
    setWalked(node);
    setPointed(null);
    if (!seen) setZoom(node);
  };
  const zoomTo = (node: N) => {
    setZoom(node);
    setWalked(node);
    setPointed(null);
  };
  return {
    ...useCanvasSize(), canvas, root, top, focus, focused, pointed: inTree(pointed),
    setPointed, setFocused, walkTo, zoomTo,
  };
}

interface Properties<N> {
  kind: string; // "icicle chart"
  labelText: string;
  height?: number; // px; without it the style says
  said: string;
  weight: (node: N) => number;
  /** Whether it is drawn now; without it, all are. */
  sees?: (node: N) => boolean;
  nodeAt: (x: number, y: number) => N | null;
  onClick: (node: N) => void;
  onSpace?: (node: N) => void;
}

export function chart<N extends ChartNode<N>>(
  state: ReturnType<typeof useChart<N>>,
  { kind, labelText, height, said, weight, sees, nodeAt, onClick, onSpace = onClick }: Properties<N>,
): JSX.Element {
  const { canvas, focus, focused, measure, root, top, setFocused, setPointed, walkTo, zoomTo } = state;
  const at = (event: MouseEvent) => nodeAt(event.offsetX, event.offsetY);
  const onKey = (event: KeyboardEvent) => {
    if (ARROWS.includes(event.key)) {
      const next = step(focus, event.key as Key, top, weight);
      walkTo(next, !sees || sees(next));
    } else if (event.key === "Enter") zoomTo(focus);
    else if (event.key === " ") onSpace(focus);
    else if (event.key === "Escape" || event.key === "Home") zoomTo(root);
    else if (event.key === "Backspace") zoomTo(top.parent ?? top);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div class="controls">
        <nav aria-label="Zoom" class="path">
          {pathOf(top).map((node) => (
            <button key={node.key} disabled={node === top} onClick={() => zoomTo(node)}>
              <bdi>{node.labelText}</bdi>
            </button>
          ))}
        </nav>
      </div>
      <p class="said" aria-live={focused ? "polite" : "off"}>
        <bdi>{said}</bdi>
      </p>
      <div ref={measure} class="frame">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-roledescription={kind}
          aria-label={labelText}
          height={height}
          onPointerMove={(event) => setPointed(at(event))}
          onPointerLeave={() => setPointed(null)}
          onClick={(event) => {
            const node = at(event);
            if (node) onClick(node);
          }}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          onKeyDown={onKey}
        />
      </div>
    </>
  );
}
