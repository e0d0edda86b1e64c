/**
 * What a System may offer on top: reading all processes in one call. The C host does (build/quickjs/host_process_scan.c);
 * where it is not there, lib/procfs reads the same files one by one. Contract of both calls: quickjs/sys.d.ts.
 */
import type { Errno, System } from "./system.ts";

export interface ProcessScanner {
  /** Number of processes found, or an errno of opening `dir`. More than `rows` holds: scan again with more. */
  scanProcesses(
    dir: string,
    rows: ArrayBuffer,
    comms: string[],
    cmdlines: string[] | null,
    wantStatm: boolean,
    wantOwner: boolean,
  ): number | Errno;
  /** [threads, runnable, uninterruptible, lastPid, processes], or an errno of opening `dir`. */
  countThreads(dir: string, skipPid: number, pids: Float64Array | null): readonly number[] | Errno;
}

export function processScanner(system: System): ProcessScanner | null {
  return "scanProcesses" in system && "countThreads" in system ? (system as System & ProcessScanner) : null;
}
