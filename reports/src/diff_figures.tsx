// SPDX-License-Identifier: Apache-2.0
// Differences as people read them: always with a sign, and in words what they mean.
import { countText, durationText, msText, sizeText } from "./figures";
import { unknown } from "./text";

const MINUS = "\u2212";

/** "+3.1 ms", "−3.1 ms", "0"; what is too little to be written, "<0.01", has no sign. */
export function signedText(value: number, text: (value: number) => string): string {
  if (value === 0) return "0";
  const amount = text(Math.abs(value));
  return amount[0] === "<" ? amount : (value < 0 ? MINUS : "+") + amount;
}

const MOST_PERCENT = 1e5; // more says only that there was next to nothing before

/** "+12.3 %", "−99.9 %", "×12"; "" where there is nothing to compare with. */
export function changeText(change: number, before: number | null | undefined): string {
  if (!before || before < 0) return "";
  const percent = (100 * change) / before;
  if (percent >= MOST_PERCENT) return "";
  if (percent >= 900) return `×${(1 + change / before).toFixed(0)}`;
  const text = (value: number) => (value < 0.05 ? "<0.1" : value.toFixed(value < 99.95 ? 1 : 0));
  return `${signedText(percent, text)} %`;
}

export type Signed = (value: number | null | undefined) => JSX.Element;

/** Red where more is worse and it is more; the sign says the same. */
const signed = (text: (value: number) => string, exact?: (value: number) => string): Signed => (value) => {
  if (value === null || value === undefined) return unknown();
  return (
    <data class={value > 0 ? "bad" : value < 0 ? "good" : ""} value={String(value)} title={exact && signedText(value, exact)}>
      {signedText(value, text)}
    </data>
  );
};

export const msChange = signed(msText, durationText);
export const sizeChange = signed(sizeText, (bytes) => `${countText(bytes)} bytes`);
export const countChange = signed(countText);
