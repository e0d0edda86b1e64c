/** The rows of vmstat, as procps-ng prints them. */
import type { LocalTime } from "../../lib/system/system.ts";
import type { VmstatModel } from "./compute.ts";

export interface Layout {
  readonly wide: boolean;
  /** inact and active in place of buff and cache. */
  readonly active: boolean;
  readonly guest: boolean;
  /** Columns thr, pc, pm, pi: throttled periods and pressure. */
  readonly limits: boolean;
  readonly timestamp: boolean;
  /** Bytes in a unit of the memory columns. */
  readonly unitBytes: number;
}

export function renderHeader(layout: Layout, zone: string): string {
  const { wide, active, guest, limits } = layout;
  const memory = wide ? "-----------------------memory----------------------" : "-----------memory----------";
  const procs = wide ? "--procs--" : "procs";
  const cpu = guest
    ? wide
      ? "----------cpu----------"
      : "-------cpu-------"
    : wide
      ? "--------cpu--------"
      : "------cpu-----";
  const first = [procs, memory, "---swap--", "-----io----", "-system--", cpu];
  const names = ["r", "b", "swpd", "free", ...(active ? ["inact", "active"] : ["buff", "cache"])];
  names.push("si", "so", "bi", "bo", "in", "cs", "us", "sy", "id", "wa", "st");
  if (guest) names.push("gu");
  if (limits) {
    first.push("----limits-----");
    names.push("thr", "pc", "pm", "pi");
  }
  if (layout.timestamp) first.push("-----timestamp-----");
  const widths = columnWidths(layout);
  let second = names.map((name, i) => name.padStart(widths[i] ?? 0)).join(" ");
  if (layout.timestamp) second += ` ${zone.padStart(19)}`;
  return `${first.join(" ")}\n${second}\n`;
}

export function renderRow(model: VmstatModel, layout: Layout, now: LocalTime): string {
  const { now: sample } = model;
  const memory = (bytes: number | null): string =>
    bytes === null ? "-" : String(Math.trunc(bytes / layout.unitBytes));
  const pages = (perSec: number | null): string =>
    rounded(perSec === null ? null : perSec / layout.unitBytes);
  const blocks = (perSec: number | null): string => rounded(perSec === null ? null : perSec / 1024);
  const cells = [
    rounded(sample.running),
    rounded(sample.blocked),
    memory(sample.swapUsedBytes),
    memory(sample.freeBytes),
    memory(layout.active ? sample.inactiveBytes : sample.buffersBytes),
    memory(layout.active ? sample.activeBytes : sample.cacheBytes),
    pages(model.swapInBytesPerSec),
    pages(model.swapOutBytesPerSec),
    blocks(model.readBytesPerSec),
    blocks(model.writtenBytesPerSec),
    rounded(model.interruptsPerSec),
    rounded(model.contextSwitchesPerSec),
    percent(model.userRatio),
    percent(model.systemRatio),
    percent(model.idleRatio),
    percent(model.iowaitRatio),
    percent(model.stealRatio),
  ];
  if (layout.guest) cells.push(percent(model.guestRatio));
  if (layout.limits) {
    const pressure = model.pressureRatio;
    cells.push(percent(model.throttledRatio), percent(pressure?.cpu ?? null));
    cells.push(percent(pressure?.memory ?? null), percent(pressure?.io ?? null));
  }
  const stamp = layout.timestamp ? ` ${renderTimestamp(now)}` : "";
  return `${joinCells(cells, columnWidths(layout))}${stamp}\n`;
}

/** A cell that is wider than its column takes the room from the columns behind it, as far as they have any. */
function joinCells(cells: readonly string[], widths: readonly number[]): string {
  let line = "";
  let end = -1;
  cells.forEach((cell, i) => {
    end += (widths[i] ?? 0) + 1;
    const start = i === 0 ? 0 : line.length + 1;
    line = `${i === 0 ? "" : `${line} `}${cell.padStart(end - start)}`;
  });
  return line;
}

function columnWidths({ wide, guest, limits }: Layout): number[] {
  const widths = wide
    ? [4, 4, 12, 12, 12, 12, 4, 4, 5, 5, 4, 4, 3, 3, 3, 3, 3]
    : [2, 2, 6, 6, 6, 6, 4, 4, 5, 5, 4, 4, 2, 2, 2, 2, 2];
  if (guest) widths.push(wide ? 3 : 2);
  if (limits) widths.push(3, 3, 3, 3);
  return widths;
}

function rounded(value: number | null): string {
  return value === null ? "-" : String(Math.round(value));
}

function percent(ratio: number | null): string {
  return ratio === null ? "-" : String(Math.round(ratio * 100));
}

export function renderTimestamp(time: LocalTime): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${time.year}-${two(time.month)}-${two(time.day)}`;
  return `${date} ${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
}
