/**
 * /proc/sys/kernel/pid_max: pids are below it. The host's, unless the pid namespace has its own (since 6.14).
 *
 * See Documentation/admin-guide/sysctl/kernel.rst, "pid_max".
 */
import { parseCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";

export const pidMax: KernelFile<number> = { name: "sys/kernel/pid_max", parse: parseCount };
