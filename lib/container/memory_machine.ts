/** Memory of a machine, or of a container whose /proc/meminfo is virtual already. */
import type { Limit } from "../kernfile/limit.ts";
import { combine, UNKNOWN } from "./figure.ts";
import { minus, procFigure, sum } from "./memory_figures.ts";
import type { MemoryModel, MemorySample } from "./memory_model.ts";

/** /proc/meminfo as procps-ng 4 reads it: used = total - available. */
export function machineMemory(
  sample: MemorySample,
  source: "machine" | "lxcfs" | "gvisor" | "fuse",
): MemoryModel {
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
