// SPDX-License-Identifier: Apache-2.0
// Reads the report out of the page and shows it.
import { arrive } from "./address";
import { headlineText } from "./figures";
import { attempt, show } from "./jsx";
import { SCHEMA, makeModel } from "./model";
import { page } from "./page";
import type { Report } from "./report";

function readReport(): Report {
  const text = document.getElementById("data")!.textContent!;
  if (!text.trim()) throw new Error("this page is empty; `thaw report RECORDING -f html` fills it");
  const report = JSON.parse(text) as Report;
  if (report.schema !== SCHEMA) throw new Error(`it is not of the form ${SCHEMA}`);
  return report;
}

attempt(() => {
  const model = makeModel(readReport());
  const [markup, rest] = page(model);
  show(markup);
  const more = () => {
    rest();
    const answer = document.querySelector("h1");
    if (answer) document.title = model.mainTrack ? `${headlineText(model.mainTrack.total_ns)} cold start` : answer.textContent!;
    arrive();
  };
  requestAnimationFrame(() => setTimeout(() => attempt(more)));
});
