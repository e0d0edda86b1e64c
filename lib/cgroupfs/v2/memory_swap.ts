/**
 * memory.swap.* and memory.zswap.current of one cgroup (v2). Bytes of swap alone, without memory; or "max".
 *
 * swap.max 0: no swap at all. Absent in the real root, where the memory controller is not enabled, and without swap accounting
 * (CONFIG_SWAP, swapaccount=0). swap.high: since 5.8; swap.events: since 4.18; zswap.current: since 5.19; swap.peak: since 6.5.
 * See Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files".
 */
import { parseCount } from "../../kernfile/count.ts";
import { parseFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Limit, parseLimit } from "../../kernfile/limit.ts";

export interface MemorySwapEvents {
  readonly [key: string]: number | undefined;
  readonly high?: number;
  readonly max?: number;
  readonly fail?: number;
}

export const memorySwapCurrent: KernelFile<number> = { name: "memory.swap.current", parse: parseCount };
export const memorySwapMax: KernelFile<Limit> = { name: "memory.swap.max", parse: parseLimit };
export const memorySwapHigh: KernelFile<Limit> = { name: "memory.swap.high", parse: parseLimit };
export const memorySwapPeak: KernelFile<number> = { name: "memory.swap.peak", parse: parseCount };
export const memorySwapEvents: KernelFile<MemorySwapEvents> = {
  name: "memory.swap.events",
  parse: parseFlatKeyed,
};
export const memoryZswapCurrent: KernelFile<number> = { name: "memory.zswap.current", parse: parseCount };
