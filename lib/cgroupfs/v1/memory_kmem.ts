/**
 * memory.kmem.* and memory.kmem.tcp.* of one cgroup (v1): kernel memory. Bytes, or "max"; failcnt counts.
 *
 * Since 3.8; counted in usage_in_bytes as well, except kmem.tcp. kmem.limit_in_bytes has no effect since 5.16. Absent with
 * CONFIG_MEMCG_KMEM off or nokmem. See Documentation/admin-guide/cgroup-v1/memory.rst, section 2.7.
 */
import { parseCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Limit, parseLimitV1 } from "../../kernfile/limit.ts";

export const memoryKmemLimitInBytes: KernelFile<Limit> = {
  name: "memory.kmem.limit_in_bytes",
  parse: parseLimitV1,
};
export const memoryKmemUsageInBytes: KernelFile<number> = {
  name: "memory.kmem.usage_in_bytes",
  parse: parseCount,
};
export const memoryKmemMaxUsageInBytes: KernelFile<number> = {
  name: "memory.kmem.max_usage_in_bytes",
  parse: parseCount,
};
export const memoryKmemFailcnt: KernelFile<number> = { name: "memory.kmem.failcnt", parse: parseCount };
export const memoryKmemTcpLimitInBytes: KernelFile<Limit> = {
  name: "memory.kmem.tcp.limit_in_bytes",
  parse: parseLimitV1,
};
export const memoryKmemTcpUsageInBytes: KernelFile<number> = {
  name: "memory.kmem.tcp.usage_in_bytes",
  parse: parseCount,
};
export const memoryKmemTcpMaxUsageInBytes: KernelFile<number> = {
  name: "memory.kmem.tcp.max_usage_in_bytes",
  parse: parseCount,
};
export const memoryKmemTcpFailcnt: KernelFile<number> = {
  name: "memory.kmem.tcp.failcnt",
  parse: parseCount,
};
