/** Two looks made into what the fields are printed from: differences, names, and files of single tasks on demand. */
import type { Container } from "../../lib/container/container.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { passwd } from "../../lib/procfs/passwd.ts";
import { pidStatm } from "../../lib/procfs/pid_statm.ts";
import { PROCESS_COLUMN, SCAN_STRIDE } from "../../lib/procfs/process_scan.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import type { TaskSample, TaskView } from "./tasks.ts";

export interface ViewOptions {
  readonly threads: boolean;
  /** Percent of one CPU; false: of all. */
  readonly irix: boolean;
  readonly cpus: number;
  readonly totalMemoryKib: number | null;
  readonly utf8: boolean;
}

/** Names by number, read once. */
export interface Names {
  readonly utf8: boolean;
  readonly user: (uid: number) => string;
  readonly group: (gid: number) => string;
}

export function readNames(container: Container, utf8: boolean): Names {
  return { utf8, user: lookup(container, "passwd", utf8), group: lookup(container, "group", utf8) };
}

/** Counters of IO by pid, for rates; kept by whoever keeps the looks. */
export interface IoHistory {
  readonly before: ReadonlyMap<number, readonly [read: number, write: number]>;
  readonly now: Map<number, readonly [read: number, write: number]>;
}

export function makeView(
  container: Container,
  names: Names,
  before: TaskSample | null,
  sample: TaskSample,
  io: IoHistory,
  options: ViewOptions,
): TaskView {
  const { system } = container;
  const { rows } = sample;
  const seconds = before === null ? null : sample.monotonicSeconds - before.monotonicSeconds;
  const elapsed = seconds === null || seconds < 0.01 ? 0.005 : seconds;
  const differences = before === null ? null : difference(before, sample);
  const files = new Map<string, string | null>();
  const pidOf = (row: number): number => (rows[row * SCAN_STRIDE] ?? 0) | 0;
  const directory = (row: number): string => {
    const pid = pidOf(row);
    const tgid = sample.tgids?.[row];
    return tgid === undefined || tgid === pid ? `/proc/${pid}` : `/proc/${tgid}/task/${pid}`;
  };
  const file = (row: number, name: string): string | null => {
    const path = `${directory(row)}/${name}`;
    const known = files.get(path);
    if (known !== undefined) return known;
    const text = system.readText(path);
    const value = typeof text === "number" ? null : text;
    files.set(path, value);
    return value;
  };
  const known = new Map<string, string>();
  const safe = (text: string): string => {
    let found = known.get(text);
    if (found === undefined) {
      found = safeText(text, options.utf8);
      if (known.size < 2000) known.set(text, found);
    }
    return found;
  };
  return {
    table: sample,
    stride: SCAN_STRIDE,
    ticks: differences?.ticks ?? null,
    majorFaults: differences?.major ?? null,
    minorFaults: differences?.minor ?? null,
    percentPerTick: 100 / (system.clockTicksPerSecond * elapsed * (options.irix ? 1 : options.cpus)),
    percentMost: percentMost(options),
    totalMemoryKib: options.totalMemoryKib,
    pageKib: system.pageSizeBytes / 1024,
    ticksPerSecond: system.clockTicksPerSecond,
    seconds,
    userName: names.user,
    groupName: names.group,
    file,
    link: (row, name) => {
      const target = system.readLink(`${directory(row)}/${name}`);
      return typeof target === "number" ? null : target;
    },
    entries: (row, name) => {
      const found = system.readDirectory(`${directory(row)}/${name}`);
      return typeof found === "number" ? null : found.length;
    },
    completeMemory: (row) => {
      const base = row * SCAN_STRIDE;
      const found = attempt(system, directory(row), pidStatm).value;
      const statm = found ?? { size: 0, resident: 0, shared: 0, text: 0, data: 0 };
      rows[base + PROCESS_COLUMN.size] = statm.size;
      rows[base + PROCESS_COLUMN.resident] = statm.resident;
      rows[base + PROCESS_COLUMN.shared] = statm.shared;
      rows[base + PROCESS_COLUMN.text] = statm.text;
      rows[base + PROCESS_COLUMN.data] = statm.data;
    },
    completeOwner: (row) => {
      const status = system.lstat(directory(row));
      // A task that has ended meanwhile is nobody's, not root's.
      rows[row * SCAN_STRIDE + PROCESS_COLUMN.uid] = typeof status === "number" ? Number.NaN : status.uid;
      rows[row * SCAN_STRIDE + PROCESS_COLUMN.gid] = typeof status === "number" ? Number.NaN : status.gid;
    },
    ioRate: (row, which) => {
      const pid = pidOf(row);
      let now = io.now.get(pid);
      if (now === undefined) {
        const text = file(row, "io");
        if (text === null) return null;
        now = [ioBytes(text, "read_bytes"), ioBytes(text, "write_bytes")];
        io.now.set(pid, now);
      }
      const last = io.before.get(pid);
      if (last === undefined || seconds === null || seconds <= 0) return null;
      const index = which === "read" ? 0 : 1;
      return Math.max(0, now[index] - last[index]) / seconds;
    },
    command: (row, full) => {
      const comm = sample.comms[row] ?? "";
      if (!full) return safe(comm);
      const zombie = rows[row * SCAN_STRIDE + PROCESS_COLUMN.state] === 90;
      const line = sample.cmdlines?.[row] ?? file(row, "cmdline") ?? "";
      if (line === "") return zombie ? `[${safe(comm)}] <defunct>` : `[${safe(comm)}]`;
      return safe(line.replace(/\0+$/, "").replace(/\0/g, " "));
    },
    safe,
  };
}

function ioBytes(text: string, key: string): number {
  return Number(new RegExp(`^${key}: (\\d+)`, "m").exec(text)?.[1] ?? 0);
}

/** One CPU's worth in threads mode and in Solaris mode, else all of them, within what the column holds. */
function percentMost({ threads, irix, cpus }: ViewOptions): number {
  if (!irix || cpus <= 1 || threads) return 99.9;
  return Math.min(100 * cpus, cpus > 10 ? 99999 : 999.9);
}

/** Row of the same pid in the look before, -1 where there was none. Both in ascending order but for threads. */
function rowsBefore(before: TaskSample, sample: TaskSample): Int32Array {
  const found = new Int32Array(sample.count).fill(-1);
  const old = before.rows;
  if (sample.tgids === null && before.tgids === null) {
    let at = 0;
    for (let row = 0; row < sample.count; row++) {
      const pid = sample.rows[row * SCAN_STRIDE] ?? 0;
      while (at < before.count && (old[at * SCAN_STRIDE] ?? 0) < pid) at++;
      if (at < before.count && old[at * SCAN_STRIDE] === pid) found[row] = at;
    }
    return found;
  }
  const rowOf = new Map<number, number>();
  for (let row = 0; row < before.count; row++) rowOf.set((old[row * SCAN_STRIDE] ?? 0) | 0, row);
  for (let row = 0; row < sample.count; row++) {
    found[row] = rowOf.get((sample.rows[row * SCAN_STRIDE] ?? 0) | 0) ?? -1;
  }
  return found;
}

function difference(
  before: TaskSample,
  sample: TaskSample,
): { ticks: Float64Array; major: Float64Array; minor: Float64Array } {
  const { rows, count } = sample;
  const old = before.rows;
  const ticks = new Float64Array(count);
  const major = new Float64Array(count);
  const minor = new Float64Array(count);
  const earlier = rowsBefore(before, sample);
  for (let row = 0, base = 0; row < count; row++, base += SCAN_STRIDE) {
    let last = (earlier[row] ?? -1) * SCAN_STRIDE;
    // A task that was not there before has begun meanwhile: all of its time counts. The same for a pid used anew.
    if (last >= 0 && old[last + START] !== rows[base + START]) last = -1;
    const now = (rows[base + UTIME] ?? 0) + (rows[base + STIME] ?? 0);
    const past = last < 0 ? 0 : (old[last + UTIME] ?? 0) + (old[last + STIME] ?? 0);
    ticks[row] = now > past ? now - past : 0;
    major[row] = (rows[base + MAJOR] ?? 0) - (last < 0 ? 0 : (old[last + MAJOR] ?? 0));
    minor[row] = (rows[base + MINOR] ?? 0) - (last < 0 ? 0 : (old[last + MINOR] ?? 0));
  }
  return { ticks, major, minor };
}

const { utime: UTIME, stime: STIME, starttime: START, majflt: MAJOR, minflt: MINOR } = PROCESS_COLUMN;

/** /etc/passwd and /etc/group have name and number in the same places. A number without a name stands for itself. */
function lookup(container: Container, name: "passwd" | "group", utf8: boolean): (id: number) => string {
  let map: ReadonlyMap<number, string> | null = null;
  const known = new Map<number, string>();
  return (id) => {
    const key = id | 0;
    let text = known.get(key);
    if (text === undefined) {
      map ??= attempt(container.system, "/etc", { ...passwd, name }).value ?? new Map();
      text = safeText(map.get(key) ?? String(key), utf8);
      known.set(key, text);
    }
    return text;
  };
}
