/**
 * The columns of top: name, width, side, and how a task's text and its place in the order come about. Names and order are
 * those of procps-ng 4 (`top -O`); the last two are ours.
 *
 * `-`: the kernel does not say, or does not let us read it. Numbers that procps prints as 0 where a file cannot be read are 0
 * here too (`ioR`, `PSS`, namespaces): scripts compare them.
 */
import {
  count,
  type Extra,
  type Field,
  memory,
  rate,
  time,
  whole,
  wholeOrBlank,
  words,
} from "./render_field_kinds.ts";
import {
  at,
  cgroupName,
  cgroupsText,
  cpuPercent,
  DATA,
  dockerId,
  elapsedTicks,
  environmentText,
  exeText,
  fileNumber,
  flagsText,
  GID,
  groupsText,
  ioCount,
  MAJFLT,
  MINFLT,
  memoryPercent,
  NICE,
  type Numbers,
  namespaceInode,
  owner,
  PGRP,
  PID,
  POLICIES,
  POLICY,
  PPID,
  PRIORITY,
  PROCESSOR,
  resident,
  residentOrder,
  SESSION,
  SHARED,
  STATE,
  smapsKib,
  startTicks,
  statm,
  statusId,
  statusKib,
  swapped,
  TEXT,
  THREADS,
  TPGID,
  ttyName,
  UID,
  utilisation,
  virtualKib,
  waitText,
} from "./render_field_values.ts";
import { scalePercent, scaleTime, wholeNumber } from "./render_number.ts";
import type { TaskView } from "./tasks.ts";

const userOf = (id: Numbers) => (view: TaskView, row: number) => {
  const uid = id(view, row);
  return Number.isNaN(uid) ? "?" : view.userName(uid);
};
const euid = owner(UID);
const egid = owner(GID);
const groupOf = (view: TaskView, row: number): string => {
  const gid = egid(view, row);
  return Number.isNaN(gid) ? "?" : view.groupName(gid);
};
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
  words("GROUP", 8, "group it acts as", groupOf, wideExtra),
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
      if (Number.isNaN(priority)) return "-";
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
