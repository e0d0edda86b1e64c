/**
 * cpuacct.usage, cpuacct.usage_user, cpuacct.usage_sys of one cgroup (v1), with all descendants. The kernel's nanoseconds become microseconds.
 *
 * usage_user, usage_sys: since 4.7. See Documentation/admin-guide/cgroup-v1/cpuacct.rst.
 */
import { withoutNewline } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { nanosecondsToUsec } from "../../kernfile/microseconds.ts";

/** Microseconds. */
export const cpuacctUsage: KernelFile<number> = { name: "cpuacct.usage", parse: parseUsec };
/** Microseconds. */
export const cpuacctUsageUser: KernelFile<number> = { name: "cpuacct.usage_user", parse: parseUsec };
/** Microseconds. */
export const cpuacctUsageSys: KernelFile<number> = { name: "cpuacct.usage_sys", parse: parseUsec };

function parseUsec(text: string, path: string): number {
  return nanosecondsToUsec(withoutNewline(text), path, 0);
}
