/** One look at the devices and the CPUs. Bytes, microseconds, counts since boot or since the cgroup was made; null: not known. */
import { type BlockDeviceNames, blockDeviceNames } from "../../lib/container/block_devices.ts";
import type { Container } from "../../lib/container/container.ts";
import { type CpuShareSample, collectCpuShare } from "../../lib/container/cpu_share.ts";
import { type IoSample, readIo } from "../../lib/container/io.ts";
import { readIoCountersAge } from "../../lib/container/uptime.ts";
import { attempt, type KernelFile, mustRead } from "../../lib/kernfile/kernel_file.ts";
import { type Diskstat, diskstats } from "../../lib/procfs/diskstats.ts";
import { joinDevices, type OtherFiles, otherDevices } from "./other_files.ts";

export interface DeviceCounters {
  readonly name: string;
  readonly mapperName: string | null;
  /** "8:0" */
  readonly number: string;
  readonly isPartition: boolean;
  /** In the list of /sys/block: the order of devices in a group that were not named. */
  readonly place: number;
  readonly reads: number | null;
  readonly writes: number | null;
  readonly discards: number | null;
  readonly flushes: number | null;
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
  readonly discardedBytes: number | null;
  readonly readsMerged: number | null;
  readonly writesMerged: number | null;
  readonly discardsMerged: number | null;
  readonly readUsec: number | null;
  readonly writeUsec: number | null;
  readonly discardUsec: number | null;
  readonly flushUsec: number | null;
  readonly busyUsec: number | null;
  readonly queueUsec: number | null;
}

export interface IostatSample {
  readonly cpu: CpuShareSample;
  readonly monotonicSeconds: number;
  /** What the counters account for: since boot, or since the container's start. */
  readonly countedSeconds: number | null;
  readonly devices: readonly DeviceCounters[];
  /** Of a container: where the counters came from; null on the machine. */
  readonly io: IoSample | null;
}

/** Of the selection what decides which files are read. */
export interface Wanted {
  readonly names: readonly string[];
  /** Those of `names` whose partitions are wanted. */
  readonly withPartitions: readonly string[];
  readonly partitions: boolean;
}

/** Throws ReadError or ParseError on the machine where /proc/diskstats or /proc/uptime cannot be read. */
export function collectIostat(container: Container, wanted: Wanted, other: OtherFiles | null): IostatSample {
  const cpu = collectCpuShare(container);
  const { system } = container;
  const countedSeconds = readIoCountersAge(container).value;
  const monotonicSeconds = system.monotonicSeconds();
  const base = { cpu, monotonicSeconds, countedSeconds };
  const others = other === null ? [] : otherDevices(system, other, wanted);
  if (container.kind === "machine") {
    const devices = other?.only === true ? [] : machineDevices(container);
    return { ...base, devices: joinDevices(devices, others, wanted), io: null };
  }
  const io = readIo(container);
  const names = blockDeviceNames(container);
  const devices = other?.only === true ? [] : containerDevices(container, io, names, wanted.names);
  return { ...base, devices: joinDevices(devices, others, wanted), io };
}

function machineDevices(container: Container): DeviceCounters[] {
  const { system } = container;
  const listed = system.readDirectory("/sys/block");
  const names = blockDeviceNames(container);
  return mustRead(system, "/proc", diskstats).map((row) => {
    // The kernel writes a slash in a name (cciss/c0d0) as an exclamation mark there.
    const isWhole = typeof listed === "number" || listed.includes(row.name.replace(/\//g, "!"));
    const number = `${row.major}:${row.minor}`;
    return {
      ...row,
      number,
      place: typeof listed === "number" ? 0 : listed.indexOf(row.name),
      mapperName: row.name.startsWith("dm-") ? names(number).mapperName : null,
      isPartition: !isWhole,
    };
  });
}

/** Devices that the cgroup used, and those that were asked for by name and exist. */
function containerDevices(
  container: Container,
  io: IoSample,
  names: BlockDeviceNames,
  wanted: readonly string[],
): DeviceCounters[] {
  const devices: DeviceCounters[] = [];
  for (const [number, counters] of io.devices) {
    const { name, mapperName } = names(number);
    devices.push({ ...UNCOUNTED, ...counters, name, mapperName, number, place: 0, isPartition: false });
  }
  if (io.source === null || wanted.length === 0) return sorted(devices);
  const all = attempt(container.system, "/proc", diskstats as KernelFile<readonly Diskstat[]>).value ?? [];
  for (const name of wanted) {
    const isThere = devices.some((one) => one.name === name || one.mapperName === name);
    const row = isThere ? undefined : all.find((one) => one.name === name);
    if (row === undefined) continue;
    const number = `${row.major}:${row.minor}`;
    devices.push({ ...UNCOUNTED, ...UNUSED, name, mapperName: null, number, place: 0, isPartition: false });
  }
  return sorted(devices);
}

/** The cgroup's files are in no order that a person would look for. */
function sorted(devices: DeviceCounters[]): DeviceCounters[] {
  return devices.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** What the kernel does not count by cgroup. */
const UNCOUNTED = {
  flushes: null,
  readsMerged: null,
  writesMerged: null,
  discardsMerged: null,
  readUsec: null,
  writeUsec: null,
  discardUsec: null,
  flushUsec: null,
  busyUsec: null,
  queueUsec: null,
};

const UNUSED = { reads: 0, writes: 0, discards: 0, readBytes: 0, writtenBytes: 0, discardedBytes: 0 };
