// SPDX-License-Identifier: Apache-2.0
// Texts from outside (names, paths, arguments). They reach the page as text nodes only; what would
// change more than its own cell is shown as an escape, as `thaw report` does on a terminal.
import type { JSX } from "preact";

// A byte that is not UTF-8 is kept as this plus the byte: a lone surrogate, which no text has.
const STRAY_BYTE = 0xdc00;

// thaw_text_is_plain() in src/base/text.c, and stray bytes.
const NOT_PLAIN =
  /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\udc80-\udcff\u{e0000}-\u{e007f}]/gu;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function bytesOf(percent: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < percent.length; i++) {
    if (percent[i] === "%") {
      bytes.push(parseInt(percent.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(percent.charCodeAt(i));
  }
  return Uint8Array.from(bytes);
}

function decode(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    let length = 1;
    for (; length <= 4; length++) {
      try {
        text += decoder.decode(bytes.subarray(i, i + length));
        break;
      } catch {
        // not a character yet
      }
    }
    if (length > 4) text += String.fromCharCode(STRAY_BYTE + bytes[i]!);
    i += length > 4 ? 1 : length;
  }
  return text;
}

/** The text under a key with every byte it was made of, null when there is none. */
export function textOf<T extends object>(of: T, key: keyof T & string): string | null {
  const record = of as Record<string, unknown>;
  const raw = record[`${key}_bytes`];
  if (typeof raw === "string") return decode(bytesOf(raw));
  const text = record[key] ?? null;
  return text === null ? null : String(text);
}

/** The same for a list of texts. */
export function textsOf<T extends object>(of: T, key: keyof T & string): string[] {
  const record = of as Record<string, unknown>;
  const raw = record[`${key}_bytes`];
  if (Array.isArray(raw)) return raw.map((one) => decode(bytesOf(String(one))));
  const texts = record[key];
  return Array.isArray(texts) ? texts.map(String) : [];
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
export function Shown({ text }: { text: string | null }): JSX.Element {
  if (text === null) return <Unknown />;
  const pieces: (string | JSX.Element)[] = [];
  let end = 0;
  for (const match of text.matchAll(NOT_PLAIN)) {
    pieces.push(text.slice(end, match.index), <span class="escape">{escapeOf(match[0])}</span>);
    end = match.index + match[0].length;
  }
  pieces.push(text.slice(end));
  return <bdi>{pieces}</bdi>;
}

export function Name<T extends object>({ of, at }: { of: T; at: keyof T & string }): JSX.Element {
  return <Shown text={textOf(of, at)} />;
}

/** ": text", or nothing: how one part of a sentence hangs on the next. */
export function Clause<T extends object>(of: { of: T; at: keyof T & string; before?: string }) {
  const text = textOf(of.of, of.at);
  return text === null ? null : <>{of.before ?? ": "}<Shown text={text} /></>;
}

/** Where a figure or a text is missing: never a 0. */
export function Unknown(): JSX.Element {
  return <span class="unknown" title="none, or not known" aria-label="not known">–</span>;
}
