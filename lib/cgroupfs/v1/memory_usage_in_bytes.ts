/**
 * memory.usage_in_bytes, memory.max_usage_in_bytes (bytes) and memory.failcnt (times the limit was hit) of one cgroup (v1).
 *
 * With the descendants where memory.use_hierarchy is 1. Kept in batches: not exact.
 * See Documentation/admin-guide/cgroup-v1/memory.rst, sections 3 and 5.5.
 */
import { parseCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export const memoryUsageInBytes: KernelFile<number> = { name: "memory.usage_in_bytes", parse: parseCount };
export const memoryMaxUsageInBytes: KernelFile<number> = {
  name: "memory.max_usage_in_bytes",
  parse: parseCount,
};
export const memoryFailcnt: KernelFile<number> = { name: "memory.failcnt", parse: parseCount };
