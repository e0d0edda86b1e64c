/** The container's processes and threads at one look: who uses CPU and memory, who waits, and for what. Names are text of others. */
import type { Container } from "../container/container.ts";
import { cgroupPids } from "../container/processes.ts";
import { countsCgroup, ownPid } from "../container/thread_load.ts";
import { attempt, ReadError } from "../kernfile/kernel_file.ts";
import { type PidSchedstat, pidSchedstat } from "../procfs/pid_schedstat.ts";
import { type PidStat, pidStat } from "../procfs/pid_stat.ts";
import { pidStatus } from "../procfs/pid_status.ts";
import { type ProcessTable, processNumber, processState, scanProcesses } from "../procfs/process_scan.ts";
import type { Errno, System } from "../system/system.ts";

export interface ProcessLook {
  readonly pid: number;
  readonly startTicks: number;
  readonly comm: string;
  readonly cpuUsec: number;
  readonly rssBytes: number;
  /** Without what is shared or of files; null: statm cannot be read. */
  readonly anonBytes: number | null;
}

export interface ThreadLook {
  readonly tid: number;
  readonly pid: number;
  readonly comm: string;
  /** R, S, D, ...; "" where only the waiting time was asked for. */
  readonly state: string;
  /** null: the kernel does not count. */
  readonly schedstat: PidSchedstat | null;
  /** Of threads in D: the kernel function in which it waits, and how often it has slept. */
  readonly wchan: string | null;
  readonly switches: number | null;
}

export interface TasksLook {
  readonly processes: readonly ProcessLook[];
  readonly threads: readonly ThreadLook[];
  /** All there are: more than `threads` holds means that the others were not looked at. */
  readonly threadCount: number;
}

/** Threads that are looked at one by one. */
export const THREADS_MOST = 1024;

/** Throws ReadError where /proc cannot be listed. */
export function lookAtTasks(container: Container, frozen: boolean): TasksLook {
  const { system } = container;
  const table = scanProcesses(system, "/proc", { statm: true });
  if (typeof table === "number") throw new ReadError("/proc", table);
  const own = countsCgroup(container) ? new Set(cgroupPids(container) ?? []) : null;
  const self = ownPid(system);
  const processes: ProcessLook[] = [];
  const threads: ThreadLook[] = [];
  let threadCount = 0;
  for (let row = 0; row < table.count; row++) {
    const pid = processNumber(table, row, "pid");
    if (pid === self || (own !== null && !own.has(pid))) continue;
    processes.push(processLook(system, table, row));
    threadCount += processNumber(table, row, "num_threads");
    if (frozen || processState(table, row) === "Z" || threads.length >= THREADS_MOST) continue;
    addThreads(system, pid, threads);
  }
  return { processes, threads, threadCount };
}

/** Processes alone, for the black box; the errno when /proc cannot be listed. */
export function lookAtProcesses(container: Container): ProcessLook[] | Errno {
  const { system } = container;
  const table = scanProcesses(system, "/proc", { statm: true });
  if (typeof table === "number") return table;
  const own = countsCgroup(container) ? new Set(cgroupPids(container) ?? []) : null;
  const found: ProcessLook[] = [];
  for (let row = 0; row < table.count; row++) {
    if (own === null || own.has(processNumber(table, row, "pid")))
      found.push(processLook(system, table, row));
  }
  return found;
}

function processLook(system: System, table: ProcessTable, row: number): ProcessLook {
  const number = (column: Parameters<typeof processNumber>[2]) => processNumber(table, row, column);
  const ticks = number("utime") + number("stime");
  const anonPages = number("resident") - number("shared");
  return {
    pid: number("pid"),
    startTicks: number("starttime"),
    comm: table.comms[row] ?? "",
    cpuUsec: (ticks * 1e6) / system.clockTicksPerSecond,
    rssBytes: Math.max(0, number("rss")) * system.pageSizeBytes,
    anonBytes: Number.isNaN(anonPages) ? null : Math.max(0, anonPages) * system.pageSizeBytes,
  };
}

function addThreads(system: System, pid: number, threads: ThreadLook[]): void {
  const names = system.readDirectory(`/proc/${pid}/task`);
  // Captures do not always hold it.
  const tids = typeof names === "number" ? [`${pid}`] : names;
  for (const tid of tids) {
    if (threads.length >= THREADS_MOST) return;
    const directory = typeof names === "number" ? `/proc/${pid}` : `/proc/${pid}/task/${tid}`;
    const stat = attempt(system, directory, pidStat).value;
    if (stat !== null) threads.push(threadLook(system, pid, directory, stat));
  }
}

function threadLook(system: System, pid: number, directory: string, stat: PidStat): ThreadLook {
  const waits = stat.state === "D";
  const schedstat = attempt(system, directory, pidSchedstat).value;
  const counts =
    schedstat !== null && (schedstat.runUsec > 0 || schedstat.delayUsec > 0 || schedstat.timeslices > 0);
  return {
    tid: stat.pid,
    pid,
    comm: stat.comm,
    state: stat.state,
    schedstat: counts ? schedstat : null,
    wchan: waits ? waitChannel(system, directory) : null,
    switches: waits ? (attempt(system, directory, pidStatus).value?.voluntary_ctxt_switches ?? null) : null,
  };
}

/** null: the kernel does not tell whoever asks ("0"), or has no such file. */
function waitChannel(system: System, directory: string): string | null {
  const text = system.readText(`${directory}/wchan`);
  return typeof text === "number" || !/^[A-Za-z_][\w.]{0,79}$/.test(text.trim()) ? null : text.trim();
}
