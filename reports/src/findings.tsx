// SPDX-License-Identifier: Apache-2.0
// What is worth doing, the first of it in front of everything else.
import type { ComponentChildren } from "./jsx";
import { countText, duration, msText, shareText } from "./figures";
import type { Model } from "./model";
import { moduleLinks } from "./module_link";
import { fact, lines, ofList, pathLines, type View } from "./parts";
import { firstCalls, proofFacts, verdictFact } from "./proof";
import type { Finding, Saving } from "./report";
import { clause, name, shown, textOf, textsOf } from "./text";

export function firstFinding(model: Model): JSX.Element | false {
  const findings = model.report.findings ?? [];
  return findings.length > 0 && (
    <aside>
      <h2>Do this first</h2>
      {card(model, findings[0]!)}
      <p>
        <a href="#finding-0">Why, and what it costs</a>
        {findings.length > 1 && [", ", <a href="#findings">all {countText(findings.length)} findings</a>]}
      </p>
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
    listWith("Suppressed", suppressed.map((one) => [
      name(one.finding, "title"), " ", place(one.finding), " (", <code>{one.finding.id}</code>, "): ",
      name(one, "reason"), clause(one, "until", "; until "),
    ])),
    listWith("Not looked for", unsought.map((one) => [
      <code>{shown(one.id)}</code>, " needs ", name(one, "needs"),
    ])),
  ], findings?.length];
};

function listWith(title: string, items: ComponentChildren[]): ComponentChildren {
  return items.length > 0 && [<h3>{title}</h3>, lines(items)];
}

function place({ location }: Finding) {
  return location && (
    <code>{name(location, "file")}{clause(location, "line", ":")}</code>
  );
}

function savingWords({ ns, low_ns, high_ns, share }: Saving): JSX.Element {
  return (
    <>
      <b>{duration(ns)}</b> ({msText(low_ns)} to {msText(high_ns)}), {shareText(share, 1)} of the cold
      start, predicted from this recording
    </>
  );
}

const MOST_LINKS = 6;
const FIX = "thaw fix "; // and what moves, by the options that `thaw prove` has as well

/** A command of thaw, or words. */
function command(text: string): ComponentChildren {
  return text.startsWith("thaw ") ? <code>{shown(text)}</code> : shown(text);
}

/** A finding; without an id, what it comes to. */
function card(model: Model, finding: Finding, id?: string): JSX.Element {
  const { saving, risk, modules = [] } = finding;
  const fix = textOf(finding, "fix");
  const reasons = pathLines(finding, "reasons");
  return (
    <article class="finding" id={id ?? "first"}>
      <h3>{name(finding, "title")}</h3>
      {place(finding)}
      <span class="tag">{finding.severity}</span>
      <span class="tag">confidence {finding.confidence}</span>
      <dl>
        {fact("Saves", saving && savingWords(saving))}
        {verdictFact(finding)}
        {id && [
          proofFacts(finding),
          fact("Moves to", finding.moves_to && name(finding, "moves_to")),
          firstCalls(finding),
        ]}
        {fact("Risk", (risk || reasons) && [risk && name(finding, "risk"), reasons])}
        {id && fact("Because", shown(textsOf(finding, "evidence").join("; ")))}
        {fact("About", modules.length > 0 && moduleLinks(model, modules, MOST_LINKS))}
        {fact("To apply it", fix && command(fix))}
        {id && !finding.proof && fix?.startsWith(FIX) && fact("To prove it", command(fix.replace(FIX, "thaw prove ")))}
        {id && fact("More", <code>thaw explain {name(finding, "id")}</code>)}
      </dl>
    </article>
  );
}
