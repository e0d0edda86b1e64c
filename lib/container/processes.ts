/** Which processes belong to the container when its pid namespace does not tell: those of its cgroup, at any depth. */
import type { CgroupLocation } from "../cgroupfs/locate.ts";
import { cgroupProcs, cgroupThreads } from "../cgroupfs/v2/cgroup_procs.ts";
import { attempt } from "../kernfile/kernel_file.ts";
import { pidStat } from "../procfs/pid_stat.ts";
import { pidStatus } from "../procfs/pid_status.ts";
import { isDirectory } from "../system/file_type.ts";
import type { System } from "../system/system.ts";
import type { Container } from "./container.ts";

/** Directory depth below the container's cgroup that is walked; the kernel's own default is unlimited. */
const DEPTH_MOST = 64;

/** Pids in the cgroup and everything below it; null where no cgroup directory can be read. */
export function cgroupPids(container: Container): readonly number[] | null {
  const location = processLocation(container);
  if (location === null) return null;
  return pidsBelow(container.system, location.directory);
}

/** The pid of the cgroup's process that started first; null where there is none, and where it may be one that is hidden (hidepid). */
export function oldestProcess(container: Container): number | null {
  let oldest: number | null = null;
  let first = Number.POSITIVE_INFINITY;
  const unseen: number[] = [];
  for (const pid of cgroupPids(container) ?? []) {
    const start = attempt(container.system, `/proc/${pid}`, pidStat).value?.starttime;
    if (start === undefined) unseen.push(pid);
    else if (start < first) {
      first = start;
      oldest = pid;
    }
  }
  // One that has ended meanwhile is no longer listed; a capture is not written at one moment.
  const mayHide = unseen.length > 0 && container.system.source !== "replay";
  const hidden = mayHide && cgroupPids(container)?.some((pid) => unseen.includes(pid)) === true;
  return hidden ? null : oldest;
}

/** Any hierarchy lists processes; the ones that runtimes always use come first. */
function processLocation(container: Container): CgroupLocation | null {
  for (const controller of ["pids", "memory", "cpuacct", "unified"] as const) {
    const location = container.location(controller);
    if (location !== null) return location;
  }
  return null;
}

/**
 * Pids in `directory` and everything below it, each once. `wanted`: only of directories for which it says so.
 */
export function pidsBelow(
  system: System,
  directory: string,
  wanted: (directory: string) => boolean = () => true,
): number[] {
  const walk: Walk = { system, wanted, pids: [], ofThreads: new Set(), files: new Set() };
  collectPids(walk, directory, 0);
  if (walk.ofThreads.size > 0) {
    for (const pid of walk.pids) walk.ofThreads.delete(pid | 0);
    walk.pids.push(...walk.ofThreads);
  }
  return walk.pids;
}

interface Walk {
  readonly system: System;
  readonly wanted: (directory: string) => boolean;
  readonly pids: number[];
  /** Processes that threaded cgroups told by their threads; the domain above may have told them too. */
  readonly ofThreads: Set<number>;
  /** Names that turned out to be files: they are files in every other directory too, and are asked about only once. */
  readonly files: Set<string>;
}

function collectPids(walk: Walk, directory: string, depth: number): void {
  const { system, pids, files } = walk;
  if (walk.wanted(directory)) {
    const own = attempt(system, directory, cgroupProcs).value;
    if (own !== null) for (const pid of own) pids.push(pid);
    else collectThreaded(walk, directory);
  }
  if (depth >= DEPTH_MOST) return;
  const names = system.readDirectory(directory);
  if (typeof names === "number") return;
  for (const name of names) {
    // Interface files have a dot behind the controller's name; a directory may have one too (docker-ID.scope).
    if (files.has(name)) continue;
    const path = `${directory}/${name}`;
    const status = system.lstat(path);
    if (typeof status === "number") continue;
    if (isDirectory(status)) collectPids(walk, path, depth + 1);
    else files.add(name);
  }
}

/** A threaded cgroup (v2) tells its threads only; the processes that they belong to are those of its domain. */
function collectThreaded({ system, ofThreads }: Walk, directory: string): void {
  for (const tid of attempt(system, directory, cgroupThreads).value ?? []) {
    const pid = attempt(system, `/proc/${tid}`, pidStatus).value?.tgid;
    if (pid !== undefined) ofThreads.add(pid | 0);
  }
}
