/** The table of free, as procps-ng 4.0 prints it. */
import type { MemoryModel } from "../../lib/container/memory_model.ts";
import { scaleHuman } from "../../lib/units/memory_size.ts";

/** bytes / base^exponent: whole units, cut. */
export interface Unit {
  readonly base: 1000 | 1024;
  readonly exponent: number;
}

export interface Layout {
  readonly human: boolean;
  readonly si: boolean;
  readonly unit: Unit;
  readonly wide: boolean;
  readonly lowHigh: boolean;
  readonly oneLine: boolean;
  readonly total: boolean;
  readonly committed: boolean;
}

const HEADER = "               total        used        free      shared  buff/cache   available\n";
const HEADER_WIDE =
  "               total        used        free      shared     buffers       cache   available\n";

export function renderMemory(model: MemoryModel, layout: Layout): string {
  const cell = (bytes: number | null): string => formatCell(bytes, layout).padStart(11);
  const row = (label: string, values: readonly (number | null)[]): string =>
    `${label.padEnd(9)}${values.map(cell).join(" ")}\n`;
  const total = model.totalBytes.value;
  const used = model.usedBytes.value;
  const free = model.freeBytes.value;
  const swapTotal = model.swap.totalBytes.value;
  const swapUsed = model.swap.usedBytes.value;
  const swapFree = model.swap.freeBytes.value;
  if (layout.oneLine) {
    const cache = cell(model.buffCacheBytes.value);
    return `SwapUse ${cell(swapUsed)} CachUse ${cache}  MemUse ${cell(used)} MemFree ${cell(free)} \n`;
  }
  const caches = layout.wide
    ? [model.buffersBytes.value, model.cacheBytes.value]
    : [model.buffCacheBytes.value];
  const shared = model.sharedBytes.value;
  let text = layout.wide ? HEADER_WIDE : HEADER;
  text += row("Mem:", [total, used, free, shared, ...caches, model.availableBytes.value]);
  if (layout.lowHigh) {
    // No low memory is told apart on any machine that procg runs on: all of it is low.
    text += row("Low:", [total, difference(total, free), free]);
    text += row("High:", [0, 0, 0]);
  }
  text += row("Swap:", [swapTotal, swapUsed, swapFree]);
  if (layout.total)
    text += row("Total:", [plus(total, swapTotal), plus(used, swapUsed), plus(free, swapFree)]);
  if (layout.committed) {
    const limit = model.commitLimitBytes.value;
    const committed = model.committedBytes.value;
    text += row("Comm:", [limit, committed, difference(limit, committed)]);
  }
  return text;
}

function formatCell(bytes: number | null, layout: Layout): string {
  if (bytes === null) return "-";
  if (layout.human) return scaleHuman(bytes, layout.si);
  const { base, exponent } = layout.unit;
  return String(Math.trunc(bytes / base ** exponent));
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function difference(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}
