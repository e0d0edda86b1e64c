/**
 * Times of the kernel in microseconds.
 *
 * Nanoseconds leave 2^53 after 104 days of CPU time: their last three digits are cut from the text, before it is a number.
 */
import { quote, requireCount, toCount } from "./count.ts";
import { ParseError } from "./parse_error.ts";

/** Whole microseconds of a field that holds nanoseconds, rounded down. Throws ParseError. */
export function nanosecondsToUsec(field: string, path: string, line: number): number {
  if (toCount(field) < 0) throw new ParseError(path, line, `not nanoseconds: ${quote(field)}`);
  return field.length <= 3 ? 0 : requireCount(field.slice(0, -3), path, line);
}

/** Clock ticks (USER_HZ, sysconf(_SC_CLK_TCK), mostly 100 per second) in microseconds. */
export function ticksToUsec(ticks: number, ticksPerSecond: number): number {
  return (ticks * 1_000_000) / ticksPerSecond;
}
