/**
 * cpu.stat of one cgroup (v1): throttling of the cgroup itself. The kernel's nanoseconds become microseconds.
 *
 * Absent without CONFIG_CFS_BANDWIDTH. nr_bursts, burst_time: since 5.16. See Documentation/scheduler/sched-bwc.rst.
 */
import { requireCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { requireLines } from "../../kernfile/lines.ts";
import { nanosecondsToUsec } from "../../kernfile/microseconds.ts";
import { ParseError } from "../../kernfile/parse_error.ts";

export interface CpuStat {
  readonly nr_periods: number;
  readonly nr_throttled: number;
  /** throttled_time. */
  readonly throttledUsec: number;
  readonly nr_bursts: number | null;
  /** burst_time. */
  readonly burstUsec: number | null;
}

export const cpuStat: KernelFile<CpuStat> = { name: "cpu.stat", parse: parseCpuStat };

function parseCpuStat(text: string, path: string): CpuStat {
  let nr_periods: number | null = null;
  let nr_throttled: number | null = null;
  let throttledUsec: number | null = null;
  let nr_bursts: number | null = null;
  let burstUsec: number | null = null;
  let number = 0;
  for (const line of requireLines(text, path)) {
    number++;
    const space = line.indexOf(" ");
    const key = line.slice(0, Math.max(space, 0));
    const field = line.slice(space + 1);
    if (key === "nr_periods") nr_periods = requireCount(field, path, number);
    else if (key === "nr_throttled") nr_throttled = requireCount(field, path, number);
    else if (key === "throttled_time") throttledUsec = nanosecondsToUsec(field, path, number);
    else if (key === "nr_bursts") nr_bursts = requireCount(field, path, number);
    else if (key === "burst_time") burstUsec = nanosecondsToUsec(field, path, number);
    else requireCount(field, path, number);
  }
  if (nr_periods === null || nr_throttled === null || throttledUsec === null) {
    throw new ParseError(path, 0, "no nr_periods, nr_throttled, throttled_time");
  }
  return { nr_periods, nr_throttled, throttledUsec, nr_bursts, burstUsec };
}
