// SPDX-License-Identifier: Apache-2.0
// Virtual machines from the outside, and what was recorded inside of them, in one waterfall.
import type { ComponentChildren } from "./jsx";
import { count, duration, many, size } from "./figures";
import { processWords, type Model } from "./model";
import { lines, type View } from "./parts";
import type { Guest, Phase, Track, VirtualMachine, VirtualMachineStep } from "./report";
import { shown } from "./text";
import { waterfall } from "./timeline";

const MOST_MARKS = 20;

export const machines: View<Model> = (model) => {
  const all = model.report.virtual_machines ?? [];
  return all.length > 0 && ["machines", "Virtual machines", () => all.map((one) => machine(model, one)), all.length];
};

function machine(model: Model, one: VirtualMachine): JSX.Element {
  const marks = one.steps.filter((step) => step.what === "mark");
  const counted = one.port_marks ?? marks.length;
  const listed = marks.slice(0, MOST_MARKS);
  return (
    <>
      <h3>{shown(`Monitor: ${processWords(model, one.process) ?? "unknown"}`)}</h3>
      <p>
        {one.kvm ? "With KVM" : "Without KVM: what it does is not visible but for its guest's marks"}
        {!!one.processors && `, ${many(one.processors, "CPU")}`}
        {!!one.memory_bytes && [", ", size(one.memory_bytes)]}
        {!!one.port_accesses && [", ", count(one.port_accesses), " accesses to ports"]}
        {!!one.exits && [", ", count(one.exits), " returns to the monitor"]}.
      </p>
      {waterfall({ ...one, phases: one.phases.map((phase) => withGuest(phase, one)), headline: false },
        `Virtual machine ${one.id}`)}
      {lines([
        ...listed.map((step) => markLine(one, step)),
        ...(counted > listed.length ? [[count(counted - listed.length), " more marks"]] : []),
      ])}
      {one.guest && clock(one.guest)}
    </>
  );
}

function markLine(one: VirtualMachine, step: VirtualMachineStep): ComponentChildren {
  const hex = (value = 0) => `0x${value.toString(16)}`;
  return ["mark ", hex(step.value), " at port ", hex(step.port), " after ", duration(step.time_ns - one.start_ns)];
}

// The phases of the guest's own headline stand below the one in which the guest runs.
function withGuest(phase: Phase, { guest }: VirtualMachine): Phase {
  const track: Track | undefined = guest?.tracks.find((one) => one.headline);
  if (!track || phase.name !== "guest") return phase;
  const inside = track.phases.map((one) => ({ ...one, name: `guest.${one.name}` }));
  const begin = track.start_ns ?? inside[0]?.start_ns ?? 0;
  const before: Phase = { name: "guest.before", start_ns: phase.start_ns, end_ns: begin, counted: true, evidence: [], confidence: "derived" };
  return { ...phase, children: begin > phase.start_ns ? [before, ...inside] : inside };
}

function clock(guest: Guest): JSX.Element {
  const { drift_ppm, drift_uncertainty_ppm, offset_ns, uncertainty_ns } = guest;
  return (
    <p>
      Its guest's clock began at {duration(offset_ns)} of this machine's,{" "}
      {uncertainty_ns === null ? "at most" : ["± ", duration(uncertainty_ns)]}, by {many(guest.marks, "mark")}
      {drift_ppm !== null && `; it runs ${drift_ppm.toFixed(1)} ± ${(drift_uncertainty_ppm ?? 0).toFixed(1)} ppm slow`}
      {guest.drifts && ": that is why it is not known better"}.
      {!guest.complete && " The guest's recording is incomplete: its own report says why."}
    </p>
  );
}
