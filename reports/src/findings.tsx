// SPDX-License-Identifier: Apache-2.0
// What is worth doing, the first of it in front of everything else.
import type { JSX } from "preact";
import { Duration, count, milliseconds } from "./figures";
import type { Model } from "./model";
import { ModuleLink } from "./module_detail";
import { Fact, Section, joined } from "./parts";
import type { Finding, Saving } from "./report";
import { Name, Shown, textsOf } from "./text";

export function FirstFinding({ model }: { model: Model }): JSX.Element | null {
  const { findings } = model.report;
  const first = findings?.[0];
  if (!first) return null;
  return (
    <aside class="first" aria-label="What to do first">
      <p class="label">Do this first</p>
      <Card model={model} finding={first} id="first" />
      {findings.length > 1 && <p><a href="#findings">All {count(findings.length)} findings</a></p>}
    </aside>
  );
}

export function Findings({ model }: { model: Model }): JSX.Element {
  return (
    <Section
      id="findings" title="Findings" list={model.report.findings}
      absent="Nothing was looked for in this recording."
      empty="Looked for, and found nothing that is worth changing."
    >
      {(findings) => findings.map((one, index) => <Card model={model} finding={one} id={`finding-${index}`} />)}
    </Section>
  );
}

function place({ location }: Finding): JSX.Element | null {
  if (!location) return null;
  return (
    <code>
      <Name of={location} at="file" />
      {location.line !== null && `:${location.line}`}
    </code>
  );
}

function savingWords({ ns, low_ns, high_ns, share, proof }: Saving): JSX.Element {
  return (
    <>
      <b><Duration of={ns} /></b> ({milliseconds(low_ns)} to {milliseconds(high_ns)}),{" "}
      {(100 * share).toFixed(1)} % of the cold start,{" "}
      {proof === "measured" ? "measured on a changed copy" : "predicted from this recording"}
    </>
  );
}

const MOST_LINKS = 6;

function Card({ model, finding, id }: { model: Model; finding: Finding; id: string }): JSX.Element {
  const { saving, risk, moves_to, fix, modules = [] } = finding;
  const links = modules.slice(0, MOST_LINKS).map((one) => <ModuleLink module={model.modules.get(one)} />);
  if (modules.length > MOST_LINKS) links.push(<>{modules.length - MOST_LINKS} more</>);
  return (
    <article class="finding" id={id}>
      <h3><Name of={finding} at="title" /></h3>
      {place(finding)}
      <span class="tag">{finding.severity}</span>
      <span class="tag">confidence {finding.confidence}</span>
      <dl>
        <Fact title="Saves">{saving && savingWords(saving)}</Fact>
        <Fact title="Moves to">{moves_to && <Name of={finding} at="moves_to" />}</Fact>
        <Fact title="Risk">{risk && <Name of={finding} at="risk" />}</Fact>
        <Fact title="Because"><Shown text={textsOf(finding, "evidence").join("; ")} /></Fact>
        <Fact title="About">{links.length > 0 && joined(links)}</Fact>
        <Fact title="To apply it">{fix && <Name of={finding} at="fix" />}</Fact>
      </dl>
    </article>
  );
}
