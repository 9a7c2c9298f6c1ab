// SPDX-License-Identifier: Apache-2.0
// Reads the report out of the page and shows it; what goes wrong is said, never a blank page.
import { render } from "preact";
import { SCHEMA, makeModel } from "./model";
import { Page } from "./page";
import type { Report } from "./report";
import { headlineText } from "./figures";

const page = document.getElementById("page")!;

function fail(message: string): void {
  render(<p class="notice" role="alert">{message}</p>, page);
}

function readReport(): Report | null {
  const text = document.getElementById("data")!.textContent ?? "";
  if (!text.trim()) {
    fail("This page is empty: `thaw report RECORDING -f html` writes one with a report in it.");
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
  if (model.track) document.title = `${headlineText(model.track.total_ns)} cold start`;
  render(<Page model={model} />, page);
}

page.replaceChildren();
try {
  show();
} catch (error) {
  fail(`The report can't be shown: ${error}`);
}
