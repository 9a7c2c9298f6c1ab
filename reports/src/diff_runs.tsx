// SPDX-License-Identifier: Apache-2.0
// All runs of both sides as distributions: of the total, or of another time that was compared.
import { setting } from "./address";
import type { ColdStart, Diff, Measure, Side } from "./diff";
import { testText, verdictText } from "./diff_measure";
import { distribution, type Sample } from "./distribution";
import { duration, durationText } from "./figures";
import { note, type View } from "./parts";
import { plain, textOf } from "./text";
import { capitalized } from "./words";

interface Choice {
  title: string; // plain text
  measure: Measure;
  isTotal?: boolean;
}

const MOST_MODULES = 30;

const hasRuns = ({ after_runs, before_runs }: Measure) =>
  Math.max(before_runs.length, after_runs.length) > 1 && [...before_runs, ...after_runs].some((one) => one !== null);

/** Times of which every run is known; the total first. */
function choicesOf({ imports_ns, modules, packages, phases, total_ns, unattributed_ns }: ColdStart): Choice[] {
  const choice = (kind: string, title: string, measure: Measure): Choice => ({ title: plain(`${kind}${title}`), measure });
  const all: Choice[] = [
    { title: "total", measure: total_ns, isTotal: true },
    choice("", "imports", imports_ns),
    choice("", "in no phase", unattributed_ns),
    ...phases.map((one) => choice("phase ", textOf(one, "name")!, one.ns)),
    ...packages.map((one) => choice("package ", textOf(one, "name") ?? `none (${textOf(one, "owner") ?? "unknown"})`, one.self_ns)),
    ...modules.slice(0, MOST_MODULES).map((one) => choice("module ", textOf(one, "name")!, one.self_ns)),
  ];
  return all.filter(({ measure }) => hasRuns(measure));
}

/** One side's runs; of the total those too whose times are not used are named in the head. */
function sampleOf(title: string, fill: string, { runs }: Side, { isTotal, measure }: Choice, key: "before" | "after"): Sample {
  const used = runs.filter((one) => one.used);
  const { ratio, before_ns } = measure;
  return {
    sampleName: title,
    fill,
    middle: measure[`${key}_ns`],
    interval: key === "after" && ratio && before_ns !== null ? [ratio.low * before_ns, ratio.high * before_ns] : undefined,
    runList: measure[`${key}_runs`].map((amount, index) => ({
      runName: (used[index] && textOf(used[index], "name")) ?? `run ${index + 1}`,
      amount,
      isOutlier: !!isTotal && !!used[index]?.outlier,
      ...(used[index]?.complete === false ? { remark: "incomplete" } : {}),
    })),
  };
}

export const runs: View<Diff> = ({ after, before, cold_start: cold }) => {
  const choices = cold ? choicesOf(cold) : [];
  if (!cold || choices.length === 0) return false;
  const picked = setting("time", "0");
  const chart = () => {
    const choice = choices[Number(picked.val)] ?? choices[0]!;
    const { measure } = choice;
    return (
      <div>
        {distribution({
          captionText: choice.title,
          samples: [sampleOf("Before", "slate", before, choice, "before"), sampleOf("After", "blue", after, choice, "after")],
          as: duration, amountText: durationText,
          intervalWords: `the median before times the ${100 * cold.method.coverage} % interval of the ratio of medians`,
        })}
        <p><b>{capitalized(verdictText(measure))}</b>{measure.probability !== null && `: ${testText(measure, cold.method)}`}</p>
      </div>
    );
  };
  return ["runs", "All runs", () => [
    <div class="controls">
      <label>Time of {" "}
        <select value={() => picked.val} onchange={(event: Event) => { picked.val = (event.target as HTMLSelectElement).value; }}>
          {choices.map(({ title }, index) => <option value={index} selected={String(index) === picked.rawVal}>{title}</option>)}
        </select>
      </label>
    </div>,
    chart,
    note(methodText(cold)),
  ]];
};

/** How it was told whether a difference is more than noise. */
export function methodText({ method }: ColdStart): string {
  const { coverage, level, modules, packages, phases, resamples } = method;
  if (!method.test) return "Nothing was tested: one of the sides is one run.";
  return `More than noise: by the Mann–Whitney test at ${level}; the total by itself, and of ${phases} phases, ${modules} modules and ` +
    `${packages} packages each so that no more than this share of those called slower or faster are expected to be false ` +
    `(Benjamini and Hochberg). Intervals: ${100 * coverage} %, by ${resamples} resamples, not corrected. Medians stand for all runs; outliers are kept.`;
}
