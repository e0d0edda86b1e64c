/**
 * memory.current and memory.peak of one cgroup (v2). Bytes, with all descendants.
 *
 * Absent in the real root and where the memory controller is not enabled. memory.peak: since 5.19.
 * See Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files".
 */
import { parseCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export const memoryCurrent: KernelFile<number> = { name: "memory.current", parse: parseCount };
export const memoryPeak: KernelFile<number> = { name: "memory.peak", parse: parseCount };
