// SPDX-License-Identifier: Apache-2.0
// What a trial showed of a finding: the app as it is against the app as it would be.
import type { ComponentChildren } from "./jsx";
import { count, countText, duration, many, msText, shareText } from "./figures";
import { fact, joined, lines, percent } from "./parts";
import type { Finding, Proof, ProofCheck, ProofShare, Saving } from "./report";
import { Table, figure, made, time, type Column } from "./table";
import { bad, clause, name, plain, shown, textOf } from "./text";
import { capitalized, wordsFor } from "./words";

const VERDICT_COLORS = { proved: "good", inconclusive: "open" };

export function verdictFact({ proof }: Finding): ComponentChildren {
  return proof && fact("Proof", (
    <span class="verdict">
      <b class={wordsFor(VERDICT_COLORS, proof.verdict)}>{capitalized(proof.verdict)}</b> {name(proof, "reason")}
    </span>
  ));
}

function shareWords({ low, middle, high }: ProofShare): string {
  return `${shareText(middle, 1)} (${shareText(low, 1)} to ${shareText(high, 1)})`;
}

interface Interval {
  words: string;
  low: number;
  middle: number;
  high: number;
}

/** Intervals below one another, on one scale from 0, or from the lowest below it. */
function intervals(all: Interval[]): JSX.Element {
  const from = Math.min(0, ...all.map(({ low }) => low));
  const width = Math.max(...all.map(({ high }) => high)) - from || 1;
  const at = (value: number) => percent((value - from) / width);
  const line = (value: number) => <line x1={at(value)} x2={at(value)} y2="100%" />;
  return (
    <div class="intervals">
      {all.map(({ words, low, middle, high }) => [
        <span>{words}</span>,
        <svg>
          {line(0)}<rect x={at(low)} y="30%" width={percent((high - low) / width)} height="40%" />{line(middle)}
        </svg>,
      ])}
    </div>
  );
}

function measured({ pairs, original_ns, share, wall }: Proof, saving: Saving | null | undefined): JSX.Element {
  const { low, middle, high } = share;
  const of = (part: number) => part * original_ns;
  return (
    <>
      <b>{duration(of(middle))}</b> ({msText(of(low))} to {msText(of(high))}): {shareWords(share)} of
      the {duration(original_ns)} of CPU time that the app's import takes, from {many(pairs, "pair")} of
      runs; by the clock, {shareWords(wall)}
      {saving && intervals([
        { words: "predicted", low: saving.low_ns, middle: saving.ns, high: saving.high_ns },
        { words: "measured", low: of(low), middle: of(middle), high: of(high) },
      ])}
    </>
  );
}

function check(one: ProofCheck): ComponentChildren {
  const { result } = one;
  return [name(one, "name"), ": ", result === "differs" ? bad(result) : result, textOf(one, "detail") && clause(one, "detail", ": ")];
}

export function proofFacts({ proof, saving }: Finding): ComponentChildren {
  return proof && [
    fact("Measured", proof.pairs > 0 && measured(proof, saving)),
    fact("Counted", proof.counts.length > 0 && joined(proof.counts.map((one) => [
      name(one, "name"), ` ${countText(one.original)} → ${countText(one.changed)}`,
    ]))),
    fact("Checked", lines(proof.checks.map(check))),
    fact("Diff", proof.diff && <pre>{textOf(proof, "diff")!.split("\n").map((line) => <div>{shown(line)}</div>)}</pre>),
  ];
}

interface Call {
  function: string;
  file: string;
  line: number | null;
  predicted_ns?: number | undefined;
  ns?: number | undefined;
  modules: number;
}

const MOST_CALLS = 5; // at first

const COLUMNS: Column<Call>[] = [
  { ...made("Function", (one) => textOf(one, "function")), cell: (one) => name(one, "function") },
  {
    ...made("Where", (one) => textOf(one, "file")),
    cell: (one) => [name(one, "file"), clause(one, "line", ":")],
  },
  time("Predicted", "predicted_ns"),
  time("Measured", "ns"),
  figure("Modules", "modules", count),
];

/** What first calls pay for what moves into them: as predicted, and as measured. */
export function firstCalls(finding: Finding): ComponentChildren {
  const { first_calls = [], proof } = finding;
  const same = (one: object) => (other: object) =>
    ["function", "file"].every((key) => textOf(one, key as never) === textOf(other, key as never));
  const calls = proof?.calls ?? [];
  const rowList: Call[] = [
    ...calls.map((one) => ({ ...one, predicted_ns: first_calls.find(same(one))?.ns })),
    ...first_calls.filter((one) => !calls.some(same(one))).map((one) => ({ ...one, predicted_ns: one.ns, ns: undefined })),
  ];
  return fact("First calls pay", rowList.length > 0 &&
    <Table captionText={`First calls: ${plain(textOf(finding, "title")!)}`} rowList={rowList} columnList={COLUMNS} most={MOST_CALLS} quiet={true} />);
}
