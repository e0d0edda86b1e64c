/** What the columns of top read of a task: from the scan of /proc, or from a file of that task. NaN: not known. */
import type { TaskView } from "./tasks.ts";

/** Columns of lib/procfs/process_scan.ts by number: this file may import types only. */
export const PID = 0;
export const STATE = 1;
export const PPID = 2;
export const PGRP = 3;
export const SESSION = 4;
export const TTY = 5;
export const TPGID = 6;
const FLAGS = 7;
export const MINFLT = 8;
export const MAJFLT = 10;
const UTIME = 12;
const STIME = 13;
const CUTIME = 14;
const CSTIME = 15;
export const PRIORITY = 16;
export const NICE = 17;
export const THREADS = 18;
const START = 19;
const VSIZE = 20;
export const RSS = 21;
export const PROCESSOR = 24;
export const POLICY = 26;
const RESIDENT = 31;
export const SHARED = 32;
export const TEXT = 33;
export const DATA = 34;
export const UID = 35;
export const GID = 36;

export type Numbers = (view: TaskView, row: number) => number;

export function at(column: number): Numbers {
  return (view, row) => view.table.rows[row * view.stride + column] ?? Number.NaN;
}

export function statm(column: number): Numbers {
  return (view, row) => {
    const cell = row * view.stride + column;
    let pages = view.table.rows[cell] ?? Number.NaN;
    if (!(pages >= 0)) {
      view.completeMemory(row);
      pages = view.table.rows[cell] ?? 0;
    }
    return pages * view.pageKib;
  };
}

export function owner(column: number): Numbers {
  return (view, row) => {
    const cell = row * view.stride + column;
    const value = view.table.rows[cell] ?? Number.NaN;
    if (value >= 0) return value;
    view.completeOwner(row);
    return view.table.rows[cell] ?? Number.NaN;
  };
}

/** One line of /proc/PID/status. */
function statusLine(view: TaskView, row: number, key: string): string | null {
  const text = view.file(row, "status");
  if (text === null) return null;
  const start = text.indexOf(`\n${key}:`);
  if (start < 0) return null;
  const from = start + key.length + 2;
  const end = text.indexOf("\n", from);
  return text.slice(from, end < 0 ? text.length : end).trim();
}

export function statusKib(key: string): Numbers {
  return (view, row) => Number.parseInt(statusLine(view, row, key) ?? "0", 10) || 0;
}

export function statusId(key: "Uid" | "Gid", index: number): Numbers {
  return (view, row) => Number(statusLine(view, row, key)?.split(/\s+/)[index] ?? Number.NaN);
}

export function smapsKib(keys: readonly string[]): Numbers {
  return (view, row) => {
    const text = view.file(row, "smaps_rollup");
    let sum = 0;
    for (const key of keys) {
      const found = text === null ? null : new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text);
      sum += found === null ? 0 : Number(found[1]);
    }
    return sum;
  };
}

export function ioCount(key: string): Numbers {
  return (view, row) => {
    const text = view.file(row, "io");
    const found = text === null ? null : new RegExp(`^${key}: (\\d+)`, "m").exec(text);
    return found === null ? 0 : Number(found[1]);
  };
}

export function fileNumber(name: string): Numbers {
  return (view, row) => Number.parseInt(view.file(row, name) ?? "0", 10) || 0;
}

export function namespaceInode(name: string): Numbers {
  return (view, row) => Number(/\[(\d+)\]/.exec(view.link(row, `ns/${name}`) ?? "")?.[1] ?? 0);
}

export const startTicks = at(START);
/** As statm has it: the same in stat is not exact since Linux 6.2. */
export const resident = statm(RESIDENT);
/** For the order of all tasks the inexact one will do where statm was not read. */
export const residentOrder: Numbers = (view, row) => {
  const base = row * view.stride;
  const exact = view.table.rows[base + RESIDENT] ?? Number.NaN;
  return (exact >= 0 ? exact : (view.table.rows[base + RSS] ?? 0)) * view.pageKib;
};
export const swapped = statusKib("VmSwap");
export const virtualKib: Numbers = (view, row) => (view.table.rows[row * view.stride + VSIZE] ?? 0) / 1024;

export function ticksOf(view: TaskView, row: number, cumulative: boolean): number {
  const base = row * view.stride;
  const { rows } = view.table;
  const own = (rows[base + UTIME] ?? 0) + (rows[base + STIME] ?? 0);
  return cumulative ? own + (rows[base + CUTIME] ?? 0) + (rows[base + CSTIME] ?? 0) : own;
}

export function elapsedTicks(view: TaskView, row: number): number | null {
  const uptime = view.table.uptimeSeconds;
  return uptime === null ? null : Math.max(0, uptime * view.ticksPerSecond - startTicks(view, row));
}

/** Percent of one CPU (or of all of them) since the look before; null: no look before. */
export function cpuPercent(view: TaskView, row: number, extraTicks = 0): number | null {
  if (view.ticks === null) return null;
  if (view.ticks[row] === 0 && extraTicks === 0) return 0;
  const used = Math.fround(((view.ticks[row] ?? 0) + extraTicks) * view.percentPerTick);
  const threads = view.table.rows[row * view.stride + THREADS] ?? 1;
  const most = extraTicks > 0 ? used : 100 * threads;
  return Math.min(used, most, view.percentMost);
}

export function memoryPercent(view: TaskView, row: number): number | null {
  const total = view.totalMemoryKib;
  return total === null || total <= 0 ? null : Math.fround(Math.fround(resident(view, row) * 100) / total);
}

export function utilisation(cumulative: boolean): Numbers {
  return (view, row) => {
    const elapsed = elapsedTicks(view, row);
    return elapsed === null || elapsed < 1 ? 0 : (ticksOf(view, row, cumulative) * 100) / elapsed;
  };
}

export function ttyName(view: TaskView, row: number): string {
  const device = view.table.rows[row * view.stride + TTY] ?? 0;
  if (device === 0) return "?";
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${minor + (major - 136) * 256}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  if (major === 204) return `ttyAMA${minor - 64}`;
  if (major === 229) return `hvc${minor}`;
  return `${major}/${minor}`;
}

/** Eight hexadecimal digits with dots for the zeros. */
export function flagsText(view: TaskView, row: number): string {
  const flags = (view.table.rows[row * view.stride + FLAGS] ?? 0) >>> 0;
  return flags.toString(16).toUpperCase().padStart(8, "0").replace(/0/g, ".");
}

/** Lines of /proc/PID/cgroup but those of the root, ";" between. */
export function cgroupsText(view: TaskView, row: number): string {
  const lines = (view.file(row, "cgroup") ?? "")
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith(":/"));
  return lines.length === 0 ? "-" : view.safe(lines.join(";"));
}

/** The cgroup's name: the v2 path, else the longest of v1. */
export function cgroupName(view: TaskView, row: number): string {
  const lines = (view.file(row, "cgroup") ?? "")
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith(":/"));
  const named = lines.find((line) => line.includes(":name=")) ?? lines[0];
  if (named === undefined) return "-";
  const at = named.indexOf(":name=");
  return view.safe(at < 0 ? named : named.slice(at + 6));
}

export function dockerId(view: TaskView, row: number): string {
  return (
    /(?:docker[-/]|libpod-|containerd[-:]|crio-|\/)([0-9a-f]{12})[0-9a-f]{52}/.exec(
      view.file(row, "cgroup") ?? "",
    )?.[1] ?? "-"
  );
}

export function groupsText(names: boolean): (view: TaskView, row: number) => string {
  return (view, row) => {
    const gids = statusLine(view, row, "Groups");
    if (gids === null || gids === "") return "-";
    return gids
      .split(/\s+/)
      .map((gid) => (names ? view.groupName(Number(gid)) : gid))
      .join(",");
  };
}

export function environmentText(view: TaskView, row: number): string {
  const text = view.file(row, "environ");
  return text === null || text === "" ? "-" : view.safe(text.replace(/\0+$/, "").replace(/\0/g, " "));
}

export function exeText(view: TaskView, row: number): string {
  const target = view.link(row, "exe");
  return target === null ? "-" : view.safe(target);
}

export function waitText(view: TaskView, row: number): string {
  const text = view.file(row, "wchan") ?? "";
  return text === "" || text === "0" ? "-" : view.safe(text.trim());
}

export const POLICIES = ["TS", "FF", "RR", "B", "ISO", "IDL", "DLN"];
