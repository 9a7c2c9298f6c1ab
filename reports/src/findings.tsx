// SPDX-License-Identifier: Apache-2.0
// What is worth doing, the first of it in front of everything else.
import type { JSX } from "preact";
import { countText, duration, msText, shareText } from "./figures";
import type { Model } from "./model";
import { moduleLinks } from "./module_link";
import { fact, ofList, type View } from "./parts";
import type { Finding, Saving } from "./report";
import { clause, name, shown, textsOf } from "./text";

export function firstFinding(model: Model): JSX.Element | false {
  const findings = model.report.findings ?? [];
  return findings.length > 0 && (
    <aside>
      <h2>Do this first</h2>
      {card(model, findings[0]!, "first")}
      {findings.length > 1 && <p><a href="#findings">All {countText(findings.length)} findings</a></p>}
    </aside>
  );
}

export const findings: View<Model> = (model) => {
  const { findings, suppressed = [], not_looked_for: unsought = [] } = model.report;
  const list = ofList(findings,
    (all) => all.map((one, index) => card(model, one, `finding-${index}`)),
    "Looked for, and found nothing worth changing.", "Nothing was looked for in this recording.");
  return ["findings", "Findings", () => [
    list(),
    suppressed.map((one) => <p>Suppressed: {name(one.finding, "title")} ({name(one, "reason")})</p>),
    unsought.length > 0 && <p>Not looked for: {shown(unsought.map(({ id }) => id).join(", "))}.</p>,
  ], findings?.length];
};

function place({ location }: Finding) {
  return location && (
    <code>{name(location, "file")}{clause(location, "line", ":")}</code>
  );
}

function savingWords({ ns, low_ns, high_ns, share, proof }: Saving): JSX.Element {
  return (
    <>
      <b>{duration(ns)}</b> ({msText(low_ns)} to {msText(high_ns)}), {shareText(share, 1)} of the cold
      start, predicted from this recording{proof !== "predicted" && `; a trial: ${proof}`}
    </>
  );
}

const MOST_LINKS = 6;

function card(model: Model, finding: Finding, id: string): JSX.Element {
  const { saving, risk, moves_to, fix, modules = [] } = finding;
  return (
    <article class="finding" id={id}>
      <h3>{name(finding, "title")}</h3>
      {place(finding)}
      <span class="tag">{finding.severity}</span>
      <span class="tag">confidence {finding.confidence}</span>
      <dl>
        {fact("Saves", saving && savingWords(saving))}
        {fact("Moves to", moves_to && name(finding, "moves_to"))}
        {fact("Risk", risk && name(finding, "risk"))}
        {fact("Because", shown(textsOf(finding, "evidence").join("; ")))}
        {fact("About", modules.length > 0 && moduleLinks(model, modules, MOST_LINKS))}
        {fact("To apply it", fix && name(finding, "fix"))}
        {fact("More", <code>thaw explain {name(finding, "id")}</code>)}
      </dl>
    </article>
  );
}
