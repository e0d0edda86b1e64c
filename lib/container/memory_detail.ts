/**
 * What the container's memory is made of, and what has happened to it: memory.stat, memory.events, peak and failures.
 *
 * v2: Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files"; v1: cgroup-v1/memory.rst, sections 5.2 and 10. A counter that
 * the kernel does not have is null.
 */
import { memoryKmemUsageInBytes } from "../cgroupfs/v1/memory_kmem.ts";
import { memoryOomControl } from "../cgroupfs/v1/memory_oom_control.ts";
import { memoryStat as memoryStatV1 } from "../cgroupfs/v1/memory_stat.ts";
import { memoryFailcnt, memoryMaxUsageInBytes } from "../cgroupfs/v1/memory_usage_in_bytes.ts";
import { memoryPeak } from "../cgroupfs/v2/memory_current.ts";
import { memoryEvents } from "../cgroupfs/v2/memory_events.ts";
import { memoryStat } from "../cgroupfs/v2/memory_stat.ts";
import { attempt } from "../kernfile/kernel_file.ts";
import type { System } from "../system/system.ts";
import type { Container } from "./container.ts";

export interface MemoryEvents {
  readonly low: number | null;
  readonly high: number | null;
  readonly max: number | null;
  readonly oom: number | null;
  readonly oomKill: number | null;
  readonly oomGroupKill: number | null;
}

export interface MemoryDetail {
  readonly rssBytes: number | null;
  readonly cacheBytes: number | null;
  readonly mappedFileBytes: number | null;
  readonly dirtyBytes: number | null;
  readonly writebackBytes: number | null;
  readonly kernelBytes: number | null;
  readonly shmemBytes: number | null;
  readonly inactiveFileBytes: number | null;
  readonly activeFileBytes: number | null;
  readonly maxUsageBytes: number | null;
  readonly pgfault: number | null;
  readonly pgmajfault: number | null;
  /** Times that the limit was met. v1 only. */
  readonly failcnt: number | null;
  /** memory.stat as it is. */
  readonly stat: Readonly<Record<string, number | undefined>> | null;
  readonly events: MemoryEvents;
}

export const NO_MEMORY_EVENTS: MemoryEvents = {
  low: null,
  high: null,
  max: null,
  oom: null,
  oomKill: null,
  oomGroupKill: null,
};

/** All null where no memory cgroup can be seen, and on the machine, which has none. */
export function readMemoryDetail(container: Container): MemoryDetail {
  const location = container.kind === "machine" ? null : container.location("memory");
  if (location === null) return { ...detail({}), stat: null };
  return location.version === 2
    ? readV2(container.system, location.directory)
    : readV1(container.system, location.directory);
}

type Stat = Readonly<Record<string, number | undefined>>;

function detail(stat: Stat): MemoryDetail {
  return {
    rssBytes: stat.anon ?? null,
    cacheBytes: stat.file ?? null,
    mappedFileBytes: stat.file_mapped ?? null,
    dirtyBytes: stat.file_dirty ?? null,
    writebackBytes: stat.file_writeback ?? null,
    kernelBytes: stat.kernel ?? null,
    shmemBytes: stat.shmem ?? null,
    inactiveFileBytes: stat.inactive_file ?? null,
    activeFileBytes: stat.active_file ?? null,
    maxUsageBytes: null,
    pgfault: stat.pgfault ?? null,
    pgmajfault: stat.pgmajfault ?? null,
    failcnt: null,
    stat,
    events: NO_MEMORY_EVENTS,
  };
}

function readV2(system: System, directory: string): MemoryDetail {
  const stat = attempt(system, directory, memoryStat).value;
  const events = attempt(system, directory, memoryEvents).value;
  return {
    ...detail(stat ?? {}),
    stat,
    maxUsageBytes: attempt(system, directory, memoryPeak).value,
    events: {
      low: events?.low ?? null,
      high: events?.high ?? null,
      max: events?.max ?? null,
      oom: events?.oom ?? null,
      oomKill: events?.oom_kill ?? null,
      oomGroupKill: events?.oom_group_kill ?? null,
    },
  };
}

/** rss without shmem, as the kernel counts it; cache with it. oom_kill counts this cgroup alone. */
function readV1(system: System, directory: string): MemoryDetail {
  const stat = attempt(system, directory, memoryStatV1).value;
  const total = (name: string): number | null => stat?.[`total_${name}`] ?? stat?.[name] ?? null;
  return {
    rssBytes: total("rss"),
    cacheBytes: total("cache"),
    mappedFileBytes: total("mapped_file"),
    dirtyBytes: total("dirty"),
    writebackBytes: total("writeback"),
    kernelBytes: attempt(system, directory, memoryKmemUsageInBytes).value,
    shmemBytes: total("shmem"),
    inactiveFileBytes: total("inactive_file"),
    activeFileBytes: total("active_file"),
    maxUsageBytes: attempt(system, directory, memoryMaxUsageInBytes).value,
    pgfault: total("pgfault"),
    pgmajfault: total("pgmajfault"),
    failcnt: attempt(system, directory, memoryFailcnt).value,
    stat,
    events: {
      ...NO_MEMORY_EVENTS,
      oomKill: attempt(system, directory, memoryOomControl).value?.oom_kill ?? null,
    },
  };
}
