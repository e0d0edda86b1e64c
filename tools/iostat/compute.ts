/** Rates of each device between two looks, or since the start. Pure. */
import { type CpuShareModel, computeCpuShare } from "../../lib/container/cpu_share.ts";
import type { DeviceCounters, IostatSample } from "./collect.ts";

/** Per second, bytes, milliseconds; null: not known. */
export interface DeviceRates {
  readonly name: string;
  readonly number: string;
  readonly readsPerSec: number | null;
  readonly writesPerSec: number | null;
  readonly discardsPerSec: number | null;
  readonly flushesPerSec: number | null;
  /** Reads, writes and discards. */
  readonly transfersPerSec: number | null;
  readonly readBytesPerSec: number | null;
  readonly writtenBytesPerSec: number | null;
  readonly discardedBytesPerSec: number | null;
  /** In the interval. */
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
  readonly discardedBytes: number | null;
  readonly readsMergedPerSec: number | null;
  readonly writesMergedPerSec: number | null;
  readonly discardsMergedPerSec: number | null;
  readonly readsMergedRatio: number | null;
  readonly writesMergedRatio: number | null;
  readonly discardsMergedRatio: number | null;
  readonly readWaitMs: number | null;
  readonly writeWaitMs: number | null;
  readonly discardWaitMs: number | null;
  readonly flushWaitMs: number | null;
  /** Of all requests but flushes. */
  readonly waitMs: number | null;
  readonly readRequestBytes: number | null;
  readonly writeRequestBytes: number | null;
  readonly discardRequestBytes: number | null;
  readonly requestBytes: number | null;
  readonly mergedPerSec: number | null;
  /** Requests in the queue, on average. */
  readonly queueLength: number | null;
  /** Share of the time with a request at the device. */
  readonly busyRatio: number | null;
  /** No request in the interval. */
  readonly isIdle: boolean;
}

/** Devices that are shown as one row behind their own. */
export interface DeviceGroup {
  readonly name: string;
  readonly devices: readonly string[];
}

export interface IostatModel {
  /** null: since the start. */
  readonly intervalSeconds: number | null;
  readonly cpu: CpuShareModel;
  readonly devices: readonly DeviceRates[];
}

const COUNTERS = [
  "reads",
  "writes",
  "discards",
  "flushes",
  "readBytes",
  "writtenBytes",
  "discardedBytes",
  "readsMerged",
  "writesMerged",
  "discardsMerged",
  "readUsec",
  "writeUsec",
  "discardUsec",
  "flushUsec",
  "busyUsec",
  "queueUsec",
] as const;

type Moved = Record<(typeof COUNTERS)[number], number | null>;

/**
 * @param before null: since the start
 * @param chosen names to show, in order, groups after their devices
 */
export function computeIostat(
  before: IostatSample | null,
  now: IostatSample,
  chosen: readonly Choice[],
): IostatModel {
  const seconds = before === null ? now.countedSeconds : now.monotonicSeconds - before.monotonicSeconds;
  const isSame = before === null || before.io?.inode === now.io?.inode;
  const devices: DeviceRates[] = [];
  for (const { name, members, hidden } of chosen) {
    const moved = members.flatMap((device) => {
      const isIt = (one: DeviceCounters): boolean => one.number === device.number && one.name === device.name;
      const last = before === null ? null : (before.devices.find(isIt) ?? null);
      return [between(before === null, last, device, isSame)];
    });
    if (hidden) continue;
    devices.push(rates(name, members[0]?.number ?? "", moved, seconds));
  }
  return {
    intervalSeconds: before === null ? null : seconds,
    cpu: computeCpuShare(before?.cpu ?? null, now.cpu),
    devices,
  };
}

/** A row: one device, or a group of several. */
export interface Choice {
  readonly name: string;
  readonly members: readonly DeviceCounters[];
  readonly hidden: boolean;
}

function between(
  sinceStart: boolean,
  last: DeviceCounters | null,
  now: DeviceCounters,
  isSame: boolean,
): Moved {
  const moved = {} as Moved;
  for (const key of COUNTERS) {
    const value = now[key];
    // A device that was not there before counts from 0.
    const from = sinceStart || last === null ? 0 : last[key];
    moved[key] = !isSame || value === null || from === null || value < from ? null : value - from;
  }
  return moved;
}

function rates(name: string, number: string, members: readonly Moved[], seconds: number | null): DeviceRates {
  const sum = (key: keyof Moved): number | null => {
    let total = 0;
    for (const one of members) {
      const value = one[key];
      if (value === null) return null;
      total += value;
    }
    return members.length === 0 ? null : total;
  };
  const m = {} as Moved;
  for (const key of COUNTERS) m[key] = sum(key);
  const perSec = (value: number | null): number | null =>
    value === null || seconds === null || seconds <= 0 ? null : value / seconds;
  const ratio = (part: number | null, whole: number | null): number | null =>
    part === null || whole === null ? null : whole === 0 ? 0 : part / whole;
  const ms = (usec: number | null, requests: number | null): number | null =>
    ratio(usec === null ? null : usec / 1000, requests);
  // A kernel without discards or flushes has none of them.
  const requests = plus(m.reads, m.writes, m.discards);
  const bytes = plus(m.readBytes, m.writtenBytes, m.discardedBytes);
  const usec = plus(m.readUsec, m.writeUsec, m.discardUsec);
  const merged = plus(m.readsMerged, m.writesMerged, m.discardsMerged);
  const busy = perSec(m.busyUsec);
  const queue = perSec(m.queueUsec);
  return {
    name,
    number,
    readsPerSec: perSec(m.reads),
    writesPerSec: perSec(m.writes),
    discardsPerSec: perSec(m.discards),
    flushesPerSec: perSec(m.flushes),
    transfersPerSec: perSec(requests),
    readBytesPerSec: perSec(m.readBytes),
    writtenBytesPerSec: perSec(m.writtenBytes),
    discardedBytesPerSec: perSec(m.discardedBytes),
    readBytes: m.readBytes,
    writtenBytes: m.writtenBytes,
    discardedBytes: m.discardedBytes,
    readsMergedPerSec: perSec(m.readsMerged),
    writesMergedPerSec: perSec(m.writesMerged),
    discardsMergedPerSec: perSec(m.discardsMerged),
    readsMergedRatio: ratio(m.readsMerged, both(m.readsMerged, m.reads)),
    writesMergedRatio: ratio(m.writesMerged, both(m.writesMerged, m.writes)),
    discardsMergedRatio: ratio(m.discardsMerged, both(m.discardsMerged, m.discards)),
    readWaitMs: ms(m.readUsec, m.reads),
    writeWaitMs: ms(m.writeUsec, m.writes),
    discardWaitMs: ms(m.discardUsec, m.discards),
    flushWaitMs: ms(m.flushUsec, m.flushes),
    waitMs: ms(usec, requests),
    readRequestBytes: ratio(m.readBytes, m.reads),
    writeRequestBytes: ratio(m.writtenBytes, m.writes),
    discardRequestBytes: ratio(m.discardedBytes, m.discards),
    requestBytes: ratio(bytes, requests),
    mergedPerSec: perSec(merged),
    queueLength: queue === null ? null : queue / 1e6,
    busyRatio: busy === null ? null : busy / 1e6 / members.length,
    isIdle: requests === 0,
  };
}

/** Discards are left out where the kernel does not count them. */
function plus(reads: number | null, writes: number | null, discards: number | null): number | null {
  return reads === null || writes === null ? null : reads + writes + (discards ?? 0);
}

function both(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
