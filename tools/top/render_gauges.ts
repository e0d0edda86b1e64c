/** Gauges of CPU and memory with a short history, in at most the width of the screen. */
import { fixed } from "../../lib/units/fixed.ts";
import type { SummaryModel } from "./tasks.ts";

export interface GaugePart {
  readonly text: string;
  /** One of the eight colours; null: plain. */
  readonly color: number | null;
}

const LEVELS = "▁▂▃▄▅▆▇█";
const LEVELS_ASCII = "_.-:=+*#";

/** Newest last; null where there is nothing yet. */
export function sparkline(history: readonly number[], length: number, utf8: boolean): string {
  const levels = utf8 ? LEVELS : LEVELS_ASCII;
  return history
    .slice(-length)
    .map((ratio) => levels.charAt(Math.min(7, Math.max(0, Math.floor(ratio * 8)))))
    .join("");
}

export function gaugeLines(
  summary: SummaryModel,
  cpuHistory: readonly number[],
  memoryHistory: readonly number[],
  columns: number,
  utf8: boolean,
): GaugePart[][] {
  const spark = Math.max(0, Math.min(30, columns - 50));
  const room = Math.max(8, Math.min(40, columns - 32 - (spark > 0 ? spark + 2 : 0)));
  const fill = utf8 ? "█" : "|";
  const share = summary.cpu?.total ?? null;
  const busy = share === null || share.total <= 0 ? null : Math.max(0, 1 - share.idle / share.total);
  const capacity = summary.cpu?.capacityCores ?? null;
  const cores = capacity === null ? "" : ` of ${Math.round(capacity * 100) / 100}`;
  const cpuText = busy === null ? "-" : `${fixed(100 * busy, 1)}%${cores}`;
  const cpuBar = fill.repeat(busy === null ? 0 : Math.round(Math.min(1, busy) * room));
  const line = (
    label: string,
    bar: readonly GaugePart[],
    text: string,
    history: readonly number[],
  ): GaugePart[] => {
    const used = bar.reduce((sum, part) => sum + part.text.length, 0);
    return [
      { text: `${label}[`, color: null },
      ...bar,
      { text: `${" ".repeat(Math.max(0, room - used))}] ${text.padEnd(18)}`, color: null },
      { text: spark > 0 ? ` ${sparkline(history, spark, utf8)}` : "", color: 6 },
    ];
  };
  const hot = busy !== null && busy > 0.9 ? 1 : 2;
  return [
    line("CPU ", [{ text: cpuBar, color: hot }], cpuText, cpuHistory),
    line("Mem ", memoryBar(summary, room, utf8), memoryText(summary), memoryHistory),
  ];
}

/** Anonymous memory, shared memory, page cache: one after the other against the limit. */
function memoryBar(summary: SummaryModel, room: number, utf8: boolean): GaugePart[] {
  const total = summary.memory.totalBytes.value;
  if (total === null || total <= 0) return [];
  const container = summary.container;
  const columns = (bytes: number | null): number => Math.round((Math.max(0, bytes ?? 0) / total) * room);
  let left = room;
  const part = (count: number, wide: string, ascii: string, color: number): GaugePart => {
    const length = Math.min(left, count);
    left -= length;
    return { text: (utf8 ? wide : ascii).repeat(length), color };
  };
  if (container !== null && container.anonBytes !== null) {
    const shmem = container.shmemBytes ?? 0;
    return [
      part(columns(container.anonBytes), "█", "|", 2),
      part(columns(shmem), "▓", "#", 5),
      part(columns((container.cacheBytes ?? 0) - shmem), "░", ":", 3),
    ];
  }
  return [
    part(columns(summary.memory.usedBytes.value), "█", "|", 2),
    part(columns(summary.memory.buffCacheBytes.value), "░", ":", 3),
  ];
}

function memoryText(summary: SummaryModel): string {
  const used = summary.memory.usedBytes.value;
  const total = summary.memory.totalBytes.value;
  const mebi = (bytes: number): string => fixed(bytes / 1048576, bytes < 1048576000 ? 1 : 0);
  return `${used === null ? "-" : mebi(used)}/${total === null ? "-" : mebi(total)}M`;
}
