// SPDX-License-Identifier: Apache-2.0
// Reads the comparison out of the page and shows it.
import { arrive } from "./address";
import type { Diff } from "./diff";
import { diffPage } from "./diff_page";
import { attempt, show } from "./jsx";

const SCHEMA = "thaw-diff/1";

function readDiff(): Diff {
  const text = document.getElementById("data")!.textContent!;
  if (!text.trim()) throw new Error("this page is empty; `thaw diff BEFORE AFTER -f html` fills it");
  const diff = JSON.parse(text) as Diff;
  if (diff.schema !== SCHEMA) throw new Error(`it is not of the form ${SCHEMA}`);
  return diff;
}

attempt(() => {
  const [markup, rest] = diffPage(readDiff());
  show(markup);
  const more = () => {
    rest();
    document.title = [...document.querySelector("h1")!.childNodes].map(({ textContent }) => textContent!.trim()).filter(Boolean).join(", ");
    arrive();
  };
  requestAnimationFrame(() => setTimeout(() => attempt(more)));
});
