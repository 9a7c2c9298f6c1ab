// SPDX-License-Identifier: Apache-2.0
// What every canvas of the page shares: resolution, colours, and when it is drawn anew.
import { derive, state, type State } from "./jsx";

const PAPER_RATIO = 2; // pixels of a canvas for each px of a page on paper
const REM = 16; // px, where a unit of what is drawn is one px
const painters: (() => void)[] = [];
let onPaper = false;
let unit = 1; // px: as wide screens have larger texts

/** Of what is drawn. */
export function inUnits(px: number): number {
  return px / unit;
}

// Paper has the light colours. What is on it is drawn before this returns.
for (const [event, paper] of [["beforeprint", true], ["afterprint", false]] as const)
  addEventListener(event, () => {
    onPaper = paper;
    document.documentElement.classList.toggle("paper", paper);
    for (const paint of painters) paint();
  });

/** What a canvas is drawn anew for. */
export interface Surface {
  // Of the canvas, in units: px but on wide screens.
  width: State<number>;
  height: State<number>;
  /** Grows when the page's colours change. */
  theme: State<number>;
}

export function surfaceState(): Surface {
  return { width: state(0), height: state(0), theme: state(1) };
}

/** The canvas in a box whose width it follows. */
export function framed(canvas: HTMLCanvasElement, { width, height, theme }: Surface): HTMLElement {
  const around = <div>{canvas}</div> as HTMLElement;
  new ResizeObserver(() => {
    unit = Math.max(parseFloat(getComputedStyle(document.documentElement).fontSize) / REM, 1);
    width.val = inUnits(around.clientWidth);
    height.val = inUnits(around.clientHeight);
  }).observe(around);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { theme.val++; });
  return around;
}

/** Paints now, whenever a state that painting reads changes, and for paper. */
export function painted({ width, theme }: Surface, paint: () => void): void {
  const whenSeen = () => {
    if (theme.val && width.val > 0) paint();
  };
  painters.push(whenSeen);
  derive(whenSeen);
}

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
  const ratio = unit * Math.max(window.devicePixelRatio || 1, onPaper ? PAPER_RATIO : 1);
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
