/**
 * All processes (or, with /proc/PID/task, all threads) as one table of numbers: PID/stat, and on demand PID/statm,
 * PID/cmdline and the owner of PID.
 *
 * Times in clock ticks, rss and statm in pages, vsize in bytes, as the kernel writes them; NaN where the kernel writes no such
 * field or it was not asked for. Processes that end meanwhile are left out; so is what may not be read (hidepid). An
 * IO error is neither: then the table is not whole, and there is none.
 * See Documentation/filesystems/proc.rst, tables 1-3 and 1-4; delayacct_blkio_ticks since 2.6.18, guest_time since 2.6.24.
 */
import { EIO } from "../system/errno.ts";
import { type ProcessScanner, processScanner } from "../system/process_scanner.ts";
import type { Errno, System } from "../system/system.ts";

/** Doubles per row. The same number and columns as in build/quickjs/host_process_scan.c. */
export const SCAN_STRIDE = 40;

export const PROCESS_COLUMN = {
  pid: 0,
  /** Char code of the state letter. */
  state: 1,
  ppid: 2,
  pgrp: 3,
  session: 4,
  tty_nr: 5,
  tpgid: 6,
  flags: 7,
  minflt: 8,
  cminflt: 9,
  majflt: 10,
  cmajflt: 11,
  utime: 12,
  stime: 13,
  cutime: 14,
  cstime: 15,
  priority: 16,
  nice: 17,
  num_threads: 18,
  starttime: 19,
  vsize: 20,
  rss: 21,
  wchan: 22,
  exit_signal: 23,
  processor: 24,
  rt_priority: 25,
  policy: 26,
  delayacct_blkio_ticks: 27,
  guest_time: 28,
  cguest_time: 29,
  /** statm, with `statm`. */
  size: 30,
  resident: 31,
  shared: 32,
  text: 33,
  data: 34,
  /** Owner of the process' directory, with `owner`. */
  uid: 35,
  gid: 36,
} as const;

export type ProcessColumn = keyof typeof PROCESS_COLUMN;

export interface ScanOptions {
  readonly cmdlines?: boolean;
  readonly statm?: boolean;
  readonly owner?: boolean;
}

export interface ProcessTable {
  readonly count: number;
  /** SCAN_STRIDE numbers per process, ascending by pid. */
  readonly rows: Float64Array<ArrayBuffer>;
  readonly comms: readonly string[];
  /** NUL between and after the arguments, as in the file; "" for kernel threads. Null when not asked for. */
  readonly cmdlines: readonly string[] | null;
}

/**
 * One pass over `dir` ("/proc"). `previous`: a table of the same caller that is not needed any more; its memory is used
 * again. Returns the errno when `dir` itself cannot be read, or a process for another reason than that it ended or is hidden.
 */
export function scanProcesses(
  system: System,
  dir: string,
  options: ScanOptions = {},
  previous: ProcessTable | null = null,
): ProcessTable | Errno {
  const scanner = processScanner(system);
  const table =
    scanner === null
      ? scanByFiles(system, dir, options)
      : scanByHost(scanner, dir, options, previous?.rows ?? new Float64Array(FIRST_ROWS * SCAN_STRIDE));
  return typeof table === "number" || isAscending(table) ? table : sorted(table);
}

/**
 * One number of process `row` (0 ... count - 1).
 *
 * A whole number comes back as the engine's integer: QuickJS hashes 5 out of a Float64Array and 5 out of Number("5")
 * differently, so that one does not find the other as the key of a Map or in a Set.
 */
export function processNumber(table: ProcessTable, row: number, column: ProcessColumn): number {
  const value = table.rows[row * SCAN_STRIDE + PROCESS_COLUMN[column]] ?? Number.NaN;
  const integer = value | 0;
  return integer === value ? integer : value;
}

/** The state letter: "R", "S", "D", "Z", "T", "t", "X", "I", ... */
export function processState(table: ProcessTable, row: number): string {
  return String.fromCharCode(processNumber(table, row, "state"));
}

/**
 * The numbers of one stat file into `rows` from `offset` on (column pid is left alone), and comm; null when the text is
 * not a stat file. comm lies between the first "(" and the last ")".
 */
export function parseStatInto(rows: Float64Array, offset: number, text: string): string | null {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const fields = text
    .slice(close + 1)
    .trim()
    .split(" ");
  const state = fields[0] ?? "";
  if (open < 0 || close < open || state === "") return null;
  rows[offset + PROCESS_COLUMN.state] = state.charCodeAt(0);
  const last = Math.min(fields.length - 1, STAT_COLUMNS.length);
  for (let i = 1; i <= last; i++) {
    const column = STAT_COLUMNS[i - 1] ?? -1;
    if (column >= 0) rows[offset + column] = Number(fields[i]);
  }
  return text.slice(open + 1, close);
}

const FIRST_ROWS = 256;

/** stat fields 4, 5, ... -> column; -1: left out (itrealvalue; rsslim ... sigcatch; nswap, cnswap). */
const STAT_COLUMNS: readonly number[] = [
  ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
  ...[-1, 19, 20, 21],
  ...[-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 22, -1, -1, 23, 24, 25, 26, 27, 28, 29],
];

/** statm fields -> column. The fifth (lib) has been 0 since 2.6. */
const STATM_COLUMNS: readonly number[] = [30, 31, 32, 33, -1, 34];

function scanByHost(
  scanner: ProcessScanner,
  dir: string,
  options: ScanOptions,
  rows: Float64Array<ArrayBuffer>,
): ProcessTable | Errno {
  for (;;) {
    const comms: string[] = [];
    const cmdlines: string[] | null = options.cmdlines === true ? [] : null;
    const statm = options.statm === true;
    const count = scanner.scanProcesses(dir, rows.buffer, comms, cmdlines, statm, options.owner === true);
    if (count < 0) return count;
    if (count * SCAN_STRIDE <= rows.length) return { count, rows, comms, cmdlines };
    rows = new Float64Array(Math.max(2 * rows.length, (count + 16) * SCAN_STRIDE));
  }
}

function scanByFiles(system: System, dir: string, options: ScanOptions): ProcessTable | Errno {
  const names = system.readDirectory(dir);
  if (typeof names === "number") return names;
  const pids = names.filter((name) => /^[1-9][0-9]{0,8}$/.test(name));
  const rows = new Float64Array(pids.length * SCAN_STRIDE).fill(Number.NaN);
  const comms: string[] = [];
  const cmdlines: string[] = [];
  for (const pid of pids) {
    const offset = comms.length * SCAN_STRIDE;
    const stat = system.readText(`${dir}/${pid}/stat`);
    if (stat === EIO) return EIO;
    const comm = typeof stat === "number" ? null : parseStatInto(rows, offset, stat);
    if (comm === null) continue;
    if (options.owner === true) {
      const status = system.lstat(`${dir}/${pid}`);
      if (typeof status === "number") {
        rows.fill(Number.NaN, offset, offset + SCAN_STRIDE);
        continue;
      }
      rows[offset + PROCESS_COLUMN.uid] = status.uid;
      rows[offset + PROCESS_COLUMN.gid] = status.gid;
    }
    if (options.statm === true) parseStatmInto(rows, offset, system.readText(`${dir}/${pid}/statm`));
    if (options.cmdlines === true) {
      const cmdline = system.readText(`${dir}/${pid}/cmdline`);
      cmdlines.push(typeof cmdline === "number" ? "" : cmdline);
    }
    rows[offset + PROCESS_COLUMN.pid] = Number(pid);
    comms.push(comm);
  }
  return { count: comms.length, rows, comms, cmdlines: options.cmdlines === true ? cmdlines : null };
}

function parseStatmInto(rows: Float64Array, offset: number, text: string | Errno): void {
  if (typeof text === "number") return;
  const fields = text.trim().split(" ");
  for (let i = 0; i < Math.min(fields.length, STATM_COLUMNS.length); i++) {
    const column = STATM_COLUMNS[i] ?? -1;
    if (column >= 0 && fields[i] !== "") rows[offset + column] = Number(fields[i]);
  }
}

/** The kernel lists processes by pid; a tree on a disk may not. */
function isAscending(table: ProcessTable): boolean {
  for (let row = 1; row < table.count; row++) {
    if (pidOf(table, row) < pidOf(table, row - 1)) return false;
  }
  return true;
}

function sorted(table: ProcessTable): ProcessTable {
  const order = Array.from({ length: table.count }, (_, row) => row);
  order.sort((a, b) => pidOf(table, a) - pidOf(table, b));
  const rows = new Float64Array(table.rows.length);
  order.forEach((from, to) => {
    rows.set(table.rows.subarray(from * SCAN_STRIDE, (from + 1) * SCAN_STRIDE), to * SCAN_STRIDE);
  });
  const pick = (list: readonly string[]): string[] => order.map((row) => list[row] ?? "");
  const cmdlines = table.cmdlines === null ? null : pick(table.cmdlines);
  return { count: table.count, rows, comms: pick(table.comms), cmdlines };
}

function pidOf(table: ProcessTable, row: number): number {
  return table.rows[row * SCAN_STRIDE] ?? Number.NaN;
}
