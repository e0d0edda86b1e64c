/**
 * The System that ships: every call goes to the C host. What costs something at start (environment, sysconf) is asked when
 * it is first needed.
 */
import * as sys from "qjs:sys";
import { EISDIR } from "../errno.ts";
import type { HostSystem } from "../host_access.ts";
import type { ProcessScanner } from "../process_scanner.ts";
import type { ServiceSystem } from "../service_host.ts";
import type { Errno, FileStatus, FileSystemStatus, LocalTime, System, SystemNames } from "../system.ts";
import { sleep } from "./event_loop.ts";

/** Longest file that readText and readBytes give (-27, EFBIG, beyond). */
const READ_LIMIT_BYTES = 16 * 1024 * 1024;

export function quickjsSystem(): System & ProcessScanner & ServiceSystem & HostSystem {
  let environment: Map<string, string> | null = null;
  let pageSizeBytes = 0;
  let clockTicksPerSecond = 0;
  let uid = -1;
  return {
    source: "live",
    argv: sys.argv,
    env(name) {
      environment ??= parseEnvironment(sys.environ());
      return environment.get(name);
    },

    readText: (path) => sys.readFile(path, READ_LIMIT_BYTES, false),
    readBytes: (path) => sys.readFile(path, READ_LIMIT_BYTES, true),
    readDirectory: (path) => sys.readDirectory(path),
    readLink: (path) => sys.readLink(path),
    stat: (path) => fileStatus(sys.stat(path, true)),
    lstat: (path) => fileStatus(sys.stat(path, false)),
    statvfs: (path) => fileSystemStatus(sys.statvfs(path)),
    statvfsTimed: (path, timeoutSeconds) => fileSystemStatus(sys.statvfsTimed(path, timeoutSeconds)),
    write: (fd, text) => sys.write(fd, text),
    writeFileAtomic,
    createFile,
    makeDirectory: (path, mode) => sys.mkdir(path, mode),
    remove(path) {
      const result = sys.unlink(path);
      return result === EISDIR ? sys.rmdir(path) : result;
    },
    sync: () => sys.syncAll(),
    symlink: (target, path) => sys.symlink(target, path),

    monotonicSeconds: () => sys.clock(CLOCK_MONOTONIC),
    boottimeSeconds() {
      const seconds = sys.clock(CLOCK_BOOTTIME);
      // Before 2.6.39 there is no such clock; the monotonic one lacks only the time in suspend.
      return seconds < 0 ? sys.clock(CLOCK_MONOTONIC) : seconds;
    },
    realtimeSeconds: () => sys.clock(CLOCK_REALTIME),
    localTime,
    sleep,
    hasNextStep: () => true,

    affinity() {
      const cpus = sys.affinity();
      return typeof cpus === "number" ? null : cpus;
    },
    schedulingPolicy: () => sys.schedulingPolicy(),
    get pageSizeBytes() {
      if (pageSizeBytes === 0) pageSizeBytes = sys.sysconf("pagesize");
      return pageSizeBytes;
    },
    get clockTicksPerSecond() {
      if (clockTicksPerSecond === 0) clockTicksPerSecond = sys.sysconf("clk_tck");
      return clockTicksPerSecond;
    },
    get pid() {
      return sys.getpid(); // not kept: a daemon forks
    },
    get uid() {
      if (uid < 0) uid = sys.getuid();
      return uid;
    },
    names,

    isTerminal: (fd) => sys.isatty(fd),
    windowSize(fd) {
      const size = sys.windowSize(fd);
      return typeof size === "number" ? null : size;
    },

    scanProcesses: (dir, rows, comms, cmdlines, wantStatm, wantOwner) =>
      sys.scanProcesses(dir, rows, comms, cmdlines, wantStatm, wantOwner),
    countThreads: (dir, skipPid, pids) => sys.countThreads(dir, skipPid, pids),
    async openServiceHost() {
      const { quickjsServiceHost } = await import("./quickjs_service_host.ts");
      return quickjsServiceHost();
    },
    async openHostAccess() {
      const { quickjsHostAccess } = await import("./quickjs_host_access.ts");
      return quickjsHostAccess();
    },
  };
}

/** The numbers of sys.statvfs or sys.statvfsTimed as a record. */
export function fileSystemStatus(row: number[] | Errno): FileSystemStatus | Errno {
  if (typeof row === "number") return row;
  const [blockBytes = 0, fragmentBytes = 0, blocks = 0, blocksFree = 0, blocksAvailable = 0] = row;
  const [, , , , , inodes = 0, inodesFree = 0, inodesAvailable = 0, flags = 0, nameMax = 0] = row;
  return {
    blockBytes,
    fragmentBytes,
    blocks,
    blocksFree,
    blocksAvailable,
    inodes,
    inodesFree,
    inodesAvailable,
    flags,
    nameMax,
  };
}

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;

/** O_WRONLY | O_CREAT | O_EXCL: the same on x86-64 and arm64; O_EXCL follows no link. */
const CREATE_NEW = 0o301;
const EEXIST = -17;

/** As getenv(3): the first of two equal names counts. */
function parseEnvironment(entries: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    if (equals > 0 && !map.has(entry.slice(0, equals))) {
      map.set(entry.slice(0, equals), entry.slice(equals + 1));
    }
  }
  return map;
}

function fileStatus(row: number[] | Errno): FileStatus | Errno {
  if (typeof row === "number") return row;
  const [dev = 0, ino = 0, mode = 0, uid = 0, gid = 0, sizeBytes = 0, mtimeSeconds = 0] = row;
  const [, , , , , , , rdevMajor = 0, rdevMinor = 0, devMajor = 0, devMinor = 0] = row;
  return { dev, ino, mode, uid, gid, sizeBytes, mtimeSeconds, rdevMajor, rdevMinor, devMajor, devMinor };
}

function writeFileAtomic(path: string, text: string, mode: number): Errno {
  const temporary = `${path}.tmp.${sys.getpid()}`;
  let fd = sys.open(temporary, CREATE_NEW, mode);
  if (fd === EEXIST) {
    // Left behind by a process that died; its pid is ours now.
    sys.unlink(temporary);
    fd = sys.open(temporary, CREATE_NEW, mode);
  }
  if (fd < 0) return fd;
  let result = sys.write(fd, text);
  if (result >= 0) result = sys.fsync(fd);
  const closed = sys.close(fd);
  if (result >= 0) result = closed;
  if (result >= 0) result = sys.chmod(temporary, mode); // umask
  if (result >= 0) result = sys.rename(temporary, path);
  if (result < 0) sys.unlink(temporary);
  return Math.min(result, 0);
}

/** O_WRONLY | O_CREAT | O_TRUNC */
const CREATE_OR_EMPTY = 0o1101;

function createFile(path: string, text: string, mode: number, latin1: boolean): Errno {
  const fd = sys.open(path, CREATE_OR_EMPTY, mode);
  if (fd < 0) return fd;
  const result = latin1 ? writeLatin1(fd, text) : sys.write(fd, text);
  const closed = sys.close(fd);
  return Math.min(result < 0 ? result : closed, 0);
}

function writeLatin1(fd: number, text: string): number {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return sys.writeBytes(fd, bytes.buffer, 0, bytes.length);
}

function localTime(realtimeSeconds: number): LocalTime {
  const [year, month, day, hour, minute, second, offsetSeconds, zone] = sys.localTime(realtimeSeconds);
  return { year, month, day, hour, minute, second, offsetSeconds, zone };
}

function names(): SystemNames {
  const [sysname = "", nodename = "", release = "", version = "", machine = ""] = sys.uname();
  return { sysname, nodename, release, version, machine };
}
