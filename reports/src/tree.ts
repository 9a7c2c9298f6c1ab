// SPDX-License-Identifier: Apache-2.0
// The imports of one process as a tree: process, phases of the timeline, modules.
import { total } from "./figures";
import { inOrder } from "./preorder";
import { processWords, type Model } from "./model";
import type { Module, Phase } from "./report";
import { plain, textOf } from "./text";
import { OWNERS, wordsFor } from "./words";

export interface Node {
  /** Names it for as long as the page is open. */
  key: string;
  module: Module | null; // null: the process or a phase
  labelText: string; // plain text
  total_ns: number;
  self_ns: number | null;
  parent: Node | null;
  offspring: Node[]; // in order of start
  nodeDepth: number;
  index: number; // in nodes
  end: number; // behind the last one below it, in nodes
  words: string | null; // what a search looks in, once one did
  members?: Module[]; // of a package
}

export interface Tree {
  process: number;
  words: string;
  nodes: Node[]; // each before those below it
  root: Node;
  modules: Map<number, Node>; // by id
  count: number; // of modules
}

/** One for each process that imported anything; that of the headline first. */
export function makeTrees(model: Model): Tree[] {
  const byProcess = new Map<number, Module[]>();
  for (const module of model.report.modules) {
    const list = byProcess.get(module.process);
    if (list) list.push(module);
    else byProcess.set(module.process, [module]);
  }
  const first = model.mainTrack?.process;
  return [...byProcess]
    .map(([process, modules]) => makeTree(model, process, modules))
    .sort((a, b) => Number(b.process === first) - Number(a.process === first) || a.process - b.process);
}

function makeNode(key: string, label: string, module: Module | null, parent: Node | null): Node {
  const node: Node = {
    key,
    labelText: label,
    module,
    parent,
    total_ns: module?.total_ns ?? 0,
    self_ns: module?.self_ns ?? null,
    offspring: [],
    nodeDepth: 0,
    index: 0,
    end: 0,
    words: null,
  };
  parent?.offspring.push(node);
  return node;
}

function makeTree(model: Model, process: number, modules: Module[]): Tree {
  const words = plain(processWords(model, process) ?? "unknown process");
  const root = makeNode(`process-${process}`, words, null, null);
  const placeOf = makePlaces(model, process, root);
  const known = new Map<number, Node>();
  for (const module of modules) {
    const parent = parentOf(module, known) ?? placeOf(module);
    const label = plain(textOf(module, "name")!);
    known.set(module.id, makeNode(`module-${module.id}`, label, module, parent));
    if (!parent.module) parent.total_ns += module.total_ns;
  }
  root.total_ns += total(root.offspring, (node) => (node.module ? 0 : node.total_ns));
  return { process, words, root, nodes: inOrder(root), modules: known, count: modules.length };
}

// On another thread it is no part of its parent's time: there it stands by itself.
function parentOf(module: Module, known: Map<number, Node>): Node | undefined {
  const parent = module.parent === null ? undefined : known.get(module.parent);
  return parent?.module?.tid === module.tid ? parent : undefined;
}

/** Finds the node for a module that nothing here asked for: its phase, as far as that is known. */
function makePlaces(model: Model, process: number, root: Node): (module: Module) => Node {
  const tracks = model.report.tracks.filter((track) => track.process === process);
  const phases = tracks.flatMap((track) => track.phases);
  const groups = new Map<Phase | string, Node>();
  const groupOf = (place: Phase | string) => {
    const label = typeof place === "string" ? place : plain(textOf(place, "name")!);
    const group = groups.get(place) ?? makeNode(`phase-${groups.size}`, label, null, root);
    groups.set(place, group);
    return group;
  };
  return ({ timed, start_ns }) => {
    if (phases.length === 0 || timed === false) return root;
    const at = (phase: Phase) => start_ns >= phase.start_ns && start_ns < phase.end_ns;
    const phase = phases.find(at);
    if (phase) return groupOf(phase.children?.find(at) ?? phase);
    if (phases.every((one) => start_ns < one.start_ns)) return groupOf("before the first phase");
    const after = phases.every((one) => start_ns >= one.end_ns);
    return groupOf(after ? "after the last phase" : "in no phase");
  };
}

/** The same imports with those of one package, or of one owner, in one node; and the node of each. */
export function byPackage(tree: Tree): [tree: Tree, nodeOf: Map<Node, Node>] {
  const root = makeNode(tree.root.key, tree.root.labelText, null, null);
  const nodeOf = new Map([[tree.root, root]]);
  const known = new Map<string, Node>();
  root.total_ns = tree.root.total_ns;
  for (const node of tree.nodes.slice(1)) {
    const { labelText, module, parent, total_ns } = node;
    const above = nodeOf.get(parent!)!;
    const label = module ? plain(textOf(module, "distribution") ?? wordsFor(OWNERS, module.owner, "unknown")) : labelText;
    const key = `${above.key}/${label}`;
    const own = module && above.members && above.labelText === label ? above : known.get(key) ?? makeNode(key, label, null, above);
    if (own !== above) own.total_ns += total_ns;
    if (module) {
      (own.members ??= []).push(module);
      own.self_ns = (own.self_ns ?? 0) + module.self_ns;
    }
    known.set(key, own);
    nodeOf.set(node, own);
  }
  return [{ ...tree, root, nodes: inOrder(root) }, nodeOf];
}

/** From the root to the node. */
export function pathOf<N extends { parent: N | null }>(node: N): N[] {
  const path: N[] = [];
  for (let one: N | null = node; one; one = one.parent) path.push(one);
  return path.reverse();
}

function haystack(node: Node): string {
  if (node.words === null && node.module) {
    const { distribution, file, kind, owner, status } = node.module;
    node.words = `${node.labelText} ${file} ${distribution} ${kind} ${owner} ${status}`.toLowerCase();
  }
  return node.words ?? "";
}

/** The modules that have the text in a name, file, package, kind, owner or status; null: no text. */
export function search(tree: Tree, query: string): Set<Node> | null {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return null;
  return new Set(tree.nodes.filter((node) => haystack(node).includes(wanted)));
}
