/**
 * System on Node, for development and tests. Takes any node:fs-like object, memfs too. With a foreign file system nothing is
 * asked of this machine but clocks and names.
 *
 * What Node cannot give: fragment size, flags and longest name of statvfs (block size, 0, 255); directory order (sorted).
 */
import * as nodeFs from "node:fs";
import * as os from "node:os";
import * as tty from "node:tty";
import { EISDIR, errnoOf, NOT_REGULAR } from "../errno.ts";
import type { Errno, FileStatus, LocalTime, System, SystemNames } from "../system.ts";

export interface StatsLike {
  readonly dev: number;
  readonly ino: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly rdev: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

/** What is used of node:fs. statfsSync may be missing (ENOSYS then). */
export interface NodeFsLike {
  openSync(path: string, flags: number | string, mode?: number): number;
  closeSync(fd: number): void;
  readSync(fd: number, buffer: Buffer, offset: number, length: number, position: number | null): number;
  writeSync(fd: number, buffer: Buffer, offset: number, length: number): number;
  fsyncSync(fd: number): void;
  statSync(path: string): unknown;
  lstatSync(path: string): unknown;
  readdirSync(path: string): unknown;
  readlinkSync(path: string): unknown;
  mkdirSync(path: string, options: { mode: number }): unknown;
  rmdirSync(path: string): void;
  unlinkSync(path: string): void;
  chmodSync(path: string, mode: number): void;
  renameSync(from: string, to: string): void;
  symlinkSync(target: string, path: string): void;
  statfsSync?(path: string): unknown;
}

export interface NodeSystemOptions {
  readonly fs?: NodeFsLike;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What write(1, ...) and write(2, ...) do instead of writing to the fd. */
  readonly stdout?: (text: string) => Errno;
  readonly stderr?: (text: string) => Errno;
  readonly clock?: {
    readonly monotonicSeconds?: () => number;
    readonly boottimeSeconds?: () => number;
    readonly realtimeSeconds?: () => number;
    readonly sleep?: (seconds: number) => Promise<void>;
  };
  readonly names?: SystemNames;
  readonly pid?: number;
  readonly uid?: number;
}

/** Longest file that readText and readBytes give (EFBIG beyond). */
const READ_LIMIT_BYTES = 16 * 1024 * 1024;

export function nodeSystem(options: NodeSystemOptions = {}): System {
  const real = options.fs === undefined;
  const fs: NodeFsLike = options.fs ?? (nodeFs as unknown as NodeFsLike);
  const env = options.env ?? process.env;
  const clock = options.clock ?? {};
  const writers = [undefined, options.stdout, options.stderr];
  const pid = options.pid ?? process.pid;
  return {
    source: "live",
    argv: options.argv ?? process.argv.slice(1),
    env: (name) => env[name],

    readText: (path) => readRegular(fs, path, "utf8"),
    readBytes: (path) => readRegular(fs, path, "latin1"),
    readDirectory: (path) => attempt(() => (fs.readdirSync(path) as unknown[]).map(String)),
    readLink: (path) => attempt(() => String(fs.readlinkSync(path))),
    stat: (path) => attempt(() => fileStatus(fs.statSync(path) as StatsLike)),
    lstat: (path) => attempt(() => fileStatus(fs.lstatSync(path) as StatsLike)),
    statvfs: (path) => attempt(() => fileSystemStatus(fs, path)),
    statvfsTimed: (path) => attempt(() => fileSystemStatus(fs, path)),
    write: (fd, text) =>
      writers[fd]?.(text) ?? attempt(() => writeAll(nodeFs as unknown as NodeFsLike, fd, text)),
    writeFileAtomic: (path, text, mode) => writeFileAtomic(fs, path, text, mode, pid),
    createFile: (path, text, mode, latin1) =>
      createFile(fs, path, Buffer.from(text, latin1 ? "latin1" : "utf8"), mode),
    makeDirectory: (path, mode) => attempt(() => done(fs.mkdirSync(path, { mode }))),
    remove: (path) => remove(fs, path),
    symlink: (target, path) => attempt(() => done(fs.symlinkSync(target, path))),
    // Node has no such call; nothing that is tested on it depends on it.
    sync: () => undefined,

    monotonicSeconds: clock.monotonicSeconds ?? (() => Number(process.hrtime.bigint()) / 1e9),
    boottimeSeconds: clock.boottimeSeconds ?? (() => os.uptime()),
    realtimeSeconds: clock.realtimeSeconds ?? (() => Date.now() / 1000),
    localTime,
    sleep: clock.sleep ?? ((seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))),
    hasNextStep: () => true,

    affinity: () => (real ? ownAffinity(fs) : null),
    schedulingPolicy: () => (real ? ownSchedulingPolicy(fs) : ENOSYS),
    pageSizeBytes: 4096,
    clockTicksPerSecond: 100,
    pid,
    uid: options.uid ?? process.getuid?.() ?? 0,
    names: () => options.names ?? ownNames(),

    isTerminal: (fd) => writers[fd] === undefined && tty.isatty(fd),
    windowSize(fd) {
      const stream = fd === 1 ? process.stdout : process.stderr;
      if (writers[fd] !== undefined || !tty.isatty(fd) || !stream.isTTY) return null;
      return stream.getWindowSize();
    },
  };
}

const ENOSYS = -38;
const EIO = -5;
const EFBIG = -27;
const EPERM = -1;

/** The value, or the negative errno of what was thrown. Anything that is no file error is thrown on. */
function attempt<T>(call: () => T): T | Errno {
  try {
    return call();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) throw error;
    return errnoOf(code) ?? EIO;
  }
}

function done(_: unknown): 0 {
  return 0;
}

function readRegular(fs: NodeFsLike, path: string, encoding: "utf8" | "latin1"): string | Errno {
  return attempt(() => {
    const stats = fs.statSync(path) as StatsLike;
    if (stats.isDirectory()) return EISDIR;
    if (!stats.isFile()) return NOT_REGULAR;
    const fd = fs.openSync(path, nodeFs.constants.O_RDONLY | nodeFs.constants.O_NONBLOCK);
    try {
      return readToEnd(fs, fd, encoding);
    } finally {
      fs.closeSync(fd);
    }
  });
}

/** Never by size: files of the kernel have none. */
function readToEnd(fs: NodeFsLike, fd: number, encoding: "utf8" | "latin1"): string | Errno {
  const pieces: Buffer[] = [];
  let length = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(64 * 1024);
    const n = fs.readSync(fd, piece, 0, piece.length, null);
    if (n === 0) return Buffer.concat(pieces).toString(encoding);
    length += n;
    if (length > READ_LIMIT_BYTES) return EFBIG;
    pieces.push(piece.subarray(0, n));
  }
}

function writeAll(fs: NodeFsLike, fd: number, text: string): 0 {
  const bytes = Buffer.from(text, "utf8");
  for (let written = 0; written < bytes.length; ) {
    try {
      written += fs.writeSync(fd, bytes, written, bytes.length - written);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  return 0;
}

function writeFileAtomic(fs: NodeFsLike, path: string, text: string, mode: number, pid: number): Errno {
  const temporary = `${path}.tmp.${pid}`;
  attempt(() => fs.unlinkSync(temporary));
  const result = attempt(() => {
    const fd = fs.openSync(temporary, "wx", mode);
    try {
      writeAll(fs, fd, text);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.chmodSync(temporary, mode);
    fs.renameSync(temporary, path);
    return 0;
  });
  if (result < 0) attempt(() => fs.unlinkSync(temporary));
  return result;
}

function createFile(fs: NodeFsLike, path: string, bytes: Buffer, mode: number): Errno {
  return attempt(() => {
    const fd = fs.openSync(path, "w", mode);
    try {
      for (let offset = 0; offset < bytes.length; )
        offset += fs.writeSync(fd, bytes, offset, bytes.length - offset);
    } finally {
      fs.closeSync(fd);
    }
    return 0;
  });
}

function remove(fs: NodeFsLike, path: string): Errno {
  const result = attempt(() => done(fs.unlinkSync(path)));
  if (result !== EISDIR && result !== EPERM) return result;
  return attempt(() => done(fs.rmdirSync(path)));
}

function fileStatus(stats: StatsLike): FileStatus {
  return {
    dev: stats.dev,
    ino: stats.ino,
    mode: stats.mode,
    uid: stats.uid,
    gid: stats.gid,
    sizeBytes: stats.size,
    mtimeSeconds: stats.mtimeMs / 1000,
    rdevMajor: deviceMajor(stats.rdev),
    rdevMinor: deviceMinor(stats.rdev),
    devMajor: deviceMajor(stats.dev),
    devMinor: deviceMinor(stats.dev),
  };
}

/** dev_t of stat(2): minor bits 0-7 and 20-31, major bits 8-19 (and above 32, which Linux does not use). */
function deviceMajor(device: number): number {
  return Math.floor(device / 256) & 0xfff;
}

function deviceMinor(device: number): number {
  return (device & 0xff) + (Math.floor(device / 0x100000) & 0xfff) * 256;
}

function fileSystemStatus(fs: NodeFsLike, path: string) {
  if (fs.statfsSync === undefined) return ENOSYS;
  const stats = fs.statfsSync(path) as Record<
    "bsize" | "blocks" | "bfree" | "bavail" | "files" | "ffree",
    number
  >;
  return {
    blockBytes: stats.bsize,
    fragmentBytes: stats.bsize,
    blocks: stats.blocks,
    blocksFree: stats.bfree,
    blocksAvailable: stats.bavail,
    inodes: stats.files,
    inodesFree: stats.ffree,
    inodesAvailable: stats.ffree,
    flags: 0,
    nameMax: 255,
  };
}

function localTime(realtimeSeconds: number): LocalTime {
  const date = new Date(Math.floor(realtimeSeconds) * 1000);
  const format = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" });
  const zone = format.formatToParts(date).find((part) => part.type === "timeZoneName")?.value ?? "";
  return {
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
    offsetSeconds: 0 - date.getTimezoneOffset() * 60,
    zone,
  };
}

function ownAffinity(fs: NodeFsLike): readonly number[] | null {
  const text = readRegular(fs, "/proc/self/status", "utf8");
  const list = typeof text === "number" ? undefined : /^Cpus_allowed_list:\s*(\S+)$/m.exec(text)?.[1];
  if (list === undefined) return null;
  return list.split(",").flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Field 41 of /proc/self/stat. */
function ownSchedulingPolicy(fs: NodeFsLike): number {
  const text = readRegular(fs, "/proc/self/stat", "utf8");
  if (typeof text === "number") return text;
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[38]);
}

function ownNames(): SystemNames {
  return {
    sysname: os.type(),
    nodename: os.hostname(),
    release: os.release(),
    version: os.version(),
    machine: os.machine(),
  };
}
