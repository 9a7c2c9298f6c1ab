// SPDX-License-Identifier: Apache-2.0
// Where a module was looked for, and what was found of its bytecode.
import { many } from "./figures";
import type { Model } from "./model";
import { details, pathLines } from "./parts";
import type { Lookups, Module, SearchFolder } from "./report";
import { listed, name, textsOf } from "./text";
import { BYTECODE } from "./words";

/** The folders that were looked into, in order: each names the one before it. */
function foldersOf({ folders }: Model, { searched }: Lookups): SearchFolder[] {
  const found = new Set<SearchFolder>();
  let one = folders.get(searched ?? 0);
  for (; one && !found.has(one); one = folders.get(one.after ?? 0)) found.add(one);
  return [...found].reverse();
}

/** "9 paths, 3 of them not there", with the folders and the paths behind it. */
export function lookupWords(model: Model, { lookups }: Module): JSX.Element | false {
  if (!lookups) return false;
  const { count, failed } = lookups;
  const folders = foldersOf(model, lookups);
  const paths = textsOf(lookups, "failed_paths");
  return (
    <>
      {many(count, "path")}, {failed === 0 ? "all of them there" : `${failed} not there`}
      {folders.length > 0 && details(`in ${many(folders.length, "folder")}, in this order`,
        <ol>{folders.map((one) => <li>{name(one, "path")}</li>)}</ol>)}
      {paths.length > 0 && details("not there", pathLines(lookups, "failed_paths"),
        failed > paths.length && <p>{failed - paths.length} more are not listed.</p>)}
    </>
  );
}

/** "stale: of another state of the source; compiled anew, and written" */
export function bytecodeWords({ bytecode, split }: Module): string | false {
  if (!bytecode) return false;
  const { status, written } = bytecode;
  const compiled = split.compile_ns !== undefined;
  const then = listed([compiled && "compiled anew", written && "written"], ", and ");
  return then ? `${BYTECODE[status]}; ${then}` : BYTECODE[status];
}
