/**
 * Names of block devices by their numbers. The numbers change from boot to boot and a device need not be in the container's
 * /dev, so they are asked of the kernel: /sys/dev/block/MAJOR:MINOR, a link whose last part is the name (Documentation/ABI/stable/sysfs-block),
 * then /proc/diskstats and /proc/partitions, then what the host has told.
 */
import { attempt, type KernelFile } from "../kernfile/kernel_file.ts";
import { diskstats } from "../procfs/diskstats.ts";
import { partitions } from "../procfs/partitions.ts";
import type { Container } from "./container.ts";

export interface BlockDeviceName {
  /** "sda", "nvme0n1p1", "dm-0"; the number itself where nobody knows a name. */
  readonly name: string;
  /** The device mapper's name of a dm-N: "vg0-root". */
  readonly mapperName: string | null;
  /** The path that gave the name, "registration", or null. */
  readonly from: string | null;
}

/** Looks a device up by "MAJOR:MINOR"; each is looked up once. */
export type BlockDeviceNames = (device: string) => BlockDeviceName;

export function blockDeviceNames(container: Container): BlockDeviceNames {
  const known = new Map<string, BlockDeviceName>();
  return (device) => {
    let name = known.get(device);
    if (name === undefined) {
      name = nameOf(container, device);
      known.set(device, name);
    }
    return name;
  };
}

/** Both have a row for each device, with its numbers and its name. */
const NAMING_FILES: readonly KernelFile<readonly NamedDevice[]>[] = [diskstats, partitions];

interface NamedDevice {
  readonly major: number;
  readonly minor: number;
  readonly name: string;
}

function nameOf(container: Container, device: string): BlockDeviceName {
  const { system } = container;
  const path = `/sys/dev/block/${device}`;
  const link = system.readLink(path);
  if (typeof link === "string") {
    const name = kernelName(link.slice(link.lastIndexOf("/") + 1));
    return { name, mapperName: mapperName(container, name), from: path };
  }
  for (const file of NAMING_FILES) {
    const reading = attempt(system, "/proc", file);
    const row = reading.value?.find((one) => `${one.major}:${one.minor}` === device);
    if (row !== undefined)
      return { name: row.name, mapperName: mapperName(container, row.name), from: reading.path };
  }
  const told = container.registration().registration?.devices[device];
  if (told !== undefined) return { name: told, mapperName: null, from: "registration" };
  return { name: device, mapperName: null, from: null };
}

/** A name with a slash (cciss/c0d0) has an exclamation mark in /sys. */
function kernelName(name: string): string {
  return name.replace(/!/g, "/");
}

function mapperName(container: Container, name: string): string | null {
  if (!name.startsWith("dm-")) return null;
  const text = container.system.readText(`/sys/block/${name}/dm/name`);
  return typeof text === "number" || text.trim() === "" ? null : text.trim();
}
