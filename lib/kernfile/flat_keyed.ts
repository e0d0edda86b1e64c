/**
 * Flat keyed files: "KEY VALUE" per line, as memory.stat, cpu.stat and memory.events.
 *
 * Keys are the kernel's, verbatim. See Documentation/admin-guide/cgroup-v2.rst, "Format".
 */
import { quote, toCount } from "./count.ts";
import { requireLines } from "./lines.ts";
import { ParseError } from "./parse_error.ts";

/** Counters by the kernel's key; undefined: this kernel does not have it. */
export type FlatKeyed = Readonly<Record<string, number | undefined>>;

/** Linear in the text. The record has no prototype: a key may be called anything. Throws ParseError, also for empty text. */
export function parseFlatKeyed(text: string, path: string): Record<string, number> {
  const lines = requireLines(text, path);
  if (text.includes("\0")) {
    throw new ParseError(path, lines.findIndex((line) => line.includes("\0")) + 1, "a NUL byte");
  }
  const record: Record<string, number> = Object.create(null);
  let number = 0;
  for (const line of lines) {
    number++;
    const space = line.indexOf(" ");
    const value = toCount(line.slice(space + 1));
    if (space <= 0 || value < 0) throw new ParseError(path, number, `not "KEY COUNT": ${quote(line)}`);
    record[line.slice(0, space)] = value;
  }
  return record;
}

/**
 * Some keys of a flat keyed file; the other lines are not looked at. For tools that start thousands of times: memory.stat has 40 to
 * 60 lines. Throws ParseError for empty text and for a wanted line that is malformed.
 */
export function pickFlatKeyed(text: string, path: string, keys: readonly string[]): Record<string, number> {
  if (text === "") throw new ParseError(path, 0, "empty");
  const record: Record<string, number> = Object.create(null);
  for (const key of keys) {
    const start = text.startsWith(`${key} `) ? 0 : text.indexOf(`\n${key} `) + 1;
    if (!text.startsWith(`${key} `, start)) continue;
    const newline = text.indexOf("\n", start);
    const line = text.slice(start, newline < 0 ? text.length : newline);
    const value = toCount(line.slice(key.length + 1));
    if (value < 0) throw new ParseError(path, 0, `not "KEY COUNT": ${quote(line)}`);
    record[key] = value;
  }
  return record;
}
