/**
 * One look at a container: what the rules need, as plain data. Two of them, an interval apart, are judged.
 *
 * Reads only; what cannot be read is null. Bounded: of at most THREADS_MOST threads the state and the waiting time are read.
 */
import type { CgroupLocation } from "../cgroupfs/locate.ts";
import { cpuStat as cpuStatV1 } from "../cgroupfs/v1/cpu_stat.ts";
import { memoryLimitInBytes } from "../cgroupfs/v1/memory_limit_in_bytes.ts";
import { memoryMemswFailcnt } from "../cgroupfs/v1/memory_memsw.ts";
import { memoryOomControl } from "../cgroupfs/v1/memory_oom_control.ts";
import { memoryFailcnt } from "../cgroupfs/v1/memory_usage_in_bytes.ts";
import { pidsEvents as pidsEventsV1 } from "../cgroupfs/v1/pids.ts";
import { cpuStat as cpuStatV2 } from "../cgroupfs/v2/cpu_stat.ts";
import { memoryEvents, memoryEventsLocal } from "../cgroupfs/v2/memory_events.ts";
import { memoryMax } from "../cgroupfs/v2/memory_max.ts";
import { pidsEvents } from "../cgroupfs/v2/pids.ts";
import { type BlockDeviceNames, blockDeviceNames } from "../container/block_devices.ts";
import { readUsage } from "../container/collect_document.ts";
import { type Container, isVirtual } from "../container/container.ts";
import { type CpuLimitModel, readCpuLimit } from "../container/cpu_limit.ts";
import type { CpuUsageSample } from "../container/cpu_usage.ts";
import { type IoSample, readIo } from "../container/io.ts";
import { type IoLimits, readIoLimits } from "../container/io_limit.ts";
import { collectMemory, computeMemory } from "../container/memory.ts";
import { type MemoryDetail, readMemoryDetail } from "../container/memory_detail.ts";
import type { MemoryModel } from "../container/memory_model.ts";
import { type PidsModel, readPids } from "../container/pids.ts";
import { type PressureKind, readPressure } from "../container/pressure.ts";
import { isFrozen } from "../container/thread_load.ts";
import { attempt, type KernelFile, ReadError } from "../kernfile/kernel_file.ts";
import type { Limit } from "../kernfile/limit.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import type { Pressure } from "../kernfile/pressure.ts";
import { meminfo } from "../procfs/meminfo.ts";
import { procStat } from "../procfs/stat.ts";
import { vmstat } from "../procfs/vmstat.ts";
import { lookAtTasks, type TasksLook } from "./tasks.ts";

/** A counter, or a gauge, and its file. */
export interface Reading {
  readonly file: string;
  readonly value: number | null;
}

/** The quota of one cgroup, and how often it bit since the cgroup was made. */
export interface QuotaLook {
  readonly file: string;
  readonly periods: number;
  readonly throttled: number;
  readonly throttledUsec: number;
}

/** How often the memory limit of one cgroup itself was met by an allocation that failed. */
export interface LimitMet {
  readonly directory: string;
  /**
   * v2: `oom` of memory.events in the container's own cgroup, which counts the cgroups below it too, and of memory.events.local (5.2) in
   * its ancestors. v1: memory.failcnt, with that of memory.memsw: every allocation that met the limit, also those that reclaim then served.
   */
  readonly file: string;
  readonly figure: string;
  readonly count: number | null;
  readonly limit: Limit | null;
}

/** Ticks of the CPUs that the container may use, whoever used them. */
export interface HostCpu {
  readonly file: string;
  readonly busy: number;
  readonly steal: number;
  readonly total: number;
  readonly cpus: number;
}

export interface Look {
  readonly kind: "machine" | "container";
  readonly monotonicSeconds: number;
  readonly realtimeSeconds: number;
  readonly frozen: Reading & { readonly isFrozen: boolean };
  readonly usage: CpuUsageSample;
  readonly cpuLimit: CpuLimitModel;
  /** Each visible cgroup that has a quota, the container's own first. */
  readonly quotas: readonly QuotaLook[];
  readonly hostCpu: HostCpu | null;
  /** What the registration says of parents that cannot be seen. */
  readonly hidden: {
    readonly file: string;
    readonly memoryBytes: Limit | null;
    readonly cpuCores: Limit | null;
  };
  readonly memory: MemoryModel | null;
  readonly memoryDetail: MemoryDetail;
  readonly memoryVersion: 1 | 2 | null;
  readonly memoryComplete: boolean;
  readonly memoryStatFile: string;
  readonly oomKills: Reading;
  /** The container's own cgroup first, then its visible ancestors. */
  readonly limitsMet: readonly LimitMet[];
  readonly hostMemory: {
    readonly file: string;
    readonly available: number | null;
    readonly total: number | null;
  };
  readonly pids: PidsModel;
  readonly refusedForks: Reading;
  readonly pressure: Readonly<Record<PressureKind, Pressure | null>>;
  readonly pressureFile: Readonly<Record<PressureKind, string>>;
  readonly io: IoSample;
  readonly ioLimits: IoLimits;
  readonly deviceNames: BlockDeviceNames;
  readonly tasks: TasksLook;
}

/** Throws ReadError where /proc cannot be read at all. */
export function takeLook(container: Container): Look {
  const { system } = container;
  const memory = container.kind === "machine" ? null : container.location("memory");
  const told = container.registration();
  const host = attempt(system, "/proc", meminfo);
  const cpuLimit = readCpuLimit(container);
  const frozen = isFrozen(container);
  const pressure = (kind: PressureKind) => readPressure(container, kind);
  const [cpuPressure, memoryPressure, ioPressure] = [pressure("cpu"), pressure("memory"), pressure("io")];
  return {
    kind: container.kind,
    monotonicSeconds: system.monotonicSeconds(),
    realtimeSeconds: system.realtimeSeconds(),
    frozen: { ...frozenFile(container), isFrozen: frozen },
    usage: readUsage(container),
    cpuLimit,
    quotas: readQuotas(container),
    hostCpu: readHostCpu(container, cpuLimit.cpus),
    hidden: {
      file: told.path,
      memoryBytes: told.registration?.hiddenLimits.memoryBytes ?? null,
      cpuCores: told.registration?.hiddenLimits.cpuCores ?? null,
    },
    memory: readMemory(container),
    memoryDetail: readMemoryDetail(container),
    memoryVersion: memory?.version ?? null,
    memoryComplete: container.kind === "machine" || memory?.complete === true,
    memoryStatFile: memory === null ? "/proc/meminfo" : `${memory.directory}/memory.stat`,
    oomKills: readOomKills(container, memory),
    limitsMet:
      memory === null ? [] : memory.chain.map((directory) => readLimitMet(container, memory, directory)),
    hostMemory: {
      file: host.path,
      available: isVirtual(container, host.path) ? null : (host.value?.memAvailableBytes ?? null),
      total: host.value?.memTotalBytes ?? null,
    },
    pids: readPids(container),
    refusedForks: readRefusedForks(container),
    pressure: { cpu: cpuPressure.value, memory: memoryPressure.value, io: ioPressure.value },
    pressureFile: { cpu: cpuPressure.path, memory: memoryPressure.path, io: ioPressure.path },
    io: readIo(container),
    ioLimits: readIoLimits(container),
    deviceNames: blockDeviceNames(container),
    tasks: lookAtTasks(container, frozen),
  };
}

function frozenFile(container: Container): Reading {
  const location = container.kind === "machine" ? null : container.location("freezer");
  if (location === null) return { file: "", value: null };
  return {
    file: `${location.directory}/${location.version === 2 ? "cgroup.events" : "freezer.state"}`,
    value: null,
  };
}

function readMemory(container: Container): MemoryModel | null {
  try {
    return computeMemory(collectMemory(container));
  } catch (error) {
    if (error instanceof ReadError || error instanceof ParseError) return null;
    throw error;
  }
}

/** null where the directory has no quota: then nothing is counted. */
function readQuotas(container: Container): QuotaLook[] {
  const location = container.kind === "machine" ? null : container.location("cpu");
  const found: QuotaLook[] = [];
  for (const directory of location?.chain ?? []) {
    const { path, value } = readThrottling(container, directory, location?.version === 2);
    if (value !== null) found.push({ file: path, ...value });
  }
  return found;
}

function readThrottling(container: Container, directory: string, isV2: boolean) {
  if (isV2) {
    const { path, value } = attempt(container.system, directory, cpuStatV2);
    const { nr_periods: periods, nr_throttled: throttled, throttled_usec: throttledUsec } = value ?? {};
    const known = periods !== undefined && throttled !== undefined && throttledUsec !== undefined;
    return { path, value: known ? { periods, throttled, throttledUsec } : null };
  }
  const { path, value } = attempt(container.system, directory, cpuStatV1);
  return {
    path,
    value:
      value === null
        ? null
        : { periods: value.nr_periods, throttled: value.nr_throttled, throttledUsec: value.throttledUsec },
  };
}

function readHostCpu(container: Container, cpus: readonly number[] | null): HostCpu | null {
  if (isVirtual(container, "/proc/stat")) return null;
  const { path, value } = attempt(container.system, "/proc", procStat);
  if (value === null) return null;
  let [busy, steal, total, count] = [0, 0, 0, 0];
  for (const row of value.cpus) {
    if (cpus !== null && !cpus.includes(row.cpu)) continue;
    const used = row.user + row.nice + row.system + row.irq + row.softirq;
    busy += used;
    steal += row.steal;
    total += used + row.steal + row.idle + row.iowait;
    count++;
  }
  return count === 0 ? null : { file: path, busy, steal, total, cpus: count };
}

/** v1 counts the kills in this cgroup alone, v2 those below too; the machine all of them. Since 4.13. */
function readOomKills({ system, kind }: Container, memory: CgroupLocation | null): Reading {
  if (kind === "machine") return keyOf(attempt(system, "/proc", vmstat), "oom_kill");
  if (memory === null) return { file: "", value: null };
  return memory.version === 2
    ? keyOf(attempt(system, memory.directory, memoryEvents), "oom_kill")
    : keyOf(attempt(system, memory.directory, memoryOomControl), "oom_kill");
}

function keyOf(
  reading: { readonly path: string; readonly value: Readonly<Record<string, number | undefined>> | null },
  key: string,
): Reading {
  return { file: reading.path, value: reading.value?.[key] ?? null };
}

function readLimitMet({ system }: Container, memory: CgroupLocation, directory: string): LimitMet {
  const read = <T>(file: KernelFile<T>) => attempt(system, directory, file);
  if (memory.version === 1) {
    const own = read(memoryFailcnt);
    const withSwap = read(memoryMemswFailcnt).value;
    return {
      directory,
      file: own.path,
      figure: withSwap === null ? "failcnt" : "failcnt + memsw.failcnt",
      count: own.value === null ? null : own.value + (withSwap ?? 0),
      limit: read(memoryLimitInBytes).value,
    };
  }
  // The container's own cgroup: what is below it is the container's too, so that the older file will do.
  const events = read(directory === memory.directory ? memoryEvents : memoryEventsLocal);
  return {
    directory,
    file: events.path,
    figure: "oom",
    count: events.value?.oom ?? null,
    limit: read(memoryMax).value,
  };
}

function readRefusedForks(container: Container): Reading {
  const location = container.kind === "machine" ? null : container.location("pids");
  if (location === null) return { file: "", value: null };
  const { path, value } = attempt(
    container.system,
    location.directory,
    location.version === 2 ? pidsEvents : pidsEventsV1,
  );
  return { file: path, value: value?.max ?? null };
}
