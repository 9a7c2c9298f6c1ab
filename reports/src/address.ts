// SPDX-License-Identifier: Apache-2.0
// What the address holds behind "#": where on the page, then how its views are set, where that is
// not as at first: "#module-412?size=self".
import { derive, state, type State } from "./jsx";

const WRITTEN_MS = 150; // after a change: browsers refuse an address that changes all the time
const OURS = 1; // the state of a place in the history that has all settings

const settings = new Map<string, [own: State<string>, initial: string]>();
let waiting = 0;

const given = () => new URLSearchParams(location.hash.split("?")[1]);

/** The id of what the address leads to. */
export function anchor(): string {
  return location.hash.slice(1).split("?")[0]!;
}

/** Writes how the views are set into the address: as a new place in the history, or into this one. */
function write(to: string, how: "pushState" | "replaceState"): void {
  clearTimeout(waiting);
  const query = new URLSearchParams();
  for (const [key, [{ rawVal }, initial]] of settings) if (rawVal !== initial) query.set(key, rawVal);
  history[how](OURS, "", `#${to}${query.size > 0 ? `?${query}` : ""}`);
}

/** Goes to it without the page's being scrolled; "back" leads to where one was. */
export function visit(to: string): void {
  write(to, "pushState");
}

/** How a view is set: as the address says, or as at first. The address follows. */
export function setting(key: string, initial = ""): State<string> {
  const own = state(given().get(key) ?? initial);
  settings.set(key, [own, initial]);
  let known = own.rawVal;
  derive(() => {
    if (known === own.val) return;
    known = own.val;
    clearTimeout(waiting);
    waiting = setTimeout(() => write(anchor(), "replaceState"), WRITTEN_MS);
  });
  return own;
}

// A link may set views, too; what it doesn't name stays. Going back restores all of them.
function follow(): void {
  const asked = given();
  const isOurs = history.state === OURS;
  for (const [key, [own, initial]] of settings) own.val = asked.get(key) ?? (isOurs ? initial : own.rawVal);
  if (isOurs) return;
  if (location.hash.includes("?") && document.getElementById(anchor())) location.replace(`#${anchor()}`);
  else if (location.hash) write(anchor(), "replaceState");
}

// Not "hashchange", which comes a while after the address: what waits to be written would come between.
addEventListener("popstate", follow);

/** Once all of the page is there: what the address leads to may not have been before. */
export function arrive(): void {
  follow();
  const place = document.getElementById(anchor().replace(/^module[-=].*/, "module"));
  place?.scrollIntoView();
}
