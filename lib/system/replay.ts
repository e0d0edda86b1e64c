/**
 * --replay DIR: a capture as a System. Files come from DIR/tN, clocks from capture.json, and sleep() moves to the next step.
 *
 * DIR/capture.json: {schema: "procg.capture/v1", kernel, clockTicksPerSecond, pageSizeBytes, onlineCpus,
 * steps: [{dir, monotonicSeconds, realtimeSeconds}, ...]}. DIR/tN/statvfs.json: path -> FileSystemStatus, or the errno's name.
 * DIR/tN/unreadable.json: path -> the errno's name that reading gave. Both may be missing. Nothing is ever written to a capture.
 */
import { EINVAL, ENOENT, errnoOf, errnoText } from "./errno.ts";
import { namesFrom, withoutFiles } from "./rooted.ts";
import type { Errno, FileStatus, FileSystemStatus, System } from "./system.ts";
import { treePath } from "./tree_path.ts";

export const CAPTURE_SCHEMA = "procg.capture/v1";

export interface CaptureStep {
  /** Name of a folder beside capture.json. */
  readonly dir: string;
  readonly monotonicSeconds: number;
  readonly realtimeSeconds: number;
}

export interface Capture {
  readonly schema: typeof CAPTURE_SCHEMA;
  /** Release, as uname -r. */
  readonly kernel: string;
  readonly clockTicksPerSecond: number;
  readonly pageSizeBytes: number;
  readonly onlineCpus: number | string | readonly number[];
  readonly steps: readonly CaptureStep[];
}

/** A capture that cannot be replayed. The message is one line: file and reason. */
export class ReplayError extends Error {
  readonly path: string;

  constructor(path: string, what: string) {
    super(`${path}: ${what}`);
    this.name = "ReplayError";
    this.path = path;
  }
}

/** A capture keeps no inodes: those of its files would say that every cgroup was made anew between two steps. */
function captured(status: FileStatus | Errno): FileStatus | Errno {
  return typeof status === "number" ? status : { ...status, ino: 0, dev: 0 };
}

/** Throws ReplayError when capture.json, or a step's statvfs.json or unreadable.json, is not as described above. */
export function replaySystem(base: System, dir: string): System {
  const top = dir.replace(/\/+$/, "");
  const capture = readCapture(base, `${top}/capture.json`);
  let index = 0;
  let step = openStep(base, top, capture.steps[0] as CaptureStep);

  const read = (path: string, call: (path: string) => string | Errno): string | Errno => {
    const inside = step.tree.resolve(path, true);
    const refused = step.refused(path, inside);
    if (refused !== null) return refused;
    return typeof inside === "number" ? inside : call(step.top + inside);
  };
  const at = <T>(path: string, follow: boolean, call: (path: string) => T | Errno): T | Errno => {
    const inside = step.tree.resolve(path, follow);
    return typeof inside === "number" ? inside : call(step.top + inside);
  };
  const readText = (path: string) => read(path, (real) => base.readText(real));
  const refuse = (): Errno => EROFS;

  return {
    ...withoutFiles(base),
    source: "replay",
    readText,
    readBytes: (path) => read(path, (real) => base.readBytes(real)),
    readDirectory(path) {
      const inside = step.tree.resolve(path, true);
      const refused = step.refused(path, inside);
      if (refused !== null) return refused;
      if (typeof inside === "number") return inside;
      const names = base.readDirectory(step.top + inside);
      if (typeof names === "number") return names;
      return names.filter((name) => inside !== "" || !OWN_FILES.includes(name)).sort();
    },
    readLink(path) {
      const inside = step.tree.resolve(path, false);
      const refused = step.refused(path, inside);
      if (refused !== null) return refused;
      return typeof inside === "number" ? inside : base.readLink(step.top + inside);
    },
    stat: (path) => captured(at(path, true, (real) => base.stat(real))),
    lstat: (path) => captured(at(path, false, (real) => base.lstat(real))),
    statvfs: (path) => step.statvfs[path] ?? ENOENT,
    statvfsTimed: (path) => step.statvfs[path] ?? ENOENT,
    writeFileAtomic: refuse,
    createFile: refuse,
    makeDirectory: refuse,
    remove: refuse,
    symlink: refuse,

    monotonicSeconds: () => step.monotonicSeconds,
    boottimeSeconds() {
      const text = readText("/proc/uptime");
      return typeof text === "number" ? Number.NaN : Number.parseFloat(text);
    },
    realtimeSeconds: () => step.realtimeSeconds,
    sleep() {
      const next = capture.steps[index + 1];
      if (next !== undefined) {
        step = openStep(base, top, next);
        index++;
      }
      return Promise.resolve();
    },
    hasNextStep: () => index + 1 < capture.steps.length,
    pageSizeBytes: capture.pageSizeBytes,
    clockTicksPerSecond: capture.clockTicksPerSecond,
    names: () => namesFrom(readText, { ...UNKNOWN_NAMES, release: capture.kernel }),
  };
}

/** Reads and checks capture.json. Throws ReplayError. */
export function readCapture(base: System, path: string): Capture {
  const found = readJson(base, path);
  if (found === null) throw new ReplayError(path, errnoText(ENOENT));
  const fail = (what: string): never => {
    throw new ReplayError(path, what);
  };
  const number = (name: string): number => {
    const value = found[name];
    return typeof value === "number" && value > 0 ? value : fail(`${name} is not a positive number`);
  };
  if (found.schema !== CAPTURE_SCHEMA) fail(`schema is not ${CAPTURE_SCHEMA}`);
  if (!Array.isArray(found.steps) || found.steps.length === 0) fail("steps is not a list of steps");
  const steps = (found.steps as unknown[]).map(
    (step, i) => checkStep(step) ?? fail(`steps[${i}] is malformed`),
  );
  return {
    schema: CAPTURE_SCHEMA,
    kernel: typeof found.kernel === "string" ? found.kernel : fail("kernel is not a string"),
    clockTicksPerSecond: number("clockTicksPerSecond"),
    pageSizeBytes: number("pageSizeBytes"),
    onlineCpus: found.onlineCpus as Capture["onlineCpus"],
    steps,
  };
}

const OWN_FILES = ["statvfs.json", "unreadable.json"];
const EROFS = -30;
const UNKNOWN_NAMES = {
  sysname: "Linux",
  nodename: "unknown",
  release: "unknown",
  version: "unknown",
  machine: "unknown",
};

const STATVFS_KEYS = [
  "blockBytes",
  "fragmentBytes",
  "blocks",
  "blocksFree",
  "blocksAvailable",
  "inodes",
  "inodesFree",
  "inodesAvailable",
  "flags",
  "nameMax",
] as const;

function openStep(base: System, top: string, step: CaptureStep) {
  const stepTop = `${top}/${step.dir}`;
  const status = base.stat(stepTop);
  if (typeof status === "number") throw new ReplayError(stepTop, errnoText(status));
  const unreadable = readUnreadable(base, `${stepTop}/unreadable.json`);
  return {
    ...step,
    top: stepTop,
    tree: treePath(base, stepTop),
    statvfs: readStatvfs(base, `${stepTop}/statvfs.json`),
    /** The errno that reading this path gave when the capture was made; null where it was readable. */
    refused(path: string, resolved: string | Errno): Errno | null {
      return unreadable.get(path) ?? unreadable.get(String(resolved)) ?? null;
    },
  };
}

function readStatvfs(base: System, path: string): Readonly<Record<string, FileSystemStatus | Errno>> {
  const found = readJson(base, path) ?? {};
  const result: Record<string, FileSystemStatus | Errno> = Object.create(null);
  for (const [mount, value] of Object.entries(found)) {
    if (typeof value === "string") {
      result[mount] = errnoOf(value) ?? EINVAL;
      continue;
    }
    const record = (value ?? {}) as Record<string, unknown>;
    const wrong = STATVFS_KEYS.find((key) => typeof record[key] !== "number");
    if (wrong !== undefined)
      throw new ReplayError(path, `${JSON.stringify(mount)}: ${wrong} is not a number`);
    result[mount] = record as unknown as FileSystemStatus;
  }
  return result;
}

function readUnreadable(base: System, path: string): ReadonlyMap<string, Errno> {
  const result = new Map<string, Errno>();
  for (const [file, name] of Object.entries(readJson(base, path) ?? {})) {
    result.set(file.startsWith("/") ? file : `/${file}`, errnoOf(String(name)) ?? EINVAL);
  }
  return result;
}

/** An object, or null where there is no such file. */
function readJson(base: System, path: string): Record<string, unknown> | null {
  const text = base.readText(path);
  if (text === ENOENT) return null;
  if (typeof text === "number") throw new ReplayError(path, errnoText(text));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ReplayError(path, "not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ReplayError(path, "not a JSON object");
  }
  return value as Record<string, unknown>;
}

/** A name of one component: a capture must not point elsewhere. */
function checkStep(value: unknown): CaptureStep | null {
  const { dir, monotonicSeconds, realtimeSeconds } = (value ?? {}) as Record<string, unknown>;
  if (typeof dir !== "string" || !/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(dir)) return null;
  if (typeof monotonicSeconds !== "number" || typeof realtimeSeconds !== "number") return null;
  return { dir, monotonicSeconds, realtimeSeconds };
}
