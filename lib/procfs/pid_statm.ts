/**
 * /proc/PID/statm. Pages; names are those of proc(5).
 *
 * resident and shared are inexact since 2.6.34 (per-thread caches). lib and dt are always 0 since 2.6. All 0 for kernel threads and zombies.
 */
import { quote, requireCount, withoutNewline } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface PidStatm {
  readonly size: number;
  readonly resident: number;
  readonly shared: number;
  readonly text: number;
  readonly data: number;
}

export const pidStatm: KernelFile<PidStatm> = { name: "statm", parse: parsePidStatm };

function parsePidStatm(text: string, path: string): PidStatm {
  const fields = withoutNewline(text).split(" ");
  if (fields.length !== 7) throw new ParseError(path, 0, `not seven counts: ${quote(text)}`);
  const count = (index: number): number => requireCount(fields[index] ?? "", path, 0);
  return { size: count(0), resident: count(1), shared: count(2), text: count(3), data: count(5) };
}
