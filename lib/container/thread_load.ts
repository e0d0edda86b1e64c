/**
 * The threads of the container that are active: what its load averages are made of. R and D, as the kernel counts them
 * (kernel/sched/loadavg.c); throttled threads show R in /proc and count here, frozen ones do not.
 */
import { freezerState } from "../cgroupfs/v1/freezer_state.ts";
import { cgroupEvents } from "../cgroupfs/v2/cgroup_events.ts";
import { attempt } from "../kernfile/kernel_file.ts";
import { countThreads } from "../procfs/thread_count.ts";
import { ENOENT } from "../system/errno.ts";
import type { Errno, System } from "../system/system.ts";
import type { Container } from "./container.ts";
import { cgroupPids, pidsBelow } from "./processes.ts";

export interface ThreadLoad {
  /** State R. */
  readonly runnable: number;
  /** State D. */
  readonly uninterruptible: number;
  /** Threads in frozen cgroups: not counted above. */
  readonly frozen: number;
  readonly threads: number;
  readonly processes: number;
  /** The highest thread number. */
  readonly lastPid: number;
}

/** Whose threads: those of the pid namespace, or, where that is shared, of the cgroup and everything below it. */
export function countsCgroup(container: Container): boolean {
  if (container.kind === "machine" || isRealRoot(container)) return false;
  return container.sharedPidNamespace || container.linesFrom !== "/proc/1/cgroup";
}

/** This process is left out, with all its threads. The errno when /proc cannot be read. */
export function readThreadLoad(container: Container): ThreadLoad | Errno {
  const { system } = container;
  const pids = countsCgroup(container) ? cgroupPids(container) : null;
  const self = ownPid(system);
  const counted = countThreads(system, "/proc", self, pids === null ? null : Float64Array.from(pids));
  if (typeof counted === "number") return counted;
  // Nobody runs where not even this process is shown: a directory that is no procfs.
  if (counted.threads === 0 && system.source === "live" && typeof system.readLink("/proc/self") === "number")
    return ENOENT;
  if (isFrozen(container)) return { ...counted, runnable: 0, uninterruptible: 0, frozen: counted.threads };
  // A frozen thread shows D (v1); v2 freezes in S.
  const frozen = counted.uninterruptible === 0 ? null : frozenBelow(container, self);
  if (frozen === null) return { ...counted, frozen: 0 };
  return {
    ...counted,
    uninterruptible: Math.max(0, counted.uninterruptible - frozen.uninterruptible),
    frozen: frozen.threads,
  };
}

/** Our number in the /proc that is read, which may belong to another pid namespace; 0: it is not ours (a capture without its reader). */
export function ownPid(system: System): number {
  const link = system.readLink("/proc/self");
  if (typeof link === "string" && /^\d+$/.test(link)) return Number(link);
  return system.source === "live" ? system.pid : 0;
}

/** --cgroup / on a host: the whole machine, kernel threads included. */
function isRealRoot(container: Container): boolean {
  const location = container.location("pids") ?? container.location("unified");
  return location?.complete === true && location.chain.length === 1;
}

export function isFrozen(container: Container): boolean {
  if (container.kind === "machine") return false;
  const location = container.location("freezer");
  if (location === null) return false;
  const { system } = container;
  if (location.version === 2) return attempt(system, location.directory, cgroupEvents).value?.frozen === 1;
  const state = attempt(system, location.directory, freezerState).value;
  return state === "FROZEN" || state === "FREEZING";
}

/** Threads of frozen cgroups below the container's (a paused container in a container). v1 only; null: there are none. */
function frozenBelow(
  container: Container,
  self: number,
): { readonly uninterruptible: number; readonly threads: number } | null {
  const location = container.location("freezer");
  if (location === null || location.version !== 1) return null;
  const { system } = container;
  const pids = pidsBelow(
    system,
    location.directory,
    (directory) =>
      directory !== location.directory && attempt(system, directory, freezerState).value === "FROZEN",
  );
  if (pids.length === 0) return null;
  const counted = countThreads(system, "/proc", self, Float64Array.from(pids));
  return typeof counted === "number" ? null : counted;
}
