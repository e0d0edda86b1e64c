/** What is known of a container's memory and swap: the sample (readings) and the model (figures). Bytes. */
import type { CgroupLocation } from "../cgroupfs/locate.ts";
import type { Meminfo } from "../procfs/meminfo.ts";
import type { Figure, LimitFigure } from "./figure.ts";
import type { LimitCandidate } from "./limit.ts";

/** Memory of one cgroup directory, v1 and v2 alike. Bytes. */
export interface MemoryNode {
  readonly directory: string;
  readonly limit: LimitCandidate;
  readonly usage: Figure;
  readonly activeFile: Figure;
  readonly inactiveFile: Figure;
  /** v1 publishes no slab: null there. */
  readonly slabReclaimable: Figure | null;
  /** Page cache, shmem included. */
  readonly file: Figure;
  readonly shmem: Figure;
  readonly anon: Figure;
  /** Swap alone. v1: the usage of memory.stat; its limit is memory + swap and sits in `swapLimit` of the sample. */
  readonly swapUsage: Figure;
  readonly swapLimit: LimitCandidate;
}

export interface CgroupMemorySample {
  readonly location: CgroupLocation;
  /** [0] is the container's directory, then its visible ancestors. */
  readonly nodes: readonly MemoryNode[];
  /** More limits that bind: v1's hierarchical keys, which count hidden ancestors. */
  readonly extraLimits: readonly LimitCandidate[];
  /** Swap alone, bytes, what v1's memsw leaves; null on v2, where the nodes have it. */
  readonly extraSwapLimits: readonly LimitCandidate[];
  /** Nothing hidden can be tighter. */
  readonly complete: boolean;
}

export interface MemorySample {
  /** memFreeBytes null: lxcfs serves the file, which tells nothing of what the machine has left. */
  readonly meminfo: Omit<Meminfo, "memFreeBytes"> & { readonly memFreeBytes: number | null };
  readonly meminfoPath: string;
  /** null: the machine, or no memory cgroup can be seen. */
  readonly cgroup: CgroupMemorySample | null;
  /** The numbers of /proc/meminfo are the answer: the machine, --host, lxcfs, gVisor, the root cgroup. */
  readonly fromProc: "machine" | "lxcfs" | "gvisor" | "fuse" | null;
  readonly hiddenMemory: LimitCandidate | null;
  readonly hiddenSwap: LimitCandidate | null;
}

export interface SwapModel {
  readonly totalBytes: Figure;
  readonly usedBytes: Figure;
  readonly freeBytes: Figure;
}

export interface MemoryModel {
  readonly limit: LimitFigure;
  readonly totalBytes: Figure;
  /** What is held and cannot be given back: usage - reclaimable. */
  readonly usedBytes: Figure;
  readonly freeBytes: Figure;
  readonly sharedBytes: Figure;
  readonly buffersBytes: Figure;
  /** Page cache and reclaimable slab. */
  readonly cacheBytes: Figure;
  readonly buffCacheBytes: Figure;
  readonly availableBytes: Figure;
  /** "container", the directory of an ancestor, or "host". */
  readonly availableBoundBy: string | null;
  readonly workingSetBytes: Figure;
  readonly usageBytes: Figure;
  readonly swap: SwapModel;
  /** Only the machine has them: the kernel keeps no commit figures per cgroup. */
  readonly commitLimitBytes: Figure;
  readonly committedBytes: Figure;
  /** total, free, available are no more than upper bounds: the limit, or what is in use, cannot be seen. */
  readonly upperBoundsOnly: boolean;
  readonly source: "cgroup" | "machine" | "lxcfs" | "gvisor" | "fuse" | "host";
}
