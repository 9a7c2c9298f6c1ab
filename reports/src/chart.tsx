// SPDX-License-Identifier: Apache-2.0
// A tree drawn on a canvas: see, point at, walk by keyboard, zoom. What is drawn is for others to say.
import { setting } from "./address";
import { framed, inUnits, surfaceState } from "./canvas";
import { derive, state, type ComponentChildren, type State } from "./jsx";
import { pathOf } from "./tree";

export { boxAt, clip, inUnits, painted, paintFrame, prepare, type Box, type Palette } from "./canvas";

interface ChartNode<N> {
  /** Names it for as long as the page is open. */
  key: string;
  labelText: string; // plain text
  parent: N | null;
  offspring: N[];
}

type Key = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

const ARROWS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

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
    ...surfaceState(),
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

/** The address has what fills the chart. */
export function keepZoom<N extends ChartNode<N>>(of: ReturnType<typeof chartState<N>>, tree: State<{ nodes: N[]; root: N }>): void {
  const zoom = setting("zoom");
  const root = () => tree.val.root;
  derive(() => {
    const wanted = tree.val.nodes.find(({ key }) => key === zoom.val) ?? root();
    if (wanted !== of.top.rawVal) of.zoomTo(wanted);
  });
  derive(() => {
    zoom.val = of.top.val === root() ? "" : of.top.val.key;
  });
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
  const { focus, focused, root, top, under, walkTo, zoomTo } = of;
  const at = (event: MouseEvent) => nodeAt(inUnits(event.offsetX), inUnits(event.offsetY));
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
      aria-label={() => `${labelText()} Arrow keys walk, Enter zooms, Escape shows all.`}
      width={innerWidth} height={height}
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
      {framed(canvas, of)}
    </>,
    canvas,
  ];
}
