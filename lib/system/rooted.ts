/**
 * --root DIR: the same machine, its files below DIR. No path and no link leads out of DIR (tree_path.ts).
 *
 * "self" of such a tree is its pid 1; affinity and scheduling policy are not those of this process.
 */
import { type MountTables, mountTables } from "./mount_tables.ts";
import { type ProcessScanner, processScanner } from "./process_scanner.ts";
import type { Errno, System, SystemNames } from "./system.ts";
import { treePath } from "./tree_path.ts";

export function rootedSystem(base: System, dir: string): System {
  const tree = treePath(base, dir);
  const at = <T>(path: string, follow: boolean, call: (path: string) => T | Errno): T | Errno => {
    const located = tree.locate(path, follow);
    return typeof located === "number" ? located : call(located);
  };
  const readText = (path: string) => at(path, true, (real) => base.readText(real));
  const system: System = {
    ...withoutFiles(base),
    source: "root",
    readText,
    readBytes: (path) => at(path, true, (real) => base.readBytes(real)),
    readDirectory: (path) => at(path, true, (real) => base.readDirectory(real)),
    readLink: (path) => at(path, false, (real) => base.readLink(real)),
    stat: (path) => at(path, true, (real) => base.stat(real)),
    lstat: (path) => at(path, false, (real) => base.lstat(real)),
    statvfs: (path) => at(path, true, (real) => base.statvfs(real)),
    statvfsTimed: (path, seconds) => at(path, true, (real) => base.statvfsTimed(real, seconds)),
    createFile: (path, text, mode, latin1) =>
      at(path, true, (real) => base.createFile(real, text, mode, latin1)),
    writeFileAtomic: (path, text, mode) => at(path, false, (real) => base.writeFileAtomic(real, text, mode)),
    makeDirectory: (path, mode) => at(path, false, (real) => base.makeDirectory(real, mode)),
    remove: (path) => at(path, false, (real) => base.remove(real)),
    symlink: (target, path) => at(path, false, (real) => base.symlink(target, real)),
    names: () => namesFrom(readText, base.names()),
  };
  const scanner = processScanner(base);
  if (scanner === null) return system;
  const rootedScanner: ProcessScanner = {
    scanProcesses: (path, rows, comms, cmdlines, wantStatm, wantOwner) =>
      at(path, true, (real) => scanner.scanProcesses(real, rows, comms, cmdlines, wantStatm, wantOwner)),
    countThreads: (path, skipPid, pids) =>
      at(path, true, (real) => scanner.countThreads(real, skipPid, pids)),
  };
  const tables = mountTables(base);
  if (tables === null) return { ...system, ...rootedScanner };
  const rootedTables: MountTables = {
    readMounts: (path) => at(path, true, (real) => tables.readMounts(real)),
    readNames: (path) => at(path, true, (real) => tables.readNames(real)),
    splitMounts: (text) => tables.splitMounts(text),
    statvfsInto: (path, numbers) => at(path, true, (real) => tables.statvfsInto(real, numbers)),
    linesWith: tables.linesWith,
    alignTable: tables.alignTable,
  };
  return { ...system, ...rootedScanner, ...rootedTables };
}

type FileCalls =
  | "source"
  | "readText"
  | "readBytes"
  | "readDirectory"
  | "readLink"
  | "stat"
  | "lstat"
  | "statvfs"
  | "statvfsTimed"
  | "createFile"
  | "writeFileAtomic"
  | "makeDirectory"
  | "remove"
  | "symlink"
  | "names";

/** Everything of `base` that is no file, with the process seen as pid 1 of another tree. */
export function withoutFiles(base: System): Omit<System, FileCalls> {
  return {
    argv: base.argv,
    env: (name) => base.env(name),
    write: (fd, text) => base.write(fd, text),
    monotonicSeconds: () => base.monotonicSeconds(),
    boottimeSeconds: () => base.boottimeSeconds(),
    realtimeSeconds: () => base.realtimeSeconds(),
    localTime: (seconds) => base.localTime(seconds),
    sleep: (seconds) => base.sleep(seconds),
    hasNextStep: () => base.hasNextStep(),
    affinity: () => null,
    schedulingPolicy: () => ENOSYS,
    sync: () => undefined,
    pageSizeBytes: base.pageSizeBytes,
    clockTicksPerSecond: base.clockTicksPerSecond,
    pid: 1,
    uid: base.uid,
    isTerminal: (fd) => base.isTerminal(fd),
    windowSize: (fd) => base.windowSize(fd),
  };
}

/** uname(2) as /proc/sys/kernel tells it, with `fallback` for what is not there. */
export function namesFrom(readText: (path: string) => string | Errno, fallback: SystemNames): SystemNames {
  const read = (name: string, otherwise: string): string => {
    const text = readText(`/proc/sys/kernel/${name}`);
    return typeof text === "number" || text.trim() === "" ? otherwise : text.trim();
  };
  return {
    sysname: read("ostype", fallback.sysname),
    nodename: read("hostname", fallback.nodename),
    release: read("osrelease", fallback.release),
    version: read("version", fallback.version),
    machine: read("arch", fallback.machine),
  };
}

const ENOSYS = -38;
