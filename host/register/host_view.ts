/**
 * What the host sees of a container's init: which cgroups, and the limits of the ancestors that the container cannot see. One view
 * is of one moment: what it has read once it does not read again, so that a thousand containers below one parent cost one reading of it.
 */
import { type CgroupLocation, type Controller, locate, type MountLines } from "../../lib/cgroupfs/locate.ts";
import { cpuCfsPeriodUs, cpuCfsQuotaUs } from "../../lib/cgroupfs/v1/cpu_cfs.ts";
import { memoryLimitInBytes } from "../../lib/cgroupfs/v1/memory_limit_in_bytes.ts";
import { memoryMemswLimitInBytes } from "../../lib/cgroupfs/v1/memory_memsw.ts";
import { memoryUseHierarchy } from "../../lib/cgroupfs/v1/memory_use_hierarchy.ts";
import { pidsMax as pidsMaxV1 } from "../../lib/cgroupfs/v1/pids.ts";
import { cpuMax } from "../../lib/cgroupfs/v2/cpu_max.ts";
import { memoryMax } from "../../lib/cgroupfs/v2/memory_max.ts";
import { memorySwapMax } from "../../lib/cgroupfs/v2/memory_swap.ts";
import { pidsMax } from "../../lib/cgroupfs/v2/pids.ts";
import type { Registration } from "../../lib/container/registration.ts";
import { attempt, type KernelFile } from "../../lib/kernfile/kernel_file.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";
import { type CgroupLine, procCgroup } from "../../lib/procfs/cgroup.ts";
import { pidStat } from "../../lib/procfs/pid_stat.ts";
import type { System } from "../../lib/system/system.ts";

export type HiddenLimits = Registration["hiddenLimits"];

export interface HostView {
  readonly system: System;
  readonly mounts: MountLines;
  /** Answers of directories asked before. */
  readonly known: Map<string, Limit | null>;
}

export function openHostView(system: System): HostView {
  const path = "/proc/self/mountinfo";
  const text = system.readText(path);
  const lines = typeof text === "number" ? [] : text.split("\n").filter((line) => line.includes(" - cgroup"));
  return { system, mounts: { path, lines }, known: new Map() };
}

/** Where a container's cgroups are, as the kernel names them. */
export interface ContainerCgroups {
  readonly lines: readonly CgroupLine[];
  /** "memory" -> "/docker/ID"; "" is v2. */
  readonly paths: Readonly<Record<string, string>>;
  readonly location: (controller: Controller) => CgroupLocation | null;
}

/** null: the process is gone. `id`: a path is cut behind the part that holds it (an init that moved itself into a child). */
export function readCgroups(view: HostView, pid: number, id: string): ContainerCgroups | null {
  const found = attempt(view.system, `/proc/${pid}`, procCgroup).value;
  if (found === null || found.length === 0) return null;
  const lines = found.map((line) => ({ ...line, path: cutBehind(line.path, id) }));
  const paths: Record<string, string> = {};
  for (const line of lines) {
    if (line.controllers.length === 0) paths[""] = line.path;
    for (const controller of line.controllers) paths[controller] = line.path;
  }
  return {
    lines,
    paths,
    location: (controller) => locate(view.system, controller, lines, view.mounts, false),
  };
}

function cutBehind(path: string, id: string): string {
  if (id.length < 12) return path;
  const at = path.indexOf(id);
  if (at < 0) return path;
  const end = path.indexOf("/", at);
  return end < 0 ? path : path.slice(0, end);
}

/** The smallest limits above the container's own directories; null: cannot be known from here. */
export function readHiddenLimits(view: HostView, cgroups: ContainerCgroups): HiddenLimits {
  const memory = cgroups.location("memory");
  const isV1 = memory?.version === 1;
  return {
    memoryBytes: smallest(view, memory, (directory) => memoryLimit(view, directory, isV1)),
    swapBytes: swapLimit(view, memory),
    cpuCores: smallest(view, cgroups.location("cpu"), (directory, version) =>
      cores(view, directory, version),
    ),
    pids: smallest(view, cgroups.location("pids"), (directory, version) =>
      read(view, directory, version === 2 ? pidsMax : pidsMaxV1),
    ),
  };
}

function smallest(
  view: HostView,
  location: CgroupLocation | null,
  limitOf: (directory: string, version: 1 | 2) => Limit | null,
): Limit | null {
  if (location === null) return null;
  let least: Limit | null = location.complete ? "max" : null;
  for (const directory of location.chain.slice(1)) {
    const key = `${location.controller} ${directory}`;
    let limit = view.known.get(key);
    if (limit === undefined) {
      limit = limitOf(directory, location.version);
      view.known.set(key, limit);
    }
    if (typeof limit === "number" && (typeof least !== "number" || limit < least)) least = limit;
  }
  return least;
}

function read<T>(view: HostView, directory: string, file: KernelFile<T>): T | null {
  return attempt(view.system, directory, file).value;
}

/** With use_hierarchy 0 (before 5.11) a v1 ancestor does not count. */
function memoryLimit(view: HostView, directory: string, isV1: boolean): Limit | null {
  if (!isV1) return read(view, directory, memoryMax);
  return read(view, directory, memoryUseHierarchy) === false
    ? "max"
    : read(view, directory, memoryLimitInBytes);
}

/**
 * Swap alone. v1 limits memory + swap, which is no bound of swap by itself: where an ancestor has such a limit the figure is not
 * known, and the container sees it in its own hierarchical_memsw_limit.
 */
function swapLimit(view: HostView, location: CgroupLocation | null): Limit | null {
  if (location?.version === 2) return smallestSwap(view, location);
  if (location === null || !location.complete) return null;
  const limits = location.chain.slice(1).map((directory) => read(view, directory, memoryMemswLimitInBytes));
  return limits.every((limit) => limit === null || limit === "max") ? "max" : null;
}

function smallestSwap(view: HostView, location: CgroupLocation): Limit | null {
  let least: Limit | null = location.complete ? "max" : null;
  for (const directory of location.chain.slice(1)) {
    const limit = read(view, directory, memorySwapMax);
    if (typeof limit === "number" && (typeof least !== "number" || limit < least)) least = limit;
  }
  return least;
}

function cores(view: HostView, directory: string, version: 1 | 2): Limit | null {
  if (version === 2) {
    const max = read(view, directory, cpuMax);
    if (max === null) return null;
    return max.quotaUsec === "max" || max.periodUsec === 0 ? "max" : max.quotaUsec / max.periodUsec;
  }
  const quota = read(view, directory, cpuCfsQuotaUs);
  if (quota === null || quota === "max") return quota;
  const period = read(view, directory, cpuCfsPeriodUs);
  return period === null ? null : period === 0 ? "max" : quota / period;
}

/** inode of the initial pid namespace: PROC_PID_INIT_INO, include/linux/proc_ns.h. */
const HOST_PID_NAMESPACE = "pid:[4026531836]";

/**
 * Start of the process that the container sees as pid 1, in ticks: the one that a reader inside compares with. It is another than
 * the container's own init where the pid namespace is the host's or another container's. null: not found.
 */
export function initStartTicks(system: System, pid: number): number | null {
  const startOf = (process: string): number | null =>
    attempt(system, `/proc/${process}`, pidStat).value?.starttime ?? null;
  if (isFirst(system, `${pid}`)) return startOf(`${pid}`);
  const space = system.readLink(`/proc/${pid}/ns/pid`);
  if (typeof space === "number") return startOf(`${pid}`);
  if (space === HOST_PID_NAMESPACE || system.readLink("/proc/1/ns/pid") === space) return startOf("1");
  const names = system.readDirectory("/proc");
  for (const name of typeof names === "number" ? [] : names) {
    if (/^[0-9]+$/.test(name) && system.readLink(`/proc/${name}/ns/pid`) === space && isFirst(system, name))
      return startOf(name);
  }
  return null;
}

/** Whether the innermost of its pids is 1 (NSpid, since 4.1; without it the container's own init is taken for it). */
function isFirst(system: System, pid: string): boolean {
  const status = system.readText(`/proc/${pid}/status`);
  if (typeof status === "number") return false;
  const line = /^NSpid:(.*)$/m.exec(status)?.[1];
  if (line === undefined) return true;
  const pids = line.trim().split(/\s+/);
  return pids[pids.length - 1] === "1" && (pids.length > 1 || pid === "1");
}
