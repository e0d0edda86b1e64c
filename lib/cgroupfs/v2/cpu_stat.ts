/**
 * cpu.stat of one cgroup (v2), with all descendants. Times in microseconds since the cgroup was made.
 *
 * The three times are there without any controller (since 4.15); nr_periods, nr_throttled, throttled_usec only while the
 * cpu controller is enabled. nr_bursts, burst_usec: since 5.16; nice_usec: since 6.13. In the real root since 5.8.
 * See Documentation/admin-guide/cgroup-v2.rst, "cpu.stat".
 */
import { parseFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { ParseError } from "../../kernfile/parse_error.ts";

export interface CpuStat {
  readonly [key: string]: number | undefined;
  readonly usage_usec: number;
  readonly user_usec: number;
  readonly system_usec: number;
  readonly nice_usec?: number;
  readonly nr_periods?: number;
  readonly nr_throttled?: number;
  readonly throttled_usec?: number;
  readonly nr_bursts?: number;
  readonly burst_usec?: number;
}

export const cpuStat: KernelFile<CpuStat> = { name: "cpu.stat", parse: parseCpuStat };

function parseCpuStat(text: string, path: string): CpuStat {
  const record = parseFlatKeyed(text, path);
  const { usage_usec, user_usec, system_usec } = record;
  if (usage_usec === undefined || user_usec === undefined || system_usec === undefined) {
    throw new ParseError(path, 0, "no usage_usec, user_usec, system_usec");
  }
  return record as Record<string, number> & CpuStat;
}
