/**
 * Nested keyed files: "KEY SUB=VALUE SUB=VALUE" per line, as io.stat and io.max; KEY is a device, MAJOR:MINOR.
 *
 * A device without counters has a line "259:0 ". Some 5.x kernels leave out the newline behind such a device ("7:7 7:6 8:0 rbytes=1 ..."),
 * so a field without "=" begins the next device. See Documentation/admin-guide/cgroup-v2.rst, "Format".
 */
import { quote, toCount } from "./count.ts";
import { splitLines } from "./lines.ts";
import { ParseError } from "./parse_error.ts";

/**
 * By device, in the order of the file; empty text is an empty map. Throws ParseError.
 *
 * @param parseValue null: leave this sub-key out
 */
export function parseNestedKeyed<T>(
  text: string,
  path: string,
  parseValue: (field: string, path: string, line: number) => T | null,
): Map<string, Record<string, T>> {
  const entries = new Map<string, Record<string, T>>();
  let number = 0;
  for (const line of splitLines(text)) {
    number++;
    let entry: Record<string, T> | null = null;
    for (const field of line.split(" ")) {
      if (field === "") continue;
      const equals = field.indexOf("=");
      if (equals > 0 && entry !== null) {
        const value = parseValue(field.slice(equals + 1), path, number);
        if (value !== null) entry[field.slice(0, equals)] = value;
      } else if (equals < 0 && isDevice(field)) {
        entry = Object.create(null) as Record<string, T>;
        entries.set(field, entry);
      } else {
        throw new ParseError(path, number, `neither a device nor KEY=VALUE: ${quote(field)}`);
      }
    }
    if (entry === null) throw new ParseError(path, number, "no device");
  }
  return entries;
}

/** "8:0". Device numbers are 12 and 20 bits. */
export function isDevice(field: string): boolean {
  const colon = field.indexOf(":");
  return colon > 0 && isNumber(field.slice(0, colon)) && isNumber(field.slice(colon + 1));
}

function isNumber(field: string): boolean {
  const value = toCount(field);
  return value >= 0 && value <= 0xfffff;
}
