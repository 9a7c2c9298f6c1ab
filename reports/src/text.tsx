// SPDX-License-Identifier: Apache-2.0
// Texts from outside (names, paths, arguments). They reach the page as text nodes only; what would
// change more than its own cell is shown as an escape, as `thaw report` does on a terminal.

// A byte that is not UTF-8 is kept as this plus the byte: a lone surrogate, which no text has.
const STRAY_BYTE = 0xdc00;

// thaw_text_is_plain() in src/base/text.c, and stray bytes.
const NOT_PLAIN =
  /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\udc80-\udcff\u{e0000}-\u{e007f}]/gu;

function isCharacter(percent: string): boolean {
  try {
    return !!decodeURIComponent(percent);
  } catch {
    return false;
  }
}

/** The characters of a run of %XX. */
function decode(run: string): string {
  let text = "";
  for (let i = 0; i < run.length; ) {
    const tries = [3, 6, 9, 12].map((length) => run.slice(i, i + length));
    const good = tries.find(isCharacter);
    const stray = STRAY_BYTE + parseInt(tries[0]!.slice(1), 16);
    text += good ? decodeURIComponent(good) : String.fromCharCode(stray);
    i += good?.length ?? 3;
  }
  return text;
}

function unpercent(raw: unknown): string {
  return String(raw).replace(/(%..)+/g, decode);
}

/** The text under a key with every byte it was made of, null when there is none. */
export function textOf<T extends object>(of: T, key: keyof T & string): string | null {
  const record = of as Record<string, unknown>;
  const raw = record[`${key}_bytes`];
  const text = record[key] ?? null;
  if (raw !== undefined) return unpercent(raw);
  return text === null ? null : String(text);
}

/** The same for a list of texts. */
export function textsOf<T extends object>(of: T, key: keyof T & string): string[] {
  const record = of as Record<string, unknown>;
  const raw = record[`${key}_bytes`];
  return Array.isArray(raw) ? raw.map(unpercent) : ((record[key] as string[] | undefined) ?? []);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!;
  const byte = code >= STRAY_BYTE && code <= STRAY_BYTE + 0xff ? code - STRAY_BYTE : code;
  return byte < 0x80 || byte !== code
    ? `\\x${byte.toString(16).padStart(2, "0")}`
    : `\\u{${code.toString(16).padStart(4, "0")}}`;
}

/** The text with escapes, for where it stays mere text: canvas, labels for screen readers. */
export function plain(text: string): string {
  return text.replace(NOT_PLAIN, escapeOf);
}

/** The text with escapes that can be told from it; isolated, so that it can't reorder the rest. */
export function shown(text: string | null | undefined): JSX.Element {
  if (text === null || text === undefined) return unknown();
  const pieces: (string | JSX.Element)[] = [];
  let end = 0;
  for (const match of text.matchAll(NOT_PLAIN)) {
    pieces.push(text.slice(end, match.index), <span class="escape">{escapeOf(match[0])}</span>);
    end = match.index + match[0].length;
  }
  pieces.push(text.slice(end));
  return <bdi>{pieces}</bdi>;
}

export function name<T extends object>(of: T, key: keyof T & string): JSX.Element {
  return shown(textOf(of, key));
}

/** Those of the parts that say anything, "a, b, c". */
export function listed(parts: unknown[], between = ", "): string {
  return parts.filter(Boolean).join(between);
}

/** ": text", or nothing: how one part of a sentence hangs on the next. */
export function clause<T extends object>(of: T, key: keyof T & string, before = ": ") {
  const text = textOf(of, key);
  return text === null ? null : [before, shown(text)];
}

/** What is wrong, in bold. */
export function bad(text: string): JSX.Element {
  return <b class="bad">{shown(text)}</b>;
}

/** Where a figure or a text is missing: never a 0. */
export function unknown(): JSX.Element {
  return <span class="faint" title="none, or not known" aria-label="not known">–</span>;
}
