/** The lines above the tasks: those of procps-ng 4, and the container's. */
import type { CpuShare, CpuShareModel, NumberedCpuShare } from "../../lib/container/cpu_share.ts";
import { fixed } from "../../lib/units/fixed.ts";
import { uptimeText } from "../../lib/units/uptime_text.ts";
import type { ContainerModel, Scale, SummaryModel } from "./tasks.ts";

const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** `name`: "top", or the window's name when there are several. */
export function loadLine(model: SummaryModel, name: string): string {
  const { now } = model;
  const clock = [now.hour, now.minute, now.second].map((part) => String(part).padStart(2, "0")).join(":");
  const up = model.uptimeSeconds === null ? "-" : uptimeText(model.uptimeSeconds);
  const users =
    model.users === null
      ? "? users"
      : `${String(model.users).padStart(2)} ${model.users === 1 ? "user" : "users"}`;
  const { load } = model.load;
  const loads =
    load === null
      ? "-, -, -"
      : [load.load1, load.load5, load.load15].map((value) => value.toFixed(2)).join(", ");
  return `${name} - ${clock} up ${up}, ${users},  load average: ${loads}`;
}

export function tasksLine(model: SummaryModel): string {
  const { total, running, sleeping, stopped, zombie } = model.counts;
  const number = (value: number): string => String(value).padStart(3);
  return (
    `${model.threads ? "Threads" : "Tasks"}: ${number(total)} total, ${number(running)} running, ` +
    `${number(sleeping)} sleeping, ${number(stopped)} stopped, ${number(zombie)} zombie`
  );
}

export interface CpuLayout {
  readonly each: boolean;
  /** 0 numbers, 1 bars, 2 blocks. */
  readonly graph: 0 | 1 | 2;
  /** CPUs on one line; 1: one. */
  readonly abreast: number;
  /** Neighbours taken together; 1: none. */
  readonly together: number;
  readonly columns: number;
}

/** One line, or one for each CPU where the kernel tells them apart. */
export function cpuLines(cpu: CpuShareModel | null, layout: CpuLayout): string[] {
  const all = (): string => cpuLine("%Cpu(s):", cpu?.total ?? null, layout, layout.columns);
  if (!layout.each || cpu === null || cpu.cpus === null || cpu.cpus.length === 0) return [all()];
  const width =
    layout.abreast > 1
      ? Math.floor((layout.columns - 3 * (layout.abreast - 1)) / layout.abreast)
      : layout.columns;
  const one = groups(cpu.cpus, layout.together).map(({ label, share }) =>
    cpuLine(label, share, layout, width),
  );
  if (layout.abreast <= 1) return one;
  const lines: string[] = [];
  for (let i = 0; i < one.length; i += layout.abreast) {
    lines.push(
      one
        .slice(i, i + layout.abreast)
        .map((text) => text.padEnd(width))
        .join("   "),
    );
  }
  return lines;
}

function groups(
  cpus: readonly NumberedCpuShare[],
  together: number,
): { readonly label: string; readonly share: CpuShare }[] {
  if (together <= 1) {
    return cpus.map((share) => ({ label: `%Cpu${String(share.cpu).padEnd(3)}:`, share }));
  }
  const result: { label: string; share: CpuShare }[] = [];
  for (let i = 0; i < cpus.length; i += together) {
    const members = cpus.slice(i, i + together);
    const sum = (key: keyof CpuShare): number => members.reduce((total, share) => total + share[key], 0);
    const label = `${members[0]?.cpu}-${members[members.length - 1]?.cpu}`.padEnd(7).slice(0, 7);
    result.push({
      label: `${label}:`,
      share: {
        user: sum("user"),
        nice: sum("nice"),
        system: sum("system"),
        idle: sum("idle"),
        iowait: sum("iowait"),
        irq: sum("irq"),
        softirq: sum("softirq"),
        steal: sum("steal"),
        guest: sum("guest"),
        guestNice: sum("guestNice"),
        total: sum("total"),
      },
    });
  }
  return result;
}

const STATES = [
  ["user", "us"],
  ["system", "sy"],
  ["nice", "ni"],
  ["idle", "id"],
  ["iowait", "wa"],
  ["irq", "hi"],
  ["softirq", "si"],
  ["steal", "st"],
] as const;

function cpuLine(label: string, share: CpuShare | null, layout: CpuLayout, width: number): string {
  if (layout.graph > 0) return cpuGraph(label, share, layout.graph === 1 ? 1 : 2, width);
  const parts = STATES.map(([key, word]) => `${percentText(share, key).padStart(5)} ${word}`);
  return `${label}${parts.join(",")} `;
}

/** Of the total; where nothing passed all of it is idle time. */
function percentText(share: CpuShare | null, key: keyof CpuShare): string {
  if (share === null) return "-";
  if (share.total <= 0) return key === "idle" ? "100.0" : "0.0";
  // In single precision, as procps computes.
  const scale = Math.fround(100 / Math.fround(share.total));
  const value = Math.fround(Math.fround(share[key]) * scale);
  return fixed(Math.min(value, 999.9), 1);
}

function cpuGraph(label: string, share: CpuShare | null, graph: 1 | 2, width: number): string {
  const ratio = (value: number, total: number): number => (total <= 0 ? 0 : (100 * value) / total);
  const user = share === null ? null : ratio(share.user + share.nice, share.total);
  const system = share === null ? null : ratio(share.system + share.irq + share.softirq, share.total);
  const sum = user === null || system === null ? null : user + system;
  const text = (percent: number | null, digits: number): string =>
    percent === null ? "-" : fixed(percent, digits);
  const head = `${label} ${text(user, 1).padStart(5)}/${text(system, 1).padEnd(5)} ${text(sum, 0).padStart(3)}`;
  const room = Math.max(4, Math.min(100, width - head.length - 3));
  return `${head}[${bar([user ?? 0, system ?? 0], room, graph)}]`;
}

/** Percentages as a bar of `room` columns. */
export function bar(percents: readonly number[], room: number, graph: 1 | 2): string {
  let text = "";
  for (const percent of percents) {
    const count = Math.min(room - text.length, Math.max(0, Math.floor((percent * room) / 100 + 0.5)));
    text += (graph === 2 ? "#" : "|").repeat(count);
  }
  return text.padEnd(room);
}

export interface MemoryLayout {
  readonly scale: Scale;
  readonly graph: 0 | 1 | 2;
  readonly columns: number;
}

/** Memory, then swap. */
export function memoryLines(model: SummaryModel, layout: MemoryLayout): string[] {
  const { memory } = model;
  const unit = UNITS[layout.scale] ?? "KiB";
  const cell = (bytes: number | null): string => memoryCell(bytes, layout.scale);
  const total = memory.totalBytes.value;
  const swapTotal = memory.swap.totalBytes.value;
  const swapUsed = memory.swap.usedBytes.value;
  if (layout.graph > 0) {
    const used = memory.usedBytes.value;
    const line = (label: string, part: number | null, whole: number | null): string => {
      const percent = part === null || whole === null ? null : whole <= 0 ? 0 : (100 * part) / whole;
      const text = percent === null ? "-" : fixed(percent, 1);
      const head = `${unit} ${label}:${text.padStart(5)}/${cell(whole).padEnd(9)}`;
      const room = Math.max(4, Math.min(100, layout.columns - head.length - 3));
      return `${head}[${bar([percent ?? 0], room, layout.graph === 1 ? 1 : 2)}]`;
    };
    return [line("Mem ", used, total), line("Swap", swapUsed, swapTotal)];
  }
  return [
    `${unit} Mem : ${cell(total)}total, ${cell(memory.freeBytes.value)}free, ${cell(memory.usedBytes.value)}used, ` +
      `${cell(memory.buffCacheBytes.value)}buff/cache     `,
    `${unit} Swap: ${cell(swapTotal)}total, ${cell(memory.swap.freeBytes.value)}free, ${cell(swapUsed)}used. ` +
      `${cell(memory.availableBytes.value)}avail Mem `,
  ];
}

/** Nine columns with the blank behind; "+" in its place where the number is too long. */
function memoryCell(bytes: number | null, scale: Scale): string {
  if (bytes === null) return "-".padStart(8).concat(" ");
  const value = Math.fround(Math.fround(bytes / 1024) / 1024 ** scale);
  const text = `${fixed(value, scale === 0 ? 0 : 1)} `;
  return text.length > 9 ? `${text.slice(0, 8)}+` : text.padStart(9);
}

/** What the kernel holds against this container, and the host for contrast: three lines of at most 80 columns. */
export function containerLines(model: ContainerModel): string[] {
  const cores = (value: number | "max" | null): string =>
    value === null ? "-" : value === "max" ? "max" : trimmed(value);
  const cpuset = model.cpusetCpus === null ? "-" : cpuList(model.cpusetCpus);
  const throttled = model.throttledRatio === null ? "-" : fixed(100 * model.throttledRatio, 1);
  const stalled =
    model.throttledSecondsPerSec === null ? "-" : String(Math.round(1000 * model.throttledSecondsPerSec));
  const limit =
    model.limitBytes === null ? "-" : model.limitBytes === "max" ? "max" : `${sizeText(model.limitBytes)}`;
  const some = (value: number | null): string => (value === null ? "-" : value.toFixed(2));
  const pids = `${model.pidsCurrent ?? "-"}/${model.pidsLimit ?? "-"}`;
  const bound = (complete: boolean): string => (complete ? "" : "?");
  return [
    `Limit : ${limit}${bound(model.limitComplete)} mem, ${cores(model.quotaCores)}${bound(model.quotaComplete)} cores, ` +
      `cpus ${cpuset}, throttled ${throttled}%, ${stalled} ms/s`,
    `Stall : ${some(model.pressureCpu)} cpu, ${some(model.pressureMemory)} mem, ${some(model.pressureIo)} io, ` +
      `${pids} pids, ${model.oomKills ?? "-"} oom kills, ${model.oomKillsNew ?? "-"} new`,
    `Host  : ${model.hostCpus ?? "-"} cpus, ${sizeText(model.hostMemoryBytes)} mem, ` +
      `${model.hostIdleRatio === null ? "-" : fixed(100 * model.hostIdleRatio, 1)} id, load ${some(model.hostLoad1)}`,
  ];
}

function trimmed(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < 5) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : fixed(value, 1)} ${unit === 0 ? "B" : UNITS[unit - 1]}`;
}

/** "0-3,8". */
export function cpuList(cpus: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < cpus.length; ) {
    let end = i;
    while (end + 1 < cpus.length && cpus[end + 1] === (cpus[end] ?? 0) + 1) end++;
    parts.push(end === i ? String(cpus[i]) : `${cpus[i]}-${cpus[end]}`);
    i = end + 1;
  }
  return parts.join(",");
}
