// SPDX-License-Identifier: Apache-2.0
// The icicle of a process' imports: see, point at, walk by keyboard, zoom.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { durationText, many, shareText } from "./figures";
import { boxAt, boxes, deepest, layOut, step, type Key } from "./icicle_layout";
import { AXIS, ROW, paint } from "./icicle_paint";
import { swatch } from "./parts";
import { pathOf, type Node, type Tree } from "./tree";
import { OWNERS, boundSign, boundWords, color, wordsFor } from "./words";

const MOST_LEVELS = 24;
const ARROWS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

interface Properties {
  tree: Tree;
  found: Set<Node> | null;
  selected: Node | null;
  onSelect: (node: Node) => void;
}

/** Width of an element in px, and a number that grows when the page's colours change. */
function useCanvasSize(): [(element: HTMLElement | null) => void, number, number] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  useEffect(() => {
    const repaint = () => setTheme((before) => before + 1);
    const queries = ["(prefers-color-scheme: dark)", "print"].map((one) => matchMedia(one));
    for (const query of queries) query.addEventListener("change", repaint);
    return () => queries.forEach((query) => query.removeEventListener("change", repaint));
  }, []);
  return [setElement, width, theme];
}

/** What is known of a node in one line, for the eye and for screen readers. */
function describe(node: Node, tree: Tree): string {
  const { module } = node;
  const part = shareText(node.total_ns, tree.root.total_ns);
  if (!module) {
    const below = node.end - node.index - 1 - node.children.filter((one) => !one.module).length;
    return `${node.label}: ${many(below, "import")}, ${durationText(node.total_ns)} (${part})`;
  }
  const words = [
    `${node.label}: ${boundSign(module)}${durationText(module.total_ns)} with all it imports (${part})`,
    `${durationText(module.self_ns)} by itself`,
    module.distribution ? `package ${module.distribution}` : wordsFor(OWNERS, module.owner),
    module.status === "loaded" ? "" : module.status,
    boundWords(module),
  ];
  return words.filter(Boolean).join(", ");
}

export function Icicle({ tree, found, selected, onSelect }: Properties): JSX.Element {
  const layout = useMemo(() => layOut(tree), [tree]);
  const [zoom, setZoom] = useState<Node | null>(null);
  const [walked, setWalked] = useState<Node | null>(null);
  const [pointed, setPointed] = useState<Node | null>(null);
  const [focused, setFocused] = useState(false);
  const [measure, width, theme] = useCanvasSize();
  const canvas = useRef<HTMLCanvasElement>(null);

  const inTree = (node: Node | null) => (node && tree.nodes[node.index] === node ? node : null);
  const top = inTree(zoom) ?? tree.root;
  const focus = inTree(walked) ?? top;
  const all = Math.min(deepest(tree.root, tree.nodes) + 1, MOST_LEVELS);
  const levels = Math.max(all, 2);
  const height = AXIS + levels * ROW;
  const shown = useMemo(() => boxes(layout, { top, levels }, width), [layout, top, levels, width]);

  useEffect(() => {
    if (!canvas.current || width === 0) return;
    paint(canvas.current, {
      boxes: shown, width, height, levels, top, selected, found,
      focus: focused ? focus : null,
    });
  }, [shown, height, selected, found, focused, focus, theme]);

  const nodeAt = (event: MouseEvent) => {
    const level = Math.floor((event.offsetY - AXIS) / ROW);
    return boxAt(shown, event.offsetX, level)?.node ?? null;
  };
  const walkTo = (node: Node) => {
    setWalked(node);
    setPointed(null);
    const visible = node.index >= top.index && node.index < top.end && node.depth - top.depth < levels;
    if (!visible) setZoom(node);
  };
  const zoomTo = (node: Node) => {
    setZoom(node);
    setWalked(node);
  };
  const onKey = (event: KeyboardEvent) => {
    if (ARROWS.includes(event.key)) walkTo(step(focus, event.key as Key, top));
    else if (event.key === "Enter") zoomTo(focus);
    else if (event.key === " ") onSelect(focus);
    else if (event.key === "Escape" || event.key === "Home") zoomTo(tree.root);
    else if (event.key === "Backspace") zoomTo(top.parent ?? top);
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    const node = nodeAt(event);
    if (!node) return;
    if (node === selected) zoomTo(node);
    else walkTo(node);
    onSelect(node);
  };
  const said = pointed ?? (focused ? focus : selected ?? top);
  return (
    <div class="icicle">
      <div class="controls">
        <nav aria-label="Zoom" class="path">
          {pathOf(top).map((node) => (
            <button key={node.key} disabled={node === top} onClick={() => zoomTo(node)}>
              <bdi>{node.label}</bdi>
            </button>
          ))}
        </nav>
      </div>
      <p class="said" aria-live={focused ? "polite" : "off"}>
        <bdi>{describe(said, tree)}</bdi>
      </p>
      <div ref={measure} class="frame">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-roledescription="icicle chart"
          aria-label={`Imports of ${tree.words}. Arrow keys walk, Enter zooms, Escape shows all, Space selects. The table below has the same modules.`}
          height={height}
          onPointerMove={(event) => setPointed(nodeAt(event))}
          onPointerLeave={() => setPointed(null)}
          onClick={onClick}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          onKeyDown={onKey}
        />
      </div>
      {legend(tree)}
    </div>
  );
}

function legend(tree: Tree): JSX.Element {
  const has = (key: "owner" | "status", value: string) =>
    tree.nodes.some(({ module }) => module?.[key] === value);
  return (
    <ul class="row">
      {Object.keys(OWNERS).filter((key) => has("owner", key)).map((key) => (
        <li>{swatch(color(`owner-${key}`))}{OWNERS[key]}</li>
      ))}
      <li>{swatch(color("unknown"))}unknown</li>
      {(has("status", "failed") || has("status", "not-found")) && <li>{swatch(color("failed"))}failed</li>}
    </ul>
  );
}
