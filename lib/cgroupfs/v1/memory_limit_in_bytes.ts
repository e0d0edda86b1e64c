/**
 * memory.limit_in_bytes and memory.soft_limit_in_bytes of one cgroup (v1). Bytes, or "max".
 *
 * The cgroup's own limit: an ancestor's may be tighter, see hierarchical_memory_limit in memory.stat.
 * Present in the real root too, where it cannot be set. See Documentation/admin-guide/cgroup-v1/memory.rst, section 3.
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Limit, parseLimitV1 } from "../../kernfile/limit.ts";

export const memoryLimitInBytes: KernelFile<Limit> = { name: "memory.limit_in_bytes", parse: parseLimitV1 };
export const memorySoftLimitInBytes: KernelFile<Limit> = {
  name: "memory.soft_limit_in_bytes",
  parse: parseLimitV1,
};
