// SPDX-License-Identifier: Apache-2.0
// How far what is shipped was used in recordings, and what never was.
import type { ComponentChildren } from "./jsx";
import { countText, duration, many, sizeText } from "./figures";
import { lines, type View } from "./parts";
import type { UseRecording, UseStage } from "./report";
import { Table, filesColumn, shares, sizeColumn, text } from "./table";
import { bad, clause, name, shown, textOf } from "./text";

/** What of it does not agree with the target. */
function mismatch(one: UseRecording): ComponentChildren {
  const { match, not_found, other_size, other_time, relative, root } = one;
  const counts: [number, string][] = [
    [not_found, "files not in the target"], [other_size, "of another size"], [other_time, "changed since"],
    [relative, "openings by relative paths can't be placed"],
  ];
  if (match === "none") return bad(", of another target: nothing of it counts");
  return [
    match === "name" && [", matched by names", root !== null && [" below ", shown(textOf(one, "root") || "/")]],
    counts.map(([number, words]) => number > 0 && `, ${countText(number)} ${words}`),
    !one.whole && bad(", not whole: what seems untouched may have been used"),
  ];
}

export const use: View = ({ report }) => {
  const found = report.use;
  if (!found) return false;
  const { recordings, small_files, stages } = found;
  return ["use", "Use", () => [
    lines(recordings.map((one) => [
      name(one, "path"), clause(one, "started", ", "), clause(one, "platform", ", "), one.replied && ", up to its first reply",
      !one.complete && bad(", incomplete: more may be used"), mismatch(one),
    ])),
    <Table<UseStage> captionText="Stages of use" rowList={stages} columnList={[
      text("Stage", "stage"),
      filesColumn,
      sizeColumn,
      shares(({ bytes }) => bytes, stages[0]?.bytes ?? 0),
    ]} />,
    small_files && (
      <p>
        {many(small_files.files, "small file")}, {sizeText(small_files.bytes)}: {duration(small_files.open_ns)} to
        open, {duration(small_files.read_ns)} to read.
      </p>
    ),
    !found.bytecode && <p>What finding and reading files cost was not observed.</p>,
  ]];
};
