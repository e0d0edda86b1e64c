/**
 * A kernel file: its name and its grammar. A reading of it: the value, or why there is none.
 *
 * The files themselves are declared in lib/cgroupfs and lib/procfs, one per source file.
 */
import { errnoName, errnoText } from "../system/errno.ts";
import type { Errno, System } from "../system/system.ts";
import { ParseError } from "./parse_error.ts";

export interface KernelFile<T> {
  /** File name in its directory: "memory.stat", "meminfo", "net/dev". */
  readonly name: string;
  /** Pure. Throws ParseError. */
  readonly parse: (text: string, path: string) => T;
}

/**
 * What reading one kernel file gave. `value` null and `problem` null: the file is not there (ENOENT, ENODEV: the
 * cgroup vanished or the controller is off; ENOTDIR; EOPNOTSUPP: threaded cgroup, PSI off). `value` null and `problem` text: it is
 * there but could not be used (permission, IO error, malformed).
 */
export interface Reading<T> {
  readonly path: string;
  readonly value: T | null;
  readonly errno: number;
  readonly problem: string | null;
}

/** A file that must be readable was not. `errno` is negative. */
export class ReadError extends Error {
  readonly path: string;
  readonly errno: number;

  constructor(path: string, errno: number) {
    super(`${path}: ${errnoText(errno)}`);
    this.name = "ReadError";
    this.path = path;
    this.errno = errno;
  }
}

/** Reads and parses; never throws. The one place where an odd file becomes null and the reason is kept. */
export function attempt<T>(system: System, directory: string, file: KernelFile<T>): Reading<T> {
  const path = `${directory}/${file.name}`;
  return attemptText(system.readText(path), path, file);
}

/** The same for a text that has been read already. */
export function attemptText<T>(text: string | Errno, path: string, file: KernelFile<T>): Reading<T> {
  if (typeof text === "number") {
    return { path, value: null, errno: text, problem: isAbsent(text) ? null : errnoText(text) };
  }
  try {
    return { path, value: file.parse(text, path), errno: 0, problem: null };
  } catch (error) {
    if (error instanceof ParseError) return { path, value: null, errno: 0, problem: error.message };
    throw error;
  }
}

/** Reads and parses a file without which the tool cannot go on. Throws ReadError (absent too) or ParseError. */
export function mustRead<T>(system: System, directory: string, file: KernelFile<T>): T {
  const path = `${directory}/${file.name}`;
  const text = system.readText(path);
  if (typeof text === "number") throw new ReadError(path, text);
  return file.parse(text, path);
}

/** "absent", or the problem, for --explain. */
export function whyMissing(reading: Reading<unknown>): string {
  if (reading.problem !== null) return reading.problem;
  return reading.errno === 0 ? "no value" : `absent (${errnoName(reading.errno)})`;
}

const ABSENT = [-2, -19, -20, -95]; // ENOENT, ENODEV, ENOTDIR, EOPNOTSUPP

/** The errno says that there is no such file, not that it was refused. */
export function isAbsent(errno: number): boolean {
  return ABSENT.includes(errno);
}
