// SPDX-License-Identifier: Apache-2.0
// Reads the report out of the page and shows it; what goes wrong is said, never a blank page.
import { render, type JSX } from "preact";
import { SCHEMA, makeModel } from "./model";
import { page } from "./page";
import type { Report } from "./report";
import { headlineText } from "./figures";

const place = document.getElementById("page")!;

/** Shows what the function makes, or what went wrong in it. */
function attempt(make: () => JSX.Element): void {
  try {
    render(make(), place);
  } catch (error) {
    render(<p class="notice" role="alert">The report can't be shown: {String(error)}</p>, place);
  }
}

function readReport(): Report {
  const text = document.getElementById("data")!.textContent!;
  if (!text.trim()) throw new Error("this page is empty; `thaw report RECORDING -f html` fills it");
  const report = JSON.parse(text) as Report;
  if (report.schema !== SCHEMA) throw new Error(`it is not of the form ${SCHEMA}`);
  return report;
}

place.replaceChildren();
attempt(() => {
  const model = makeModel(readReport());
  requestAnimationFrame(() =>
    setTimeout(() => {
      attempt(() => page(model, true));
      const answer = place.querySelector("h1");
      if (answer) document.title = model.mainTrack ? `${headlineText(model.mainTrack.total_ns)} cold start` : answer.textContent!;
      document.getElementById(location.hash.slice(1))?.scrollIntoView(); // it was not there before
    }),
  );
  return page(model, false);
});
