// SPDX-License-Identifier: Apache-2.0
// A time of both sides, and whether its difference is more than noise.
import type { Measure, Method } from "./diff";
import { changeText, signedText } from "./diff_figures";
import { durationText, ms, msText } from "./figures";
import { made, type Column } from "./table";
import { listed, unknown } from "./text";

const VERDICTS = { slower: "slower", faster: "faster", same: "within noise" };

const REASONS: Record<NonNullable<Measure["reason"]>, string> = {
  "single-run": "one run on a side",
  "too-few-runs": "too few runs",
  came: "came",
  went: "went",
  "no-first-reply": "no run with a first reply",
  absent: "not there",
  untested: "not tested",
};

/** The verdict in a word or three. */
export function verdictText({ reason, verdict }: Measure): string {
  return verdict === "unknown" ? REASONS[reason ?? "untested"] : VERDICTS[verdict];
}

/** The colour of a verdict: none unless it is more than noise. */
export function verdictClass({ verdict, reason }: Measure): string {
  if (verdict === "slower" || reason === "came") return "bad";
  return verdict === "faster" || reason === "went" ? "good" : "";
}

export function probabilityText(probability: number): string {
  return probability < 0.0001 ? "p < 0.0001" : `p = ${Number(probability.toPrecision(2))}`;
}

/** "1.47 to 1.51 times", as percent of a difference: "+47 to +51 %". */
export function intervalText({ ratio }: Measure): string {
  if (!ratio) return "";
  const [low, high] = [ratio.low, ratio.high].map((one) =>
    signedText(Math.round(1000 * (one - 1)) / 10, (value) => value.toFixed(1)));
  return low === high ? `${low} %` : `${low} to ${high} %`;
}

/** All that the test says of it. */
export function testText(measure: Measure, { coverage }: Method): string {
  const { adjusted, probability, ratio } = measure;
  return listed([
    ratio && `${intervalText(measure)} (${100 * coverage} % interval of the ratio of medians)`,
    probability !== null && probabilityText(probability),
    adjusted !== null && adjusted !== probability && `${probabilityText(adjusted)} corrected`,
  ]);
}

/** The difference, coloured only where it is more than noise. */
export function msDifference(measure: Measure): JSX.Element {
  const { before_ns, change_ns } = measure;
  if (change_ns === null) return unknown();
  return (
    <>
      <data class={verdictClass(measure)} value={String(change_ns)} title={signedText(change_ns, durationText)}>{signedText(change_ns, msText)}</data>
      {before_ns && measure.after_ns !== null && change_ns !== 0 && <small> {changeText(change_ns, before_ns)}</small>}
    </>
  );
}

/** Columns for a time before, after, their difference, and whether that is more than noise. */
export function measureColumns<T>(of: (row: T) => Measure, method: Method, prefix = ""): Column<T>[] {
  const title = (word: string) => (prefix ? `${prefix} ${word}` : word[0]!.toUpperCase() + word.slice(1));
  return [
    { title: `${title("before")} (ms)`, value: (row) => of(row).before_ns, as: ms },
    { title: `${title("after")} (ms)`, value: (row) => of(row).after_ns, as: ms },
    { title: `${title("change")} (ms)`, value: (row) => of(row).change_ns, as: ms, cell: (row) => msDifference(of(row)) },
    {
      ...made<T>("More than noise?", (row) => verdictText(of(row))),
      cell: (row) => <span class={verdictClass(of(row))} title={testText(of(row), method)}>{verdictText(of(row))}</span>,
    },
  ];
}
