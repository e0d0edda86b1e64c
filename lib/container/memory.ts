/**
 * Memory and swap of the container, in bytes: collect reads, compute is pure.
 *
 * Meanings: docs/adr/0003-what-used-means.md. v2: Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files";
 * v1: Documentation/admin-guide/cgroup-v1/memory.rst, section 5.2 (total_* include children).
 */
import { mustRead } from "../kernfile/kernel_file.ts";
import { type Meminfo, meminfo } from "../procfs/meminfo.ts";
import { type Container, isServedAnswer, isVirtual } from "./container.ts";
import { combine, type Figure, figure, type LimitFigure } from "./figure.ts";
import { type LimitCandidate, minimumLimit } from "./limit.ts";
import { availableOf, freeOf, hostAvailable, reclaimableOf } from "./memory_bounds.ts";
import { limitAsFigure, minus, NO_COMMIT, procFigure, sum } from "./memory_figures.ts";
import { machineMemory } from "./memory_machine.ts";
import type { MemoryModel, MemorySample } from "./memory_model.ts";
import { swapOf } from "./memory_swap.ts";
import { collectMemoryV1 } from "./memory_v1.ts";
import { collectMemoryV2 } from "./memory_v2.ts";

/** Throws ReadError or ParseError for /proc/meminfo; every other file may be missing. */
export function collectMemory(container: Container): MemorySample {
  const { system } = container;
  const proc = mustRead(system, "/proc", meminfo);
  const meminfoPath = "/proc/meminfo";
  const none = { meminfo: proc, meminfoPath, cgroup: null, hiddenMemory: null, hiddenSwap: null };
  if (container.kind === "machine") return { ...none, fromProc: "machine" };
  const served = isVirtual(container, meminfoPath) ? container.virtual : null;
  if (served !== null && isServedAnswer(container, meminfoPath, "memory"))
    return { ...none, fromProc: served.by };
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
  const collect = location?.version === 2 ? collectMemoryV2 : collectMemoryV1;
  const cgroup =
    location === null ? null : collect(system, location, served !== null || proc.swapTotalBytes !== 0);
  // What is in use cannot be read, and lxcfs says it.
  if (served !== null && cgroup?.nodes[0]?.usage.value === null) return { ...none, fromProc: served.by };
  return {
    meminfo: served === null ? proc : { ...proc, memFreeBytes: null },
    meminfoPath,
    cgroup,
    fromProc: null,
    hiddenMemory: candidate("memoryBytes") ?? (served === null ? null : servedLimit(proc)),
    hiddenSwap: candidate("swapBytes"),
  };
}

/** lxcfs looks from the host: its total is the least limit of all parents, those that are hidden here too. */
function servedLimit(proc: Meminfo): LimitCandidate {
  const value = proc.memTotalBytes;
  const term = { path: "/proc/meminfo", key: "MemTotal as lxcfs serves it", value, missing: null };
  return { value, term, told: "lxcfs" };
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

const isBelow = (limit: LimitFigure["value"], host: number | null): boolean =>
  typeof limit === "number" && host !== null && limit < host;

/** What is in use cannot be seen: the smaller of limit and host's total, free and available are upper bounds; nothing else is known. */
function unseenMemory(sample: MemorySample, limit: LimitFigure): MemoryModel {
  const info = sample.meminfo;
  const usage = sample.cgroup?.nodes[0]?.usage;
  const formula = `not known: ${usage === undefined ? "no memory cgroup can be seen" : "its usage cannot be read"}`;
  const unseen: Figure = { value: null, formula, from: [...limit.from, ...(usage?.from ?? [])] };
  const hostTotal = procFigure(sample, "MemTotal", info.memTotalBytes);
  const host = hostAvailable(sample);
  const bounded = (most: Figure): Figure =>
    combine("min(limit, host's)", [limitAsFigure(limit), hostTotal, most], Math.min);
  return {
    limit,
    totalBytes: bounded(hostTotal),
    usedBytes: unseen,
    freeBytes: bounded(procFigure(sample, "MemFree", info.memFreeBytes)),
    sharedBytes: unseen,
    buffersBytes: unseen,
    cacheBytes: unseen,
    buffCacheBytes: unseen,
    availableBytes: bounded(host),
    availableBoundBy: isBelow(limit.value, host.value) ? "container" : "host",
    workingSetBytes: unseen,
    usageBytes: unseen,
    swap: swapOf(sample),
    commitLimitBytes: NO_COMMIT,
    committedBytes: NO_COMMIT,
    upperBoundsOnly: true,
    source: typeof limit.value === "number" ? "cgroup" : "host",
  };
}
