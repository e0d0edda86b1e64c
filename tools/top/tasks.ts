/** The types that collect, compute and render share: the task table of one look, and what one screen shows of it. */
import type { CpuShareModel } from "../../lib/container/cpu_share.ts";
import type { LoadReading } from "../../lib/container/load.ts";
import type { MemoryModel } from "../../lib/container/memory_model.ts";
import type { LocalTime } from "../../lib/system/system.ts";

/** One look at all tasks; numbers as in lib/procfs/process_scan.ts, SCAN_STRIDE per task. */
export interface TaskTable {
  readonly count: number;
  readonly rows: Float64Array<ArrayBuffer>;
  readonly comms: readonly string[];
  /** NUL between arguments; null: not read with the scan. */
  readonly cmdlines: readonly string[] | null;
  /** Process of each thread; null: the tasks are processes. */
  readonly tgids: readonly number[] | null;
}

/** One look, with the time at which it was taken. */
export interface TaskSample extends TaskTable {
  readonly monotonicSeconds: number;
  /** Seconds since boot, for start times. */
  readonly uptimeSeconds: number | null;
}

export interface TaskCounts {
  readonly total: number;
  readonly running: number;
  readonly sleeping: number;
  readonly stopped: number;
  readonly zombie: number;
}

/** What fields are printed from. `row` is an index into the table. */
export interface TaskView {
  readonly table: TaskSample;
  readonly stride: number;
  /** Clock ticks since the look before; null: there was none. */
  readonly ticks: Float64Array | null;
  /** Major and minor faults since the look before. */
  readonly majorFaults: Float64Array | null;
  readonly minorFaults: Float64Array | null;
  /** Percent per tick: 100 / (ticks per second x seconds x 1 or CPUs). */
  readonly percentPerTick: number;
  /** No %CPU is shown above this. */
  readonly percentMost: number;
  readonly totalMemoryKib: number | null;
  readonly pageKib: number;
  readonly ticksPerSecond: number;
  /** Seconds between the two looks; null: one look only. */
  readonly seconds: number | null;
  readonly userName: (uid: number) => string;
  readonly groupName: (gid: number) => string;
  /** Text of a file of the task, read when first asked for; null: not there or not readable. */
  readonly file: (row: number, name: string) => string | null;
  readonly link: (row: number, name: string) => string | null;
  /** Number of entries of a folder of the task. */
  readonly entries: (row: number, name: string) => number | null;
  /** statm and owner, which may not have come with the scan. */
  readonly completeMemory: (row: number) => void;
  readonly completeOwner: (row: number) => void;
  /** Bytes per second of a task's IO since the look before. */
  readonly ioRate: (row: number, which: "read" | "write") => number | null;
  /** Made safe for a terminal; with `full` the command line. */
  readonly command: (row: number, full: boolean) => string;
  /** Any text of others, made safe for a terminal. */
  readonly safe: (text: string) => string;
}

/** Numbers above the tasks. */
export interface SummaryModel {
  readonly now: LocalTime;
  readonly uptimeSeconds: number | null;
  readonly users: number | null;
  readonly load: LoadReading;
  readonly counts: TaskCounts;
  readonly threads: boolean;
  readonly cpu: CpuShareModel | null;
  readonly memory: MemoryModel;
  readonly container: ContainerModel | null;
}

/** The lines that procps' top does not have. null: not known. */
export interface ContainerModel {
  readonly limitBytes: number | "max" | null;
  readonly limitComplete: boolean;
  readonly quotaCores: number | "max" | null;
  readonly quotaComplete: boolean;
  readonly capacityCores: number | null;
  readonly usedCores: number | null;
  readonly cpusetCpus: readonly number[] | null;
  readonly throttledRatio: number | null;
  readonly throttledSecondsPerSec: number | null;
  readonly pressureCpu: number | null;
  readonly pressureMemory: number | null;
  readonly pressureIo: number | null;
  readonly pidsCurrent: number | null;
  readonly pidsLimit: number | "max" | null;
  readonly oomKills: number | null;
  /** Since top began. */
  readonly oomKillsNew: number | null;
  readonly anonBytes: number | null;
  readonly cacheBytes: number | null;
  readonly shmemBytes: number | null;
  readonly usageBytes: number | null;
  readonly hostCpus: number | null;
  readonly hostMemoryBytes: number;
  readonly hostIdleRatio: number | null;
  readonly hostLoad1: number | null;
}

export type Scale = 0 | 1 | 2 | 3 | 4 | 5;
