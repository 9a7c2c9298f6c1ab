// SPDX-License-Identifier: Apache-2.0
// Figures as people read them. Each stands in a <data> element whose value is the exact one; what
// makes mere text of one is called …Text.
import { unknown } from "./text";

const NS_PER_MS = 1e6;

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Milliseconds without the unit: "1,999.0", "0.04", "<0.01". */
export function msText(ns: number): string {
  const value = ns / NS_PER_MS;
  if (ns === 0) return "0";
  if (Math.abs(value) >= 0.1) return grouped(value.toFixed(1));
  return Math.abs(value) < 0.005 ? "<0.01" : value.toFixed(2);
}

/** "4,121.7 ms", "12.35 s", "3.2 h". */
export function durationText(ns: number): string {
  const seconds = ns / 1e9;
  if (seconds < 10) return `${msText(ns)} ms`;
  if (seconds < 600) return `${seconds.toFixed(2)} s`;
  return seconds < 2 * 3600 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Three digits for a headline: "755 ms", "4.12 s". */
export function headlineText(ns: number): string {
  const value = ns / NS_PER_MS;
  if (value < 10 || value >= 9995) return durationText(ns);
  return value < 999.5 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(2)} s`;
}

/** A mark of an axis: "0 ms", "1,500", "0.5". */
export function tickText(ns: number): string {
  const value = ns / NS_PER_MS;
  if (ns === 0) return "0 ms";
  return value < 1 ? String(value) : grouped(value.toFixed(0));
}

export function shareText(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  if (!(whole > 0)) return "";
  return part > 0 && percent < 0.05 ? "<0.1 %" : `${percent.toFixed(1)} %`;
}

export function total<T>(all: T[], of: (one: T) => number | undefined): number {
  return all.reduce((sum, one) => sum + (of(one) ?? 0), 0);
}

export function countText(number: number): string {
  return grouped(String(number));
}

/** "1 module", "1,019 modules". */
export function many(number: number, one: string, several = `${one}s`): string {
  return `${countText(number)} ${number === 1 ? one : several}`;
}

/** "imported: 3 yes, 1 no (faint), 2 not known" */
export function flagsText(word: string, flags: (boolean | undefined)[]): string {
  const words = ([[true, "yes"], [false, "no (faint)"], [undefined, "not known"]] as const).map(([flag, words]) =>
    [flags.filter((one) => one === flag).length, words] as const);
  return `${word}: ${words.filter(([number]) => number > 0).map(([number, words]) => `${countText(number)} ${words}`).join(", ")}`;
}

/** Decimal units: "19.1 MB". */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; Math.abs(value) >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** RFC 3339 to "2026-11-23 03:00:00 UTC"; anything else stays as it is. */
export function instantText(text: string): string {
  return text.replace(/^(\S+)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, "$1 $2 UTC");
}

export type Figure = (value: number | null | undefined, sign?: string) => JSX.Element;

const figure = (text: (value: number) => string, exact?: (value: number) => string): Figure =>
  (value, sign = "") => {
    if (value === null || value === undefined) return unknown();
    return <data value={String(value)} title={exact?.(value)}>{sign + text(value)}</data>;
  };

/** Milliseconds without the unit, for a column that names it. */
export const ms = figure(msText);
export const duration = figure(durationText);
export const size = figure(sizeText, (bytes) => `${countText(bytes)} bytes`);
export const count = figure(countText);

export function share(part: number, whole: number): JSX.Element {
  return <span class="faint">{shareText(part, whole)}</span>;
}
