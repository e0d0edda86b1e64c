/**
 * cpu.weight (1 to 10000, 0 for an idle cgroup), cpu.weight.nice (-20 to 19) and cpu.idle (SCHED_IDLE for the whole cgroup) (v2). Shares, not limits.
 *
 * Absent in the real root and where the cpu controller is not enabled. cpu.idle: since 5.15.
 * See Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files".
 */
import { parseCount, requireInteger, withoutNewline } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parseSwitch } from "../../kernfile/switch.ts";

export const cpuWeight: KernelFile<number> = { name: "cpu.weight", parse: parseCount };
export const cpuWeightNice: KernelFile<number> = {
  name: "cpu.weight.nice",
  parse: (text, path) => requireInteger(withoutNewline(text), path, 0),
};
export const cpuIdle: KernelFile<boolean> = { name: "cpu.idle", parse: parseSwitch };
