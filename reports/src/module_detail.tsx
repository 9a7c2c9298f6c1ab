// SPDX-License-Identifier: Apache-2.0
// All that is known of one module.
import type { JSX } from "preact";
import { Count, Duration, Share, duration } from "./figures";
import { Status } from "./module_table";
import { processWords, type Model } from "./model";
import { Fact, Lines, Strip, joined } from "./parts";
import type { Module } from "./report";
import { Clause, Name, Shown, textOf } from "./text";
import { KINDS, OWNERS, SPLIT_PARTS, VIAS, boundSign, boundWords, color } from "./words";

export function ModuleLink({ module }: { module: Module | undefined }): JSX.Element {
  if (!module) return <span class="unknown">a module that is not in the report</span>;
  return <a href={`#module-${module.id}`}><Name of={module} at="name" /></a>;
}

export function ModuleDetail({ model, module }: { model: Model; module: Module }): JSX.Element {
  const { cpu_ns, faults, retained_ns, wait } = module;
  const { track } = model;
  return (
    <article id="module">
      <h3>
        <Name of={module} at="name" />
        <Status module={module} />
      </h3>
      <dl class="facts">
        <Fact title="Total, with all it imports">
          {boundSign(module)}<Duration of={module.total_ns} />{" "}
          {track?.process === module.process && <Share part={module.total_ns} whole={track.total_ns} />}
          <small>{boundWords(module)}</small>
        </Fact>
        <Fact title="Self, without them"><Duration of={module.self_ns} /></Fact>
        <Fact title="Retained: gone if nothing imported it">
          {retained_ns !== undefined && <Duration of={retained_ns} />}
        </Fact>
        <Fact title="On the CPU">{cpu_ns !== undefined && <Duration of={cpu_ns} />}</Fact>
        <Fact title="Waiting">
          {wait &&
            `${duration(wait.io_ns)} for the disk, ${duration(wait.runqueue_ns)} for a free CPU, ` +
              `${duration(wait.sleep_ns)} otherwise`}
        </Fact>
        <Fact title="Page faults">{faults !== undefined && <Count of={faults} />}</Fact>
        <Fact title="Asked for by"><Importers model={model} module={module} /></Fact>
        <Fact title="Package"><Package model={model} module={module} /></Fact>
        <Fact title="Whose">{OWNERS[module.owner ?? ""] ?? "unknown"}</Fact>
        <Fact title="Made of">{KINDS[module.kind ?? ""] ?? "unknown"}</Fact>
        <Fact title="Process">
          <Shown text={processWords(model.processes.get(module.process))} />, thread {module.tid}
        </Fact>
        <Fact title="File" class="wide">
          <Shown text={textOf(module, "path") ?? textOf(module, "file") ?? "none"} />
        </Fact>
      </dl>
      <Split module={module} />
      <Effects model={model} module={module} />
    </article>
  );
}

const MOST_IMPORTERS = 20;

function Importers({ model, module }: { model: Model; module: Module }): JSX.Element {
  const { importers = [], parent, via, tid } = module;
  const first = model.modules.get(parent ?? 0);
  const others = importers.filter((id) => id !== parent);
  const links = others.slice(0, MOST_IMPORTERS).map((id) => <ModuleLink module={model.modules.get(id)} />);
  return (
    <>
      {parent === null ? "the program itself, or unknown" : <ModuleLink module={first} />}
      {via && ` (${VIAS[via]})`}
      {first && first.tid !== tid && ", on another thread"}
      {links.length > 0 && <small>and later by {joined(links)}</small>}
      {others.length > links.length && ` and ${others.length - links.length} more`}
    </>
  );
}

function Package({ model, module }: { model: Model; module: Module }): JSX.Element {
  const index = model.packages.get(module.distribution ?? "");
  const name = <Name of={module} at="distribution" />;
  return index === undefined ? name : <a href={`#package-${index}`}>{name}</a>;
}

function Split({ module }: { module: Module }): JSX.Element | null {
  const parts = SPLIT_PARTS.filter(([key]) => module.split[key] !== undefined).map(
    ([key, name]) => ({ name, ns: module.split[key]!, fill: color(`split-${key}`) }),
  );
  return parts.length > 1 ? (
    <>
      <h4>What its own time went into</h4>
      <Strip parts={parts} whole={module.self_ns} />
    </>
  ) : null;
}

function Effects({ model, module }: { model: Model; module: Module }): JSX.Element | null {
  const { effects = [] } = module;
  const lines = effects.map((effect) => (
    <>
      <Name of={effect} at="kind" />
      <Clause of={effect} at="detail" />
      {effect.module !== null && effect.module !== module.id && (
        <> in <ModuleLink module={model.modules.get(effect.module)} /></>
      )}
    </>
  ));
  return effects.length > 0 ? <><h4>What else it did on being imported</h4><Lines of={lines} /></> : null;
}
