// SPDX-License-Identifier: Apache-2.0
// A tree drawn on a canvas: see, point at, walk by keyboard, zoom. What is drawn is for others to say.
import { derive, state, type ComponentChildren } from "./jsx";
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

/** The state of a chart; `has` tells whether a node is of the tree that is shown now. */
export function chartState<N extends ChartNode<N>>(root: () => N, has: (node: N) => boolean) {
  const inTree = (node: N | null) => (node && has(node) ? node : null);
  const zoom = state<N | null>(null);
  const walked = state<N | null>(null);
  const under = state<N | null>(null); // the pointer
  const top = derive(() => inTree(zoom.val) ?? root());
  return {
    root, top, under,
    pointed: derive(() => inTree(under.val)),
    focus: derive(() => inTree(walked.val) ?? top.val),
    focused: state(false),
    // Of the canvas, in px.
    width: state(0),
    height: state(0),
    /** Grows when the page's colours change. */
    theme: state(1),
    walkTo: (node: N, seen: boolean) => {
      walked.val = node;
      under.val = null;
      if (!seen) zoom.val = node;
    },
    zoomTo: (node: N) => {
      zoom.val = walked.val = node;
      under.val = null;
    },
  };
}

interface Properties<N> {
  kind: string; // "icicle chart"
  labelText: () => string;
  height?: number; // px; without it the style says
  said: () => string;
  weight: (node: N) => number;
  /** Whether it is drawn now; without it, all are. */
  sees?: (node: N) => boolean;
  nodeAt: (x: number, y: number) => N | null;
  onPress: (node: N) => void;
  onSpace?: (node: N) => void;
}

/** The chart, and the canvas within it. */
export function chart<N extends ChartNode<N>>(
  of: ReturnType<typeof chartState<N>>,
  { kind, labelText, height, said, weight, sees, nodeAt, onPress, onSpace = onPress }: Properties<N>,
): [ComponentChildren, HTMLCanvasElement] {
  const { focus, focused, root, theme, top, under, walkTo, zoomTo } = of;
  const at = (event: MouseEvent) => nodeAt(event.offsetX, event.offsetY);
  const onkeydown = (event: KeyboardEvent) => {
    const here = focus.val;
    if (ARROWS.includes(event.key)) {
      const next = step(here, event.key as Key, top.val, weight);
      walkTo(next, !sees || sees(next));
    } else if (event.key === "Enter") zoomTo(here);
    else if (event.key === " ") onSpace(here);
    else if (event.key === "Escape" || event.key === "Home") zoomTo(root());
    else if (event.key === "Backspace") zoomTo(top.val.parent ?? top.val);
    else return;
    event.preventDefault();
  };
  const canvas = (
    <canvas
      tabIndex={0}
      role="application"
      aria-roledescription={kind}
      aria-label={labelText}
      height={height}
      onpointermove={(event) => { under.val = at(event); }}
      onpointerleave={() => { under.val = null; }}
      onclick={(event) => {
        const node = at(event);
        if (node) onPress(node);
      }}
      onfocus={() => { focused.val = true; }}
      onblur={() => { focused.val = false; }}
      onkeydown={onkeydown}
    />
  ) as HTMLCanvasElement;
  const around = <div>{canvas}</div> as HTMLElement;
  new ResizeObserver(() => {
    of.width.val = Math.floor(around.clientWidth);
    of.height.val = around.clientHeight;
  }).observe(around);
  for (const one of ["(prefers-color-scheme: dark)", "print"]) matchMedia(one).addEventListener("change", () => { theme.val++; });
  return [
    <>
      <div class="controls">
        {() => (
          <nav aria-label="Zoom" class="path">
            {pathOf(top.val).map((node) => (
              <button disabled={node === top.val} onclick={() => zoomTo(node)}>
                <bdi>{node.labelText}</bdi>
              </button>
            ))}
          </nav>
        )}
      </div>
      <p class="said" aria-live={() => (focused.val ? "polite" : "off")}>
        <bdi>{said}</bdi>
      </p>
      {around}
    </>,
    canvas,
  ];
}
