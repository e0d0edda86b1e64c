/**
 * /proc/PID/limits: resource limits (getrlimit(2)), "max" for unlimited.
 *
 * A table of fixed columns: name 25, soft 20, hard 20, unit 10. Since 2.6.24. See proc(5).
 */
import { quote } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { type Limit, requireLimit } from "../kernfile/limit.ts";
import { columnsOf, requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface ResourceLimit {
  readonly soft: Limit;
  readonly hard: Limit;
  /** "bytes", "files", "processes", ...; "" for the nice and realtime priorities. */
  readonly unit: string;
}

/** By the kernel's name: "Max open files". */
export const pidLimits: KernelFile<ReadonlyMap<string, ResourceLimit>> = {
  name: "limits",
  parse: parsePidLimits,
};

const NAME_WIDTH = 26;

function parsePidLimits(text: string, path: string): Map<string, ResourceLimit> {
  const limits = new Map<string, ResourceLimit>();
  requireLines(text, path).forEach((line, index) => {
    if (index === 0) {
      if (!line.startsWith("Limit ")) throw new ParseError(path, 1, `an unknown header: ${quote(line)}`);
      return;
    }
    const name = line.slice(0, NAME_WIDTH).trim();
    const [soft, hard, unit = ""] = columnsOf(line.slice(NAME_WIDTH));
    if (name === "" || soft === undefined || hard === undefined) {
      throw new ParseError(path, index + 1, `not a limit: ${quote(line)}`);
    }
    limits.set(name, { soft: toLimit(soft, path, index + 1), hard: toLimit(hard, path, index + 1), unit });
  });
  return limits;
}

function toLimit(field: string, path: string, line: number): Limit {
  return field === "unlimited" ? "max" : requireLimit(field, path, line);
}
