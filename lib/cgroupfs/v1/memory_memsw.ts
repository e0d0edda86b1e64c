/**
 * memory.memsw.* of one cgroup (v1): memory **plus** swap. Bytes; failcnt counts.
 *
 * Absent without swap accounting (swapaccount=0, the default of many kernels before 5.8).
 * See Documentation/admin-guide/cgroup-v1/memory.rst, section 2.4.
 */
import { parseCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Limit, parseLimitV1 } from "../../kernfile/limit.ts";

export const memoryMemswLimitInBytes: KernelFile<Limit> = {
  name: "memory.memsw.limit_in_bytes",
  parse: parseLimitV1,
};
export const memoryMemswUsageInBytes: KernelFile<number> = {
  name: "memory.memsw.usage_in_bytes",
  parse: parseCount,
};
export const memoryMemswMaxUsageInBytes: KernelFile<number> = {
  name: "memory.memsw.max_usage_in_bytes",
  parse: parseCount,
};
export const memoryMemswFailcnt: KernelFile<number> = { name: "memory.memsw.failcnt", parse: parseCount };
