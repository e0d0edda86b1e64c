/**
 * Memory and swap of the container, in bytes: collect reads, compute is pure.
 *
 * Meanings: docs/adr/0003-what-used-means.md. v2: Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files";
 * v1: Documentation/admin-guide/cgroup-v1/memory.rst, section 5.2 (total_* include children).
 */
import type { CgroupLocation } from "../cgroupfs/locate.ts";
import { attempt, mustRead } from "../kernfile/kernel_file.ts";
import type { Limit } from "../kernfile/limit.ts";
import { type Meminfo, meminfo } from "../procfs/meminfo.ts";
import { type Container, isVirtual } from "./container.ts";
import { combine, type Figure, figure, type LimitFigure, type Term, UNKNOWN } from "./figure.ts";
import { type LimitCandidate, minimumLimit } from "./limit.ts";
import { collectMemoryV1 } from "./memory_v1.ts";
import { collectMemoryV2 } from "./memory_v2.ts";

/** Memory of one cgroup directory, v1 and v2 alike. Bytes. */
export interface MemoryNode {
  readonly directory: string;
  readonly limit: LimitCandidate;
  readonly usage: Figure;
  readonly activeFile: Figure;
  readonly inactiveFile: Figure;
  /** v1 publishes no slab: null there. */
  readonly slabReclaimable: Figure | null;
  /** Page cache, shmem included. */
  readonly file: Figure;
  readonly shmem: Figure;
  readonly anon: Figure;
  /** Swap alone. v1: the usage of memory.stat; its limit is memory + swap and sits in `swapLimit` of the sample. */
  readonly swapUsage: Figure;
  readonly swapLimit: LimitCandidate;
}

export interface CgroupMemorySample {
  readonly location: CgroupLocation;
  /** [0] is the container's directory, then its visible ancestors. */
  readonly nodes: readonly MemoryNode[];
  /** More limits that bind: v1's hierarchical keys, which count hidden ancestors. */
  readonly extraLimits: readonly LimitCandidate[];
  /** Swap alone, bytes, what v1's memsw leaves; null on v2, where the nodes have it. */
  readonly extraSwapLimits: readonly LimitCandidate[];
  /** Nothing hidden can be tighter. */
  readonly complete: boolean;
}

export interface MemorySample {
  readonly meminfo: Meminfo;
  readonly meminfoPath: string;
  /** null: the machine, or no memory cgroup can be seen. */
  readonly cgroup: CgroupMemorySample | null;
  /** The numbers of /proc/meminfo are the answer: the machine, --host, lxcfs, gVisor, the root cgroup. */
  readonly fromProc: "machine" | "lxcfs" | "gvisor" | "fuse" | null;
  readonly hiddenMemory: LimitCandidate | null;
  readonly hiddenSwap: LimitCandidate | null;
}

export interface SwapModel {
  readonly totalBytes: Figure;
  readonly usedBytes: Figure;
  readonly freeBytes: Figure;
}

export interface MemoryModel {
  readonly limit: LimitFigure;
  readonly totalBytes: Figure;
  /** What is held and cannot be given back: usage - reclaimable. */
  readonly usedBytes: Figure;
  readonly freeBytes: Figure;
  readonly sharedBytes: Figure;
  readonly buffersBytes: Figure;
  /** Page cache and reclaimable slab. */
  readonly cacheBytes: Figure;
  readonly buffCacheBytes: Figure;
  readonly availableBytes: Figure;
  /** "container", the directory of an ancestor, or "host". */
  readonly availableBoundBy: string | null;
  readonly workingSetBytes: Figure;
  readonly usageBytes: Figure;
  readonly swap: SwapModel;
  /** Only the machine has them: the kernel keeps no commit figures per cgroup. */
  readonly commitLimitBytes: Figure;
  readonly committedBytes: Figure;
  /** total, free, available are no more than upper bounds: the limit, or what is in use, cannot be seen. */
  readonly upperBoundsOnly: boolean;
  readonly source: "cgroup" | "machine" | "lxcfs" | "gvisor" | "fuse" | "host";
}

/** Throws ReadError or ParseError for /proc/meminfo; every other file may be missing. */
export function collectMemory(container: Container): MemorySample {
  const { system } = container;
  const proc = mustRead(system, "/proc", meminfo);
  const base = { meminfo: proc, meminfoPath: "/proc/meminfo" };
  const none = { ...base, cgroup: null, hiddenMemory: null, hiddenSwap: null };
  if (container.kind === "machine") return { ...none, fromProc: "machine" };
  if (container.virtual !== null && isVirtual(container, "/proc/meminfo")) {
    return { ...none, fromProc: container.virtual.by };
  }
  const location = container.location("memory");
  // The root cgroup is the whole machine.
  if (location?.complete === true && location.chain.length === 1) return { ...none, fromProc: "machine" };
  const hidden = container.registration();
  const told = hidden.registration?.hiddenLimits;
  const candidate = (key: "memoryBytes" | "swapBytes"): LimitCandidate | null =>
    told === undefined
      ? null
      : {
          value: told[key],
          term: { path: hidden.path, key: `hiddenLimits.${key}`, value: told[key], missing: null },
        };
  return {
    ...base,
    cgroup:
      location === null
        ? null
        : location.version === 2
          ? collectMemoryV2(system, location, proc.swapTotalBytes !== 0)
          : collectMemoryV1(system, location, proc.swapTotalBytes !== 0),
    fromProc: null,
    hiddenMemory: candidate("memoryBytes"),
    hiddenSwap: candidate("swapBytes"),
  };
}

/** Pure. */
export function computeMemory(sample: MemorySample): MemoryModel {
  if (sample.fromProc !== null) return machineMemory(sample, sample.fromProc);
  const { cgroup } = sample;
  const container = cgroup?.nodes[0];
  const limit = minimumLimit(
    [...(cgroup?.nodes.map((node) => node.limit) ?? []), ...(cgroup?.extraLimits ?? [])],
    cgroup?.complete ?? false,
    sample.hiddenMemory,
    "minimum over the visible cgroups",
  );
  if (container === undefined || container.usage.value === null) return unseenMemory(sample, limit);
  const hostTotal = procFigure(sample, "MemTotal", sample.meminfo.memTotalBytes);
  const totalBytes = combine("min(limit, host MemTotal)", [limitAsFigure(limit), hostTotal], (own, host) =>
    Math.min(own, host),
  );
  const reclaimable = reclaimableOf(container);
  const usage = container.usage;
  const available = availableOf(sample, cgroup?.nodes ?? [], totalBytes);
  const cacheBytes = sum("file + slab_reclaimable", container.file, container.slabReclaimable);
  return {
    limit,
    totalBytes,
    usedBytes: combine(`usage - (${reclaimable.formula})`, [usage, reclaimable], minus),
    freeBytes: freeOf(sample, cgroup?.nodes ?? [], totalBytes),
    sharedBytes: container.shmem,
    buffersBytes: figure(0, "0: buffers are counted in the page cache", []),
    cacheBytes,
    buffCacheBytes: cacheBytes,
    availableBytes: available.figure,
    availableBoundBy: available.boundBy,
    workingSetBytes: combine("usage - inactive_file", [usage, container.inactiveFile], minus),
    usageBytes: usage,
    swap: swapOf(sample),
    commitLimitBytes: NO_COMMIT,
    committedBytes: NO_COMMIT,
    upperBoundsOnly: limit.value === null,
    source: "cgroup",
  };
}

const NO_COMMIT: Figure = { ...UNKNOWN, formula: "not known: the kernel has no commit figures per cgroup" };

function minus(from: number, what: number): number {
  return Math.max(0, from - what);
}

/** "max" adds no bound of its own. */
function limitAsFigure(limit: LimitFigure): Figure {
  return {
    value: limit.value === null || limit.value === "max" ? Number.POSITIVE_INFINITY : limit.value,
    formula: limit.formula,
    from: limit.from,
  };
}

function procFigure(sample: MemorySample, key: string, bytes: number | null): Figure {
  const entry: Term = {
    path: sample.meminfoPath,
    key,
    value: bytes,
    missing: bytes === null ? `no ${key}` : null,
  };
  return figure(bytes, key, [entry]);
}

/** `second` null: the kernel has no such counter there, and the sum is of the rest. */
function sum(formula: string, first: Figure, second: Figure | null): Figure {
  return second === null ? first : combine(formula, [first, second], (a, b) => a + b);
}

/** What the kernel can take back without swap. v1 publishes no slab: a lower bound there. */
function reclaimableOf(node: MemoryNode): Figure {
  const files = combine("active_file + inactive_file", [node.activeFile, node.inactiveFile], (a, b) => a + b);
  return sum(`${files.formula} + slab_reclaimable`, files, node.slabReclaimable);
}

interface Bound {
  readonly name: string;
  readonly figure: Figure;
}

function availableOf(
  sample: MemorySample,
  nodes: readonly MemoryNode[],
  total: Figure,
): { figure: Figure; boundBy: string | null } {
  const bounds: Bound[] = [];
  nodes.forEach((node, index) => {
    const limit = index === 0 ? total : limitOfAncestor(node);
    if (limit === null) return;
    const reclaimable = reclaimableOf(node);
    const headroom = combine(
      `limit - usage + (${reclaimable.formula})`,
      [limit, node.usage, reclaimable],
      (most, usage, back) => Math.max(0, most - usage + Math.min(back, usage)),
    );
    bounds.push({ name: index === 0 ? "container" : node.directory, figure: headroom });
  });
  bounds.push({ name: "host", figure: hostAvailable(sample) });
  return smallest(bounds, "min over the container, its visible ancestors and the host");
}

function freeOf(sample: MemorySample, nodes: readonly MemoryNode[], total: Figure): Figure {
  const bounds: Bound[] = [];
  nodes.forEach((node, index) => {
    const limit = index === 0 ? total : limitOfAncestor(node);
    if (limit === null) return;
    bounds.push({ name: node.directory, figure: combine("limit - usage", [limit, node.usage], minus) });
  });
  bounds.push({ name: "host", figure: procFigure(sample, "MemFree", sample.meminfo.memFreeBytes) });
  return smallest(bounds, "min over the container, its visible ancestors and the host").figure;
}

function limitOfAncestor(node: MemoryNode): Figure | null {
  const { value } = node.limit;
  return value === null || value === "max" ? null : figure(value, "limit", [node.limit.term]);
}

/** The first bound is the container's own and must be known; others that cannot be read do not bind. */
function smallest(bounds: readonly Bound[], formula: string): { figure: Figure; boundBy: string | null } {
  let best: Bound | null = null;
  const from: Term[] = [];
  for (const bound of bounds) {
    for (const entry of bound.figure.from) if (!from.includes(entry)) from.push(entry);
    const value = bound.figure.value;
    if (value === null) {
      if (bound === bounds[0]) return { figure: { value: null, formula, from }, boundBy: null };
      continue;
    }
    if (best === null || value < (best.figure.value ?? 0)) best = bound;
  }
  return { figure: { value: best?.figure.value ?? null, formula, from }, boundBy: best?.name ?? null };
}

/** MemAvailable; before Linux 3.14, which has none, the most that could be freed: an upper bound. */
function hostAvailable(sample: MemorySample): Figure {
  const info = sample.meminfo;
  if (info.memAvailableBytes !== null) return procFigure(sample, "MemAvailable", info.memAvailableBytes);
  return combine(
    "MemFree + Buffers + Cached - Shmem",
    [
      procFigure(sample, "MemFree", info.memFreeBytes),
      procFigure(sample, "Buffers", info.buffersBytes),
      procFigure(sample, "Cached", info.cachedBytes),
      procFigure(sample, "Shmem", info.shmemBytes),
    ],
    (free, buffers, cached, shmem) => Math.max(0, free + buffers + cached - shmem),
  );
}

function swapOf(sample: MemorySample): SwapModel {
  const { cgroup } = sample;
  const hostTotal = procFigure(sample, "SwapTotal", sample.meminfo.swapTotalBytes);
  const hostFree = procFigure(sample, "SwapFree", sample.meminfo.swapFreeBytes);
  // A host without swap: nobody has any, whatever the limits say.
  if (hostTotal.value === 0) return { totalBytes: hostTotal, usedBytes: hostTotal, freeBytes: hostTotal };
  const container = cgroup?.nodes[0];
  if (cgroup === null || container === undefined) {
    const unseen = { ...UNKNOWN, formula: "not known: no memory cgroup can be seen" };
    return { totalBytes: unseen, usedBytes: unseen, freeBytes: unseen };
  }
  const candidates = [...cgroup.nodes.map((node) => node.swapLimit), ...cgroup.extraSwapLimits];
  // No such file anywhere means no swap accounting: unknown, not unlimited.
  const accounted = candidates.some((candidate) => candidate.value !== null);
  const limit = minimumLimit(
    candidates,
    cgroup.complete && accounted,
    sample.hiddenSwap,
    "minimum over the visible cgroups",
  );
  const totalBytes =
    limit.value === null
      ? { value: null, formula: "not known: no swap accounting", from: limit.from }
      : combine("min(swap limit, host SwapTotal)", [limitAsFigure(limit), hostTotal], Math.min);
  const used = container.swapUsage;
  const bounds: Bound[] = [{ name: "container", figure: combine("total - used", [totalBytes, used], minus) }];
  for (const node of cgroup.nodes.slice(1)) {
    const { value } = node.swapLimit;
    if (value === null || value === "max") continue;
    const most = figure(value, "swap limit", [node.swapLimit.term]);
    bounds.push({
      name: node.directory,
      figure: combine("swap limit - usage", [most, node.swapUsage], minus),
    });
  }
  bounds.push({ name: "host", figure: hostFree });
  return {
    totalBytes,
    usedBytes: used,
    freeBytes: smallest(bounds, "min over the container, its visible ancestors and the host SwapFree").figure,
  };
}

/** What is in use cannot be seen: the smaller of limit and host's total, free and available are upper bounds; nothing else is known. */
function unseenMemory(sample: MemorySample, limit: LimitFigure): MemoryModel {
  const info = sample.meminfo;
  const usage = sample.cgroup?.nodes[0]?.usage;
  const formula = `not known: ${usage === undefined ? "no memory cgroup can be seen" : "its usage cannot be read"}`;
  const unseen: Figure = { value: null, formula, from: [...limit.from, ...(usage?.from ?? [])] };
  const hostTotal = procFigure(sample, "MemTotal", info.memTotalBytes);
  const bounded = (host: Figure): Figure =>
    combine("min(limit, host's)", [limitAsFigure(limit), hostTotal, host], Math.min);
  return {
    limit,
    totalBytes: bounded(hostTotal),
    usedBytes: unseen,
    freeBytes: bounded(procFigure(sample, "MemFree", info.memFreeBytes)),
    sharedBytes: unseen,
    buffersBytes: unseen,
    cacheBytes: unseen,
    buffCacheBytes: unseen,
    availableBytes: bounded(hostAvailable(sample)),
    availableBoundBy: "host",
    workingSetBytes: unseen,
    usageBytes: unseen,
    swap: swapOf(sample),
    commitLimitBytes: NO_COMMIT,
    committedBytes: NO_COMMIT,
    upperBoundsOnly: true,
    source: typeof limit.value === "number" ? "cgroup" : "host",
  };
}

/** /proc/meminfo as procps-ng 4 reads it: used = total - available. */
function machineMemory(sample: MemorySample, source: "machine" | "lxcfs" | "gvisor" | "fuse"): MemoryModel {
  const info = sample.meminfo;
  const from = (key: string, bytes: number | null) => procFigure(sample, key, bytes);
  const total = from("MemTotal", info.memTotalBytes);
  const free = from("MemFree", info.memFreeBytes);
  const known = info.memAvailableBytes;
  // As procps: an available that is missing, 0 or above the total is replaced by MemFree.
  const available =
    known === null || known === 0 || known > (total.value ?? 0) ? free : from("MemAvailable", known);
  const buffers = from("Buffers", info.buffersBytes);
  const cache = sum(
    "Cached + SReclaimable",
    from("Cached", info.cachedBytes),
    info.sReclaimableBytes === null ? null : from("SReclaimable", info.sReclaimableBytes),
  );
  const swapTotal = from("SwapTotal", info.swapTotalBytes);
  const swapFree = from("SwapFree", info.swapFreeBytes);
  const limitValue: Limit | null = source === "machine" ? "max" : info.memTotalBytes;
  return {
    limit: {
      value: limitValue,
      complete: true,
      source: source === "machine" ? null : source,
      formula: source === "machine" ? "the machine has no limit" : `MemTotal as ${source} serves it`,
      from: total.from,
    },
    totalBytes: total,
    usedBytes: combine("MemTotal - MemAvailable", [total, available], minus),
    freeBytes: free,
    sharedBytes: from("Shmem", info.shmemBytes),
    buffersBytes: buffers,
    cacheBytes: cache,
    buffCacheBytes: combine("Buffers + Cached + SReclaimable", [buffers, cache], (a, b) => a + b),
    availableBytes: available,
    availableBoundBy: source === "machine" ? "host" : "container",
    workingSetBytes: UNKNOWN,
    usageBytes: UNKNOWN,
    swap: {
      totalBytes: swapTotal,
      usedBytes: combine("SwapTotal - SwapFree", [swapTotal, swapFree], minus),
      freeBytes: swapFree,
    },
    commitLimitBytes: from("CommitLimit", info.lookup("CommitLimit")),
    committedBytes: from("Committed_AS", info.lookup("Committed_AS")),
    upperBoundsOnly: false,
    source,
  };
}
