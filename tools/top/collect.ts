/** One look at the tasks and at the numbers above them. Reads /proc once per look; what only some rows need is read for these. */

import { memoryOomControl } from "../../lib/cgroupfs/v1/memory_oom_control.ts";
import { memoryEvents } from "../../lib/cgroupfs/v2/memory_events.ts";
import type { Container } from "../../lib/container/container.ts";
import { type CpuShareSample, collectCpuShare } from "../../lib/container/cpu_share.ts";
import { type LoadReading, readLoad } from "../../lib/container/load.ts";
import { collectMemory } from "../../lib/container/memory.ts";
import type { MemorySample } from "../../lib/container/memory_model.ts";
import { type PidsModel, readPids } from "../../lib/container/pids.ts";
import { readPressure } from "../../lib/container/pressure.ts";
import { cgroupPids } from "../../lib/container/processes.ts";
import { readUptime } from "../../lib/container/uptime.ts";
import { countUsers } from "../../lib/container/users.ts";
import { attempt, ReadError } from "../../lib/kernfile/kernel_file.ts";
import { loadavg } from "../../lib/procfs/loadavg.ts";
import {
  PROCESS_COLUMN,
  type ProcessTable,
  parseStatInto,
  SCAN_STRIDE,
  type ScanOptions,
  scanProcesses,
} from "../../lib/procfs/process_scan.ts";
import { type CpuTicks, procStat } from "../../lib/procfs/stat.ts";
import { uptime } from "../../lib/procfs/uptime.ts";
import type { TaskSample } from "./tasks.ts";

/** What a look must bring. */
export interface LookOptions {
  readonly threads: boolean;
  /** Only these; null: all. */
  readonly pids: readonly number[] | null;
  readonly scan: ScanOptions;
}

export interface SummarySample {
  readonly realtimeSeconds: number;
  readonly uptimeSeconds: number | null;
  readonly users: number | null;
  readonly load: LoadReading;
  readonly memory: MemorySample;
}

/** What the container's lines need beyond the summary. */
export interface ContainerSample {
  readonly pids: PidsModel;
  readonly pressureCpu: number | null;
  readonly pressureMemory: number | null;
  readonly pressureIo: number | null;
  readonly oomKills: number | null;
  readonly hostTicks: CpuTicks | null;
  readonly hostLoad1: number | null;
}

/**
 * Throws ReadError when /proc cannot be listed. `previous`: a sample whose memory may be used again; without one `expected`
 * tasks get room: a table that is too small costs a second scan.
 */
export function collectTasks(
  container: Container,
  look: LookOptions,
  previous: TaskSample | null,
  expected: number,
): TaskSample {
  const { system } = container;
  const monotonicSeconds = system.monotonicSeconds();
  const uptimeSeconds = attempt(system, "/proc", uptime).value?.uptimeSeconds ?? null;
  const stamp = { monotonicSeconds, uptimeSeconds };
  if (look.pids !== null) {
    const listed = scanListed(container, look.pids);
    return { ...(look.threads ? withThreads(container, listed, look.scan) : listed), ...stamp };
  }
  const reuse: ProcessTable = previous !== null && previous.tgids === null ? previous : emptyTable(expected);
  const table = scanProcesses(system, "/proc", look.scan, reuse);
  if (typeof table === "number") throw new ReadError("/proc", table);
  const own = ownTasks(container, table);
  return { ...(look.threads ? withThreads(container, own, look.scan) : { ...own, tgids: null }), ...stamp };
}

/** With room for one task only the host counts first, which is cheap. */
function emptyTable(expected: number): ProcessTable {
  const rows = new Float64Array((expected === 0 ? 1 : expected + 64) * SCAN_STRIDE);
  return { count: 0, rows, comms: [], cmdlines: null };
}

/** `asked`: what loadcalc said on its socket, for when it has no file. */
export function collectSummary(container: Container, asked: LoadReading | null): SummarySample {
  const { system } = container;
  const users = countUsers(system);
  return {
    realtimeSeconds: system.realtimeSeconds(),
    uptimeSeconds: uptimeOf(container),
    users: users.count,
    load: loadOf(container, asked),
    memory: collectMemory(container),
  };
}

function loadOf(container: Container, asked: LoadReading | null): LoadReading {
  const reading = readLoad(container);
  return reading.load === null && asked !== null ? asked : reading;
}

export function collectCpu(container: Container): CpuShareSample | null {
  try {
    return collectCpuShare(container);
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
}

export function collectContainer(container: Container): ContainerSample {
  const { system } = container;
  const average = (kind: "cpu" | "memory" | "io"): number | null =>
    readPressure(container, kind).value?.some?.avg10 ?? null;
  return {
    pids: readPids(container),
    pressureCpu: average("cpu"),
    pressureMemory: average("memory"),
    pressureIo: average("io"),
    oomKills: readOomKills(container),
    hostTicks: attempt(system, "/proc", procStat).value?.total ?? null,
    hostLoad1: attempt(system, "/proc", loadavg).value?.load1 ?? null,
  };
}

/** v2 memory.events oom_kill, since Linux 4.13; v1 memory.oom_control oom_kill, since 4.13 too. */
function readOomKills(container: Container): number | null {
  const location = container.location("memory");
  if (location === null) return null;
  if (location.version === 2) {
    return attempt(container.system, location.directory, memoryEvents).value?.oom_kill ?? null;
  }
  return attempt(container.system, location.directory, memoryOomControl).value?.oom_kill ?? null;
}

function uptimeOf(container: Container): number | null {
  try {
    return readUptime(container).value;
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
}

/** With a pid namespace that others use too, only what is in the container's cgroup. */
function ownTasks(container: Container, table: ProcessTable): ProcessTable {
  const filtered =
    container.kind === "container" && (container.sharedPidNamespace || container.linesFrom === "--cgroup");
  const pids = filtered ? cgroupPids(container) : null;
  if (pids === null) return table;
  const wanted = new Set(pids);
  const comms: string[] = [];
  const cmdlines: string[] = [];
  for (let row = 0; row < table.count; row++) {
    const pid = (table.rows[row * SCAN_STRIDE] ?? 0) | 0;
    if (!wanted.has(pid)) continue;
    table.rows.copyWithin(comms.length * SCAN_STRIDE, row * SCAN_STRIDE, (row + 1) * SCAN_STRIDE);
    comms.push(table.comms[row] ?? "");
    if (table.cmdlines !== null) cmdlines.push(table.cmdlines[row] ?? "");
  }
  return {
    count: comms.length,
    rows: table.rows,
    comms,
    cmdlines: table.cmdlines === null ? null : cmdlines,
  };
}

/** Every thread of every process; a process whose task folder cannot be read stands for itself (captures have none). */
function withThreads(
  container: Container,
  processes: ProcessTable,
  scan: ScanOptions,
): ProcessTable & { readonly tgids: number[] } {
  let total = 0;
  for (let row = 0; row < processes.count; row++) {
    total += Math.max(1, processes.rows[row * SCAN_STRIDE + PROCESS_COLUMN.num_threads] ?? 1);
  }
  let rows = new Float64Array((total + 64) * SCAN_STRIDE);
  const comms: string[] = [];
  const cmdlines: string[] = [];
  const tgids: number[] = [];
  let previous: ProcessTable | null = null;
  for (let row = 0; row < processes.count; row++) {
    const pid = (processes.rows[row * SCAN_STRIDE] ?? 0) | 0;
    const found = scanProcesses(
      container.system,
      `/proc/${pid}/task`,
      { ...scan, cmdlines: false },
      previous,
    );
    if (typeof found !== "number") previous = found;
    const threads = typeof found === "number" || found.count === 0 ? null : found;
    const count = threads?.count ?? 1;
    if ((comms.length + count) * SCAN_STRIDE > rows.length) {
      const larger = new Float64Array((comms.length + count) * SCAN_STRIDE * 2);
      larger.set(rows);
      rows = larger;
    }
    const source = threads?.rows ?? processes.rows;
    const from = threads === null ? row : 0;
    rows.set(source.subarray(from * SCAN_STRIDE, (from + count) * SCAN_STRIDE), comms.length * SCAN_STRIDE);
    for (let i = 0; i < count; i++) {
      comms.push(threads?.comms[i] ?? processes.comms[row] ?? "");
      cmdlines.push(processes.cmdlines?.[row] ?? "");
      tgids.push(pid);
    }
  }
  return { count: comms.length, rows, comms, cmdlines: processes.cmdlines === null ? null : cmdlines, tgids };
}

/** Only the files of these. */
function scanListed(container: Container, pids: readonly number[]): ProcessTable & { readonly tgids: null } {
  const { system } = container;
  const rows = new Float64Array(pids.length * SCAN_STRIDE).fill(Number.NaN);
  const comms: string[] = [];
  for (const pid of pids) {
    const offset = comms.length * SCAN_STRIDE;
    const text = system.readText(`/proc/${pid}/stat`);
    const comm = typeof text === "number" ? null : parseStatInto(rows, offset, text);
    if (comm === null) {
      rows.fill(Number.NaN, offset, offset + SCAN_STRIDE);
      continue;
    }
    rows[offset] = pid;
    comms.push(comm);
  }
  return { count: comms.length, rows, comms, cmdlines: null, tgids: null };
}
