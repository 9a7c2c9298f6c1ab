// SPDX-License-Identifier: Apache-2.0
// Draws the timeline's lanes on a canvas.
import { clip, paintFrame, prepare, type Palette } from "./canvas";
import { msText, tickText } from "./figures";
import { niceStep } from "./scale";
import { CRITICAL, TRACK_AXIS, TRACK_ROW, isModule, type Span, type Tracks } from "./tracks_layout";
import { WAIT_COLORS } from "./words";

export interface TracksPicture {
  tracks: Tracks;
  width: number; // px
  range: [start_ns: number, end_ns: number];
  zero_ns: number; // where the axis begins
  focus: Span | null;
  picked: Span | undefined;
  /** Where the pointer is, and where a range began that is being marked; px. */
  cursor: number | null;
  marked: number | null;
}

const SMALLEST_BOX = 0.5; // px: what is narrower is not drawn
const LEAST_LABEL = 28; // px
const STRIPE = 4; // px

export function paintTracks(canvas: HTMLCanvasElement, picture: TracksPicture): void {
  const { tracks, width, range: [from, to], focus, picked } = picture;
  const [context, palette] = prepare(canvas, width, tracks.height);
  const scale = width / (to - from || 1);
  const at = (ns: number) => (ns - from) * scale;
  const boxOf = ({ began, ending, y }: Span) => {
    const x = Math.max(at(began), 0);
    return { x, y, width: Math.min(at(ending), width) - x, height: TRACK_ROW };
  };
  paintTimes(context, picture, at, palette);
  for (const { critical, span, y } of tracks.lanes) {
    context.fillStyle = palette("ink");
    context.fillText(span.labelText, 3, y + TRACK_ROW / 2);
    for (const [start, end] of critical)
      if (end > from && start < to) context.fillRect(at(start), y + TRACK_ROW, Math.max((end - start) * scale, SMALLEST_BOX), CRITICAL - 2);
  }
  for (const span of tracks.spans) {
    if (span.ending <= from || span.began >= to || (span.ending - span.began) * scale < SMALLEST_BOX) continue;
    const box = boxOf(span);
    context.fillStyle = palette(span.hue);
    context.fillRect(box.x, box.y, Math.max(box.width - 1, SMALLEST_BOX), TRACK_ROW - 1);
    if (box.width < LEAST_LABEL) continue;
    if (isModule(span.of)) paintWaits(context, span, at, palette);
    clip(context, box.x, box.y, box.width, TRACK_ROW, palette("on-color"));
    context.fillText(`${span.labelText}  ${msText(span.ending - span.began)}`, box.x + 3, box.y + TRACK_ROW / 2);
    context.restore();
  }
  for (const one of [picked, focus]) if (one?.hue) paintFrame(context, boxOf(one), palette("ink"));
  paintPointer(context, picture, from + (picture.cursor ?? 0) / scale, palette);
}

/** The times above, and the first reply through all lanes. */
function paintTimes(context: CanvasRenderingContext2D, picture: TracksPicture, at: (ns: number) => number, palette: Palette): void {
  const { range: [from, to], tracks: { height, reply_ns }, width, zero_ns } = picture;
  const step = niceStep(to - from || 1, Math.max(2, width / 110));
  for (let ns = Math.ceil((from - zero_ns) / step) * step; ns <= to - zero_ns; ns += step) {
    const x = Math.round(at(ns + zero_ns));
    context.fillStyle = palette("line");
    context.fillRect(x, TRACK_AXIS - 4, 1, height);
    context.fillStyle = palette("faint");
    const label = step < 1e6 ? `${msText(ns)} ms` : tickText(ns);
    if (width - x > context.measureText(label).width + 4) context.fillText(label, x + 3, TRACK_AXIS / 2);
  }
  if (reply_ns === null) return;
  context.fillStyle = palette("good");
  context.fillRect(Math.min(at(reply_ns), width) - 2, TRACK_AXIS - 4, 2, height);
}

/** How much of an import was waiting, not when: from its left, at its lower edge. */
function paintWaits(context: CanvasRenderingContext2D, span: Span, at: (ns: number) => number, palette: Palette): void {
  const wait = isModule(span.of) && span.of.wait;
  if (!wait) return;
  let from = span.began;
  context.fillStyle = palette("page");
  context.fillRect(at(from), span.y + TRACK_ROW - STRIPE - 1, at(span.ending) - at(from), 1);
  for (const [key, color] of WAIT_COLORS) {
    const end = Math.min(from + wait[key], span.ending);
    context.fillStyle = palette(color);
    context.fillRect(at(from), span.y + TRACK_ROW - STRIPE, at(end) - at(from), STRIPE - 1);
    from = end;
  }
}

function paintPointer(context: CanvasRenderingContext2D, picture: TracksPicture, ns: number, palette: Palette): void {
  const { cursor, marked, tracks: { height }, width, zero_ns } = picture;
  if (cursor === null) return;
  context.fillStyle = palette("ink");
  if (marked !== null) {
    context.globalAlpha = 0.2;
    context.fillRect(Math.min(marked, cursor), 0, Math.abs(cursor - marked), height);
    context.globalAlpha = 1;
  }
  context.fillRect(Math.round(cursor), 0, 1, height);
  const label = `${msText(ns - zero_ns)} ms`;
  const wide = context.measureText(label).width + 8;
  const x = Math.min(cursor, width - wide);
  context.fillRect(x, 0, wide, TRACK_AXIS - 4);
  context.fillStyle = palette("page");
  context.fillText(label, x + 4, TRACK_AXIS / 2 - 2);
}
