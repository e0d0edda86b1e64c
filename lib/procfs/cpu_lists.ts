/**
 * /sys/devices/system/cpu/online, possible, present: numbers of the machine's CPUs.
 *
 * online is what /proc/stat has lines for; possible is what v1's cpuacct.usage_percpu has columns for. Since 2.6.26.
 * The host's, also in a container. See Documentation/admin-guide/cputopology.rst.
 */
import { parseCpuList } from "../kernfile/cpu_list.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";

export const cpuOnline: KernelFile<readonly number[]> = { name: "online", parse: parseCpuList };
export const cpuPossible: KernelFile<readonly number[]> = { name: "possible", parse: parseCpuList };
export const cpuPresent: KernelFile<readonly number[]> = { name: "present", parse: parseCpuList };
