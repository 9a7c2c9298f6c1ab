// SPDX-License-Identifier: Apache-2.0
// How far what is shipped was used in recordings, and what never was.
import { count, duration, many, size, sizeText } from "./figures";
import { lines } from "./parts";
import type { UseStage } from "./report";
import { Table, figure, shares, text } from "./table";
import type { View } from "./target_lists";
import { bad, clause, name } from "./text";

export const use: View = ({ report }) => {
  const found = report.use;
  if (!found) return false;
  const { recordings, small_files, stages } = found;
  return ["use", "Use", null, (
    <section id="use">
      <h2>Use</h2>
      {lines(recordings.map((one) => [
        name(one, "path"), clause(one, "started", ", "), clause(one, "platform", ", "), one.replied && ", up to its first reply",
        !one.complete && bad(", incomplete: more may be used"), one.match === "none" && bad(", of another target"),
      ]))}
      <Table<UseStage> caption="Stages of use" rows={stages} columns={[
        text("Stage", "stage"),
        figure("Files", "files", count),
        figure("Size", "bytes", size),
        shares(({ bytes }) => bytes, stages[0]?.bytes ?? 0),
      ]} />
      {small_files && (
        <p>
          {many(small_files.files, "small file")}, {sizeText(small_files.bytes)}: {duration(small_files.open_ns)} to
          open, {duration(small_files.read_ns)} to read.
        </p>
      )}
    </section>
  )];
};
