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
import { oldestProcess } from "./processes.ts";

/** Seconds. Throws ReadError where /proc/uptime cannot be read. */
export function readUptime(container: Container): Figure {
  if (container.kind === "machine" || isVirtual(container, "/proc/uptime")) {
    const { uptimeSeconds } = mustRead(container.system, "/proc", uptime);
    return figure(uptimeSeconds, "seconds since boot", [uptimeTerm(uptimeSeconds)]);
  }
  return readInitAge(container);
}

/** The age of the container's init, seconds. Throws ReadError where /proc/uptime cannot be read. */
export function readInitAge(container: Container): Figure {
  const { system } = container;
  const { uptimeSeconds } = mustRead(system, "/proc", uptime);
  const start = attempt(system, initOf(container), pidStat);
  const ticks = start.value?.starttime ?? null;
  const from = [uptimeTerm(uptimeSeconds), term(start, "starttime", ticks)];
  if (ticks === null) return figure(null, "uptime - starttime of init", from);
  const seconds = uptimeSeconds - ticks / system.clockTicksPerSecond;
  // starttime is counted in ticks, uptime in hundredths: a container just started may seem to start later.
  return figure(Math.max(0, seconds), "uptime - starttime of init / ticks per second", from);
}

function uptimeTerm(seconds: number): Term {
  return { path: "/proc/uptime", key: null, value: seconds, missing: null };
}

/** /proc/PID of the container's init: pid 1, or with a shared pid namespace the oldest process of its cgroup. */
function initOf(container: Container): string {
  const shared = container.kind === "container" && container.sharedPidNamespace;
  if (!shared && container.linesFrom !== "--cgroup") return "/proc/1";
  const oldest = oldestProcess(container);
  return oldest === null ? "/proc/0" : `/proc/${oldest}`;
}
