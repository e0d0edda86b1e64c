/** What changed between two looks, per second; or since the start. Pure. */
import { type CpuShare, type CpuShareModel, computeCpuShare } from "../../lib/container/cpu_share.ts";
import type { PressureKind } from "../../lib/container/pressure.ts";
import type { VmstatSample } from "./collect.ts";

export interface VmstatModel {
  /** null: since the start. */
  readonly intervalSeconds: number | null;
  readonly now: VmstatSample;
  readonly swapInBytesPerSec: number | null;
  readonly swapOutBytesPerSec: number | null;
  readonly readBytesPerSec: number | null;
  readonly writtenBytesPerSec: number | null;
  readonly interruptsPerSec: number | null;
  readonly contextSwitchesPerSec: number | null;
  readonly cpu: CpuShareModel;
  /** Parts of 1, with what the columns add up: us = user + nice, sy = system + irq + softirq. */
  readonly userRatio: number | null;
  readonly systemRatio: number | null;
  readonly idleRatio: number | null;
  readonly iowaitRatio: number | null;
  readonly stealRatio: number | null;
  readonly guestRatio: number | null;
  /** Share of the time in which some task waited; null where the kernel does not tell. */
  readonly pressureRatio: Readonly<Record<PressureKind, number | null>> | null;
  readonly throttledRatio: number | null;
}

/** @param before null: since the start of the container, or since boot */
export function computeVmstat(before: VmstatSample | null, now: VmstatSample): VmstatModel {
  const cpu = computeCpuShare(before?.cpu ?? null, now.cpu);
  const seconds = before === null ? now.countedSeconds : cpu.seconds;
  const sameIo = before === null || before.ioInode === now.ioInode;
  const perSec = (key: CounterKey): number | null => {
    const value = now[key];
    const last = before === null ? 0 : before[key];
    if (value === null || last === null || value < last || seconds === null || seconds <= 0) return null;
    return (value - last) / seconds;
  };
  const share = cpu.total;
  const ratio = (parts: (share: CpuShare) => number): number | null =>
    share === null || share.total <= 0 ? null : parts(share) / share.total;
  return {
    intervalSeconds: before === null ? null : cpu.seconds,
    now,
    swapInBytesPerSec: perSec("swappedInBytes"),
    swapOutBytesPerSec: perSec("swappedOutBytes"),
    readBytesPerSec: sameIo ? perSec("readBytes") : null,
    writtenBytesPerSec: sameIo ? perSec("writtenBytes") : null,
    interruptsPerSec: perSec("interrupts"),
    contextSwitchesPerSec: perSec("contextSwitches"),
    cpu,
    // Guest time is contained in user and nice and has a column of its own.
    userRatio: ratio((one) => one.user - one.guest + one.nice - one.guestNice),
    systemRatio: ratio((one) => one.system + one.irq + one.softirq),
    idleRatio: ratio((one) => one.idle),
    iowaitRatio: ratio((one) => one.iowait),
    stealRatio: ratio((one) => one.steal),
    guestRatio: ratio((one) => one.guest + one.guestNice),
    pressureRatio: pressureRatio(before, now, seconds),
    throttledRatio: before === null ? sinceStart(now) : (cpu.rate?.throttledRatio ?? null),
  };
}

type CounterKey =
  | "swappedInBytes"
  | "swappedOutBytes"
  | "readBytes"
  | "writtenBytes"
  | "interrupts"
  | "contextSwitches";

function pressureRatio(
  before: VmstatSample | null,
  now: VmstatSample,
  seconds: number | null,
): VmstatModel["pressureRatio"] {
  const { pressureUsec } = now;
  if (pressureUsec === null) return null;
  const ratio = (kind: PressureKind): number | null => {
    const value = pressureUsec[kind];
    const last = before === null ? 0 : (before.pressureUsec?.[kind] ?? null);
    if (value === null || last === null || value < last || seconds === null || seconds <= 0) return null;
    return (value - last) / 1e6 / seconds;
  };
  return { cpu: ratio("cpu"), memory: ratio("memory"), io: ratio("io") };
}

function sinceStart({ cpu }: VmstatSample): number | null {
  const usage = cpu.cgroup?.usage;
  if (usage === undefined || usage.periods === null || usage.throttledPeriods === null) return null;
  return usage.periods === 0 ? null : usage.throttledPeriods / usage.periods;
}
