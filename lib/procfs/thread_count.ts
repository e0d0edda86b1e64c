/**
 * How many threads there are, and in which state: the state letter of every PID/task/TID/stat. A process with one thread is
 * counted from its own stat; so is one without a task directory (captures do not always hold it).
 */
import { EIO } from "../system/errno.ts";
import { processScanner } from "../system/process_scanner.ts";
import type { Errno, System } from "../system/system.ts";
import { PROCESS_COLUMN, parseStatInto, SCAN_STRIDE } from "./process_scan.ts";

export interface ThreadCount {
  readonly threads: number;
  /** State R. */
  readonly runnable: number;
  /** State D. */
  readonly uninterruptible: number;
  /** The highest thread number seen. */
  readonly lastPid: number;
  readonly processes: number;
}

/**
 * `skipPid` (0: none) is left out with its threads; `pids`: only these. The errno when `dir` cannot be read, or a thread for another
 * reason than that it ended or is hidden.
 */
export function countThreads(
  system: System,
  dir: string,
  skipPid: number,
  pids: Float64Array | null,
): ThreadCount | Errno {
  const scanner = processScanner(system);
  const numbers =
    scanner === null ? countByFiles(system, dir, skipPid, pids) : scanner.countThreads(dir, skipPid, pids);
  if (typeof numbers === "number") return numbers;
  const [threads = 0, runnable = 0, uninterruptible = 0, lastPid = 0, processes = 0] = numbers;
  return { threads, runnable, uninterruptible, lastPid, processes };
}

function countByFiles(
  system: System,
  dir: string,
  skipPid: number,
  pids: Float64Array | null,
): readonly number[] | Errno {
  const names = system.readDirectory(dir);
  if (typeof names === "number") return names;
  const row = new Float64Array(SCAN_STRIDE);
  let isBroken = false;
  const readState = (path: string): number | null => {
    const text = system.readText(path);
    if (text === EIO) isBroken = true;
    row.fill(Number.NaN);
    if (typeof text === "number" || parseStatInto(row, 0, text) === null) return null;
    return row[PROCESS_COLUMN.state] ?? Number.NaN;
  };
  let threads = 0;
  let runnable = 0;
  let uninterruptible = 0;
  let lastPid = 0;
  let processes = 0;
  const count = (tid: number, state: number): void => {
    threads++;
    if (state === STATE_R) runnable++;
    if (state === STATE_D) uninterruptible++;
    lastPid = Math.max(lastPid, tid);
  };
  for (const name of pids === null ? names.filter(isNumber) : Array.from(pids, String)) {
    if (Number(name) === skipPid) continue;
    const state = readState(`${dir}/${name}/stat`);
    if (state === null) continue;
    processes++;
    const tasks = row[PROCESS_COLUMN.num_threads] === 1 ? -1 : system.readDirectory(`${dir}/${name}/task`);
    if (typeof tasks === "number") {
      count(Number(name), state);
      continue;
    }
    for (const task of tasks.filter(isNumber)) {
      const taskState = readState(`${dir}/${name}/task/${task}/stat`);
      if (taskState !== null) count(Number(task), taskState);
    }
  }
  return isBroken ? EIO : [threads, runnable, uninterruptible, lastPid, processes];
}

const STATE_R = 82;
const STATE_D = 68;

function isNumber(name: string): boolean {
  return /^[1-9][0-9]{0,8}$/.test(name);
}
