/**
 * Lists of CPU or memory-node numbers: "0-3,5". cpuset.cpus, Cpus_allowed_list, /sys/devices/system/cpu/online.
 *
 * Written by the kernel with %*pbl: ascending, no overlap. An empty list is legal (cpuset.cpus of a cgroup that inherits).
 * See Documentation/admin-guide/cputopology.rst and cgroup-v1/cpusets.rst, section 1.9.
 */
import { quote, toCount, withoutNewline } from "./count.ts";
import { ParseError } from "./parse_error.ts";

/** NR_CPUS is at most 8192 today. Above this a text is damaged, and expanding it would only eat memory. */
const MAX_CPUS = 65_536;

/** Ascending numbers. Throws ParseError. */
export function parseCpuList(text: string, path: string): number[] {
  return expandCpuList(withoutNewline(text), path, 0);
}

/** The same for one field of a line. */
export function expandCpuList(field: string, path: string, line: number): number[] {
  const cpus: number[] = [];
  if (field === "") return cpus;
  let previous = -1;
  for (const range of field.split(",")) {
    const dash = range.indexOf("-");
    const first = toCount(dash < 0 ? range : range.slice(0, dash));
    const last = dash < 0 ? first : toCount(range.slice(dash + 1));
    if (first <= previous || last < first || last >= MAX_CPUS) {
      throw new ParseError(path, line, `not a CPU list: ${quote(range)}`);
    }
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
    previous = last;
  }
  return cpus;
}

/** The way back: [0, 1, 2, 5] -> "0-2,5". The numbers must ascend. */
export function formatCpuList(cpus: readonly number[]): string {
  const ranges: string[] = [];
  let i = 0;
  while (i < cpus.length) {
    const first = cpus[i] ?? 0;
    let last = first;
    while (cpus[i + 1] === last + 1) {
      last++;
      i++;
    }
    ranges.push(first === last ? `${first}` : `${first}-${last}`);
    i++;
  }
  return ranges.join(",");
}
