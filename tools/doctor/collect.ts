/** What doctor looks at. Each check stands alone: one that cannot look says so and the rest go on. */
import type { Controller } from "../../lib/cgroupfs/locate.ts";
import { memoryKmemUsageInBytes } from "../../lib/cgroupfs/v1/memory_kmem.ts";
import { memoryStat as memoryStatV1 } from "../../lib/cgroupfs/v1/memory_stat.ts";
import { memoryUsageInBytes } from "../../lib/cgroupfs/v1/memory_usage_in_bytes.ts";
import { type Container, lineFor } from "../../lib/container/container.ts";
import { readCpuLimit } from "../../lib/container/cpu_limit.ts";
import type { LimitFigure } from "../../lib/container/figure.ts";
import { type LoadReading, readLoadOrAsk } from "../../lib/container/load.ts";
import { collectMemory, computeMemory } from "../../lib/container/memory.ts";
import { readPids } from "../../lib/container/pids.ts";
import { cgroupPids } from "../../lib/container/processes.ts";
import { runDirectory } from "../../lib/container/registration.ts";
import { attempt, isAbsent, ReadError, whyMissing } from "../../lib/kernfile/kernel_file.ts";
import { ParseError } from "../../lib/kernfile/parse_error.ts";
import { meminfo } from "../../lib/procfs/meminfo.ts";
import { pidStat } from "../../lib/procfs/pid_stat.ts";
import { pidStatus } from "../../lib/procfs/pid_status.ts";
import { ENOENT, errnoText } from "../../lib/system/errno.ts";
import type { Check } from "./render.ts";

const CONTROLLERS: readonly Controller[] = ["memory", "cpu", "cpuacct", "cpuset", "io", "pids", "freezer"];

const MOUNT_ADVICE =
  "mount cgroupfs in the container, read-only is enough (-v /sys/fs/cgroup:/sys/fs/cgroup:ro with --cgroupns host), or " +
  "register it from the host: procg host register";

const REGISTER_ADVICE =
  "procg host register, on the host, tells the limits of the parents that cannot be seen from here";

export async function examine(container: Container): Promise<Check[]> {
  const load = await readLoadOrAsk(container);
  const checks: Check[] = [
    { name: "subject", status: "ok", found: `${container.kind}: ${container.because}`, advice: null },
    procCheck(container),
  ];
  if (container.kind === "machine") {
    checks.push(loadCheck(load));
    return checks;
  }
  for (const controller of CONTROLLERS) checks.push(controllerCheck(container, controller));
  checks.push(memoryCheck(container), cpuCheck(container), pidsCheck(container));
  checks.push(...accountingChecks(container));
  checks.push(registrationCheck(container), loadCheck(load), runDirectoryCheck(container));
  checks.push(pressureCheck(container), processesCheck(container), virtualCheck(container));
  return checks;
}

/** Without it no tool has anything to say. */
function procCheck({ system }: Container): Check {
  const reading = attempt(system, "/proc", meminfo);
  const found = reading.value === null ? `${reading.path}: ${whyMissing(reading)}` : reading.path;
  return reading.value === null
    ? { name: "/proc", status: "gap", found, advice: "mount proc on /proc" }
    : { name: "/proc", status: "ok", found, advice: null };
}

function controllerCheck(container: Container, controller: Controller): Check {
  const name = `cgroup ${controller}`;
  const location = container.location(controller);
  if (location !== null) {
    const hidden = location.complete ? "up to the root" : "parents hidden";
    return {
      name,
      status: "ok",
      found: `v${location.version} ${location.directory} (${hidden})`,
      advice: null,
    };
  }
  const line = lineFor(container, controller);
  const found = line === null ? `not in ${container.linesFrom}` : `in ${line.path}, but no mount shows it`;
  // Without a freezer nothing is frozen by it; a missing cpuset leaves the affinity.
  const needed = controller !== "freezer" && controller !== "cpuset";
  return { name, status: needed ? "gap" : "note", found, advice: needed ? MOUNT_ADVICE : null };
}

function limitCheck(container: Container, name: string, limit: LimitFigure, unit: string): Check {
  if (limit.value === null) {
    const refused = limit.from.find((term) => term.missing !== null && !term.missing.startsWith("absent"));
    const found = refused === undefined ? "not known" : `not known: ${refused.path}: ${refused.missing}`;
    return { name, status: "gap", found, advice: refused === undefined ? MOUNT_ADVICE : null };
  }
  const value = limit.value === "max" ? "none" : `${limit.value}${unit}`;
  if (limit.complete) return { name, status: "ok", found: `${value}, exact`, advice: null };
  const registered = container.registration().registration !== null;
  const found = `${value} in what is visible; a hidden parent may be tighter`;
  return { name, status: "note", found, advice: registered ? null : REGISTER_ADVICE };
}

function memoryCheck(container: Container): Check {
  const name = "memory limit";
  try {
    return limitCheck(container, name, computeMemory(collectMemory(container)).limit, " bytes");
  } catch (error) {
    if (!(error instanceof ReadError || error instanceof ParseError)) throw error;
    return { name, status: "gap", found: error.message, advice: null };
  }
}

function cpuCheck(container: Container): Check {
  return limitCheck(container, "cpu quota", readCpuLimit(container).quota, " cores");
}

function pidsCheck(container: Container): Check {
  return limitCheck(container, "pids limit", readPids(container).limit, " tasks");
}

/** Counters are charged in batches of 64 pages per CPU (MEMCG_CHARGE_BATCH); more than this on v1 is a real difference. */
const BATCH_BYTES = 64 * 4096 * 64;

/** v1: usage_in_bytes against what it is made of, and against what the processes hold. */
function accountingChecks(container: Container): Check[] {
  const location = container.location("memory");
  if (location === null || location.version !== 1) return [];
  const { system } = container;
  const usage = attempt(system, location.directory, memoryUsageInBytes).value;
  const stat = attempt(system, location.directory, memoryStatV1).value;
  // Before Linux 3.8 kernel memory is not charged, and there is no such file: it is no part of the usage.
  const kmem = attempt(system, location.directory, memoryKmemUsageInBytes);
  const kernel = kmem.value ?? (isAbsent(kmem.errno) ? 0 : null);
  const rss = stat?.total_rss;
  const cache = stat?.total_cache;
  if (usage === null || rss === undefined || cache === undefined || kernel === null) return [];
  const sum = rss + cache + kernel;
  const checks: Check[] = [];
  const off = Math.abs(usage - sum) > Math.max(BATCH_BYTES, usage / 5);
  checks.push({
    name: "memory usage",
    status: off ? "gap" : "ok",
    found: `usage_in_bytes ${usage}, rss + cache + kmem ${sum}`,
    advice: off
      ? "the counters disagree: children without use_hierarchy, or pages charged elsewhere; trust rss + cache"
      : null,
  });
  const held = residentAnonBytes(container);
  if (held !== null) {
    const far = Math.abs(held - rss) > Math.max(BATCH_BYTES, rss / 5);
    checks.push({
      name: "processes' memory",
      status: far ? "note" : "ok",
      found: `anonymous memory of all processes ${held} bytes, total_rss ${rss}`,
      advice: far
        ? "pages are charged to the cgroup that touched them first, and stay there when a process moves"
        : null,
    });
  }
  return checks;
}

function residentAnonBytes(container: Container): number | null {
  const pids = cgroupPids(container);
  if (pids === null) return null;
  let sum = 0;
  for (const pid of pids) {
    const status = attempt(container.system, `/proc/${pid}`, pidStatus).value;
    if (status === null) {
      // It has ended; or it is there, and does not tell.
      if (attempt(container.system, `/proc/${pid}`, pidStat).value !== null) return null;
      continue;
    }
    // Kernel threads have no memory; before Linux 4.5 there is no RssAnon.
    if (status.rssAnonBytes === null && status.vmRssBytes !== null) return null;
    sum += status.rssAnonBytes ?? 0;
  }
  return sum;
}

function registrationCheck(container: Container): Check {
  const { path, registration, problem } = container.registration();
  const name = "registration";
  if (registration !== null)
    return { name, status: "ok", found: `${path}, ${registration.registeredAt ?? "no date"}`, advice: null };
  if (problem === null) return { name, status: "note", found: `no ${path}`, advice: REGISTER_ADVICE };
  return {
    name,
    status: "gap",
    found: `${path}: ignored, ${problem}`,
    advice: "register again: procg host register",
  };
}

function loadCheck({ load, source, path, problem }: LoadReading): Check {
  const name = "load average";
  if (load !== null) return { name, status: "ok", found: `${source}: ${path}`, advice: null };
  return {
    name,
    status: "gap",
    found: problem ?? "not known",
    advice: "start loadcalc (supervisord, or any init)",
  };
}

function runDirectoryCheck({ system }: Container): Check {
  const path = runDirectory(system);
  const status = system.stat(path);
  if (typeof status !== "number") return { name: "run directory", status: "ok", found: path, advice: null };
  const found = `${path}: ${errnoText(status)}`;
  if (status === ENOENT)
    return { name: "run directory", status: "note", found, advice: "loadcalc makes it at its start" };
  return { name: "run directory", status: "gap", found, advice: "PROCG_RUN names another directory" };
}

function pressureCheck(container: Container): Check {
  const name = "pressure (PSI)";
  const location = container.location("unified");
  const path = location === null ? null : `${location.directory}/cpu.pressure`;
  if (path !== null && location?.version === 2 && typeof container.system.readText(path) === "string") {
    return { name, status: "ok", found: path, advice: null };
  }
  const found = "the kernel keeps none for this cgroup (v1, psi=0, or before Linux 4.20)";
  return { name, status: "note", found, advice: null };
}

/** hidepid and dropped capabilities hide processes: counts below pids.current are incomplete. */
function processesCheck(container: Container): Check {
  const name = "processes";
  const names = container.system.readDirectory("/proc");
  if (typeof names === "number")
    return { name, status: "gap", found: `/proc: ${errnoText(names)}`, advice: "mount /proc" };
  const pids = names.filter((entry) => entry >= "1" && entry < ":");
  let threads = 0;
  for (const pid of pids)
    threads += attempt(container.system, `/proc/${pid}`, pidStat).value?.num_threads ?? 0;
  const current = readPids(container).current.value;
  const found = `${pids.length} visible with ${threads} threads, pids.current ${current ?? "-"}`;
  const hidden = !container.sharedPidNamespace && current !== null && threads + 2 < current;
  return {
    name,
    status: hidden ? "gap" : "ok",
    found,
    advice: hidden ? "processes are hidden: run as root, or mount /proc without hidepid" : null,
  };
}

function virtualCheck(container: Container): Check {
  const name = "virtual /proc";
  const { virtual } = container;
  if (virtual === null) return { name, status: "ok", found: "no: the files are the kernel's", advice: null };
  const used =
    virtual.by === "lxcfs" && container.location("memory") !== null
      ? "where the cgroup's own files can be seen they are used instead"
      : "its numbers are used as they are";
  const where = virtual.paths.length === 0 ? "all of /proc" : virtual.paths.join(" ");
  return {
    name,
    status: "note",
    found: `${virtual.by} serves ${where}; ${used}`,
    advice: null,
  };
}
