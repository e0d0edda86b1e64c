/**
 * memory.events and memory.events.local of one cgroup (v2). Counts since the cgroup was made.
 *
 * memory.events counts descendants too (unless mounted with memory_localevents), .local only the cgroup itself (since 5.2).
 * oom_kill: since 4.13; oom_group_kill: since 5.17. Absent in the real root and where the memory controller is not enabled.
 * See Documentation/admin-guide/cgroup-v2.rst, "memory.events".
 */
import { parseFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export interface MemoryEvents {
  readonly [key: string]: number | undefined;
  readonly low?: number;
  readonly high?: number;
  readonly max?: number;
  readonly oom?: number;
  readonly oom_kill?: number;
  readonly oom_group_kill?: number;
}

export const memoryEvents: KernelFile<MemoryEvents> = { name: "memory.events", parse: parseFlatKeyed };
export const memoryEventsLocal: KernelFile<MemoryEvents> = {
  name: "memory.events.local",
  parse: parseFlatKeyed,
};
