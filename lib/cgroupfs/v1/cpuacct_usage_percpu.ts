/**
 * cpuacct.usage_percpu, usage_percpu_user, usage_percpu_sys of one cgroup (v1). The kernel's nanoseconds become microseconds, one
 * value per **possible** CPU, the index is the CPU's number.
 *
 * One line that ends in a space. usage_percpu_user, usage_percpu_sys: since 4.7. See Documentation/admin-guide/cgroup-v1/cpuacct.rst.
 */
import { withoutNewline } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { nanosecondsToUsec } from "../../kernfile/microseconds.ts";

/** Microseconds by CPU number. */
export const cpuacctUsagePercpu: KernelFile<readonly number[]> = {
  name: "cpuacct.usage_percpu",
  parse: parsePercpu,
};
/** Microseconds by CPU number. */
export const cpuacctUsagePercpuUser: KernelFile<readonly number[]> = {
  name: "cpuacct.usage_percpu_user",
  parse: parsePercpu,
};
/** Microseconds by CPU number. */
export const cpuacctUsagePercpuSys: KernelFile<readonly number[]> = {
  name: "cpuacct.usage_percpu_sys",
  parse: parsePercpu,
};

function parsePercpu(text: string, path: string): number[] {
  const line = withoutNewline(text);
  const fields = (line.endsWith(" ") ? line.slice(0, -1) : line).split(" ");
  return fields.map((field) => nanosecondsToUsec(field, path, 1));
}
