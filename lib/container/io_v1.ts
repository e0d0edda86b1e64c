/**
 * IO of a v1 cgroup: blkio.throttle.*, which every request passes whatever the scheduler; without it (no CONFIG_BLK_DEV_THROTTLING)
 * those of BFQ or CFQ, which count only the devices that use that scheduler.
 *
 * Files without _recursive count the cgroup alone: where the kernel has no others, the cgroups below are added up. Newer kernels (6.18
 * does) set throttling up for a device when the first limit is written for it in any cgroup, and count nothing before; what BFQ counts of
 * such a device is taken then.
 */
import {
  type BlkioCounters,
  blkioBfqIoServiceBytes,
  blkioBfqIoServiceBytesRecursive,
  blkioBfqIoServiced,
  blkioBfqIoServicedRecursive,
  blkioIoServiceBytes,
  blkioIoServiceBytesRecursive,
  blkioIoServiced,
  blkioIoServicedRecursive,
  blkioThrottleIoServiceBytes,
  blkioThrottleIoServiceBytesRecursive,
  blkioThrottleIoServiced,
  blkioThrottleIoServicedRecursive,
} from "../cgroupfs/v1/blkio_io_service_bytes.ts";
import { attempt, type KernelFile, type Reading, whyMissing } from "../kernfile/kernel_file.ts";
import { isDirectory } from "../system/file_type.ts";
import type { System } from "../system/system.ts";
import type { IoCounters, IoSample, IoSource } from "./io.ts";

type Table = ReadonlyMap<string, BlkioCounters>;

interface Family {
  readonly source: IoSource;
  readonly recursiveBytes: KernelFile<Table>;
  readonly recursiveCounts: KernelFile<Table>;
  readonly ownBytes: KernelFile<Table>;
  readonly ownCounts: KernelFile<Table>;
}

const FAMILIES: readonly Family[] = [
  {
    source: "blkio.throttle",
    recursiveBytes: blkioThrottleIoServiceBytesRecursive,
    recursiveCounts: blkioThrottleIoServicedRecursive,
    ownBytes: blkioThrottleIoServiceBytes,
    ownCounts: blkioThrottleIoServiced,
  },
  {
    source: "blkio.bfq",
    recursiveBytes: blkioBfqIoServiceBytesRecursive,
    recursiveCounts: blkioBfqIoServicedRecursive,
    ownBytes: blkioBfqIoServiceBytes,
    ownCounts: blkioBfqIoServiced,
  },
  {
    source: "blkio",
    recursiveBytes: blkioIoServiceBytesRecursive,
    recursiveCounts: blkioIoServicedRecursive,
    ownBytes: blkioIoServiceBytes,
    ownCounts: blkioIoServiced,
  },
];

/** Directory depth below the container's cgroup that is added up. */
const DEPTH_MOST = 64;

export function readIoV1(system: System, directory: string): Partial<IoSample> {
  const status = system.stat(directory);
  const inode = typeof status === "number" ? null : status.ino;
  const problems: string[] = [];
  const devices = new Map<string, IoCounters>();
  const from: string[] = [];
  let source: IoSource = null;
  let addedUp = false;
  for (const family of FAMILIES) {
    const found = readFamily(system, directory, family, problems);
    if (found === null) continue;
    const isFirst = devices.size === 0;
    let isUsed = source === null;
    for (const [device, counters] of found.devices ?? []) {
      if (devices.has(device)) continue;
      devices.set(device, counters);
      isUsed = true;
    }
    // A family without devices may belong to a scheduler that none uses: the first with any gives its name.
    if (source === null || (isFirst && devices.size > 0)) source = family.source;
    if (isUsed) {
      from.push(...(found.from ?? []));
      addedUp ||= found.addedUp === true;
    }
  }
  return { source, devices, addedUp, from, inode, problems };
}

function readFamily(
  system: System,
  directory: string,
  family: Family,
  problems: string[],
): Partial<IoSample> | null {
  const bytes = attempt(system, directory, family.recursiveBytes);
  if (bytes.value !== null) {
    const counts = attempt(system, directory, family.recursiveCounts);
    note(problems, counts);
    return result(family, bytes.value, counts.value, [bytes.path, counts.path], false);
  }
  if (bytes.problem !== null) note(problems, bytes);
  const own = attempt(system, directory, family.ownBytes);
  if (own.value === null) {
    note(problems, own);
    return null;
  }
  const counts = attempt(system, directory, family.ownCounts);
  note(problems, counts);
  const allBytes = sumBelow(system, directory, family.ownBytes, own.value, 0);
  const allCounts =
    counts.value === null ? null : sumBelow(system, directory, family.ownCounts, counts.value, 0);
  return result(family, allBytes, allCounts, [own.path, counts.path], true);
}

function result(
  family: Family,
  bytes: Table,
  counts: Table | null,
  from: readonly string[],
  added: boolean,
): Partial<IoSample> {
  const devices = new Map<string, IoCounters>();
  for (const [device, kinds] of bytes) {
    const served = counts?.get(device);
    devices.set(device, {
      readBytes: kinds.Read ?? null,
      writtenBytes: kinds.Write ?? null,
      discardedBytes: kinds.Discard ?? null,
      reads: served?.Read ?? null,
      writes: served?.Write ?? null,
      discards: served?.Discard ?? null,
    });
  }
  return { source: family.source, devices, addedUp: added, from };
}

/** The table of the directory and of all below it, summed by device and kind. */
function sumBelow(
  system: System,
  directory: string,
  file: KernelFile<Table>,
  own: Table,
  depth: number,
): Table {
  const names = depth < DEPTH_MOST ? system.readDirectory(directory) : [];
  const total = new Map<string, Record<string, number | undefined>>();
  add(total, own);
  for (const name of typeof names === "number" ? [] : names) {
    const path = `${directory}/${name}`;
    const status = system.lstat(path);
    if (typeof status === "number" || !isDirectory(status)) continue;
    const below = attempt(system, path, file).value;
    if (below !== null) add(total, sumBelow(system, path, file, below, depth + 1));
  }
  return total;
}

function add(total: Map<string, Record<string, number | undefined>>, more: Table): void {
  for (const [device, kinds] of more) {
    const sums = total.get(device) ?? (Object.create(null) as Record<string, number | undefined>);
    total.set(device, sums);
    for (const kind of Object.keys(kinds)) sums[kind] = (sums[kind] ?? 0) + (kinds[kind] ?? 0);
  }
}

function note(problems: string[], reading: Reading<unknown>): void {
  if (reading.value === null) problems.push(`${reading.path}: ${whyMissing(reading)}`);
}
