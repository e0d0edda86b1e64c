/**
 * How long the container runs: boot time now minus the start of its init (field 22 of /proc/1/stat, proc(5)).
 *
 * Both are counted from boot, suspend included, so that a changed wall clock has no effect.
 */
import { attempt, mustRead } from "../kernfile/kernel_file.ts";
import { pidStat } from "../procfs/pid_stat.ts";
import { uptime } from "../procfs/uptime.ts";
import { type Container, isVirtual } from "./container.ts";
import { type Figure, figure, type Term, term } from "./figure.ts";
import { initDirectory } from "./init.ts";
import { isRootCgroup } from "./root_cgroup.ts";

/** Seconds. Throws ReadError where /proc/uptime cannot be read. */
export function readUptime(container: Container): Figure {
  return container.kind === "machine" ? sinceBoot(container) : readInitAge(container);
}

/**
 * For how long the counters of block IO have counted, seconds: in the root cgroup since boot, whatever age this container's init has.
 * Throws ReadError where /proc/uptime cannot be read.
 */
export function readIoCountersAge(container: Container): Figure {
  return isRootCgroup(container, "io") ? sinceBoot(container) : readUptime(container);
}

function sinceBoot({ system }: Container): Figure {
  const { uptimeSeconds } = mustRead(system, "/proc", uptime);
  return figure(uptimeSeconds, "seconds since boot", [uptimeTerm(uptimeSeconds)]);
}

/** The age of the container's init, seconds. Throws ReadError where /proc/uptime cannot be read. */
export function readInitAge(container: Container): Figure {
  const { system } = container;
  // lxcfs writes the age of init; starttime stays the host's.
  if (isVirtual(container, "/proc/uptime")) return sinceBoot(container);
  const { uptimeSeconds } = mustRead(system, "/proc", uptime);
  const start = attempt(system, initDirectory(container), pidStat);
  const ticks = start.value?.starttime ?? null;
  const from = [uptimeTerm(uptimeSeconds), term(start, "starttime", ticks)];
  if (ticks === null) return figure(null, "uptime - starttime of init", from);
  const seconds = uptimeSeconds - ticks / system.clockTicksPerSecond;
  // starttime is counted in ticks, uptime in hundredths: a container just started may seem to start later.
  return figure(
    Math.round(Math.max(0, seconds) * 1e6) / 1e6,
    "uptime - starttime of init / ticks per second",
    from,
  );
}

function uptimeTerm(seconds: number): Term {
  return { path: "/proc/uptime", key: null, value: seconds, missing: null };
}
