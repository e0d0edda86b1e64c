/** `procg.host-report/v1`: what containers used against what they may, what would do, and the sum against the host. Pure. */
import type { ContainerDocument } from "../../lib/container/document.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";
import { type Point, type Spread, spreadOf, totalOf } from "./points.ts";
import { type Suggestion, suggestCpu, suggestMemory, suggestPids } from "./suggest.ts";

/** What containers used over a window, against their limits and the host. null: not known. */
export interface HostReport {
  readonly schema: "procg.host-report/v1";
  readonly host: string;
  /** RFC 3339, UTC. */
  readonly generatedAt: string;
  readonly containers: readonly ContainerReport[];
  readonly total: HostTotal;
}

export interface ContainerReport {
  readonly id: string;
  readonly name: string;
  readonly image: string | null;
  readonly window: ReportWindow;
  readonly memory: {
    readonly limitBytes: Limit | null;
    readonly workingSetBytes: Spread;
    /** Most that was ever charged, page cache included: memory.peak, memory.max_usage_in_bytes. */
    readonly kernelPeakBytes: number | null;
    /** In the window. */
    readonly oomKills: number | null;
    /** Since the container's start. */
    readonly oomKillsSinceStart: number | null;
  };
  readonly cpu: {
    readonly quotaCores: Limit | null;
    /** min(CPUs, quota). */
    readonly capacityCores: number | null;
    readonly usedCores: Spread;
    /** Throttled periods / periods. */
    readonly throttledRatio: number | null;
  };
  readonly pids: {
    readonly limit: Limit | null;
    readonly tasks: Spread;
    /** pids.peak. */
    readonly kernelPeak: number | null;
  };
  /** Share of the window in which some task waited; null: the kernel has no such figures for it. */
  readonly pressure: {
    readonly cpuRatio: number | null;
    readonly memoryRatio: number | null;
    readonly ioRatio: number | null;
  };
  readonly suggested: {
    readonly memoryBytes: Suggestion;
    readonly cpuCores: Suggestion;
    readonly pids: Suggestion;
  };
  /** What could not be read, and why. */
  readonly problems: readonly string[];
}

export interface ReportWindow {
  readonly fromUnixMs: number | null;
  readonly toUnixMs: number | null;
  /** What of it was seen. */
  readonly coveredSeconds: number;
  /** The container's own store, which is its own word; looks of this run; both. */
  readonly source: "history" | "samples" | "both" | null;
}

export interface HostTotal {
  readonly containers: number;
  readonly memory: HostSum;
  readonly cpu: HostSum;
  readonly pids: HostSum;
}

export interface HostSum {
  /** Bytes, cores, tasks: what the host has. */
  readonly host: number | null;
  /** Sum of the limits; "max": one has none. */
  readonly limits: Limit | null;
  readonly withoutLimit: number;
  /** Sum of the peaks, which need not have come together, and of the means. */
  readonly peaks: number | null;
  readonly means: number | null;
  /** Where all containers had what is suggested; null: it is not known of one. */
  readonly suggested: number | null;
}

export interface ReportInput {
  readonly document: ContainerDocument;
  readonly stored: readonly Point[];
  readonly live: readonly Point[];
  readonly problems: readonly string[];
}

export function containerReport(
  { document, stored, live, problems }: ReportInput,
  hostMemoryBytes: number | null,
): ContainerReport {
  const points = [...stored, ...live];
  const { memory, cpu, pids, container } = document;
  const first = points[0];
  const source =
    live.length === 0 ? (stored.length === 0 ? null : "history") : stored.length === 0 ? "samples" : "both";
  const pressure = (index: number) => spreadOf(points, (point) => point.pressure[index] ?? null).mean;
  const periods = totalOf(points, (point) => point.periods);
  const throttled = totalOf(points, (point) => point.throttledPeriods);
  const report = {
    id: container.id ?? "",
    name: container.name ?? container.id?.slice(0, 12) ?? "",
    image: container.image,
    window: {
      fromUnixMs: first === undefined ? null : Math.round(first.atMs - first.seconds * 1000),
      toUnixMs: points[points.length - 1]?.atMs ?? null,
      coveredSeconds: points.reduce((sum, point) => sum + point.seconds, 0),
      source,
    } as ReportWindow,
    memory: {
      limitBytes: memory.limitBytes,
      workingSetBytes: spreadOf(points, (point) => point.workingSetBytes),
      kernelPeakBytes: memory.maxUsageBytes,
      oomKills: totalOf(points, (point) => point.oomKills),
      oomKillsSinceStart: memory.events.oomKill,
    },
    cpu: {
      quotaCores: cpu.quotaCores,
      capacityCores: cpu.capacityCores,
      usedCores: spreadOf(points, (point) => point.cpuCores),
      throttledRatio: periods === null || throttled === null ? null : periods === 0 ? 0 : throttled / periods,
    },
    pids: {
      limit: pids.limit,
      tasks: spreadOf(points, (point) => point.tasks),
      kernelPeak: pids.peak,
    },
    pressure: { cpuRatio: pressure(0), memoryRatio: pressure(1), ioRatio: pressure(2) },
    problems,
  };
  const suggested = {
    memoryBytes: suggestMemory(report, hostMemoryBytes),
    cpuCores: suggestCpu(report, cpu.hostCpus),
    pids: suggestPids(report, pids.hostPidMax),
  };
  return { ...report, suggested };
}

export interface HostRoom {
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  readonly pidMax: number | null;
}

export function hostTotal(containers: readonly ContainerReport[], host: HostRoom): HostTotal {
  const sumOf = (
    room: number | null,
    limitOf: (container: ContainerReport) => Limit | null,
    spread: (container: ContainerReport) => Spread,
    suggestion: (container: ContainerReport) => Suggestion,
  ): HostSum => ({
    host: room,
    limits: containers.reduce<Limit | null>((sum, container) => addLimit(sum, limitOf(container)), 0),
    withoutLimit: containers.filter((container) => limitOf(container) === "max").length,
    peaks: add(containers.map((container) => spread(container).peak)),
    means: add(containers.map((container) => spread(container).mean)),
    suggested: add(containers.map((container) => suggestion(container).value)),
  });
  return {
    containers: containers.length,
    memory: sumOf(
      host.memoryBytes,
      (each) => each.memory.limitBytes,
      (each) => each.memory.workingSetBytes,
      (each) => each.suggested.memoryBytes,
    ),
    cpu: sumOf(
      host.cpus,
      (each) => each.cpu.quotaCores,
      (each) => each.cpu.usedCores,
      (each) => each.suggested.cpuCores,
    ),
    pids: sumOf(
      host.pidMax,
      (each) => each.pids.limit,
      (each) => each.pids.tasks,
      (each) => each.suggested.pids,
    ),
  };
}

/** Unknown beats "max": a sum with an unknown part says nothing. */
function addLimit(sum: Limit | null, limit: Limit | null): Limit | null {
  if (sum === null || limit === null) return null;
  return sum === "max" || limit === "max" ? "max" : sum + limit;
}

function add(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return sum;
}
