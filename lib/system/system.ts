/**
 * Everything that procg may ask of the machine: files, clocks, output, processes, terminal, sockets.
 *
 * Two implementations: lib/system/node (development and tests; takes any node:fs-like object) and
 * lib/system/quickjs (what ships). Wrappers (lib/system/rooted.ts, lib/system/replay.ts) narrow one to
 * a directory or to a capture. No other module reads a clock, a file or the environment.
 *
 * Convention, the same as in the C host: a call returns its value, or a **negative errno** as a number
 * (-2 for ENOENT; names and texts in errno.ts). Nothing here throws for a file that is not there.
 */

/** A negative errno, or NOT_REGULAR (errno.ts). */
export type Errno = number;

export interface FileStatus {
  readonly dev: number;
  readonly ino: number;
  /** st_mode with the type bits (S_IFMT 0o170000). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Seconds since the epoch. */
  readonly mtimeSeconds: number;
  /** st_rdev for device nodes, major*2^20... as the kernel's dev_t split: see major/minor. */
  readonly rdevMajor: number;
  readonly rdevMinor: number;
  readonly devMajor: number;
  readonly devMinor: number;
}

/** statvfs(3). Counts are in blocks of `fragmentBytes`. */
export interface FileSystemStatus {
  readonly blockBytes: number;
  readonly fragmentBytes: number;
  readonly blocks: number;
  readonly blocksFree: number;
  /** Negative when root has used more than is left for others. */
  readonly blocksAvailable: number;
  readonly inodes: number;
  readonly inodesFree: number;
  readonly inodesAvailable: number;
  readonly flags: number;
  readonly nameMax: number;
}

/** Broken-down local time, as struct tm but with the full year and month 1-12. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Seconds east of UTC, and the abbreviation ("UTC", "CET"). */
  readonly offsetSeconds: number;
  readonly zone: string;
}

export interface SystemNames {
  readonly sysname: string;
  readonly nodename: string;
  readonly release: string;
  readonly version: string;
  readonly machine: string;
}

/** What a System reads from: "live" is this machine, "root" a tree below --root, "replay" a capture. */
export type SystemSource = "live" | "root" | "replay";

export interface System {
  readonly source: SystemSource;
  /** argv as typed; [0] carries the tool's name. */
  readonly argv: readonly string[];
  env(name: string): string | undefined;

  // --- files -------------------------------------------------------------------------------------------
  /** Whole regular file as text (UTF-8, invalid bytes become U+FFFD), read to end of file, never by its size. */
  readText(path: string): string | Errno;
  /** The same, one char per byte (latin1), for binary files and for names that are not UTF-8. */
  readBytes(path: string): string | Errno;
  /** Names without "." and "..", in directory order. */
  readDirectory(path: string): readonly string[] | Errno;
  readLink(path: string): string | Errno;
  stat(path: string): FileStatus | Errno;
  lstat(path: string): FileStatus | Errno;
  statvfs(path: string): FileSystemStatus | Errno;
  /**
   * The same, asked by a child that is killed after `timeoutSeconds` (-110, ETIMEDOUT): a dead NFS or FUSE server must not hang
   * the caller. Node cannot do that and waits.
   */
  statvfsTimed(path: string, timeoutSeconds: number): FileSystemStatus | Errno;
  /** Writes all of `text` (UTF-8). 0 or an errno: the caller must look at it. */
  write(fd: number, text: string): Errno;
  /** Writes to a temporary name beside `path`, fsync, rename. 0 or an errno. */
  writeFileAtomic(path: string, text: string, mode: number): Errno;
  /** Writes a new or emptied file without fsync: for trees of many files (a capture). `latin1`: one byte per char. */
  createFile(path: string, text: string, mode: number, latin1: boolean): Errno;
  makeDirectory(path: string, mode: number): Errno;
  remove(path: string): Errno;
  /** sync(2): writes out what is cached. Nothing in a replay. */
  sync(): void;
  symlink(target: string, path: string): Errno;

  // --- clocks (seconds, microsecond resolution) --------------------------------------------------------
  monotonicSeconds(): number;
  /** Including suspend. */
  boottimeSeconds(): number;
  realtimeSeconds(): number;
  localTime(realtimeSeconds: number): LocalTime;
  /** Resolves after the time, measured on the monotonic clock. A replay advances to its next step instead. */
  sleep(seconds: number): Promise<void>;
  /** Replay: false when there is no further step. Live: always true. */
  hasNextStep(): boolean;

  // --- numbers of the machine --------------------------------------------------------------------------
  /** CPU numbers that sched_getaffinity(2) gives; null where it cannot be asked (replay, root). */
  affinity(): readonly number[] | null;
  /** sched_getscheduler(2) policy number (0 SCHED_OTHER, 1 FIFO, 2 RR, 6 DEADLINE), or an errno. */
  schedulingPolicy(): number;
  readonly pageSizeBytes: number;
  readonly clockTicksPerSecond: number;
  readonly pid: number;
  readonly uid: number;
  names(): SystemNames;

  // --- terminal ----------------------------------------------------------------------------------------
  isTerminal(fd: number): boolean;
  /** [columns, rows], or null where fd is no terminal. */
  windowSize(fd: number): readonly [number, number] | null;
}
