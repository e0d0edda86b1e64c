/**
 * cpuacct.stat of one cgroup (v1), with all descendants: user and system time in clock ticks (sysconf(_SC_CLK_TCK)).
 *
 * Coarser than cpuacct.usage_user and usage_sys, but on every kernel since 2.6.30. See Documentation/admin-guide/cgroup-v1/cpuacct.rst.
 */
import { parseFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { ParseError } from "../../kernfile/parse_error.ts";

export interface CpuacctStat {
  /** `user`, in ticks. */
  readonly userTicks: number;
  /** `system`, in ticks. */
  readonly systemTicks: number;
}

export const cpuacctStat: KernelFile<CpuacctStat> = { name: "cpuacct.stat", parse: parseCpuacctStat };

function parseCpuacctStat(text: string, path: string): CpuacctStat {
  const { user, system } = parseFlatKeyed(text, path);
  if (user === undefined || system === undefined) throw new ParseError(path, 0, "no user, system");
  return { userTicks: user, systemTicks: system };
}
