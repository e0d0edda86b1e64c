/**
 * How fast the container may read from and write to each block device, per second.
 *
 * v2: io.max, the minimum over the visible chain. v1: blkio.throttle.*_device of the container's own directory alone, since the kernel
 * applies no limit of an ancestor there (Documentation/admin-guide/cgroup-v1/blkio-controller.rst, "Hierarchical Cgroups").
 */
import {
  blkioThrottleReadBpsDevice,
  blkioThrottleReadIopsDevice,
  blkioThrottleWriteBpsDevice,
  blkioThrottleWriteIopsDevice,
} from "../cgroupfs/v1/blkio_throttle_device.ts";
import { ioMax } from "../cgroupfs/v2/io_max.ts";
import { attempt, type KernelFile, whyMissing } from "../kernfile/kernel_file.ts";
import type { Limit } from "../kernfile/limit.ts";
import type { System } from "../system/system.ts";
import type { Container } from "./container.ts";

export interface IoDeviceLimit {
  readonly readBytesPerSec: Limit;
  readonly writtenBytesPerSec: Limit;
  readonly readsPerSec: Limit;
  readonly writesPerSec: Limit;
}

export interface IoLimits {
  /** By device number, "8:0"; a device without a line has no limit in what is visible. null: nothing could be read. */
  readonly devices: ReadonlyMap<string, IoDeviceLimit> | null;
  /** false: a hidden ancestor may be tighter. */
  readonly complete: boolean;
  readonly from: readonly string[];
  readonly problems: readonly string[];
}

export function readIoLimits(container: Container): IoLimits {
  if (container.kind === "machine") return { devices: new Map(), complete: true, from: [], problems: [] };
  const location = container.location("io");
  if (location === null) {
    return { devices: null, complete: false, from: [], problems: ["no io cgroup can be seen"] };
  }
  return location.version === 2
    ? limitsV2(container.system, location.chain, location.complete)
    : limitsV1(container.system, location.directory);
}

/** What applies to a device: "max" where no line names it; null where nothing is known. */
export function ioLimitOf(limits: IoLimits, device: string, key: keyof IoDeviceLimit): Limit | null {
  return limits.devices === null ? null : (limits.devices.get(device)?.[key] ?? "max");
}

const NO_LIMIT: IoDeviceLimit = {
  readBytesPerSec: "max",
  writtenBytesPerSec: "max",
  readsPerSec: "max",
  writesPerSec: "max",
};

function limitsV2(system: System, chain: readonly string[], complete: boolean): IoLimits {
  const devices = new Map<string, IoDeviceLimit>();
  const from: string[] = [];
  const problems: string[] = [];
  for (const directory of chain) {
    const reading = attempt(system, directory, ioMax);
    if (reading.value === null) {
      problems.push(`${reading.path}: ${whyMissing(reading)}`);
      continue;
    }
    from.push(reading.path);
    for (const [device, keys] of reading.value) {
      const known = devices.get(device) ?? NO_LIMIT;
      devices.set(device, {
        readBytesPerSec: tighter(known.readBytesPerSec, keys.rbps),
        writtenBytesPerSec: tighter(known.writtenBytesPerSec, keys.wbps),
        readsPerSec: tighter(known.readsPerSec, keys.riops),
        writesPerSec: tighter(known.writesPerSec, keys.wiops),
      });
    }
  }
  const known = from.length > 0 || complete;
  return { devices: known ? devices : null, complete: complete && known, from, problems };
}

const V1_FILES: readonly (readonly [keyof IoDeviceLimit, KernelFile<ReadonlyMap<string, number>>])[] = [
  ["readBytesPerSec", blkioThrottleReadBpsDevice],
  ["writtenBytesPerSec", blkioThrottleWriteBpsDevice],
  ["readsPerSec", blkioThrottleReadIopsDevice],
  ["writesPerSec", blkioThrottleWriteIopsDevice],
];

function limitsV1(system: System, directory: string): IoLimits {
  const devices = new Map<string, IoDeviceLimit>();
  const from: string[] = [];
  const problems: string[] = [];
  for (const [key, file] of V1_FILES) {
    const reading = attempt(system, directory, file);
    if (reading.value === null) {
      problems.push(`${reading.path}: ${whyMissing(reading)}`);
      continue;
    }
    from.push(reading.path);
    for (const [device, limit] of reading.value) {
      devices.set(device, { ...(devices.get(device) ?? NO_LIMIT), [key]: limit });
    }
  }
  const known = from.length > 0;
  return { devices: known ? devices : null, complete: known, from, problems };
}

function tighter(known: Limit, other: Limit | undefined): Limit {
  if (other === undefined || other === "max") return known;
  return known === "max" || other < known ? other : known;
}
