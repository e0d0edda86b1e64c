/**
 * What a System may offer to the companion on the host, besides ServiceHost: writing into containers, and other programs.
 *
 * Only the C host can do it (quickjs/quickjs_host_access.ts); it is opened when it is asked for.
 */
import type { Errno, FileSystemStatus, System } from "./system.ts";

export interface BelowTarget {
  /** "/proc/PID": the root of that process is meant; or a directory that is trusted. */
  readonly base: string;
  /** Field 22 of the process's stat; null: `base` is a directory. */
  readonly startTicks: number | null;
  /** "run/procg/host": directories below, made where they are missing. */
  readonly parts: string;
  readonly name: string;
  /** "MAJOR:MINOR" of what the host has mounted: never entered. */
  readonly hostDevices: readonly string[];
  /** As on a kernel without openat2. */
  readonly walkOnly: boolean;
}

/** A look below the root of a process. */
export interface BelowQuestion {
  readonly pid: number;
  /** Field 22 of its stat: another process with the same pid is not asked. */
  readonly startTicks: number;
  /** Without a slash in front; "": the root. */
  readonly path: string;
  /** Of a regular file the text too, 1024 bytes at most. */
  readonly wantsText: boolean;
}

/** What lies at the path, and the file system that it lies in. */
export interface BelowAnswer {
  readonly mode: number;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly mtimeSeconds: number;
  /** statfs(2) f_type. */
  readonly fsMagic: number;
  readonly status: FileSystemStatus;
  /** One char per byte; "" where it was not asked for. */
  readonly text: string;
}

export interface ProgramResult {
  /** Exit status; null: ended by a signal or by the deadline. */
  readonly status: number | null;
  /** Up to the most bytes asked for; as UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface HostAccess {
  /** Writes a whole file by temporary name and rename, following no link. Never later than `timeoutSeconds` (ETIMEDOUT). */
  writeBelow(target: BelowTarget, text: string, timeoutSeconds: number): Promise<Errno>;
  /**
   * A file, or with name "" the names in a directory, each with a NUL behind it: no link is followed, nothing but a regular file read.
   * Never more than `mostBytes` (EFBIG), never later than `timeoutSeconds` (ETIMEDOUT).
   */
  readBelow(
    target: Pick<BelowTarget, "base" | "startTicks" | "parts" | "name" | "walkOnly">,
    mostBytes: number,
    timeoutSeconds: number,
  ): Promise<Uint8Array<ArrayBuffer> | Errno>;
  /**
   * Answers in the order of the questions, an errno for what is not there. No link is followed, nothing but regular files is opened.
   * What does not answer within `timeoutSeconds` gets ETIMEDOUT, and from the second time so do the other questions of its process.
   */
  probeBelow(questions: readonly BelowQuestion[], timeoutSeconds: number): Promise<(BelowAnswer | Errno)[]>;
  /** Runs to its end, or until the deadline. An errno when it could not be started. */
  run(argv: readonly string[], stdin: string, timeoutSeconds: number): Promise<ProgramResult | Errno>;
}

export interface HostSystem {
  openHostAccess(): Promise<HostAccess>;
}

/** null: this System cannot (Node, a capture, a tree below --root). */
export async function openHostAccess(system: System): Promise<HostAccess | null> {
  return "openHostAccess" in system ? (system as System & HostSystem).openHostAccess() : null;
}
