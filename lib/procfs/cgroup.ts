/**
 * /proc/PID/cgroup: the process's cgroup in each hierarchy, as seen from the reader's cgroup namespace.
 *
 * "ID:CONTROLLERS:PATH", a v1 hierarchy per line; v2 is "0::PATH", written on hosts that use v1 only too. Since 2.6.24.
 * Absent without CONFIG_CGROUPS. See cgroups(7), "/proc files".
 */
import { quote, requireCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { splitLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface CgroupLine {
  /** 0: the v2 hierarchy. */
  readonly hierarchyId: number;
  /** v1 only: "cpu", "cpuacct", or "name=systemd". Empty on v2. */
  readonly controllers: readonly string[];
  /** Without " (deleted)". "/../x" lies outside the reader's cgroup namespace. */
  readonly path: string;
  /** The cgroup was removed while the process (a zombie) is still in it. */
  readonly deleted: boolean;
}

/** Empty where no hierarchy is mounted (v1 before 4.5). */
export const procCgroup: KernelFile<readonly CgroupLine[]> = { name: "cgroup", parse: parseCgroup };

const DELETED = " (deleted)";

export function parseCgroup(text: string, path: string): CgroupLine[] {
  return splitLines(text).map((line, index) => {
    const number = index + 1;
    const first = line.indexOf(":");
    const second = line.indexOf(":", first + 1);
    if (first < 0 || second < 0 || line[second + 1] !== "/") {
      throw new ParseError(path, number, `not "ID:CONTROLLERS:PATH": ${quote(line)}`);
    }
    const controllers = line.slice(first + 1, second);
    const deleted = line.endsWith(DELETED);
    return {
      hierarchyId: requireCount(line.slice(0, first), path, number),
      controllers: controllers === "" ? [] : controllers.split(","),
      path: deleted ? line.slice(second + 1, -DELETED.length) : line.slice(second + 1),
      deleted,
    };
  });
}
