/** A file that holds 0 or 1: cgroup.freeze, memory.use_hierarchy, cpu.idle. */
import { parseCount } from "./count.ts";
import { ParseError } from "./parse_error.ts";

/** Throws ParseError for anything but 0 and 1. */
export function parseSwitch(text: string, path: string): boolean {
  const value = parseCount(text, path);
  if (value > 1) throw new ParseError(path, 0, `neither 0 nor 1: ${value}`);
  return value === 1;
}
