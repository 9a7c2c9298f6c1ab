// SPDX-License-Identifier: Apache-2.0
// The timeline as a chart: lanes of processes and threads, to zoom and to walk in.
import { setting } from "./address";
import { inUnits, painted } from "./canvas";
import { chart, chartState } from "./chart";
import { durationText, many, msText } from "./figures";
import { WAIT_WORDS, meaningsOf } from "./icicle_modes";
import { derive, state } from "./jsx";
import { since, type Model } from "./model";
import { detailIn } from "./module_detail";
import { legend, note } from "./parts";
import { pick, picked } from "./picked";
import { WAIT_TITLES, type Phase } from "./report";
import { listed } from "./text";
import { TRACK_ROW, isModule, layTracks, type Span } from "./tracks_layout";
import { paintTracks } from "./tracks_paint";
import { WAIT_COLORS, boundSign } from "./words";

type Range = [start_ns: number, end_ns: number];

const LEAST_NS = 1000; // the least that is shown
const LEAST_DRAG = 5; // px: what is less is a click
const ZOOM = 1.5;
const PAN = 0.2; // of what is shown

/** What is known of a span in one line. */
function describe(model: Model, span: Span): string {
  const { began, ending, labelText, of } = span;
  const [from, to] = [began, ending].map((ns) => msText(since(model, ns)));
  const words = [`${labelText}: ${isModule(of) ? boundSign(of) : ""}${durationText(ending - began)}, from ${from} to ${to} ms`];
  if (isModule(of)) {
    words.push(`${durationText(of.self_ns)} by itself`);
    if (of.cpu_ns !== undefined) words.push(`${durationText(of.cpu_ns)} on the CPU`);
    for (const [key] of WAIT_COLORS) if (of.wait?.[key]) words.push(`${WAIT_TITLES[key]} ${durationText(of.wait[key])}`);
    if (of.gc_ns) words.push(`garbage collections ${durationText(of.gc_ns)}`);
    if (of.status !== "loaded") words.push(of.status);
  } else if (of && "confidence" in of) words.push((of as Phase).confidence, of.counted === false ? "not counted" : "");
  return listed(words);
}

export function tracks(model: Model): JSX.Element | false {
  const all = layTracks(model);
  const { first, height, lanes, root, spans, undrawn } = all;
  if (!(root.ending > root.began)) return false;
  const byKey = new Map(spans.map((one) => [one.key, one]));
  const made = chartState<Span>(() => root, () => true);
  const { focus, focused, pointed, top, width } = made;
  const zero_ns = model.mainTrack?.start_ns ?? model.report.run.start_ns ?? 0;
  // The address has a range that is no span's, in µs of the headline's clock.
  const written = setting("time");
  const cursor = state<number | null>(null);
  const marked = state<number | null>(null);
  const rangeOf = (span: Span): Range => (span === root ? first : [span.began, span.ending]);
  const range = derive((): Range => {
    const [start, end] = written.val.split("~").map((us) => Number(us) * 1000 + zero_ns);
    return start! < end! ? [start!, end!] : rangeOf(top.val);
  });
  const showRange = (from: number, to: number) => {
    const least = Math.min(root.began, first[0]);
    const most = Math.max(root.ending, first[1]);
    const length = Math.min(Math.max(to - from, LEAST_NS), most - least);
    const start = Math.max(least, Math.min(from, most - length));
    written.val = [start, start + length].map((ns) => Math.round((ns - zero_ns) / 1000)).join("~");
  };
  const zoomBy = (factor: number, share = 0.5) => {
    const [from, to] = range.val;
    const middle = from + (to - from) * share;
    showRange(middle - (middle - from) / factor, middle + (to - middle) / factor);
  };
  const panBy = (share: number) => {
    const [from, to] = range.val;
    showRange(from + (to - from) * share, to + (to - from) * share);
  };
  const reset = () => {
    made.zoomTo(root);
    written.val = "";
  };
  const timeAt = (x: number) => range.val[0] + (x / width.val) * (range.val[1] - range.val[0]);
  const nodeAt = (x: number, y: number) => {
    const ns = timeAt(x);
    return spans.filter((one) => y >= one.y && y < one.y + TRACK_ROW && ns >= one.began && ns < one.ending).pop() ?? null;
  };
  const sees = ({ began, ending }: Span) => ending > range.val[0] && began < range.val[1];
  const of = {
    ...made,
    zoomTo: (span: Span) => {
      made.zoomTo(span);
      written.val = "";
      if (isModule(span.of)) pick(span.of, "timeline");
    },
    walkTo: (span: Span, seen: boolean) => {
      made.walkTo(span, true);
      if (!seen) {
        const half = (range.val[1] - range.val[0]) / 2;
        showRange(span.began - half, span.began + half);
      }
    },
  };
  let dragged = false;
  const [markup, canvas] = chart(of, {
    kind: "timeline",
    labelText: () => "Timeline, whose phases and imports the tables below have. Plus and minus zoom, Shift with an arrow moves.",
    height,
    said: () => {
      const one = pointed.val ?? (focused.val ? focus.val : top.val);
      return one === root ? `${range.val.map((ns) => msText(ns - zero_ns)).join(" to ")} ms are shown` : describe(model, one);
    },
    weight: (span) => (span.parent === root ? span.offspring.length : span.ending - span.began),
    sees,
    nodeAt,
    onPress: (span) => {
      if (dragged) return;
      made.walkTo(span, true);
      if (isModule(span.of)) pick(span.of, "timeline");
    },
  });

  const on = (name: string, act: (event: never) => void) => canvas.addEventListener(name, act as never, { capture: true, passive: false });
  on("pointerdown", ({ offsetX, pointerId }: PointerEvent) => {
    dragged = false;
    marked.val = inUnits(offsetX);
    canvas.setPointerCapture(pointerId);
  });
  on("pointermove", ({ movementX, offsetX, shiftKey }: PointerEvent) => {
    cursor.val = inUnits(offsetX);
    if (marked.val === null) return;
    dragged ||= Math.abs(cursor.val - marked.val) >= LEAST_DRAG;
    if (shiftKey) panBy(-inUnits(movementX) / width.val);
  });
  on("pointerup", ({ offsetX, shiftKey }: PointerEvent) => {
    if (marked.val !== null && dragged && !shiftKey) {
      const [from, to] = [marked.val, inUnits(offsetX)].sort((a, b) => a - b).map(timeAt);
      showRange(from!, to!);
    }
    marked.val = null;
  });
  on("pointercancel", () => { marked.val = null; });
  on("pointerleave", () => { cursor.val = null; });
  on("dblclick", reset);
  on("wheel", (event: WheelEvent) => {
    const { ctrlKey, deltaX, deltaY, offsetX } = event;
    if (ctrlKey) zoomBy(deltaY < 0 ? ZOOM : 1 / ZOOM, inUnits(offsetX) / width.val);
    else if (Math.abs(deltaX) > Math.abs(deltaY)) panBy(inUnits(deltaX) / width.val);
    else return;
    event.preventDefault();
  });
  on("keydown", (event: KeyboardEvent) => {
    const { key, shiftKey } = event;
    if (key === "+" || key === "=") zoomBy(ZOOM);
    else if (key === "-") zoomBy(1 / ZOOM);
    else if (key === "0" || key === "Escape" || key === "Home") reset();
    else if (shiftKey && key === "ArrowLeft") panBy(-PAN);
    else if (shiftKey && key === "ArrowRight") panBy(PAN);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });

  painted(of, () => paintTracks(canvas, {
    tracks: all, width: width.val, range: range.val, zero_ns, focus: focused.val ? focus.val : null,
    picked: byKey.get(`module-${picked.val?.id}`), cursor: cursor.val, marked: marked.val,
  }));
  const colors = new Set<string | false>(spans.map(({ hue, of }) => isModule(of) && hue));
  for (const [key, color] of WAIT_COLORS) if (model.report.modules.some(({ wait }) => wait?.[key])) colors.add(color);
  if (lanes.some(({ critical }) => critical.length > 0)) colors.add("ink");
  if (all.reply_ns !== null) colors.add("good");
  const meanings: [color: string, words: string][] = [
    ...meaningsOf("owner"), ...WAIT_WORDS, ["ink", "what the first reply waited for"], ["good", "first reply"],
  ];
  return (
    <div class="tracks">
      <div class="controls" role="group" aria-label="Time shown">
        <button onclick={() => zoomBy(ZOOM)}>Zoom in</button>
        <button onclick={() => zoomBy(1 / ZOOM)}>Zoom out</button>
        <button onclick={reset}>Headline</button>
        <button onclick={() => showRange(root.began, root.ending)}>Everything</button>
      </div>
      {markup}
      {legend(meanings.filter(([color]) => colors.has(color)))}
      {note("Drag to zoom, with Shift to move. At the lower edge of an import is how much of it was waiting, not when.",
        undrawn > 0 && ` ${many(undrawn, "further thread")} of which less is known are not drawn.`)}
      {detailIn("timeline", model)}
    </div>
  );
}
