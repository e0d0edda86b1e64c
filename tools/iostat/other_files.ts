/**
 * Devices of -f DIR and +f DIR, which somebody else than the kernel counts: DIR/block/DEVICE/stat, for -p DEVICE also
 * DIR/block/DEVICE/PARTITION/stat; for -p alone DIR/diskstats. The formats are those of /sys and /proc.
 */
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { blockStat, diskstats } from "../../lib/procfs/diskstats.ts";
import type { System } from "../../lib/system/system.ts";
import type { DeviceCounters, Wanted } from "./collect.ts";

export interface OtherFiles {
  readonly directory: string;
  /** -f: nothing but them; +f: beside the kernel's. */
  readonly only: boolean;
}

/** What cannot be read is left out, as sysstat does. */
export function otherDevices(system: System, { directory }: OtherFiles, wanted: Wanted): DeviceCounters[] {
  if (wanted.names.length === 0 && wanted.partitions) {
    const rows = attempt(system, directory, diskstats).value ?? [];
    return rows.map(({ major, minor, ...row }) => ({ ...row, ...UNPLACED, number: `${major}:${minor}` }));
  }
  const devices: DeviceCounters[] = [];
  const add = (folder: string, name: string, isPartition: boolean): void => {
    const counters = attempt(system, `${folder}/${name}`, blockStat).value;
    if (counters !== null) devices.push({ ...counters, ...UNPLACED, name, number: "-", isPartition });
  };
  const block = `${directory}/block`;
  for (const name of entries(system, block)) {
    add(block, name, false);
    if (!wanted.withPartitions.includes(name)) continue;
    for (const part of entries(system, `${block}/${name}`)) add(`${block}/${name}`, part, true);
  }
  return devices;
}

/** One row for each name: where devices were named the kernel's, else the other one, in the kernel's place. */
export function joinDevices(
  devices: readonly DeviceCounters[],
  others: readonly DeviceCounters[],
  { names }: Wanted,
): DeviceCounters[] {
  const byName = new Map(devices.map((device) => [device.name, device]));
  for (const other of others) {
    if (names.length === 0 || !byName.has(other.name)) byName.set(other.name, other);
  }
  return [...byName.values()];
}

const UNPLACED = { mapperName: null, isPartition: false, place: 0 };

function entries(system: System, folder: string): readonly string[] {
  const names = system.readDirectory(folder);
  return typeof names === "number" ? [] : names;
}
