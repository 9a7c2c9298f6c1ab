// SPDX-License-Identifier: Apache-2.0
// What is laid out only once it is asked for, as rows have much of it.
import { count, countText } from "./figures";
import { add, attempt, type ComponentChildren } from "./jsx";
import { lines } from "./parts";
import { bad } from "./text";

export function fold(words: ComponentChildren, contents: () => ComponentChildren): JSX.Element {
  let opened = false;
  const open = () => {
    if (!opened) add(details, attempt(contents) as never);
    opened = true;
  };
  const details = <details ontoggle={open}><summary>{words}</summary></details> as HTMLElement;
  return details;
}

/** How many there are, and how many of them are wrong in a word; unfolded, a line for each. */
export function folded<T>(all: T[], isWrong: (one: T) => boolean, word: string, line: (one: T) => ComponentChildren): JSX.Element {
  const wrong = all.filter(isWrong).length;
  return fold([count(all.length), wrong > 0 && bad(`, ${countText(wrong)} ${word}`)], () => lines(all.map(line)));
}
