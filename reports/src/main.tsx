// SPDX-License-Identifier: Apache-2.0
// Reads the report out of the page and shows it; what goes wrong is said, never a blank page.
import { render } from "preact";
import { SCHEMA, makeModel } from "./model";
import { Page } from "./page";
import type { Report } from "./report";
import { headline } from "./figures";

function fail(message: string): void {
  const line = document.createElement("p");
  line.className = "notice";
  line.setAttribute("role", "alert");
  line.textContent = message;
  document.getElementById("page")!.replaceChildren(line);
}

function readReport(): Report | null {
  const text = document.getElementById("data")!.textContent ?? "";
  if (!text.trim()) {
    fail("This is the empty page. `thaw report RECORDING -f html -o report.html` writes one with a report in it.");
    return null;
  }
  const report = JSON.parse(text) as Report;
  if (report.schema !== SCHEMA) throw new Error(`it is not of the form ${SCHEMA}`);
  return report;
}

function show(): void {
  const report = readReport();
  if (!report) return;
  const model = makeModel(report);
  if (model.track) document.title = `${headline(model.track.total_ns)} cold start`;
  const page = document.getElementById("page")!;
  page.replaceChildren();
  render(<Page model={model} />, page);
}

try {
  show();
} catch (error) {
  fail(`The report can't be shown: ${error instanceof Error ? error.message : String(error)}`);
}
