// SPDX-License-Identifier: Apache-2.0
// Figures as people read them. Each stands in a <data> element whose value is the exact one.
import type { JSX } from "preact";
import { Unknown } from "./text";

type Figure = number | null | undefined;

const NS_PER_MS = 1e6;

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Milliseconds without the unit: "1,999.0", "0.04", "<0.01". */
export function milliseconds(ns: number): string {
  const ms = ns / NS_PER_MS;
  if (ns === 0) return "0";
  if (ms >= 0.1) return grouped(ms.toFixed(1));
  return ms < 0.005 ? "<0.01" : ms.toFixed(2);
}

/** "4,121.7 ms", "12.35 s", "3.2 h". */
export function duration(ns: number): string {
  const seconds = ns / 1e9;
  if (seconds < 10) return `${milliseconds(ns)} ms`;
  if (seconds < 600) return `${seconds.toFixed(2)} s`;
  if (seconds < 2 * 3600) return `${(seconds / 60).toFixed(1)} min`;
  return seconds < 48 * 3600
    ? `${(seconds / 3600).toFixed(1)} h`
    : `${(seconds / 86400).toFixed(1)} d`;
}

/** Three digits for a headline: "755 ms", "4.12 s". */
export function headline(ns: number): string {
  const ms = ns / NS_PER_MS;
  if (ms < 10) return `${milliseconds(ns)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  return ms < 9995 ? `${(ms / 1000).toFixed(2)} s` : duration(ns);
}

export function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  if (!(whole > 0)) return "";
  if (part > 0 && percent < 0.05) return "<0.1 %";
  return `${percent.toFixed(1)} %`;
}

export function count(number: number): string {
  return grouped(String(number));
}

/** A mark of an axis: "0 ms", "1,500", "0.5". */
export function tick(ns: number): string {
  const ms = ns / NS_PER_MS;
  if (ns === 0) return "0 ms";
  return ms < 1 ? String(ms) : grouped(ms.toFixed(0));
}

/** "1 module", "1,019 modules". */
export function many(number: number, one: string, several = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : several}`;
}

/** Decimal units: "19.1 MB". */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** RFC 3339 to "2026-11-23 03:00:00 UTC"; anything else stays as it is. */
export function instant(text: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(text);
  return parts ? `${parts[1]} ${parts[2]} UTC` : text;
}

interface Of {
  of: Figure;
}

const figure = (show: (value: number) => string, exact?: (value: number) => string) =>
  function Figure({ of, sign = "" }: Of & { sign?: string }): JSX.Element {
    if (of === null || of === undefined) return <Unknown />;
    return (
      <data value={String(of)} title={exact?.(of)}>
        {sign + show(of)}
      </data>
    );
  };

/** Milliseconds without the unit, for a column that names it. */
export const Ms = figure(milliseconds);
export const Duration = figure(duration);
export const Size = figure(size, (bytes) => `${count(bytes)} bytes`);
export const Count = figure(count);

export function Share({ part, whole }: { part: number; whole: number }): JSX.Element {
  return <span class="share">{share(part, whole)}</span>;
}
