// SPDX-License-Identifier: Apache-2.0
// What is laid out only once it is asked for, as rows have much of it.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { count, countText } from "./figures";
import { lines } from "./parts";
import { bad } from "./text";

interface Properties {
  words: ComponentChildren;
  children: () => ComponentChildren;
}

export function Fold({ words, children }: Properties): JSX.Element {
  const [opened, setOpened] = useState(false);
  return (
    <details onToggle={() => setOpened(true)}>
      <summary>{words}</summary>
      {opened && children()}
    </details>
  );
}

/** How many there are, and how many of them are wrong in a word; unfolded, a line for each. */
export function folded<T>(all: T[], isWrong: (one: T) => boolean, word: string, line: (one: T) => ComponentChildren): JSX.Element {
  const wrong = all.filter(isWrong).length;
  return (
    <Fold words={[count(all.length), wrong > 0 && bad(`, ${countText(wrong)} ${word}`)]}>
      {() => lines(all.map(line))}
    </Fold>
  );
}
