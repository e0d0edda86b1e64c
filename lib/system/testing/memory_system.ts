/**
 * A System over a plain map, for unit tests: no disk, clocks that the test sets, output that it can look at.
 *
 * Directories exist by being in the way of a file. Links are followed, absolute and relative ones.
 */
import { EINVAL, EISDIR, ENOENT, ENOTDIR, errnoOf } from "../errno.ts";
import type {
  Errno,
  FileStatus,
  FileSystemStatus,
  LocalTime,
  System,
  SystemNames,
  SystemSource,
} from "../system.ts";

/** A file's text; or the errno's name ("EACCES") that reading gives; or a symbolic link; or an (empty) directory. */
export type MemoryEntry =
  | string
  | { readonly errno: string }
  | { readonly link: string }
  | { readonly directory: true };

export interface MemoryOptions {
  readonly source?: SystemSource;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly monotonicSeconds?: number;
  readonly boottimeSeconds?: number;
  readonly realtimeSeconds?: number;
  /** An errno's name instead of numbers: what asking gives ("ESTALE"; "ETIMEDOUT": it hangs, and only statvfsTimed comes back). */
  readonly statvfs?: Readonly<Record<string, Partial<FileSystemStatus> | string>>;
  /** By path, over the defaults (mode, inode, owner 0, mtime 0). */
  readonly status?: Readonly<Record<string, Partial<FileStatus>>>;
  readonly affinity?: readonly number[] | null;
  readonly schedulingPolicy?: number;
  readonly pageSizeBytes?: number;
  readonly clockTicksPerSecond?: number;
  readonly pid?: number;
  readonly uid?: number;
  readonly names?: Partial<SystemNames>;
  /** Columns and rows of fds 0-2; without it they are no terminal. */
  readonly windowSize?: readonly [number, number];
  /** What write() returns instead of 0. */
  readonly writeResult?: Errno;
  /** Called by sleep() after the clocks have moved: change files here. */
  readonly onSleep?: (system: MemorySystem, seconds: number) => void;
}

export interface MemorySystem extends System {
  /** Full path -> entry. May be changed at any time. */
  readonly files: Map<string, MemoryEntry>;
  stdout: string;
  stderr: string;
  /** Moves all three clocks. */
  advance(seconds: number): void;
}

export function memorySystem(
  entries: Readonly<Record<string, MemoryEntry>>,
  options: MemoryOptions = {},
): MemorySystem {
  const files = new Map(Object.entries(entries));
  let monotonic = options.monotonicSeconds ?? 1000;
  let boottime = options.boottimeSeconds ?? monotonic;
  let realtime = options.realtimeSeconds ?? 1_700_000_000;

  const lookUp = (path: string, follow: boolean) => resolve(files, path, follow);
  const read = (path: string): string | Errno => {
    const found = lookUp(path, true);
    if (typeof found === "number") return found;
    if (typeof found.entry === "string") return found.entry;
    return "errno" in found.entry ? (errnoOf(found.entry.errno) ?? EINVAL) : EISDIR;
  };
  const status = (path: string, follow: boolean): FileStatus | Errno => {
    const found = lookUp(path, follow);
    if (typeof found === "number") return found;
    return { ...statusOf(found.entry, found.path), ...options.status?.[found.path] };
  };
  const create = (path: string, entry: MemoryEntry): Errno => {
    if (typeof lookUp(path, false) !== "number") return EEXIST;
    files.set(normal(path), entry);
    return 0;
  };

  const system: MemorySystem = {
    files,
    stdout: "",
    stderr: "",
    advance(seconds) {
      monotonic += seconds;
      boottime += seconds;
      realtime += seconds;
    },

    source: options.source ?? "live",
    argv: options.argv ?? ["test"],
    env: (name) => options.env?.[name],

    readText: read,
    readBytes(path) {
      const text = read(path);
      return typeof text === "number" ? text : Buffer.from(text, "utf8").toString("latin1");
    },
    readDirectory(path) {
      const found = lookUp(path, true);
      if (typeof found === "number") return found;
      if (typeof found.entry !== "string" && "errno" in found.entry)
        return errnoOf(found.entry.errno) ?? EINVAL;
      return isDirectory(found.entry) ? namesBelow(files, found.path) : ENOTDIR;
    },
    readLink(path) {
      const found = lookUp(path, false);
      if (typeof found === "number") return found;
      return typeof found.entry === "object" && "link" in found.entry ? found.entry.link : EINVAL;
    },
    stat: (path) => status(path, true),
    lstat: (path) => status(path, false),
    statvfs(path) {
      const found = options.statvfs?.[path];
      if (found === undefined) return ENOENT;
      if (found === "ETIMEDOUT") throw new Error(`statvfs of ${path} hangs`);
      return typeof found === "string" ? (errnoOf(found) ?? EINVAL) : { ...NO_SPACE, ...found };
    },
    statvfsTimed(path) {
      return options.statvfs?.[path] === "ETIMEDOUT" ? ETIMEDOUT : system.statvfs(path);
    },
    write(fd, text) {
      if (options.writeResult !== undefined && options.writeResult < 0) return options.writeResult;
      if (fd === 1) system.stdout += text;
      else system.stderr += text;
      return 0;
    },
    writeFileAtomic: (path, text) => system.createFile(path, text, 0o644, false),
    createFile: (path, text) => {
      const parent = status(dirname(normal(path)), true);
      if (typeof parent === "number") return parent;
      files.set(normal(path), text);
      return 0;
    },
    makeDirectory: (path) => create(path, { directory: true }),
    remove: (path) => (files.delete(normal(path)) ? 0 : ENOENT),
    symlink: (target, path) => create(path, { link: target }),
    sync: () => undefined,

    monotonicSeconds: () => monotonic,
    boottimeSeconds: () => boottime,
    realtimeSeconds: () => realtime,
    localTime: utcTime,
    sleep(seconds) {
      system.advance(seconds);
      options.onSleep?.(system, seconds);
      return Promise.resolve();
    },
    hasNextStep: () => true,

    affinity: () => options.affinity ?? null,
    schedulingPolicy: () => options.schedulingPolicy ?? 0,
    pageSizeBytes: options.pageSizeBytes ?? 4096,
    clockTicksPerSecond: options.clockTicksPerSecond ?? 100,
    pid: options.pid ?? 42,
    uid: options.uid ?? 0,
    names: () => ({ ...NAMES, ...options.names }),

    isTerminal: () => options.windowSize !== undefined,
    windowSize: () => options.windowSize ?? null,
  };
  return system;
}

/** Broken-down UTC: what localTime gives where there is no time zone. */
export function utcTime(realtimeSeconds: number): LocalTime {
  const date = new Date(Math.floor(realtimeSeconds) * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    offsetSeconds: 0,
    zone: "UTC",
  };
}

const EEXIST = -17;
const ETIMEDOUT = -110;
const ELOOP = -40;
const NAMES: SystemNames = {
  sysname: "Linux",
  nodename: "testhost",
  release: "6.1.0",
  version: "#1 SMP",
  machine: "x86_64",
};
const NO_SPACE: FileSystemStatus = {
  blockBytes: 4096,
  fragmentBytes: 4096,
  blocks: 0,
  blocksFree: 0,
  blocksAvailable: 0,
  inodes: 0,
  inodesFree: 0,
  inodesAvailable: 0,
  flags: 0,
  nameMax: 255,
};
const DIRECTORY: MemoryEntry = { directory: true };

interface Found {
  readonly path: string;
  readonly entry: MemoryEntry;
}

function resolve(files: ReadonlyMap<string, MemoryEntry>, path: string, follow: boolean): Found | Errno {
  const todo = path.split("/").filter(Boolean);
  let links = 0;
  let current = "";
  let entry: MemoryEntry = DIRECTORY;
  for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
    if (!isDirectory(entry)) return ENOTDIR;
    if (name === ".") continue;
    if (name === "..") {
      current = current.slice(0, Math.max(0, current.lastIndexOf("/")));
      continue;
    }
    const next = `${current}/${name}`;
    const found = files.get(next) ?? (namesBelow(files, next).length > 0 ? DIRECTORY : undefined);
    if (found === undefined) return ENOENT;
    if (typeof found === "object" && "link" in found && (follow || todo.length > 0)) {
      if (++links > 40) return ELOOP;
      todo.unshift(...found.link.split("/").filter(Boolean));
      if (found.link.startsWith("/")) current = "";
      continue;
    }
    current = next;
    entry = found;
  }
  if (current === "" || isDirectory(entry)) entry = files.get(current) ?? DIRECTORY;
  return { path: current === "" ? "/" : current, entry };
}

function isDirectory(entry: MemoryEntry): boolean {
  return typeof entry === "object" && "directory" in entry;
}

function namesBelow(files: ReadonlyMap<string, MemoryEntry>, directory: string): string[] {
  const prefix = directory === "/" ? "/" : `${directory}/`;
  const names = new Set<string>();
  for (const path of files.keys()) {
    if (path.startsWith(prefix) && path !== "/") names.add(path.slice(prefix.length).split("/", 1)[0] ?? "");
  }
  return [...names];
}

function statusOf(entry: MemoryEntry, path: string): FileStatus {
  const isLink = typeof entry === "object" && "link" in entry;
  const text = typeof entry === "string" ? entry : isLink ? entry.link : "";
  let ino = 7;
  for (const char of path) ino = (ino * 31 + char.charCodeAt(0)) % 0x7fffffff;
  return {
    dev: 1,
    ino,
    mode: isLink ? 0o120777 : isDirectory(entry) ? 0o040755 : 0o100644,
    uid: 0,
    gid: 0,
    sizeBytes: Buffer.byteLength(text),
    mtimeSeconds: 0,
    rdevMajor: 0,
    rdevMinor: 0,
    devMajor: 0,
    devMinor: 1,
  };
}

function normal(path: string): string {
  return `/${path.split("/").filter(Boolean).join("/")}`;
}

function dirname(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
