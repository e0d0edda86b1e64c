/**
 * memory.stat of one cgroup (v2), with all descendants. Bytes; pg* and workingset_* count pages or events.
 *
 * Keys are the kernel's and differ between kernels: slab_* since 4.6, kernel since 5.18, sec_pagetables since 6.1.
 * Present in the real root too. Absent where the memory controller is not enabled.
 * See Documentation/admin-guide/cgroup-v2.rst, "memory.stat".
 */
import { parseFlatKeyed, pickFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export interface MemoryStat {
  readonly [key: string]: number | undefined;
  readonly anon?: number;
  readonly file?: number;
  readonly kernel?: number;
  readonly kernel_stack?: number;
  readonly pagetables?: number;
  readonly percpu?: number;
  readonly sock?: number;
  readonly shmem?: number;
  readonly zswap?: number;
  readonly zswapped?: number;
  readonly file_mapped?: number;
  readonly file_dirty?: number;
  readonly file_writeback?: number;
  readonly swapcached?: number;
  readonly anon_thp?: number;
  readonly inactive_anon?: number;
  readonly active_anon?: number;
  readonly inactive_file?: number;
  readonly active_file?: number;
  readonly unevictable?: number;
  readonly slab_reclaimable?: number;
  readonly slab_unreclaimable?: number;
  readonly slab?: number;
  readonly pgfault?: number;
  readonly pgmajfault?: number;
  readonly pgscan?: number;
  readonly pgsteal?: number;
  readonly workingset_refault_anon?: number;
  readonly workingset_refault_file?: number;
  readonly workingset_refault?: number;
}

export const memoryStat: KernelFile<MemoryStat> = { name: "memory.stat", parse: parseFlatKeyed };

/** The keys that say what is held and what can be given back. */
export const memoryStatBrief: KernelFile<MemoryStat> = {
  name: "memory.stat",
  parse: (text, path) => pickFlatKeyed(text, path, BRIEF.split(" ")),
};

const BRIEF = "active_file inactive_file slab_reclaimable file shmem anon";
