/**
 * Limits: a number or "max".
 *
 * v2 and v1's pids.max write "max". v1's memory limits write a number that depends on the page size
 * (9223372036854771712 with 4 KiB pages, 9223372036854775807 before 3.19); v1's cpu.cfs_quota_us writes -1.
 */
import { parseCount, quote, toCount, withoutNewline } from "./count.ts";
import { ParseError } from "./parse_error.ts";

/** "max": no limit. */
export type Limit = number | "max";

/** v1 counts pages: "no limit" is LONG_MAX rounded down to a page. No machine has an exbibyte. */
const NO_LIMIT = 2 ** 60;

/** v2, and v1's pids.max: "max" or a count. Throws ParseError. */
export function parseLimit(text: string, path: string): Limit {
  const field = withoutNewline(text);
  return field === "max" ? "max" : parseCount(text, path);
}

/** One field of a line that holds a limit: "max" or a count. Throws ParseError. */
export function requireLimit(field: string, path: string, line: number): Limit {
  if (field === "max") return "max";
  const value = toCount(field);
  if (value < 0) throw new ParseError(path, line, `not a limit: ${quote(field)}`);
  return value;
}

/** v1 memory limits, in bytes. -1 is what one writes to remove a limit; taken as such where it comes back. */
export function parseLimitV1(text: string, path: string): Limit {
  return withoutNewline(text) === "-1" ? "max" : toLimit(parseCount(text, path));
}

/** v1 cpu.cfs_quota_us: -1 is no quota. Any other negative number is malformed. */
export function parseQuotaV1(text: string, path: string): Limit {
  return withoutNewline(text) === "-1" ? "max" : parseCount(text, path);
}

/** A v1 limit that stands among counters: hierarchical_memory_limit of memory.stat. */
export function toLimit(value: number): Limit {
  return value >= NO_LIMIT ? "max" : value;
}
