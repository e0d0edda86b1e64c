/** Looks at a made-up container that is well: what a test changes is all that matters to it. */
import { type Figure, figure, type LimitFigure, UNKNOWN } from "../../container/figure.ts";
import { NO_MEMORY_EVENTS } from "../../container/memory_detail.ts";
import type { Limit } from "../../kernfile/limit.ts";
import type { Pressure } from "../../kernfile/pressure.ts";
import type { Look } from "../look.ts";
import type { Looks } from "../ruling.ts";
import type { ThreadLook } from "../tasks.ts";

export const MIB = 1024 * 1024;
const GROUP = "/sys/fs/cgroup";

export function known(value: number | null): Figure {
  return figure(value, "made up", []);
}

export function limitOf(value: Limit | null, complete = true): LimitFigure {
  return { value, complete, source: value === null ? null : `${GROUP}/limit`, formula: "made up", from: [] };
}

/** `some` and `full` in seconds since the start. */
export function pressureOf(some: number, full = some): Pressure {
  const line = (seconds: number) => ({ avg10: 0, avg60: 0, avg300: 0, totalUsec: seconds * 1e6 });
  return { some: line(some), full: line(full) };
}

export function thread(tid: number, change: Partial<ThreadLook> = {}): ThreadLook {
  return {
    tid,
    pid: tid,
    comm: "worker",
    state: "S",
    schedstat: null,
    wchan: null,
    switches: null,
    ...change,
  };
}

/** 2 CPUs, no quota, 100 of 256 MiB in use, of which 20 can be reclaimed; v2 with pressure. */
export function look(change: Partial<Look> = {}): Look {
  return {
    kind: "container",
    monotonicSeconds: 100,
    realtimeSeconds: 1_790_000_000,
    frozen: { file: `${GROUP}/cgroup.events`, value: null, isFrozen: false },
    usage: {
      monotonicSeconds: 100,
      usageUsec: 5e6,
      userUsec: 4e6,
      systemUsec: 1e6,
      niceUsec: null,
      percpu: null,
      periods: null,
      throttledPeriods: null,
      throttledUsec: null,
      bursts: null,
      burstUsec: null,
      inode: 7,
      problems: [],
      from: [`${GROUP}/cpu.stat`],
    },
    cpuLimit: {
      quota: limitOf("max"),
      cpus: [0, 1],
      cpusFrom: [],
      capacityCores: known(2),
      hostCpus: known(4),
      affinity: null,
      quotaUnread: null,
    },
    quotas: [],
    hostCpu: { file: "/proc/stat", busy: 1000, steal: 0, total: 10_000, cpus: 2 },
    hidden: { file: "/run/procg/host/instance.json", memoryBytes: null, cpuCores: null },
    memory: {
      limit: limitOf(256 * MIB),
      totalBytes: known(256 * MIB),
      usedBytes: known(80 * MIB),
      freeBytes: known(156 * MIB),
      sharedBytes: known(0),
      buffersBytes: known(0),
      cacheBytes: known(20 * MIB),
      buffCacheBytes: known(20 * MIB),
      availableBytes: known(176 * MIB),
      availableBoundBy: "container",
      workingSetBytes: known(90 * MIB),
      usageBytes: known(100 * MIB),
      swap: { totalBytes: known(0), usedBytes: known(0), freeBytes: known(0) },
      commitLimitBytes: UNKNOWN,
      committedBytes: UNKNOWN,
      upperBoundsOnly: false,
      source: "cgroup",
    },
    memoryDetail: {
      rssBytes: 70 * MIB,
      cacheBytes: 20 * MIB,
      mappedFileBytes: 0,
      dirtyBytes: 0,
      writebackBytes: 0,
      kernelBytes: 5 * MIB,
      shmemBytes: 0,
      inactiveFileBytes: 10 * MIB,
      activeFileBytes: 10 * MIB,
      maxUsageBytes: null,
      pgfault: 0,
      pgmajfault: 0,
      failcnt: null,
      stat: {},
      events: { ...NO_MEMORY_EVENTS, high: 0, max: 0, oom: 0, oomKill: 0 },
    },
    memoryVersion: 2,
    memoryComplete: false,
    memoryStatFile: `${GROUP}/memory.stat`,
    oomKills: { file: `${GROUP}/memory.events`, value: 0 },
    limitsMet: [
      { directory: GROUP, file: `${GROUP}/memory.events`, figure: "oom", count: 0, limit: 256 * MIB },
    ],
    hostMemory: { file: "/proc/meminfo", available: 4096 * MIB, total: 8192 * MIB },
    pids: { current: known(5), limit: limitOf(100) },
    refusedForks: { file: `${GROUP}/pids.events`, value: 0 },
    pressure: { cpu: pressureOf(0), memory: pressureOf(0), io: pressureOf(0) },
    pressureFile: {
      cpu: `${GROUP}/cpu.pressure`,
      memory: `${GROUP}/memory.pressure`,
      io: `${GROUP}/io.pressure`,
    },
    io: {
      monotonicSeconds: 100,
      source: "io.stat",
      devices: new Map(),
      ancestor: null,
      addedUp: false,
      inode: 7,
      from: [`${GROUP}/io.stat`],
      problems: [],
    },
    ioLimits: { devices: new Map(), complete: true, from: [`${GROUP}/io.max`], problems: [] },
    deviceNames: (device) => ({ name: device === "8:0" ? "sda" : device, mapperName: null, from: null }),
    tasks: { processes: [], threads: [], threadCount: 0 },
    ...change,
  };
}

/** Two looks, two seconds apart. `cores`: CPU used in between. */
export function looks(before: Partial<Look> = {}, after: Partial<Look> = {}, cores = 0.1): Looks {
  const first = look(before);
  const last = look({ ...before, hostCpu: hostCpu(first, 0.1), ...after });
  const time = first.monotonicSeconds + 2;
  return {
    before: first,
    after: {
      ...last,
      monotonicSeconds: time,
      realtimeSeconds: first.realtimeSeconds + 2,
      usage: {
        ...first.usage,
        monotonicSeconds: time,
        usageUsec: cores === -1 ? null : (first.usage.usageUsec ?? 0) + cores * 2e6,
      },
      io: { ...last.io, monotonicSeconds: first.io.monotonicSeconds + 2 },
    },
    seconds: 2,
  };
}

/** Two seconds later, at 100 ticks per second, with that share of its CPUs busy, whoever uses them. */
export function hostCpu(before: Look, busy: number, steal = 0): Look["hostCpu"] {
  const { hostCpu: host } = before;
  if (host === null) return null;
  const ticks = 200 * host.cpus;
  return {
    ...host,
    busy: host.busy + busy * ticks,
    steal: host.steal + steal * ticks,
    total: host.total + ticks,
  };
}
