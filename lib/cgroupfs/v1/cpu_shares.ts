/**
 * cpu.shares (2 to 262144, default 1024) and cpu.idle (SCHED_IDLE for the whole cgroup) of one cgroup (v1). Shares, not limits.
 *
 * cpu.idle: since 5.15. See Documentation/scheduler/sched-design-CFS.rst, section 7.
 */
import { parseCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parseSwitch } from "../../kernfile/switch.ts";

export const cpuShares: KernelFile<number> = { name: "cpu.shares", parse: parseCount };
export const cpuIdle: KernelFile<boolean> = { name: "cpu.idle", parse: parseSwitch };
