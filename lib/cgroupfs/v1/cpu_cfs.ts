/**
 * cpu.cfs_quota_us, cpu.cfs_period_us, cpu.cfs_burst_us of one cgroup (v1). Microseconds.
 *
 * The quota is "max" for -1. The kernel refuses a quota/period above the parent's. Absent in the real root on most kernels
 * and without CONFIG_CFS_BANDWIDTH. cfs_burst_us: since 5.14. See Documentation/scheduler/sched-bwc.rst.
 */
import { parseCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Limit, parseQuotaV1 } from "../../kernfile/limit.ts";
import { ParseError } from "../../kernfile/parse_error.ts";

export const cpuCfsQuotaUs: KernelFile<Limit> = { name: "cpu.cfs_quota_us", parse: parseQuotaV1 };
/** Above 0. */
export const cpuCfsPeriodUs: KernelFile<number> = { name: "cpu.cfs_period_us", parse: parsePeriod };
export const cpuCfsBurstUs: KernelFile<number> = { name: "cpu.cfs_burst_us", parse: parseCount };

function parsePeriod(text: string, path: string): number {
  const periodUsec = parseCount(text, path);
  if (periodUsec === 0) throw new ParseError(path, 0, "period 0");
  return periodUsec;
}
