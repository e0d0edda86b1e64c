/** Which devices iostat shows, under which names, and which belong to a group. */
import { type ParsedOption, ToolError } from "../../lib/cli/tool.ts";
import type { System } from "../../lib/system/system.ts";
import type { DeviceCounters } from "./collect.ts";
import type { Choice, DeviceGroup } from "./compute.ts";

export interface Selection {
  /** Names that were asked for, without /dev/. */
  readonly names: readonly string[];
  /** Those of `names` whose partitions are wanted. */
  readonly withPartitions: readonly string[];
  /** Unused devices too. */
  readonly all: boolean;
  readonly partitions: boolean;
  readonly groups: readonly DeviceGroup[];
  readonly groupsOnly: boolean;
  readonly mapper: boolean;
  /** Kernel name -> name of /dev/disk/by-TYPE; null: not wanted. */
  readonly persistent: ReadonlyMap<string, string> | null;
}

/** Throws ToolError for a type of persistent names that this machine does not have. */
export function selectionOf(options: readonly ParsedOption[], system: System): Selection {
  const names: string[] = [];
  const withPartitions: string[] = [];
  const groups: { name: string; devices: string[] }[] = [];
  let all = false;
  let partitions = false;
  let persistent: Map<string, string> | null = null;
  for (const { key, value } of options) {
    if (key === "group") groups.push({ name: value ?? "", devices: [] });
    else if (key === "persistent") persistent = persistentNames(system, value ?? "");
    else if (key === "device" || (key === "partitions" && value !== null)) {
      const isList = key === "partitions";
      for (const word of isList ? (value ?? "").split(",").filter(Boolean) : [value ?? ""]) {
        if (word === "ALL") {
          all = true;
          partitions ||= isList;
          continue;
        }
        const name = word.startsWith("/dev/") ? word.slice(5) : word;
        names.push(name);
        if (isList) withPartitions.push(name);
        groups[groups.length - 1]?.devices.push(name);
      }
    } else if (key === "partitions") partitions = true;
  }
  const has = (key: string): boolean => options.some((option) => option.key === key);
  return {
    names,
    withPartitions,
    all,
    partitions,
    groups,
    groupsOnly: has("groupsOnly"),
    mapper: has("mapper"),
    persistent,
  };
}

/** Rows in their order: by name; with groups as they were named, each group behind its own. */
export function selectDevices(selection: Selection, devices: readonly DeviceCounters[]): Choice[] {
  const shown = devices.filter((device) => isSelected(selection, device));
  // -p alone reads /proc/diskstats and keeps its order.
  const isTable = selection.partitions && selection.names.length === 0;
  if (!isTable) shown.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const row = (device: DeviceCounters): Choice => ({
    name: shownName(selection, device),
    members: [device],
    hidden: selection.groupsOnly,
  });
  if (selection.groups.length === 0) return shown.map(row);
  const rows: Choice[] = [];
  const placed = new Set<DeviceCounters>();
  const named = (name: string): DeviceCounters[] =>
    shown.filter((device) => isNamed(selection, device, name) && !placed.has(device));
  const grouped = new Set(([] as string[]).concat(...selection.groups.map((group) => [...group.devices])));
  const add = (device: DeviceCounters): void => {
    placed.add(device);
    rows.push(row(device));
  };
  // Devices that were named before the first group.
  for (const name of selection.names) if (!grouped.has(name)) named(name).forEach(add);
  selection.groups.forEach((group, index) => {
    const members = shown.filter((device) => group.devices.some((name) => isNamed(selection, device, name)));
    const isLast = index === selection.groups.length - 1;
    for (const name of group.devices) named(name).forEach(add);
    // Without names of its own the last group is made of everything.
    const rest = isLast && (selection.all || selection.names.length === 0);
    const others = rest ? shown.filter((device) => !placed.has(device)) : [];
    others.sort((a, b) => a.place - b.place);
    others.forEach(add);
    rows.push({ name: ` ${group.name}`, members: [...members, ...others], hidden: false });
  });
  return rows;
}

function isSelected(selection: Selection, device: DeviceCounters): boolean {
  const { names, withPartitions, all, partitions } = selection;
  if (names.some((name) => isNamed(selection, device, name))) return true;
  if (withPartitions.some((name) => isPartitionOf(device, name))) return true;
  if (all) return partitions || !device.isPartition;
  if (names.length > 0) return false;
  return (partitions || !device.isPartition) && isUsed(device);
}

function isNamed({ mapper, persistent }: Selection, device: DeviceCounters, name: string): boolean {
  if (device.name === name || (mapper && device.mapperName === name)) return true;
  return device.mapperName !== null && name === `mapper/${device.mapperName}`
    ? true
    : persistent?.get(device.name) === name;
}

function isPartitionOf(device: DeviceCounters, name: string): boolean {
  return device.isPartition && device.name.startsWith(name) && /^p?\d+$/.test(device.name.slice(name.length));
}

function isUsed(device: DeviceCounters): boolean {
  return (
    (device.reads ?? 0) + (device.writes ?? 0) + (device.discards ?? 0) + (device.flushes ?? 0) > 0 ||
    (device.readBytes ?? 0) + (device.writtenBytes ?? 0) > 0
  );
}

function shownName({ mapper, persistent }: Selection, device: DeviceCounters): string {
  const long = persistent?.get(device.name);
  if (long !== undefined) return long;
  return mapper && device.mapperName !== null ? device.mapperName : device.name;
}

function persistentNames(system: System, type: string): Map<string, string> {
  const directory = `/dev/disk/by-${type.toLowerCase()}`;
  const links = system.readDirectory(directory);
  if (typeof links === "number" || type === "") {
    throw new ToolError("Invalid type of persistent device name");
  }
  const names = new Map<string, string>();
  for (const link of links) {
    const target = system.readLink(`${directory}/${link}`);
    if (typeof target === "string") names.set(target.slice(target.lastIndexOf("/") + 1), link);
  }
  return names;
}
