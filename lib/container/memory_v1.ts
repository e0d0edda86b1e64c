/**
 * Memory of cgroups on v1.
 *
 * hierarchical_memory_limit in memory.stat counts all ancestors, hidden ones too (memory.use_hierarchy 1, the only mode since Linux
 * 5.11). With use_hierarchy 0 (CentOS 6) neither ancestors nor children count: limits are the directory's own, and what its
 * children use is added here.
 */
import type { CgroupLocation } from "../cgroupfs/locate.ts";
import { memoryLimitInBytes } from "../cgroupfs/v1/memory_limit_in_bytes.ts";
import { type MemoryStat, memoryStatBrief } from "../cgroupfs/v1/memory_stat.ts";
import { memoryUsageInBytes } from "../cgroupfs/v1/memory_usage_in_bytes.ts";
import { memoryUseHierarchy } from "../cgroupfs/v1/memory_use_hierarchy.ts";
import { attempt, type KernelFile, type Reading } from "../kernfile/kernel_file.ts";
import { type Limit, toLimit } from "../kernfile/limit.ts";
import { ENODEV, ENOENT } from "../system/errno.ts";
import { isDirectory } from "../system/file_type.ts";
import type { System } from "../system/system.ts";
import { type Figure, figure, term, UNKNOWN } from "./figure.ts";
import { type LimitCandidate, limitCandidate } from "./limit.ts";
import type { CgroupMemorySample, MemoryNode } from "./memory_model.ts";

/** @param wantSwap false: the host has no swap, so nothing about it is read */
export function collectMemoryV1(
  system: System,
  location: CgroupLocation,
  wantSwap: boolean,
): CgroupMemorySample {
  const [directory = "", ...ancestors] = location.chain;
  const flat = attempt(system, directory, memoryUseHierarchy).value === false;
  const stat = attempt(system, directory, memoryStatBrief);
  const own = readNode(system, directory, stat, wantSwap, flat);
  const memoryKey = hierarchical(stat, "hierarchical_memory_limit");
  // A parent whose limit is below the key does not count us: it has use_hierarchy 0.
  const above = flat
    ? []
    : ancestors
        .map((parent) => readAncestor(system, parent))
        .filter((node) => memoryKey.value === null || !isBelow(node.limit.value, memoryKey.value));
  return {
    location,
    nodes: [flat ? withChildren(system, own, wantSwap) : own, ...above],
    extraLimits: [memoryKey],
    extraSwapLimits: wantSwap ? [swapLimit(stat, memoryKey, own.limit)] : [],
    complete: location.complete || memoryKey.value !== null,
  };
}

function readNode(
  system: System,
  directory: string,
  stat: Reading<MemoryStat>,
  wantSwap: boolean,
  flat: boolean,
): MemoryNode {
  // total_* include children; with use_hierarchy 0 they equal the plain keys.
  const key = (name: string): Figure => {
    const total = flat ? name : `total_${name}`;
    return figure(stat.value?.[total] ?? null, total, [term(stat, total, stat.value?.[total])]);
  };
  const usage = attempt(system, directory, memoryUsageInBytes);
  return {
    directory,
    limit: limitOf(system, directory, memoryLimitInBytes),
    usage: figure(usage.value, "memory.usage_in_bytes", [term(usage, null, usage.value)]),
    activeFile: key("active_file"),
    inactiveFile: key("inactive_file"),
    slabReclaimable: null,
    file: key("cache"),
    shmem: key("shmem"),
    anon: key("rss"),
    swapUsage: wantSwap ? key("swap") : UNKNOWN,
    swapLimit: NO_LIMIT_FILE,
  };
}

/** Of an ancestor only what bounds the headroom is read, and only where it has a limit. */
function readAncestor(system: System, directory: string): MemoryNode {
  const limit = limitOf(system, directory, memoryLimitInBytes);
  if (typeof limit.value !== "number") return { ...NO_NODE, directory, limit };
  return readNode(system, directory, attempt(system, directory, memoryStatBrief), false, false);
}

function isBelow(limit: Limit | null, key: Limit): boolean {
  return typeof limit === "number" && (key === "max" || limit < key);
}

const NO_LIMIT_FILE: LimitCandidate = {
  value: null,
  term: {
    path: "memory.memsw.limit_in_bytes",
    key: null,
    value: null,
    missing: "memory + swap: see the key in memory.stat",
  },
};

const NO_NODE: MemoryNode = {
  directory: "",
  limit: NO_LIMIT_FILE,
  usage: UNKNOWN,
  activeFile: UNKNOWN,
  inactiveFile: UNKNOWN,
  slabReclaimable: null,
  file: UNKNOWN,
  shmem: UNKNOWN,
  anon: UNKNOWN,
  swapUsage: UNKNOWN,
  swapLimit: NO_LIMIT_FILE,
};

function hierarchical(stat: Reading<MemoryStat>, key: string): LimitCandidate {
  const bytes = stat.value?.[key];
  const value = bytes === undefined ? null : toLimit(bytes);
  return { value, term: term(stat, key, value) };
}

/** memsw limits memory + swap: what is left for swap is memsw - memory limit. */
function swapLimit(
  stat: Reading<MemoryStat>,
  memoryKey: LimitCandidate,
  own: LimitCandidate,
): LimitCandidate {
  const both = hierarchical(stat, "hierarchical_memsw_limit");
  if (both.value === null || both.value === "max") return both;
  const memory = memoryKey.value ?? own.value;
  if (memory === null) return { value: null, term: both.term };
  // No memory limit, yet one on memory + swap: swap can take all of it.
  return { value: memory === "max" ? both.value : Math.max(0, both.value - memory), term: both.term };
}

/** use_hierarchy 0: a child's pages are charged to the child alone, so the subtree is summed by hand. */
function withChildren(system: System, node: MemoryNode, wantSwap: boolean): MemoryNode {
  const nodes = [node];
  for (const child of childDirectories(system, node.directory)) {
    const stat = attempt(system, child, memoryStatBrief);
    // Removed meanwhile: what it held went to nobody.
    if (stat.errno === ENOENT || stat.errno === ENODEV) continue;
    nodes.push(withChildren(system, readNode(system, child, stat, wantSwap, true), wantSwap));
  }
  if (nodes.length === 1) return node;
  return {
    ...node,
    usage: sumOf(nodes.map((one) => one.usage)),
    activeFile: sumOf(nodes.map((one) => one.activeFile)),
    inactiveFile: sumOf(nodes.map((one) => one.inactiveFile)),
    file: sumOf(nodes.map((one) => one.file)),
    shmem: sumOf(nodes.map((one) => one.shmem)),
    swapUsage: sumOf(nodes.map((one) => one.swapUsage)),
    anon: sumOf(nodes.map((one) => one.anon)),
  };
}

/** Of any number of figures: there may be thousands of children. null as soon as one is not known. */
function sumOf(figures: readonly Figure[]): Figure {
  let value: number | null = 0;
  for (const one of figures) value = value === null || one.value === null ? null : value + one.value;
  return {
    value,
    formula: `${figures[0]?.formula}, children added`,
    get from() {
      return [...new Set(figures.flatMap((one) => one.from))];
    },
  };
}

function childDirectories(system: System, directory: string): string[] {
  const names = system.readDirectory(directory);
  if (typeof names === "number") return [];
  const children: string[] = [];
  for (const name of names) {
    // Interface files carry a dot after the controller's name ("memory.stat"); "tasks" and the like are no directories.
    const path = `${directory}/${name}`;
    const status = name.startsWith("memory.") ? -2 : system.lstat(path);
    if (typeof status !== "number" && isDirectory(status)) children.push(path);
  }
  return children;
}

function limitOf(system: System, directory: string, file: KernelFile<Limit>): LimitCandidate {
  return limitCandidate(attempt(system, directory, file));
}
