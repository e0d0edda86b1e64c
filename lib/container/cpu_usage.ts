/**
 * CPU time that the container has used, in microseconds since its cgroup was made, and how often it was throttled.
 *
 * v2: cpu.stat (Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files"); v1: cpuacct.* and cpu.stat
 * (Documentation/admin-guide/cgroup-v1/cpuacct.rst, Documentation/scheduler/sched-bwc.rst). The machine: /proc/stat.
 */
import { cpuStat as cpuStatV1 } from "../cgroupfs/v1/cpu_stat.ts";
import { type CpuacctStat, cpuacctStat } from "../cgroupfs/v1/cpuacct_stat.ts";
import { cpuacctUsage } from "../cgroupfs/v1/cpuacct_usage.ts";
import { type CpuUsage, cpuacctUsageAll } from "../cgroupfs/v1/cpuacct_usage_all.ts";
import { cpuacctUsagePercpu } from "../cgroupfs/v1/cpuacct_usage_percpu.ts";
import { cpuStat as cpuStatV2 } from "../cgroupfs/v2/cpu_stat.ts";
import { attempt, whyMissing } from "../kernfile/kernel_file.ts";
import type { Container } from "./container.ts";

/** null: the kernel does not have the counter here. */
export interface CpuUsageSample {
  /** Seconds on the monotonic clock, taken right before and right after the counters were read. */
  readonly monotonicSeconds: number;
  readonly usageUsec: number | null;
  readonly userUsec: number | null;
  readonly systemUsec: number | null;
  /** v2 since Linux 6.11. */
  readonly niceUsec: number | null;
  /** By CPU number; v1 only. */
  readonly percpu: readonly PercpuUsage[] | null;
  readonly periods: number | null;
  readonly throttledPeriods: number | null;
  readonly throttledUsec: number | null;
  readonly bursts: number | null;
  readonly burstUsec: number | null;
  /** Inode of the cgroup directory: another one means another cgroup, whose counters began anew. */
  readonly inode: number | null;
  /** Path -> why it gave nothing. */
  readonly problems: readonly string[];
  readonly from: readonly string[];
}

export interface PercpuUsage {
  readonly cpu: number;
  readonly usageUsec: number;
  readonly userUsec: number | null;
  readonly systemUsec: number | null;
}

export interface CpuRate {
  readonly seconds: number;
  /** Cores: CPU seconds per second. */
  readonly usageCores: number | null;
  readonly userCores: number | null;
  readonly systemCores: number | null;
  readonly niceCores: number | null;
  /** Throttled periods / periods in the interval; null without a quota or when no period ended. */
  readonly throttledRatio: number | null;
  /** Time that threads were kept from running, per second. */
  readonly throttledSecondsPerSec: number | null;
}

const NOTHING = {
  usageUsec: null,
  userUsec: null,
  systemUsec: null,
  niceUsec: null,
  percpu: null,
  periods: null,
  throttledPeriods: null,
  throttledUsec: null,
  bursts: null,
  burstUsec: null,
  inode: null,
};

/** The counters of the container's cgroup. On the machine use /proc/stat instead (lib/container/machine_cpu.ts). */
export function readCpuUsage(container: Container): CpuUsageSample {
  const cpu = container.location("cpuacct") ?? container.location("unified");
  const monotonicSeconds = container.system.monotonicSeconds();
  if (cpu === null)
    return { ...NOTHING, monotonicSeconds, problems: ["no cpu cgroup can be seen"], from: [] };
  return cpu.version === 2
    ? readV2(container, cpu.directory, monotonicSeconds)
    : readV1(container, cpu.directory, monotonicSeconds);
}

/** Differences over the measured time. A counter that went backwards, or another cgroup, gives null. */
export function cpuRate(before: CpuUsageSample, after: CpuUsageSample): CpuRate {
  const seconds = after.monotonicSeconds - before.monotonicSeconds;
  const same = before.inode === after.inode;
  const delta = (a: number | null, b: number | null): number | null =>
    !same || a === null || b === null || b < a ? null : b - a;
  const cores = (a: number | null, b: number | null): number | null => {
    const used = delta(a, b);
    return used === null || seconds <= 0 ? null : used / 1e6 / seconds;
  };
  const periods = delta(before.periods, after.periods);
  const throttled = delta(before.throttledPeriods, after.throttledPeriods);
  const usageCores = cores(before.usageUsec, after.usageUsec);
  const [userCores, systemCores] = splitUsage(
    usageCores,
    cores(before.userUsec, after.userUsec),
    cores(before.systemUsec, after.systemUsec),
  );
  return {
    seconds,
    usageCores,
    userCores,
    systemCores,
    niceCores: cores(before.niceUsec, after.niceUsec),
    throttledRatio: periods === null || throttled === null || periods === 0 ? null : throttled / periods,
    throttledSecondsPerSec: cores(before.throttledUsec, after.throttledUsec),
  };
}

/**
 * User and system share of the exact usage. v1 counts them in ticks, so their sum is not the usage; v2's is. Where no tick fell
 * into the interval all of it counts as user time.
 */
function splitUsage(
  usage: number | null,
  user: number | null,
  system: number | null,
): readonly [user: number | null, system: number | null] {
  if (usage === null || user === null || system === null) return [user, system];
  const share = user + system > 0 ? user / (user + system) : 1;
  return [usage * share, usage * (1 - share)];
}

function readV2(container: Container, directory: string, monotonicSeconds: number): CpuUsageSample {
  const reading = attempt(container.system, directory, cpuStatV2);
  const stat = reading.value;
  return {
    monotonicSeconds,
    usageUsec: stat?.usage_usec ?? null,
    userUsec: stat?.user_usec ?? null,
    systemUsec: stat?.system_usec ?? null,
    niceUsec: stat?.nice_usec ?? null,
    percpu: null,
    periods: stat?.nr_periods ?? null,
    throttledPeriods: stat?.nr_throttled ?? null,
    throttledUsec: stat?.throttled_usec ?? null,
    bursts: stat?.nr_bursts ?? null,
    burstUsec: stat?.burst_usec ?? null,
    inode: inodeOf(container, directory),
    problems: stat === null ? [`${reading.path}: ${whyMissing(reading)}`] : [],
    from: [reading.path],
  };
}

function readV1(container: Container, directory: string, monotonicSeconds: number): CpuUsageSample {
  const { system } = container;
  const usage = attempt(system, directory, cpuacctUsage);
  const ticks = attempt(system, directory, cpuacctStat);
  // usage_all (since Linux 4.9) is the tick's count of user and system time; usage_percpu is exact, without the split.
  const all = attempt(system, directory, cpuacctUsageAll);
  const percpu = attempt(system, directory, cpuacctUsagePercpu);
  const cpu = container.location("cpu");
  const throttling = cpu === null || cpu.version !== 1 ? null : attempt(system, cpu.directory, cpuStatV1);
  const throttle = throttling?.value ?? null;
  const tickUsec = 1e6 / system.clockTicksPerSecond;
  const split = splitByMode(all.value, ticks.value, tickUsec);
  return {
    monotonicSeconds,
    usageUsec: usage.value,
    userUsec: split.userUsec,
    systemUsec: split.systemUsec,
    niceUsec: null,
    percpu:
      percpu.value?.map((usageUsec, cpu) => {
        // One line per possible CPU, in order.
        const modes = all.value?.[cpu];
        return { cpu, usageUsec, userUsec: modes?.userUsec ?? null, systemUsec: modes?.systemUsec ?? null };
      }) ?? null,
    periods: throttle?.nr_periods ?? null,
    throttledPeriods: throttle?.nr_throttled ?? null,
    throttledUsec: throttle?.throttledUsec ?? null,
    bursts: throttle?.nr_bursts ?? null,
    burstUsec: throttle?.burstUsec ?? null,
    inode: inodeOf(container, directory),
    problems: [usage, ticks]
      .filter((one) => one.value === null)
      .map((one) => `${one.path}: ${whyMissing(one)}`),
    from: [
      usage.path,
      all.value === null ? ticks.path : all.path,
      ...(throttling === null ? [] : [throttling.path]),
    ],
  };
}

/** User and system time: to the nanosecond from usage_all where the kernel has it, else in ticks. */
function splitByMode(
  all: readonly CpuUsage[] | null,
  ticks: CpuacctStat | null,
  tickUsec: number,
): { userUsec: number | null; systemUsec: number | null } {
  if (all !== null) {
    let userUsec = 0;
    let systemUsec = 0;
    for (const cpu of all) {
      userUsec += cpu.userUsec;
      systemUsec += cpu.systemUsec;
    }
    return { userUsec, systemUsec };
  }
  if (ticks === null) return { userUsec: null, systemUsec: null };
  return { userUsec: ticks.userTicks * tickUsec, systemUsec: ticks.systemTicks * tickUsec };
}

function inodeOf(container: Container, directory: string): number | null {
  const status = container.system.stat(directory);
  return typeof status === "number" ? null : status.ino;
}
