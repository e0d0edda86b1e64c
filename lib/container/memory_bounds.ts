/** What a container can still get: the smallest headroom of its own limit, its visible ancestors' and the machine's. */
import { combine, type Figure, figure } from "./figure.ts";
import { minus, procFigure, sum } from "./memory_figures.ts";
import type { MemoryNode, MemorySample } from "./memory_model.ts";

/** What the kernel can take back without swap. v1 publishes no slab: a lower bound there. */
export function reclaimableOf(node: MemoryNode): Figure {
  const files = combine("active_file + inactive_file", [node.activeFile, node.inactiveFile], (a, b) => a + b);
  return sum(`${files.formula} + slab_reclaimable`, files, node.slabReclaimable);
}

export interface Bound {
  readonly name: string;
  readonly figure: Figure;
}

export function availableOf(
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
  if (!isServed(sample)) bounds.push({ name: "host", figure: hostAvailable(sample) });
  return smallest(bounds, "min over the container, its visible ancestors and the host");
}

/** lxcfs serves /proc/meminfo: it tells nothing of what the machine has left. */
export const isServed = (sample: MemorySample): boolean => sample.meminfo.memFreeBytes === null;

export function freeOf(sample: MemorySample, nodes: readonly MemoryNode[], total: Figure): Figure {
  const bounds: Bound[] = [];
  nodes.forEach((node, index) => {
    const limit = index === 0 ? total : limitOfAncestor(node);
    if (limit === null) return;
    bounds.push({ name: node.directory, figure: combine("limit - usage", [limit, node.usage], minus) });
  });
  if (!isServed(sample))
    bounds.push({ name: "host", figure: procFigure(sample, "MemFree", sample.meminfo.memFreeBytes) });
  return smallest(bounds, "min over the container, its visible ancestors and the host").figure;
}

function limitOfAncestor(node: MemoryNode): Figure | null {
  const { value } = node.limit;
  return value === null || value === "max" ? null : figure(value, "limit", [node.limit.term]);
}

/** The first bound is the container's own and must be known; others that cannot be read do not bind. */
export function smallest(
  bounds: readonly Bound[],
  formula: string,
): { figure: Figure; boundBy: string | null } {
  let best: Bound | null = null;
  for (const bound of bounds) {
    const value = bound.figure.value;
    if (value === null) {
      if (bound === bounds[0]) return { figure: boundBy(null, formula, [bound]), boundBy: null };
      continue;
    }
    if (best === null || value < (best.figure.value ?? 0)) best = bound;
  }
  return { figure: boundBy(best?.figure.value ?? null, formula, bounds), boundBy: best?.name ?? null };
}

function boundBy(value: number | null, formula: string, bounds: readonly Bound[]): Figure {
  return {
    value,
    formula,
    // Only --explain asks, and the children of a cgroup may be thousands.
    get from() {
      return [...new Set(bounds.flatMap((bound) => bound.figure.from))];
    },
  };
}

/** MemAvailable; before Linux 3.14, which has none, the most that could be freed: an upper bound. */
export function hostAvailable(sample: MemorySample): Figure {
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
