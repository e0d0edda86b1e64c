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
