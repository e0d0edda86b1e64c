/**
 * memory.oom_control of one cgroup (v1).
 *
 * under_oom: 1 while tasks wait for memory; oom_kill: processes killed in this cgroup itself, since 4.13.
 * See Documentation/admin-guide/cgroup-v1/memory.rst, section 10.
 */
import { parseFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export interface MemoryOomControl {
  readonly [key: string]: number | undefined;
  readonly oom_kill_disable?: number;
  readonly under_oom?: number;
  readonly oom_kill?: number;
}

export const memoryOomControl: KernelFile<MemoryOomControl> = {
  name: "memory.oom_control",
  parse: parseFlatKeyed,
};
