/**
 * memory.stat of one cgroup (v1). Bytes; pg* and workingset_* count pages or events.
 *
 * Plain keys are the cgroup itself, total_* include the descendants (under memory.use_hierarchy 1).
 * hierarchical_memory_limit and hierarchical_memsw_limit: the tightest over all ancestors, hidden ones too; no limit is a
 * number >= 2^60, see toLimit. total_swap, hierarchical_memsw_limit: with swap accounting only. total_shmem: since 4.12.
 * See Documentation/admin-guide/cgroup-v1/memory.rst, section 5.2.
 */
import { parseFlatKeyed, pickFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export interface MemoryStat {
  readonly [key: string]: number | undefined;
  readonly cache?: number;
  readonly rss?: number;
  readonly shmem?: number;
  readonly mapped_file?: number;
  readonly dirty?: number;
  readonly writeback?: number;
  readonly swap?: number;
  readonly pgfault?: number;
  readonly pgmajfault?: number;
  readonly inactive_anon?: number;
  readonly active_anon?: number;
  readonly inactive_file?: number;
  readonly active_file?: number;
  readonly unevictable?: number;
  readonly hierarchical_memory_limit?: number;
  readonly hierarchical_memsw_limit?: number;
  readonly total_cache?: number;
  readonly total_rss?: number;
  readonly total_rss_huge?: number;
  readonly total_shmem?: number;
  readonly total_mapped_file?: number;
  readonly total_dirty?: number;
  readonly total_writeback?: number;
  readonly total_swap?: number;
  readonly total_pgpgin?: number;
  readonly total_pgpgout?: number;
  readonly total_pgfault?: number;
  readonly total_pgmajfault?: number;
  readonly total_inactive_anon?: number;
  readonly total_active_anon?: number;
  readonly total_inactive_file?: number;
  readonly total_active_file?: number;
  readonly total_unevictable?: number;
}

export const memoryStat: KernelFile<MemoryStat> = { name: "memory.stat", parse: parseFlatKeyed };

/** The keys that say what is held and what can be given back. */
export const memoryStatBrief: KernelFile<MemoryStat> = {
  name: "memory.stat",
  parse: (text, path) => pickFlatKeyed(text, path, BRIEF.split(" ")),
};

const BRIEF =
  "hierarchical_memory_limit hierarchical_memsw_limit total_active_file total_inactive_file total_cache total_shmem total_rss total_swap " +
  "active_file inactive_file cache shmem rss swap";
