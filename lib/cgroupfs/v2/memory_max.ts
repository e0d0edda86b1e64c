/**
 * memory.max, memory.high, memory.low, memory.min of one cgroup (v2). Bytes, or "max".
 *
 * max and high limit (high only throttles), low and min protect. Rounded down to pages by the kernel.
 * Absent in the real root and where the memory controller is not enabled. memory.min: since 4.18.
 * See Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files".
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Limit, parseLimit } from "../../kernfile/limit.ts";

export const memoryMax: KernelFile<Limit> = { name: "memory.max", parse: parseLimit };
export const memoryHigh: KernelFile<Limit> = { name: "memory.high", parse: parseLimit };
export const memoryLow: KernelFile<Limit> = { name: "memory.low", parse: parseLimit };
export const memoryMin: KernelFile<Limit> = { name: "memory.min", parse: parseLimit };
