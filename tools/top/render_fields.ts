/**
 * The columns of top: name, width, side, and how a task's text and its place in the order come about. Names and order are
 * those of procps-ng 4 (`top -O`); the last two are ours.
 *
 * `-`: the kernel does not say, or does not let us read it. Numbers that procps prints as 0 where a file cannot be read are 0
 * here too (`ioR`, `PSS`, namespaces): scripts compare them.
 */
import {
  scaleCount,
  scaleMemory,
  scalePercent,
  scaleTime,
  type TimeTarget,
  wholeNumber,
} from "./render_number.ts";
import type { TaskView } from "./tasks.ts";

/** How the user wants fields printed. */
export interface FieldStyle {
  /** 0 KiB ... 4 PiB */
  readonly taskScale: number;
  readonly zeros: boolean;
  readonly cumulativeTime: boolean;
  readonly commandLine: boolean;
  readonly timeTarget: TimeTarget;
}

export interface Field {
  readonly name: string;
  readonly about: string;
  /** 0: what is left of the line. */
  readonly width: number;
  readonly right: boolean;
  /** Grows with the longest pid. */
  readonly pidWide?: boolean;
  /** Grows with X. */
  readonly widens?: boolean;
  readonly text: (view: TaskView, row: number, style: FieldStyle, width: number) => string;
  /** A number or a text; larger first when sorting high to low. */
  readonly order: (view: TaskView, row: number, style: FieldStyle) => number | string;
}

/** Columns of lib/procfs/process_scan.ts by number: this file may import types only. */
const PID = 0;
const STATE = 1;
const PPID = 2;
const PGRP = 3;
const SESSION = 4;
const TTY = 5;
const TPGID = 6;
const FLAGS = 7;
const MINFLT = 8;
const MAJFLT = 10;
const UTIME = 12;
const STIME = 13;
const CUTIME = 14;
const CSTIME = 15;
const PRIORITY = 16;
const NICE = 17;
const THREADS = 18;
const START = 19;
const VSIZE = 20;
const RSS = 21;
const PROCESSOR = 24;
const POLICY = 26;
const RESIDENT = 31;
const SHARED = 32;
const TEXT = 33;
const DATA = 34;
const UID = 35;
const GID = 36;

type Numbers = (view: TaskView, row: number) => number;

function at(column: number): Numbers {
  return (view, row) => view.table.rows[row * view.stride + column] ?? Number.NaN;
}

function statm(column: number): Numbers {
  return (view, row) => {
    const cell = row * view.stride + column;
    let pages = view.table.rows[cell] ?? Number.NaN;
    if (!(pages >= 0)) {
      view.completeMemory(row);
      pages = view.table.rows[cell] ?? 0;
    }
    return pages * view.pageKib;
  };
}

function owner(column: number): Numbers {
  return (view, row) => {
    const cell = row * view.stride + column;
    const value = view.table.rows[cell] ?? Number.NaN;
    if (value >= 0) return value;
    view.completeOwner(row);
    return view.table.rows[cell] ?? 0;
  };
}

/** One line of /proc/PID/status. */
function statusLine(view: TaskView, row: number, key: string): string | null {
  const text = view.file(row, "status");
  if (text === null) return null;
  const start = text.indexOf(`\n${key}:`);
  if (start < 0) return null;
  const from = start + key.length + 2;
  const end = text.indexOf("\n", from);
  return text.slice(from, end < 0 ? text.length : end).trim();
}

function statusKib(key: string): Numbers {
  return (view, row) => Number.parseInt(statusLine(view, row, key) ?? "0", 10) || 0;
}

function statusId(key: "Uid" | "Gid", index: number): Numbers {
  return (view, row) => Number(statusLine(view, row, key)?.split(/\s+/)[index] ?? Number.NaN);
}

function smapsKib(keys: readonly string[]): Numbers {
  return (view, row) => {
    const text = view.file(row, "smaps_rollup");
    let sum = 0;
    for (const key of keys) {
      const found = text === null ? null : new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text);
      sum += found === null ? 0 : Number(found[1]);
    }
    return sum;
  };
}

function ioCount(key: string): Numbers {
  return (view, row) => {
    const text = view.file(row, "io");
    const found = text === null ? null : new RegExp(`^${key}: (\\d+)`, "m").exec(text);
    return found === null ? 0 : Number(found[1]);
  };
}

function fileNumber(name: string): Numbers {
  return (view, row) => Number.parseInt(view.file(row, name) ?? "0", 10) || 0;
}

function namespaceInode(name: string): Numbers {
  return (view, row) => Number(/\[(\d+)\]/.exec(view.link(row, `ns/${name}`) ?? "")?.[1] ?? 0);
}

const startTicks = at(START);
/** As statm has it: the same in stat is not exact since Linux 6.2. */
const resident = statm(RESIDENT);
/** For the order of all tasks the inexact one will do where statm was not read. */
const residentOrder: Numbers = (view, row) => {
  const base = row * view.stride;
  const exact = view.table.rows[base + RESIDENT] ?? Number.NaN;
  return (exact >= 0 ? exact : (view.table.rows[base + RSS] ?? 0)) * view.pageKib;
};
const swapped = statusKib("VmSwap");
const virtualKib: Numbers = (view, row) => (view.table.rows[row * view.stride + VSIZE] ?? 0) / 1024;

function ticksOf(view: TaskView, row: number, cumulative: boolean): number {
  const base = row * view.stride;
  const { rows } = view.table;
  const own = (rows[base + UTIME] ?? 0) + (rows[base + STIME] ?? 0);
  return cumulative ? own + (rows[base + CUTIME] ?? 0) + (rows[base + CSTIME] ?? 0) : own;
}

function elapsedTicks(view: TaskView, row: number): number | null {
  const uptime = view.table.uptimeSeconds;
  return uptime === null ? null : Math.max(0, uptime * view.ticksPerSecond - startTicks(view, row));
}

/** Percent of one CPU (or of all of them) since the look before; null: no look before. */
export function cpuPercent(view: TaskView, row: number, extraTicks = 0): number | null {
  if (view.ticks === null) return null;
  if (view.ticks[row] === 0 && extraTicks === 0) return 0;
  const used = Math.fround(((view.ticks[row] ?? 0) + extraTicks) * view.percentPerTick);
  const threads = view.table.rows[row * view.stride + THREADS] ?? 1;
  const most = extraTicks > 0 ? used : 100 * threads;
  return Math.min(used, most, view.percentMost);
}

function memoryPercent(view: TaskView, row: number): number | null {
  const total = view.totalMemoryKib;
  return total === null || total <= 0 ? null : Math.fround(Math.fround(resident(view, row) * 100) / total);
}

function utilisation(cumulative: boolean): Numbers {
  return (view, row) => {
    const elapsed = elapsedTicks(view, row);
    return elapsed === null || elapsed < 1 ? 0 : (ticksOf(view, row, cumulative) * 100) / elapsed;
  };
}

function ttyName(view: TaskView, row: number): string {
  const device = view.table.rows[row * view.stride + TTY] ?? 0;
  if (device === 0) return "?";
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${minor + (major - 136) * 256}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  if (major === 204) return `ttyAMA${minor - 64}`;
  if (major === 229) return `hvc${minor}`;
  return `${major}/${minor}`;
}

/** Eight hexadecimal digits with dots for the zeros. */
function flagsText(view: TaskView, row: number): string {
  const flags = (view.table.rows[row * view.stride + FLAGS] ?? 0) >>> 0;
  return flags.toString(16).toUpperCase().padStart(8, "0").replace(/0/g, ".");
}

/** Lines of /proc/PID/cgroup but those of the root, ";" between. */
function cgroupsText(view: TaskView, row: number): string {
  const lines = (view.file(row, "cgroup") ?? "")
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith(":/"));
  return lines.length === 0 ? "-" : view.safe(lines.join(";"));
}

/** The cgroup's name: the v2 path, else the longest of v1. */
function cgroupName(view: TaskView, row: number): string {
  const lines = (view.file(row, "cgroup") ?? "")
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith(":/"));
  const named = lines.find((line) => line.includes(":name=")) ?? lines[0];
  if (named === undefined) return "-";
  const at = named.indexOf(":name=");
  return view.safe(at < 0 ? named : named.slice(at + 6));
}

function dockerId(view: TaskView, row: number): string {
  return (
    /(?:docker[-/]|libpod-|containerd[-:]|crio-|\/)([0-9a-f]{12})[0-9a-f]{52}/.exec(
      view.file(row, "cgroup") ?? "",
    )?.[1] ?? "-"
  );
}

function groupsText(names: boolean): (view: TaskView, row: number) => string {
  return (view, row) => {
    const gids = statusLine(view, row, "Groups");
    if (gids === null || gids === "") return "-";
    return gids
      .split(/\s+/)
      .map((gid) => (names ? view.groupName(Number(gid)) : gid))
      .join(",");
  };
}

function environmentText(view: TaskView, row: number): string {
  const text = view.file(row, "environ");
  return text === null || text === "" ? "-" : view.safe(text.replace(/\0+$/, "").replace(/\0/g, " "));
}

function exeText(view: TaskView, row: number): string {
  const target = view.link(row, "exe");
  return target === null ? "-" : view.safe(target);
}

function waitText(view: TaskView, row: number): string {
  const text = view.file(row, "wchan") ?? "";
  return text === "" || text === "0" ? "-" : view.safe(text.trim());
}

const POLICIES = ["TS", "FF", "RR", "B", "ISO", "IDL", "DLN"];

// --- kinds of fields -----------------------------------------------------------------------------------------------------

interface Extra {
  readonly pidWide?: boolean;
  readonly widens?: boolean;
}

function whole(name: string, width: number, about: string, value: Numbers, extra: Extra = {}): Field {
  return {
    name,
    about,
    width,
    right: true,
    ...extra,
    text: (view, row, _style, columns) => {
      const number = value(view, row);
      return Number.isNaN(number) ? "-" : wholeNumber(number, columns);
    },
    order: value,
  };
}

/** Empty instead of 0 when zeros are suppressed. */
function wholeOrBlank(name: string, width: number, about: string, value: Numbers, extra: Extra = {}): Field {
  const field = whole(name, width, about, value, extra);
  return {
    ...field,
    text: (view, row, style, columns) =>
      !style.zeros && value(view, row) === 0 ? "" : field.text(view, row, style, columns),
  };
}

function memory(name: string, width: number, about: string, value: Numbers): Field {
  return {
    name,
    about,
    width,
    right: true,
    text: (view, row, style, columns) => {
      const kib = value(view, row);
      // The usual case: short, no unit.
      if (style.taskScale === 0 && style.zeros && kib >= 0 && kib < (columns > 6 ? 9999999 : 999999))
        return String(kib | 0);
      return scaleMemory(kib, columns, style.taskScale, style.zeros);
    },
    order: value,
  };
}

function count(name: string, width: number, about: string, value: Numbers): Field {
  return {
    name,
    about,
    width,
    right: true,
    text: (view, row, style, columns) => scaleCount(value(view, row), columns, style.zeros),
    order: value,
  };
}

function rate(name: string, width: number, about: string, which: "read" | "write"): Field {
  return {
    name,
    about,
    width,
    right: true,
    text: (view, row, style, columns) => {
      const bytes = view.ioRate(row, which);
      return bytes === null ? "-" : scaleCount(bytes, columns, style.zeros);
    },
    order: (view, row) => view.ioRate(row, which) ?? -1,
  };
}

function words(
  name: string,
  width: number,
  about: string,
  value: (view: TaskView, row: number) => string,
  extra: Extra = {},
): Field {
  return { name, about, width, right: false, ...extra, text: value, order: value };
}

function time(name: string, width: number, about: string): Field {
  return {
    name,
    about,
    width,
    right: true,
    text: (view, row, style, columns) =>
      scaleTime(
        ticksOf(view, row, style.cumulativeTime),
        view.ticksPerSecond,
        columns,
        style.timeTarget,
        style.zeros,
      ),
    order: (view, row, style) => ticksOf(view, row, style.cumulativeTime),
  };
}

const userOf = (id: Numbers) => (view: TaskView, row: number) => {
  const uid = id(view, row);
  return Number.isNaN(uid) ? "?" : view.userName(uid);
};
const euid = owner(UID);
const egid = owner(GID);
const pidExtra: Extra = { pidWide: true };
const wideExtra: Extra = { widens: true };

export const FIELDS: readonly Field[] = [
  whole("PID", 5, "number of the task", at(PID), pidExtra),
  whole("PPID", 5, "its parent", at(PPID), pidExtra),
  whole("UID", 5, "user it acts as, number", euid, wideExtra),
  words("USER", 8, "user it acts as", userOf(euid), wideExtra),
  whole("RUID", 5, "user who started it, number", statusId("Uid", 0), wideExtra),
  words("RUSER", 8, "user who started it", userOf(statusId("Uid", 0)), wideExtra),
  whole("SUID", 5, "saved user, number", statusId("Uid", 2), wideExtra),
  words("SUSER", 8, "saved user", userOf(statusId("Uid", 2)), wideExtra),
  whole("GID", 5, "group it acts as, number", egid, wideExtra),
  words("GROUP", 8, "group it acts as", (view, row) => view.groupName(egid(view, row)), wideExtra),
  whole("PGRP", 5, "process group", at(PGRP), pidExtra),
  words("TTY", 8, "terminal", ttyName, wideExtra),
  whole("TPGID", 5, "group in the foreground", at(TPGID), pidExtra),
  whole("SID", 5, "session", at(SESSION), pidExtra),
  {
    name: "PR",
    about: "priority, rt: real time",
    width: 3,
    right: true,
    text: (view, row, _style, columns) => {
      const priority = at(PRIORITY)(view, row);
      return priority < -99 || priority > 999 ? "rt" : wholeNumber(priority, columns);
    },
    order: at(PRIORITY),
  },
  wholeOrBlank("NI", 3, "nice value", at(NICE)),
  whole("nTH", 3, "threads", at(THREADS)),
  whole("P", 2, "CPU it ran on last", at(PROCESSOR)),
  {
    name: "%CPU",
    about: "of a CPU, since the last look",
    width: 5,
    right: true,
    text: (view, row, style, columns) => {
      const percent = cpuPercent(view, row);
      if (percent === null) return "-";
      if (percent === 0) return style.zeros ? "0.0" : "";
      return scalePercent(percent, columns, 1, style.zeros);
    },
    order: (view, row) => view.ticks?.[row] ?? 0,
  },
  time("TIME", 6, "CPU time"),
  time("TIME+", 9, "CPU time to 1/100 s"),
  {
    name: "%MEM",
    about: "RES of the total memory",
    width: 5,
    right: true,
    text: (view, row, style, columns) => {
      const percent = memoryPercent(view, row);
      if (percent === null) return "-";
      if (percent === 0) return style.zeros ? "0.0" : "";
      return scalePercent(percent, columns, 1, style.zeros);
    },
    order: residentOrder,
  },
  memory("VIRT", 7, "address space, KiB", virtualKib),
  memory("SWAP", 6, "swapped out, KiB", swapped),
  { ...memory("RES", 6, "in memory, KiB", resident), order: residentOrder },
  memory("CODE", 6, "program text, KiB", statm(TEXT)),
  memory("DATA", 7, "data and stack, KiB", statm(DATA)),
  memory("SHR", 6, "RES that may be shared, KiB", statm(SHARED)),
  count("nMaj", 4, "page faults with IO", at(MAJFLT)),
  count("nMin", 4, "page faults without IO", at(MINFLT)),
  count("nDRT", 4, "always 0", () => 0),
  words("S", 1, "state", (view, row) => String.fromCharCode(at(STATE)(view, row))),
  {
    name: "COMMAND",
    about: "name or command line",
    width: 0,
    right: false,
    text: (view, row, style) => view.command(row, style.commandLine),
    order: (view, row, style) => view.command(row, style.commandLine),
  },
  words("WCHAN", 10, "kernel function it waits in", waitText, wideExtra),
  words("Flags", 8, "task flags, hexadecimal", flagsText),
  words("CGROUPS", 0, "cgroup paths", cgroupsText),
  words("SUPGIDS", 0, "further groups, numbers", groupsText(false)),
  words("SUPGRPS", 0, "further groups", groupsText(true)),
  whole(
    "TGID",
    5,
    "process of the thread",
    (view, row) => view.table.tgids?.[row] ?? at(PID)(view, row),
    pidExtra,
  ),
  wholeOrBlank("OOMa", 5, "OOM adjustment", fileNumber("oom_score_adj")),
  wholeOrBlank("OOMs", 4, "OOM score", fileNumber("oom_score")),
  words("ENVIRON", 0, "environment", environmentText),
  count("vMj", 3, "faults with IO since last", (view, row) => view.majorFaults?.[row] ?? 0),
  count("vMn", 3, "faults without IO since last", (view, row) => view.minorFaults?.[row] ?? 0),
  memory("USED", 6, "RES + SWAP, KiB", (view, row) => resident(view, row) + swapped(view, row)),
  wholeOrBlank("nsIPC", 10, "ipc namespace", namespaceInode("ipc"), wideExtra),
  wholeOrBlank("nsMNT", 10, "mnt namespace", namespaceInode("mnt"), wideExtra),
  wholeOrBlank("nsNET", 10, "net namespace", namespaceInode("net"), wideExtra),
  wholeOrBlank("nsPID", 10, "pid namespace", namespaceInode("pid"), wideExtra),
  wholeOrBlank("nsUSER", 10, "user namespace", namespaceInode("user"), wideExtra),
  wholeOrBlank("nsUTS", 10, "uts namespace", namespaceInode("uts"), wideExtra),
  words(
    "LXC",
    8,
    "container, by LXC",
    (view, row) => {
      const name = /:\/(?:lxc\.payload[./]|lxc\/)([^/\n]+)/.exec(view.file(row, "cgroup") ?? "")?.[1];
      return name === undefined ? "-" : view.safe(name);
    },
    wideExtra,
  ),
  memory("RSan", 6, "anonymous in RES, KiB", statusKib("RssAnon")),
  memory("RSfd", 6, "files in RES, KiB", statusKib("RssFile")),
  memory("RSlk", 6, "locked, KiB", statusKib("VmLck")),
  memory("RSsh", 6, "shmem in RES, KiB", statusKib("RssShmem")),
  words("CGNAME", 0, "name of the cgroup", cgroupName),
  whole("NU", 2, "NUMA node", () => 0),
  whole(
    "LOGID",
    5,
    "user who logged in",
    (view, row) => Number.parseInt(view.file(row, "loginuid") ?? "-1", 10) | 0,
    wideExtra,
  ),
  words("EXE", 0, "path of the program", exeText),
  memory("RSS", 6, "RES by smaps, KiB", smapsKib(["Rss"])),
  memory("PSS", 6, "RES, shared parts divided", smapsKib(["Pss"])),
  memory("PSan", 6, "anonymous in PSS, KiB", smapsKib(["Pss_Anon"])),
  memory("PSfd", 6, "files in PSS, KiB", smapsKib(["Pss_File"])),
  memory("PSsh", 6, "shmem in PSS, KiB", smapsKib(["Pss_Shmem"])),
  memory("USS", 6, "RES of its own, KiB", smapsKib(["Private_Clean", "Private_Dirty"])),
  count("ioR", 6, "read from disk, bytes", ioCount("read_bytes")),
  count("ioRop", 5, "calls that read", ioCount("syscr")),
  count("ioW", 6, "written to disk, bytes", ioCount("write_bytes")),
  count("ioWop", 5, "calls that write", ioCount("syscw")),
  whole("AGID", 5, "autogroup", (view, row) =>
    Number(/autogroup-(\d+)/.exec(view.file(row, "autogroup") ?? "")?.[1] ?? -1),
  ),
  wholeOrBlank("AGNI", 4, "nice value of the autogroup", (view, row) =>
    Number(/nice (-?\d+)/.exec(view.file(row, "autogroup") ?? "")?.[1] ?? 0),
  ),
  {
    name: "STARTED",
    about: "start, after boot",
    width: 7,
    right: true,
    text: (view, row, style, columns) =>
      scaleTime(startTicks(view, row), view.ticksPerSecond, columns, 1, style.zeros),
    order: startTicks,
  },
  {
    name: "ELAPSED",
    about: "since its start",
    width: 7,
    right: true,
    text: (view, row, style, columns) => {
      const ticks = elapsedTicks(view, row);
      return ticks === null ? "-" : scaleTime(ticks, view.ticksPerSecond, columns, 2, style.zeros);
    },
    order: (view, row) => elapsedTicks(view, row) ?? 0,
  },
  {
    name: "%CUU",
    about: "CPU time / age",
    width: 6,
    right: true,
    text: (view, row, style, columns) => scalePercent(utilisation(false)(view, row), columns, 3, style.zeros),
    order: utilisation(false),
  },
  {
    name: "%CUC",
    about: "the same with children",
    width: 7,
    right: true,
    text: (view, row, style, columns) => scalePercent(utilisation(true)(view, row), columns, 3, style.zeros),
    order: utilisation(true),
  },
  wholeOrBlank("nsCGROUP", 10, "cgroup namespace", namespaceInode("cgroup"), wideExtra),
  wholeOrBlank("nsTIME", 10, "time namespace", namespaceInode("time"), wideExtra),
  words("CLS", 3, "scheduling policy", (view, row) => POLICIES[at(POLICY)(view, row)] ?? "?"),
  words("Docker", 8, "container, by its cgroup", dockerId, wideExtra),
  whole("nFD", 3, "open files", (view, row) => view.entries(row, "fd") ?? Number.NaN),
  rate("rdB/s", 6, "read from disk, per second", "read"),
  rate("wrB/s", 6, "written to disk, per second", "write"),
];

/** Index of a field by its exact name; -1: none. */
export function fieldIndex(name: string): number {
  return FIELDS.findIndex((field) => field.name === name);
}
