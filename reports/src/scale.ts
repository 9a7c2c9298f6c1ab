// SPDX-License-Identifier: Apache-2.0
// Where the instants of a track lie on its time axis, as shares of its width.
import { total } from "./figures";
import type { Track } from "./report";

export interface Tick {
  at: number;
  ns: number;
}

const SHORTENED = 0.06; // of the counted time: the most that an uncounted stretch takes

/** 1, 2 or 5 times a power of ten, so that a range has about `wanted` steps. */
export function niceStep(range: number, wanted: number): number {
  const rough = range / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((one) => one * power >= rough) ?? 10;
  return factor * power;
}

export interface Scale {
  at: (ns: number) => number;
  /** Even steps of counted time, from where it begins. */
  ticks: Tick[];
  /** Whether a stretch that does not count is shown shorter than it was. */
  shortened: boolean;
}

/** A stretch of a track: counted, or not. */
interface Piece {
  start_ns: number;
  end_ns: number;
  counted: boolean;
}

const lengthOf = (piece: Piece) => piece.end_ns - piece.start_ns;

export function makeScale(track: Track, wanted: number): Scale {
  const pieces = piecesOf(track);
  const counted_ns = total(pieces, (piece) => (piece.counted ? lengthOf(piece) : 0));
  const most = (counted_ns || Infinity) * SHORTENED;
  const drawn = (piece: Piece) => (piece.counted ? lengthOf(piece) : Math.min(lengthOf(piece), most));
  const whole = total(pieces, drawn) || 1;
  const step = niceStep(counted_ns || 1, wanted);
  const ticks: Tick[] = [];
  const places: { piece: Piece; from: number; width: number }[] = [];
  let from = 0;
  let before_ns = 0; // counted
  for (const piece of pieces) {
    const width = drawn(piece) / whole;
    places.push({ piece, from, width });
    if (piece.counted) {
      const after_ns = before_ns + lengthOf(piece);
      for (let ns = Math.ceil(before_ns / step) * step; ns < after_ns; ns += step)
        ticks.push({ ns, at: from + ((ns - before_ns) / lengthOf(piece)) * width });
      before_ns = after_ns;
    }
    from += width;
  }
  const at = (ns: number) => {
    const place = places.filter(({ piece }) => ns >= piece.start_ns).pop();
    if (!place) return 0;
    const part = (ns - place.piece.start_ns) / lengthOf(place.piece);
    return place.from + Math.min(part, 1) * place.width;
  };
  return { at, ticks, shortened: pieces.some((piece) => drawn(piece) < lengthOf(piece)) };
}

// The phases and what lies between them, without overlap, none empty.
function piecesOf(track: Track): Piece[] {
  const pieces: Piece[] = [];
  // What is not counted of the machine's boot lies before the track.
  let start_ns = Math.min(track.start_ns ?? Infinity, track.phases[0]?.start_ns ?? track.start_ns ?? 0);
  const add = (end_ns: number, counted: boolean) => {
    if (end_ns > start_ns) pieces.push({ start_ns, end_ns, counted });
    start_ns = Math.max(start_ns, end_ns);
  };
  for (const phase of track.phases) {
    add(phase.start_ns, true);
    add(phase.end_ns, phase.counted !== false);
  }
  add(track.end_ns ?? 0, true);
  return pieces;
}
