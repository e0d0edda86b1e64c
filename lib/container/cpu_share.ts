/**
 * What the CPUs did between two looks, as parts of what the container could use: user, nice, system, idle and the rest.
 *
 * The machine: /proc/stat, in clock ticks. A container: the CPU time of its cgroup against capacity x elapsed time, in microseconds,
 * so that one which burns its whole quota is 0 % idle. Waiting for IO, interrupts and stolen time have no per-cgroup source: 0 there.
 */
import { attempt, type Reading, whyMissing } from "../kernfile/kernel_file.ts";
import { type CpuTicks, type ProcStat, procStat } from "../procfs/stat.ts";
import { type Container, isServedAnswer } from "./container.ts";
import { type CpuLimitModel, readCpuLimit } from "./cpu_limit.ts";
import { type CpuRate, type CpuUsageSample, cpuRate, readCpuUsage } from "./cpu_usage.ts";
import { isRootCgroup } from "./root_cgroup.ts";
import { readUptime } from "./uptime.ts";

/** One look. */
export interface CpuShareSample {
  /** Seconds on the monotonic clock. */
  readonly monotonicSeconds: number;
  /** /proc/stat where it is the answer: the machine, --host, gVisor, lxcfs without a cgroup to be seen. */
  readonly proc: Reading<ProcStat> | null;
  /** null where /proc/stat is the answer. */
  readonly cgroup: {
    readonly usage: CpuUsageSample;
    readonly limit: CpuLimitModel;
    /** Seconds since the container's start; null: not known. */
    readonly uptimeSeconds: number | null;
  } | null;
  readonly source: "machine" | "cgroup" | "lxcfs" | "gvisor" | "fuse";
}

/** Time by what it was spent on; all in one unit (ticks or microseconds): only the proportions count. */
export interface CpuShare {
  /** Without nice; on the machine with guest time, as the kernel counts it. */
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly irq: number;
  readonly softirq: number;
  readonly steal: number;
  /** Contained in user and nice. */
  readonly guest: number;
  readonly guestNice: number;
  /** What 100 % means: the sum; for a cgroup capacity x time, which bursts and rounding may exceed. */
  readonly total: number;
}

export interface NumberedCpuShare extends CpuShare {
  readonly cpu: number;
}

export interface CpuShareModel {
  readonly source: CpuShareSample["source"];
  /** Length of the interval; null: since the start. */
  readonly seconds: number | null;
  /** null: not known. */
  readonly total: CpuShare | null;
  /** By CPU, with the real CPU numbers; null where the kernel has no such figures (v2). */
  readonly cpus: readonly NumberedCpuShare[] | null;
  /** Cores that the shares are of; null on the machine, whose ticks say it themselves, and where it is not known. */
  readonly capacityCores: number | null;
  /** Cores used and throttling in the interval; null on the machine, and for a report since the start. */
  readonly rate: CpuRate | null;
  /** Why `total` is null. */
  readonly problem: string | null;
}

export function collectCpuShare(container: Container): CpuShareSample {
  const { system } = container;
  const monotonicSeconds = system.monotonicSeconds();
  const virtual = isServedAnswer(container, "/proc/stat", "cpuacct");
  if (container.kind === "machine" || virtual || isRootCgroup(container, "cpuacct")) {
    const source = virtual ? (container.virtual?.by ?? "machine") : "machine";
    return { monotonicSeconds, proc: attempt(system, "/proc", procStat), cgroup: null, source };
  }
  return {
    monotonicSeconds,
    proc: null,
    cgroup: {
      usage: readCpuUsage(container),
      limit: readCpuLimit(container),
      uptimeSeconds: readUptime(container).value,
    },
    source: "cgroup",
  };
}

/** @param before null: since the start of the container, or since boot */
export function computeCpuShare(before: CpuShareSample | null, after: CpuShareSample): CpuShareModel {
  const seconds = before === null ? null : after.monotonicSeconds - before.monotonicSeconds;
  return after.cgroup === null
    ? fromProc(before, after, after.proc, seconds)
    : fromCgroup(before, after, after.cgroup, seconds);
}

/** One part of the whole; null when nothing passed. */
export function shareRatio(share: CpuShare, part: keyof CpuShare): number | null {
  return share.total > 0 ? share[part] / share.total : null;
}

const PARTS = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"] as const;

const NO_TICKS: CpuTicks = {
  user: 0,
  nice: 0,
  system: 0,
  idle: 0,
  iowait: 0,
  irq: 0,
  softirq: 0,
  steal: 0,
  guest: 0,
  guest_nice: 0,
};

function fromProc(
  before: CpuShareSample | null,
  after: CpuShareSample,
  reading: Reading<ProcStat> | null,
  seconds: number | null,
): CpuShareModel {
  const stat = reading?.value ?? null;
  const last = before?.proc?.value ?? null;
  const base = { source: after.source, seconds, capacityCores: null, rate: null };
  if (reading === null || stat === null) {
    const problem = reading === null ? "not read" : `${reading.path}: ${whyMissing(reading)}`;
    return { ...base, total: null, cpus: null, problem };
  }
  if (before !== null && last === null) {
    return { ...base, total: null, cpus: null, problem: "the look before gave nothing" };
  }
  return {
    ...base,
    total: ticksBetween(last?.total ?? NO_TICKS, stat.total),
    cpus: stat.cpus.map((ticks) => ({
      cpu: ticks.cpu,
      ...ticksBetween(last?.cpus.find((one) => one.cpu === ticks.cpu) ?? NO_TICKS, ticks),
    })),
    problem: null,
  };
}

/** A counter that went backwards (iowait and idle may, by a tick) counts as not having moved. */
function ticksBetween(before: CpuTicks, after: CpuTicks): CpuShare {
  const moved = (key: keyof CpuTicks): number => Math.max(0, after[key] - before[key]);
  let total = 0;
  for (const part of PARTS) total += moved(part);
  return {
    user: moved("user"),
    nice: moved("nice"),
    system: moved("system"),
    idle: moved("idle"),
    iowait: moved("iowait"),
    irq: moved("irq"),
    softirq: moved("softirq"),
    steal: moved("steal"),
    guest: moved("guest"),
    guestNice: moved("guest_nice"),
    total,
  };
}

function fromCgroup(
  before: CpuShareSample | null,
  after: CpuShareSample,
  { usage, limit, uptimeSeconds }: NonNullable<CpuShareSample["cgroup"]>,
  seconds: number | null,
): CpuShareModel {
  const last = before?.cgroup?.usage ?? null;
  const capacityCores = limit.capacityCores.value;
  const rate = last === null ? null : cpuRate(last, usage);
  const elapsed = last === null ? uptimeSeconds : (rate?.seconds ?? null);
  const base = { source: after.source, seconds, capacityCores, rate };
  const unknown = (problem: string): CpuShareModel => ({ ...base, total: null, cpus: null, problem });
  if (before !== null && last === null) return unknown("the look before gave nothing");
  if (capacityCores === null) return unknown("neither CPUs nor quota are known");
  if (elapsed === null) return unknown("the start of the container is not known");
  if (last !== null && last.inode !== usage.inode) return unknown("the cgroup was made anew");
  const used = usedBetween(last, usage);
  if (used === null) return unknown(usage.problems[0] ?? "a counter is missing or went backwards");
  return {
    ...base,
    total: shareOf(used, capacityCores * elapsed * 1e6),
    cpus: percpuShares(last, usage, limit.cpus, used, elapsed * 1e6),
    problem: null,
  };
}

interface Used {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
}

/** Microseconds. `last` null: since the cgroup was made. */
function usedBetween(last: CpuUsageSample | null, now: CpuUsageSample): Used | null {
  const moved = (a: number | null | undefined, b: number | null): number | null => {
    if (b === null) return null;
    if (last === null) return b;
    return a === null || a === undefined || b < a ? null : b - a;
  };
  const whole = moved(last?.usageUsec, now.usageUsec);
  const user = moved(last?.userUsec, now.userUsec);
  const system = moved(last?.systemUsec, now.systemUsec);
  const split = splitExactly(whole, user, system);
  if (split === null) return null;
  // nice_usec is contained in user_usec.
  const nice = Math.min(moved(last?.niceUsec, now.niceUsec) ?? 0, split.user);
  return { user: split.user - nice, nice, system: split.system };
}

/**
 * usage is exact to the nanosecond; user and system may be sampled by ticks (v1): they only say how to divide it, as the
 * kernel itself does for v2 (cputime_adjust).
 */
function splitExactly(
  whole: number | null,
  user: number | null,
  system: number | null,
): { user: number; system: number } | null {
  if (user === null || system === null) return whole === null ? null : { user: whole, system: 0 };
  if (whole === null) return { user, system };
  const sampled = user + system;
  if (sampled === 0) return { user: whole, system: 0 };
  const systemPart = (whole * system) / sampled;
  return { user: whole - systemPart, system: systemPart };
}

function shareOf(used: Used, total: number): CpuShare {
  return {
    ...used,
    idle: Math.max(0, total - used.user - used.nice - used.system),
    iowait: 0,
    irq: 0,
    softirq: 0,
    steal: 0,
    guest: 0,
    guestNice: 0,
    total,
  };
}

/** v1: cpuacct.usage_all, before Linux 4.12 usage_percpu, which is divided as the whole is. CPUs of the cpuset only. */
function percpuShares(
  last: CpuUsageSample | null,
  now: CpuUsageSample,
  cpus: readonly number[] | null,
  whole: Used,
  totalUsec: number,
): NumberedCpuShare[] | null {
  if (now.percpu === null) return null;
  const shares: NumberedCpuShare[] = [];
  const all = whole.user + whole.nice + whole.system;
  for (const one of now.percpu) {
    if (cpus !== null && !cpus.includes(one.cpu)) continue;
    const before = last?.percpu?.find((other) => other.cpu === one.cpu);
    if (last !== null && before === undefined) continue;
    const usage = one.usageUsec - (before?.usageUsec ?? 0);
    if (usage < 0) continue;
    const user = one.userUsec === null ? null : one.userUsec - (before?.userUsec ?? 0);
    const system = one.systemUsec === null ? null : one.systemUsec - (before?.systemUsec ?? 0);
    const systemPart = all > 0 ? (usage * whole.system) / all : 0;
    const used =
      user === null || system === null || user < 0 || system < 0
        ? { user: usage - systemPart, nice: 0, system: systemPart }
        : { user, nice: 0, system };
    shares.push({ cpu: one.cpu, ...shareOf(used, totalUsec) });
  }
  return shares;
}
