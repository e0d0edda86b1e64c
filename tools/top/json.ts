/** top --json and top --explain: loaded only when asked for. */
import type { Container } from "../../lib/container/container.ts";
import { shareRatio } from "../../lib/container/cpu_share.ts";
import { explainContainer, explainFigures } from "../../lib/container/explain.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";
import type { Frame } from "./frames.ts";
import type { FieldStyle } from "./render_field_kinds.ts";
import { FIELDS } from "./render_fields.ts";
import type { ContainerModel } from "./tasks.ts";

/** `procg.top/v1`, one per frame. Ratios 0 ... 1; null: not known. */
export interface TopDocument {
  readonly schema: "procg.top/v1";
  readonly intervalSeconds: number | null;
  readonly uptimeSeconds: number | null;
  readonly users: number | null;
  readonly load1: number | null;
  readonly load5: number | null;
  readonly load15: number | null;
  readonly loadSource: string | null;
  readonly tasks: {
    readonly threads: boolean;
    readonly total: number;
    readonly running: number;
    readonly sleeping: number;
    readonly stopped: number;
    readonly zombie: number;
  };
  readonly cpu: {
    /** "cgroup", "machine", or who serves a virtual /proc. */
    readonly source: string | null;
    /** Cores that 1 means; null on a machine. */
    readonly capacityCores: number | null;
    readonly userRatio: number | null;
    readonly systemRatio: number | null;
    readonly niceRatio: number | null;
    readonly idleRatio: number | null;
    readonly iowaitRatio: number | null;
    readonly irqRatio: number | null;
    readonly softirqRatio: number | null;
    readonly stealRatio: number | null;
    readonly cpus: readonly { readonly cpu: number; readonly idleRatio: number | null }[] | null;
  };
  readonly memory: {
    readonly totalBytes: number | null;
    readonly limitBytes: Limit | null;
    readonly limitComplete: boolean;
    readonly usedBytes: number | null;
    readonly freeBytes: number | null;
    readonly buffCacheBytes: number | null;
    readonly availableBytes: number | null;
    readonly totalSource: string;
  };
  readonly swap: {
    readonly totalBytes: number | null;
    readonly usedBytes: number | null;
    readonly freeBytes: number | null;
  };
  /** null on a machine. */
  readonly container: Omit<ContainerModel, "limitBytes" | "limitComplete"> | null;
  readonly processes: readonly ProcessDocument[];
}

interface ProcessDocument {
  readonly pid: number;
  readonly tgid: number;
  readonly ppid: number;
  readonly user: string;
  readonly uid: number;
  readonly state: string;
  readonly priority: number;
  readonly nice: number;
  readonly threads: number;
  readonly virtualBytes: number;
  readonly residentBytes: number;
  readonly sharedBytes: number;
  /** Cores: 1 is one CPU all of the time. null: first look. */
  readonly cpuCores: number | null;
  /** Of the container's memory. */
  readonly memoryRatio: number | null;
  readonly cpuTimeUs: number;
  readonly startedSecondsAfterBoot: number;
  readonly name: string;
  readonly commandLine: string;
}

const STYLE: FieldStyle = {
  taskScale: 0,
  zeros: true,
  cumulativeTime: false,
  commandLine: false,
  timeTarget: 0,
};

export function topJson(container: Container, frame: Frame, rows: readonly number[]): string {
  return `${JSON.stringify(topDocument(container, frame, rows))}\n`;
}

function topDocument(container: Container, { view, summary }: Frame, rows: readonly number[]): TopDocument {
  const { cpu, memory, load } = summary;
  const share = cpu?.total ?? null;
  const ratio = (part: Parameters<typeof shareRatio>[1]): number | null =>
    share === null ? null : shareRatio(share, part);
  let containerPart: TopDocument["container"] = null;
  if (container.kind === "container" && summary.container !== null) {
    const { limitBytes: _limit, limitComplete: _complete, ...rest } = summary.container;
    containerPart = rest;
  }
  return {
    schema: "procg.top/v1",
    intervalSeconds: view.seconds,
    uptimeSeconds: summary.uptimeSeconds,
    users: summary.users,
    load1: load.load?.load1 ?? null,
    load5: load.load?.load5 ?? null,
    load15: load.load?.load15 ?? null,
    loadSource: load.source,
    tasks: { threads: summary.threads, ...summary.counts },
    cpu: {
      source: cpu?.source ?? null,
      capacityCores: cpu?.capacityCores ?? null,
      userRatio: ratio("user"),
      systemRatio: ratio("system"),
      niceRatio: ratio("nice"),
      idleRatio: ratio("idle"),
      iowaitRatio: ratio("iowait"),
      irqRatio: ratio("irq"),
      softirqRatio: ratio("softirq"),
      stealRatio: ratio("steal"),
      cpus: cpu?.cpus?.map((one) => ({ cpu: one.cpu, idleRatio: shareRatio(one, "idle") })) ?? null,
    },
    memory: {
      totalBytes: memory.totalBytes.value,
      limitBytes: memory.limit.value,
      limitComplete: memory.limit.complete,
      usedBytes: memory.usedBytes.value,
      freeBytes: memory.freeBytes.value,
      buffCacheBytes: memory.buffCacheBytes.value,
      availableBytes: memory.availableBytes.value,
      totalSource: memory.source,
    },
    swap: {
      totalBytes: memory.swap.totalBytes.value,
      usedBytes: memory.swap.usedBytes.value,
      freeBytes: memory.swap.freeBytes.value,
    },
    container: containerPart,
    processes: rows.map((row) => processDocument(view, row)),
  };
}

function processDocument(view: Frame["view"], row: number): ProcessDocument {
  const number = (name: string): number => Number(fieldOf(name).order(view, row, STYLE));
  const text = (name: string, width = 512): string => fieldOf(name).text(view, row, STYLE, width);
  const pid = number("PID");
  const total = view.totalMemoryKib;
  const resident = number("RES");
  return {
    pid,
    tgid: number("TGID"),
    ppid: number("PPID"),
    user: text("USER"),
    uid: number("UID"),
    state: text("S"),
    priority: number("PR"),
    nice: number("NI"),
    threads: number("nTH"),
    virtualBytes: number("VIRT") * 1024,
    residentBytes: resident * 1024,
    sharedBytes: number("SHR") * 1024,
    cpuCores:
      view.ticks === null || view.seconds === null || view.seconds <= 0
        ? null
        : (view.ticks[row] ?? 0) / view.ticksPerSecond / view.seconds,
    memoryRatio: total === null || total <= 0 ? null : resident / total,
    cpuTimeUs: (number("TIME+") * 1e6) / view.ticksPerSecond,
    startedSecondsAfterBoot: number("STARTED") / view.ticksPerSecond,
    name: view.command(row, false),
    commandLine: view.command(row, true),
  };
}

function fieldOf(name: string): (typeof FIELDS)[number] {
  const field = FIELDS.find((one) => one.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  return field;
}

export function explainTop(container: Container, { summary }: Frame): string {
  const { cpu, memory } = summary;
  const share = cpu?.total ?? null;
  const percent = (part: "user" | "system" | "idle"): number | null =>
    share === null || share.total <= 0 ? null : (100 * share[part]) / share.total;
  const whole =
    cpu?.source === "cgroup"
      ? `CPU time of the cgroup / (${cpu.capacityCores ?? "-"} cores x ${cpu.seconds?.toFixed(3) ?? "-"} s)`
      : "ticks of /proc/stat / their sum";
  const part = (part: "user" | "system" | "idle") => ({
    value: percent(part),
    formula: cpu?.problem ?? whole,
    from: [],
  });
  return (
    explainContainer(container) +
    explainFigures("%Cpu(s), percent", [
      ["us", part("user")],
      ["sy", part("system")],
      ["id", part("idle")],
    ]) +
    explainFigures("Mem, bytes", [
      ["total", memory.totalBytes],
      ["free", memory.freeBytes],
      ["used", memory.usedBytes],
      ["buff/cache", memory.buffCacheBytes],
      ["avail", memory.availableBytes],
    ]) +
    explainFigures("Swap, bytes", [
      ["total", memory.swap.totalBytes],
      ["free", memory.swap.freeBytes],
      ["used", memory.swap.usedBytes],
    ]) +
    explainFigures("load average", [
      [
        "1 minute",
        {
          value: summary.load.load?.load1 ?? null,
          formula: summary.load.problem ?? `as ${summary.load.source} keeps it`,
          from: [],
        },
      ],
    ])
  );
}
