/**
 * /proc/loadavg: load averages over 1, 5 and 15 minutes, scheduling entities now, the newest pid.
 *
 * All the host's, but the last field, which is the reader's pid namespace's. procg's loadcalc writes a file of the same format.
 * See proc(5) and Documentation/filesystems/proc.rst, "Miscellaneous kernel statistics".
 */
import { quote, requireCount, requireDecimal, withoutNewline } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface Loadavg {
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  /** Runnable scheduling entities (threads). */
  readonly runnable: number;
  /** All of them. */
  readonly total: number;
  readonly lastPid: number;
}

export const loadavg: KernelFile<Loadavg> = { name: "loadavg", parse: parseLoadavg };

/** Throws ParseError. */
export function parseLoadavg(text: string, path: string): Loadavg {
  const fields = withoutNewline(text).split(" ");
  const [one, five, fifteen, entities, last] = fields;
  const slash = entities === undefined ? -1 : entities.indexOf("/");
  if (
    one === undefined ||
    five === undefined ||
    fifteen === undefined ||
    entities === undefined ||
    last === undefined ||
    fields.length !== 5 ||
    slash < 0
  ) {
    throw new ParseError(path, 0, `not five fields: ${quote(text)}`);
  }
  return {
    load1: requireDecimal(one, path, 0),
    load5: requireDecimal(five, path, 0),
    load15: requireDecimal(fifteen, path, 0),
    runnable: requireCount(entities.slice(0, slash), path, 0),
    total: requireCount(entities.slice(slash + 1), path, 0),
    lastPid: requireCount(last, path, 0),
  };
}
