/**
 * The System that ships: every call goes to the C host. What costs something at start (environment, sysconf) is asked when
 * it is first needed.
 */
// By name: a namespace object of the whole module costs every start 15 us.
import {
  affinity as sysAffinity,
  alignTable as sysAlignTable,
  argv as sysArgv,
  chmod as sysChmod,
  clock as sysClock,
  close as sysClose,
  countThreads as sysCountThreads,
  environ as sysEnviron,
  execReplace as sysExecReplace,
  fsync as sysFsync,
  getenv as sysGetenv,
  getpid as sysGetpid,
  getuid as sysGetuid,
  isatty as sysIsatty,
  linesWith as sysLinesWith,
  localTime as sysLocalTime,
  mkdir as sysMkdir,
  open as sysOpen,
  readDirectory as sysReadDirectory,
  readFile as sysReadFile,
  readLink as sysReadLink,
  readMounts as sysReadMounts,
  rename as sysRename,
  rmdir as sysRmdir,
  scanProcesses as sysScanProcesses,
  schedulingPolicy as sysSchedulingPolicy,
  splitMounts as sysSplitMounts,
  stat as sysStat,
  statvfs as sysStatvfs,
  statvfsInto as sysStatvfsInto,
  statvfsTimed as sysStatvfsTimed,
  symlink as sysSymlink,
  syncAll as sysSyncAll,
  sysconf as sysSysconf,
  uname as sysUname,
  unlink as sysUnlink,
  windowSize as sysWindowSize,
  write as sysWrite,
  writeBytes as sysWriteBytes,
} from "qjs:sys";
import { EISDIR } from "../errno.ts";
import type { FileHostSystem } from "../file_host.ts";
import type { HostSystem } from "../host_access.ts";
import type { MountTables } from "../mount_tables.ts";
import type { ProcessScanner } from "../process_scanner.ts";
import type { ProgramHost } from "../program_host.ts";
import type { ServiceSystem } from "../service_host.ts";
import type { Errno, FileStatus, FileSystemStatus, LocalTime, System, SystemNames } from "../system.ts";
import type { TerminalSystem } from "../terminal_host.ts";
import { sleep } from "./event_loop.ts";

/** Longest file that readText and readBytes give (-27, EFBIG, beyond). */
const READ_LIMIT_BYTES = 16 * 1024 * 1024;

export function quickjsSystem(): System &
  ProcessScanner &
  MountTables &
  ProgramHost &
  ServiceSystem &
  HostSystem &
  FileHostSystem &
  TerminalSystem {
  let pageSizeBytes = 0;
  let clockTicksPerSecond = 0;
  let uid = -1;
  return {
    source: "live",
    argv: sysArgv,
    env(name) {
      return sysGetenv(name) ?? undefined;
    },

    readText: (path) => sysReadFile(path, READ_LIMIT_BYTES, 0),
    readBytes: (path) => sysReadFile(path, READ_LIMIT_BYTES, 1),
    readDirectory: (path) => sysReadDirectory(path),
    readLink: (path) => sysReadLink(path),
    stat: (path) => fileStatus(sysStat(path, true)),
    lstat: (path) => fileStatus(sysStat(path, false)),
    statvfs: (path) => fileSystemStatus(sysStatvfs(path)),
    statvfsTimed: (path, timeoutSeconds) => fileSystemStatus(sysStatvfsTimed(path, timeoutSeconds)),
    write: (fd, text) => sysWrite(fd, text),
    writeFileAtomic,
    createFile,
    makeDirectory: (path, mode) => sysMkdir(path, mode),
    remove(path) {
      const result = sysUnlink(path);
      return result === EISDIR ? sysRmdir(path) : result;
    },
    sync: () => sysSyncAll(),
    symlink: (target, path) => sysSymlink(target, path),

    monotonicSeconds: () => sysClock(CLOCK_MONOTONIC),
    boottimeSeconds() {
      const seconds = sysClock(CLOCK_BOOTTIME);
      // Before 2.6.39 there is no such clock; the monotonic one lacks only the time in suspend.
      return seconds < 0 ? sysClock(CLOCK_MONOTONIC) : seconds;
    },
    realtimeSeconds: () => sysClock(CLOCK_REALTIME),
    localTime,
    sleep,
    hasNextStep: () => true,

    affinity() {
      const cpus = sysAffinity();
      return typeof cpus === "number" ? null : cpus;
    },
    schedulingPolicy: () => sysSchedulingPolicy(),
    get pageSizeBytes() {
      if (pageSizeBytes === 0) pageSizeBytes = sysSysconf("pagesize");
      return pageSizeBytes;
    },
    get clockTicksPerSecond() {
      if (clockTicksPerSecond === 0) clockTicksPerSecond = sysSysconf("clk_tck");
      return clockTicksPerSecond;
    },
    get pid() {
      return sysGetpid(); // not kept: a daemon forks
    },
    get uid() {
      if (uid < 0) uid = sysGetuid();
      return uid;
    },
    names,

    isTerminal: (fd) => sysIsatty(fd),
    windowSize(fd) {
      const size = sysWindowSize(fd);
      return typeof size === "number" ? null : size;
    },

    scanProcesses: (dir, rows, comms, cmdlines, wantStatm, wantOwner) =>
      sysScanProcesses(dir, rows, comms, cmdlines, wantStatm, wantOwner),
    countThreads: (dir, skipPid, pids) => sysCountThreads(dir, skipPid, pids),
    readMounts: (path) => sysReadMounts(path),
    readNames: (path) => sysReadFile(path, READ_LIMIT_BYTES, 2),
    splitMounts: (text) => sysSplitMounts(text),
    linesWith: sysLinesWith,
    statvfsInto: sysStatvfsInto,
    alignTable: sysAlignTable,
    becomeProgram(argv, changes) {
      const entries = changedEnvironment(sysEnviron(), changes);
      return sysExecReplace(argv[0] ?? "", [...argv], entries, true);
    },
    async openFileHost() {
      const { quickjsFileHost } = await import("./quickjs_file_host.ts");
      return quickjsFileHost();
    },
    async openTerminalHost() {
      const { quickjsTerminalHost } = await import("./quickjs_terminal_host.ts");
      return quickjsTerminalHost();
    },
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

/** The numbers of sysStatvfs or sysStatvfsTimed as a record. */
export function fileSystemStatus(row: number[] | Errno): FileSystemStatus | Errno {
  if (typeof row === "number") return row;
  // By index: df asks thousands of mounts, and taking an array apart by pattern costs more than the call.
  return {
    blockBytes: row[0] ?? 0,
    fragmentBytes: row[1] ?? 0,
    blocks: row[2] ?? 0,
    blocksFree: row[3] ?? 0,
    blocksAvailable: row[4] ?? 0,
    inodes: row[5] ?? 0,
    inodesFree: row[6] ?? 0,
    inodesAvailable: row[7] ?? 0,
    flags: row[8] ?? 0,
    nameMax: row[9] ?? 0,
  };
}

/** "NAME=value" strings with some names replaced or added. */
export function changedEnvironment(
  entries: readonly string[],
  changes: readonly (readonly [name: string, value: string])[],
): string[] {
  const changed = new Set(changes.map(([name]) => name));
  const kept = entries.filter((entry) => !changed.has(entry.slice(0, Math.max(0, entry.indexOf("=")))));
  return [...kept, ...changes.map(([name, value]) => `${name}=${value}`)];
}

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;

/** O_WRONLY | O_CREAT | O_EXCL: the same on x86-64 and arm64; O_EXCL follows no link. */
const CREATE_NEW = 0o301;
const EEXIST = -17;

function fileStatus(row: number[] | Errno): FileStatus | Errno {
  if (typeof row === "number") return row;
  const [dev = 0, ino = 0, mode = 0, uid = 0, gid = 0, sizeBytes = 0, mtimeSeconds = 0] = row;
  const [, , , , , , , rdevMajor = 0, rdevMinor = 0, devMajor = 0, devMinor = 0] = row;
  return { dev, ino, mode, uid, gid, sizeBytes, mtimeSeconds, rdevMajor, rdevMinor, devMajor, devMinor };
}

function writeFileAtomic(path: string, text: string, mode: number): Errno {
  const temporary = `${path}.tmp.${sysGetpid()}`;
  let fd = sysOpen(temporary, CREATE_NEW, mode);
  if (fd === EEXIST) {
    // Left behind by a process that died; its pid is ours now.
    sysUnlink(temporary);
    fd = sysOpen(temporary, CREATE_NEW, mode);
  }
  if (fd < 0) return fd;
  let result = sysWrite(fd, text);
  if (result >= 0) result = sysFsync(fd);
  const closed = sysClose(fd);
  if (result >= 0) result = closed;
  if (result >= 0) result = sysChmod(temporary, mode); // umask
  if (result >= 0) result = sysRename(temporary, path);
  if (result < 0) sysUnlink(temporary);
  return Math.min(result, 0);
}

/** O_WRONLY | O_CREAT | O_TRUNC */
const CREATE_OR_EMPTY = 0o1101;

function createFile(path: string, text: string, mode: number, latin1: boolean): Errno {
  const fd = sysOpen(path, CREATE_OR_EMPTY, mode);
  if (fd < 0) return fd;
  const result = latin1 ? writeLatin1(fd, text) : sysWrite(fd, text);
  const closed = sysClose(fd);
  return Math.min(result < 0 ? result : closed, 0);
}

function writeLatin1(fd: number, text: string): number {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return sysWriteBytes(fd, bytes.buffer, 0, bytes.length);
}

function localTime(realtimeSeconds: number): LocalTime {
  const row = sysLocalTime(realtimeSeconds);
  // By index: a row of a report comes here each.
  return {
    year: row[0],
    month: row[1],
    day: row[2],
    hour: row[3],
    minute: row[4],
    second: row[5],
    offsetSeconds: row[6],
    zone: row[7],
  };
}

function names(): SystemNames {
  const names = sysUname();
  if (typeof names === "number") return { sysname: "", nodename: "", release: "", version: "", machine: "" };
  const [sysname = "", nodename = "", release = "", version = "", machine = ""] = names;
  return { sysname, nodename, release, version, machine };
}
