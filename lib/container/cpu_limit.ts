/** How many CPUs the container may use: cpuset, affinity and quota. */
import { cpuCfsPeriodUs, cpuCfsQuotaUs } from "../cgroupfs/v1/cpu_cfs.ts";
import { cpusetCpus as cpusetCpusV1, cpusetEffectiveCpus } from "../cgroupfs/v1/cpuset_cpus.ts";
import { cpuMax } from "../cgroupfs/v2/cpu_max.ts";
import { cpusetCpusEffective } from "../cgroupfs/v2/cpuset_cpus.ts";
import { attempt, attemptText, type KernelFile, type Reading } from "../kernfile/kernel_file.ts";
import { cpuOnline } from "../procfs/cpu_lists.ts";
import { pidStatus } from "../procfs/pid_status.ts";
import { procStat } from "../procfs/stat.ts";
import type { System } from "../system/system.ts";
import { type Container, isVirtual } from "./container.ts";
import { type Figure, figure, type LimitFigure, type Term, term } from "./figure.ts";
import { type LimitCandidate, limitCandidate, minimumLimit } from "./limit.ts";

export interface CpuLimitModel {
  /** Cores: quota / period, the smallest of the visible cgroups. "max": none in what is visible. */
  readonly quota: LimitFigure;
  /** Why the quota may be tighter than it seems, "FILE: REASON"; null: nothing refused to be read. */
  readonly quotaUnread: string | null;
  /** The CPUs that the container's threads may run on; null: not known. */
  readonly cpus: readonly number[] | null;
  readonly cpusFrom: readonly Term[];
  /** min(number of cpus, quota): what 100 % means. */
  readonly capacityCores: Figure;
  /** CPUs of the machine that are online. */
  readonly hostCpus: Figure;
  /** CPUs that the calling thread may run on, by sched_getaffinity(2); null in a replay. */
  readonly affinity: readonly number[] | null;
}

export function readCpuLimit(container: Container): CpuLimitModel {
  const { system } = container;
  const online = attempt(system, "/sys/devices/system/cpu", cpuOnline);
  // lxcfs renumbers the CPUs from 0: its list does not fit the cpuset's, and does not tell of the machine.
  const renumbered = isVirtual(container, online.path) && container.virtual?.by !== "gvisor";
  const host = renumbered
    ? figure(null, "online CPUs", [{ path: online.path, key: null, value: null, missing: SERVED }])
    : hostCpus(system, online);
  const affinity = system.affinity();
  const set = container.kind === "machine" ? null : cpusetOf(container);
  const allowed = set?.value ?? affinity ?? allowedList(container);
  // Cpus_allowed_list and a v1 cpuset may still name a CPU that is offline.
  const cpus =
    allowed === null || online.value === null || renumbered
      ? allowed
      : allowed.filter((cpu) => online.value?.includes(cpu));
  const { quota, unread } = quotaOf(container);
  const cpusTerm: Term =
    set === null
      ? {
          path: "sched_getaffinity(2)",
          key: null,
          value: cpus === null ? null : cpus.length,
          missing: cpus === null ? "cannot be asked here" : null,
        }
      : term(set, null, cpus === null ? null : cpus.join(","));
  return {
    quota,
    quotaUnread: unread,
    cpus,
    cpusFrom: [cpusTerm],
    capacityCores: figure(capacity(cpus, quota), "min(CPUs of the cpuset, quota / period)", [
      cpusTerm,
      ...quota.from,
    ]),
    hostCpus: host,
    affinity,
  };
}

const SERVED = "the container's, renumbered from 0";

function capacity(cpus: readonly number[] | null, quota: LimitFigure): number | null {
  if (cpus === null || cpus.length === 0) return typeof quota.value === "number" ? quota.value : null;
  return typeof quota.value === "number" ? Math.min(cpus.length, quota.value) : cpus.length;
}

function hostCpus(system: System, online: Reading<readonly number[]>): Figure {
  if (online.value !== null)
    return figure(online.value.length, "online CPUs", [term(online, null, online.value.length)]);
  const stat = attempt(system, "/proc", procStat);
  const count = stat.value?.cpus.length ?? null;
  return figure(count, "cpuN lines", [term(stat, "cpuN", count)]);
}

/** v2 cpuset.cpus.effective, v1 cpuset.effective_cpus or cpuset.cpus, from the nearest directory that has it. */
function cpusetOf(container: Container): Reading<readonly number[]> | null {
  const location = container.location("cpuset");
  if (location === null) return null;
  const files: readonly KernelFile<readonly number[]>[] =
    location.version === 2 ? [cpusetCpusEffective] : [cpusetEffectiveCpus, cpusetCpusV1];
  for (const directory of location.chain) {
    for (const file of files) {
      const reading = attempt(container.system, directory, file);
      if (reading.value !== null && reading.value.length > 0) return reading;
    }
  }
  return null;
}

function allowedList(container: Container): readonly number[] | null {
  return attempt(container.system, container.selfDirectory, pidStatus).value?.cpusAllowedList ?? null;
}

/** The smallest quota over the visible chain, as coreutils 9.8 does for v2; the same for v1. */
function quotaOf(container: Container): { readonly quota: LimitFigure; readonly unread: string | null } {
  const formula = "minimum of quota / period over the visible cgroups";
  if (container.kind === "machine") {
    const formula = "the machine has no quota";
    return { quota: { value: "max", complete: true, source: null, formula, from: [] }, unread: null };
  }
  const location = container.location("cpu");
  const told = container.registration();
  const cores = told.registration?.hiddenLimits.cpuCores ?? null;
  const hidden: LimitCandidate | null =
    cores === null
      ? null
      : {
          value: cores,
          term: { path: told.path, key: "hiddenLimits.cpuCores", value: cores, missing: null },
        };
  if (location === null) {
    return { quota: minimumLimit([], false, hidden, formula), unread: mountsUnread(container) };
  }
  const candidates = location.chain.map((directory) =>
    location.version === 2 ? quotaV2(container.system, directory) : quotaV1(container.system, directory),
  );
  const own = candidates[0]?.value ?? null;
  // v1 refuses a child above its parent, so an own quota is exact.
  const exact = location.version === 1 && typeof own === "number";
  const refused = candidates.find((candidate) => candidate.unread === true)?.term;
  return {
    quota: minimumLimit(candidates, location.complete || exact, hidden, formula),
    unread: refused === undefined ? null : `${refused.path}: ${refused.missing}`,
  };
}

/** No cgroup is found where the list of mounts cannot be read; a system without /proc has none. */
function mountsUnread(container: Container): string | null {
  const reading = attemptText(
    container.mountinfo?.() ?? "",
    `${container.selfDirectory}/mountinfo`,
    ANY_TEXT,
  );
  return reading.problem === null ? null : `${reading.path}: ${reading.problem}`;
}

const ANY_TEXT: KernelFile<string> = { name: "mountinfo", parse: (text) => text };

function quotaV2(system: System, directory: string): LimitCandidate {
  const reading = attempt(system, directory, cpuMax);
  const max = reading.value;
  const value =
    max === null
      ? null
      : max.quotaUsec === "max" || max.periodUsec === 0
        ? "max"
        : max.quotaUsec / max.periodUsec;
  const text = max === null ? null : `${max.quotaUsec} ${max.periodUsec}`;
  return { value, term: term(reading, null, text), unread: reading.problem !== null };
}

function quotaV1(system: System, directory: string): LimitCandidate {
  const quota = attempt(system, directory, cpuCfsQuotaUs);
  if (quota.value === null || quota.value === "max") return limitCandidate(quota);
  const period = attempt(system, directory, cpuCfsPeriodUs);
  // A quota of nobody knows how long.
  if (period.value === null) return { value: null, term: term(period, null, null), unread: true };
  const value = period.value === 0 ? "max" : quota.value / period.value;
  return { value, term: term(quota, null, `${quota.value} / ${period.value}`) };
}
