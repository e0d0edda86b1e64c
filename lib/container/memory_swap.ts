/** Swap of a container: v2 limits it alone, v1 together with memory; the machine's swap bounds both. */
import { combine, type Figure, figure, UNKNOWN } from "./figure.ts";
import { minimumLimit } from "./limit.ts";
import { type Bound, isServed, smallest } from "./memory_bounds.ts";
import { limitAsFigure, minus, procFigure } from "./memory_figures.ts";
import type { MemorySample, SwapModel } from "./memory_model.ts";

/** Less than what is in use is not the machine's: lxcfs 5 serves 0 on v2. */
function hostSwap(sample: MemorySample): Figure {
  const said = procFigure(sample, "SwapTotal", sample.meminfo.swapTotalBytes);
  const used = sample.cgroup?.nodes[0]?.swapUsage.value ?? 0;
  return isServed(sample) && said.value !== null && said.value < used
    ? { ...said, value: Number.POSITIVE_INFINITY }
    : said;
}

/** Not known where nothing bounds it. */
const bounded = (least: Figure): Figure =>
  least.value === Number.POSITIVE_INFINITY ? { ...least, value: null } : least;

export function swapOf(sample: MemorySample): SwapModel {
  const { cgroup } = sample;
  const hostTotal = hostSwap(sample);
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
      : bounded(combine("min(swap limit, host SwapTotal)", [limitAsFigure(limit), hostTotal], Math.min));
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
  if (!isServed(sample)) bounds.push({ name: "host", figure: hostFree });
  return {
    totalBytes,
    usedBytes: used,
    freeBytes: smallest(bounds, "min over the container, its visible ancestors and the host SwapFree").figure,
  };
}
