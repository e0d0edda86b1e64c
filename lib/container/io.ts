/**
 * What the container has read from and written to block devices, by device, since its cgroup was made.
 *
 * v2: io.stat (Documentation/admin-guide/cgroup-v2.rst, "IO"). v1: blkio.throttle.*, or those of BFQ or CFQ where the kernel has
 * no throttling (Documentation/admin-guide/cgroup-v1/blkio-controller.rst); buffered writes belong to no cgroup there until they are
 * flushed by the kernel, and then to the root. The machine: /proc/diskstats, whole devices.
 */
import { ioStat } from "../cgroupfs/v2/io_stat.ts";
import { attempt, type Reading, whyMissing } from "../kernfile/kernel_file.ts";
import { type Diskstat, diskstats } from "../procfs/diskstats.ts";
import type { System } from "../system/system.ts";
import { type Container, isVirtual } from "./container.ts";
import { readIoV1 } from "./io_v1.ts";
import { isRootCgroup } from "./root_cgroup.ts";

/** Counters of one device. null: this kernel or source does not have the counter. */
export interface IoCounters {
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
  /** Since Linux 4.20. */
  readonly discardedBytes: number | null;
  readonly reads: number | null;
  readonly writes: number | null;
  readonly discards: number | null;
}

/**
 * Which files were used. "blkio.throttle", "blkio.bfq", "blkio" (CFQ): v1; "diskstats": the machine's, or lxcfs's.
 * null: nothing could be read.
 */
export type IoSource = "io.stat" | "blkio.throttle" | "blkio.bfq" | "blkio" | "diskstats" | null;

export interface IoSample {
  /** Seconds on the monotonic clock, taken right before the counters were read. */
  readonly monotonicSeconds: number;
  readonly source: IoSource;
  /** By device number, "8:0", in the order of the file. A device without any IO may be missing. */
  readonly devices: ReadonlyMap<string, IoCounters>;
  /** The counters are of this ancestor, because the controller is not enabled for the container's own cgroup; else null. */
  readonly ancestor: string | null;
  /** v1: the kernel has no recursive files, and the numbers were added up over all cgroups below. */
  readonly addedUp: boolean;
  /** Inode of the cgroup directory: another one means another cgroup, whose counters began anew. */
  readonly inode: number | null;
  readonly from: readonly string[];
  /** "PATH: why it gave nothing". */
  readonly problems: readonly string[];
}

/** Per second. null: not known, as after a counter went backwards. */
export interface IoRate {
  readonly readBytesPerSec: number | null;
  readonly writtenBytesPerSec: number | null;
  readonly discardedBytesPerSec: number | null;
  readonly readsPerSec: number | null;
  readonly writesPerSec: number | null;
  readonly discardsPerSec: number | null;
}

/** The counters now. Never throws: what could not be read is in `problems`. */
export function readIo(container: Container): IoSample {
  const { system } = container;
  const monotonicSeconds = system.monotonicSeconds();
  const location = container.kind === "machine" ? null : container.location("io");
  if (
    container.kind === "machine" ||
    isRootCgroup(container, "io") ||
    (location === null && isVirtual(container, "/proc/diskstats"))
  ) {
    return { ...NOTHING, monotonicSeconds, ...machineIo(system) };
  }
  if (location === null) return { ...NOTHING, monotonicSeconds, problems: ["no io cgroup can be seen"] };
  const found =
    location.version === 2 ? readV2(system, location.chain) : readIoV1(system, location.directory);
  return { ...NOTHING, monotonicSeconds, ...found };
}

/** Differences over the measured time. A counter that went backwards, or another cgroup, gives null; a device that is new counts from 0. */
export function ioRate(before: IoSample, after: IoSample, device: string): IoRate {
  const seconds = after.monotonicSeconds - before.monotonicSeconds;
  const usable = seconds > 0 && before.inode === after.inode && before.source === after.source;
  const next = after.devices.get(device) ?? UNKNOWN_COUNTERS;
  const last = before.devices.get(device) ?? (before.source === null ? UNKNOWN_COUNTERS : NO_IO);
  const rate = (key: keyof IoCounters): number | null => {
    const [a, b] = [last[key], next[key]];
    return !usable || a === null || b === null || b < a ? null : (b - a) / seconds;
  };
  return {
    readBytesPerSec: rate("readBytes"),
    writtenBytesPerSec: rate("writtenBytes"),
    discardedBytesPerSec: rate("discardedBytes"),
    readsPerSec: rate("reads"),
    writesPerSec: rate("writes"),
    discardsPerSec: rate("discards"),
  };
}

/** The sum of a counter over all devices; null where no device has it and something is hidden. */
export function ioTotal(sample: IoSample, key: keyof IoCounters): number | null {
  if (sample.source === null) return null;
  let total = 0;
  for (const counters of sample.devices.values()) {
    const value = counters[key];
    if (value === null) return null;
    total += value;
  }
  return total;
}

const NOTHING: IoSample = {
  monotonicSeconds: 0,
  source: null,
  devices: new Map(),
  ancestor: null,
  addedUp: false,
  inode: null,
  from: [],
  problems: [],
};

const NO_IO: IoCounters = {
  readBytes: 0,
  writtenBytes: 0,
  discardedBytes: 0,
  reads: 0,
  writes: 0,
  discards: 0,
};

const UNKNOWN_COUNTERS: IoCounters = {
  readBytes: null,
  writtenBytes: null,
  discardedBytes: null,
  reads: null,
  writes: null,
  discards: null,
};

/** io.stat of the nearest directory that has it; an empty file is no IO yet. */
function readV2(system: System, chain: readonly string[]): Partial<IoSample> {
  const problems: string[] = [];
  for (const directory of chain) {
    const reading = attempt(system, directory, ioStat);
    if (reading.value === null) {
      problems.push(`${reading.path}: ${whyMissing(reading)}`);
      continue;
    }
    const devices = new Map<string, IoCounters>();
    for (const [device, keys] of reading.value) {
      // "259:0 " and nothing else: the device is known to the cgroup and was not used.
      if (keys.rbytes === undefined && keys.wbytes === undefined) continue;
      devices.set(device, {
        readBytes: keys.rbytes ?? null,
        writtenBytes: keys.wbytes ?? null,
        discardedBytes: keys.dbytes ?? null,
        reads: keys.rios ?? null,
        writes: keys.wios ?? null,
        discards: keys.dios ?? null,
      });
    }
    return {
      source: "io.stat",
      devices,
      ancestor: directory === chain[0] ? null : directory,
      inode: inodeOf(system, directory),
      from: [reading.path],
      problems,
    };
  }
  return { problems };
}

/** Whole devices: /sys/block lists them; where it cannot be read, every row that is no partition by its name. */
function machineIo(system: System): Partial<IoSample> {
  const reading: Reading<readonly Diskstat[]> = attempt(system, "/proc", diskstats);
  if (reading.value === null) return { problems: [`${reading.path}: ${whyMissing(reading)}`] };
  const names = system.readDirectory("/sys/block");
  const whole = typeof names === "number" ? null : names;
  const devices = new Map<string, IoCounters>();
  for (const row of reading.value) {
    // The kernel writes a slash in a name (cciss/c0d0) as an exclamation mark there.
    if (whole !== null && !whole.includes(row.name.replace(/\//g, "!"))) continue;
    devices.set(`${row.major}:${row.minor}`, {
      readBytes: row.readBytes,
      writtenBytes: row.writtenBytes,
      discardedBytes: row.discardedBytes,
      reads: row.reads,
      writes: row.writes,
      discards: row.discards,
    });
  }
  return { source: "diskstats", devices, from: [reading.path] };
}

function inodeOf(system: System, directory: string): number | null {
  const status = system.stat(directory);
  return typeof status === "number" ? null : status.ino;
}
