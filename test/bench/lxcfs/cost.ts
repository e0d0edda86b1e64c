/** What reading costs, whom, the memory of the daemons, uptime, and what is left when a daemon ends. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openTable } from "../report/report.ts";
import { startLoadcalc } from "./load.ts";
import {
  type Container,
  cpuUsOf,
  PROCG,
  program,
  startContainer,
  statusOf,
  stopLxcfs,
  type View,
} from "./stage.ts";

const READS = 2000;
const RUNS = 100;
const ROUNDS = 4;

const FILES = ["meminfo", "stat", "uptime", "loadavg", "cpuinfo"];
/** What `free` of ours reads instead, below /sys/fs/cgroup. */
const CGROUP_FILES = ["memory/memory.stat", "memory/memory.usage_in_bytes", "memory/memory.limit_in_bytes"];

/** Median of one read in microseconds, by file. */
function readTimes(container: Container, view: View, files: readonly string[]): number[] {
  const text = container.output(view, program("test/bench/lxcfs_read.c"), `${READS}`, ...files);
  return text
    .trim()
    .split("\n")
    .map((line) => Number(line.split(" ")[1]) / 1000);
}

export async function benchReads(lxcfsPid: number): Promise<void> {
  const container = await startContainer("reads");
  const table = openTable(
    `One read of a file, us (median of ${READS})`,
    ["file", "kernel", "lxcfs", "of it the daemon's CPU"],
    [42, 8, 8, 22],
  );
  for (const name of FILES) {
    const file = `/proc/${name}`;
    const before = cpuUsOf(lxcfsPid);
    const [theirs = Number.NaN] = readTimes(container, "lxcfs", [file]);
    const daemon = (cpuUsOf(lxcfsPid) - before) / READS;
    const [kernel = Number.NaN] = readTimes(container, "plain", [file]);
    table.row([file, kernel.toFixed(1), theirs.toFixed(1), daemon.toFixed(1)]);
  }
  for (const name of CGROUP_FILES) {
    const file = `/sys/fs/cgroup/${name}`;
    const [kernel = Number.NaN] = readTimes(container, "plain", [file]);
    table.row([`${file} (ours)`, kernel.toFixed(1), "-", "-"]);
  }
}

interface Cost {
  readonly wallMs: number;
  /** Of the process and, through lxcfs, its daemon. */
  readonly cpuMs: number;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

function runCost(
  container: Container,
  view: View,
  lxcfsPid: number,
  command: readonly string[],
): { wall: number[]; cpu: number[] } {
  const before = cpuUsOf(lxcfsPid);
  const text = container.output(view, program("test/bench/launch.c"), `${RUNS}`, ...command);
  const daemonMs = view === "lxcfs" ? (cpuUsOf(lxcfsPid) - before) / RUNS / 1000 : 0;
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number));
  return {
    wall: rows.map((row) => (row[1] ?? 0) / 1e6),
    cpu: rows.map((row) => (row[2] ?? 0) / 1e3 + daemonMs),
  };
}

/** Blocks of runs in turn, so that a busy moment hits both. */
function costs(
  container: Container,
  lxcfsPid: number,
  all: readonly (readonly [View, readonly string[]])[],
): Cost[] {
  const walls: number[][] = all.map(() => []);
  const cpus: number[][] = all.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, [view, command]] of all.entries()) {
      const { wall, cpu } = runCost(container, view, lxcfsPid, command);
      walls[i]?.push(...wall);
      cpus[i]?.push(...cpu);
    }
  }
  return all.map((_, i) => ({ wallMs: median(walls[i] ?? []), cpuMs: median(cpus[i] ?? []) }));
}

export async function benchProcesses(lxcfsPid: number): Promise<void> {
  const container = await startContainer("processes", {
    limits: [["memory", "memory.limit_in_bytes", 512 * 1024 * 1024]],
  });
  const table = openTable(
    `A whole command, ms (median of ${RUNS * ROUNDS}; CPU with the daemon's)`,
    ["command", "procps, lxcfs: wall", "CPU", "ours: wall", "CPU", "ours / lxcfs, CPU"],
    [20, 20, 8, 12, 8, 18],
  );
  for (const [name, args] of [
    ["free", []],
    ["uptime", []],
    ["vmstat", []],
  ] as const) {
    const [theirs, ours] = costs(container, lxcfsPid, [
      ["lxcfs", [`/usr/bin/${name}`, ...args]],
      ["plain", [PROCG, name, ...args]],
    ]);
    if (theirs === undefined || ours === undefined) continue;
    const ratio = ours.cpuMs / theirs.cpuMs;
    table.row(
      [
        name,
        theirs.wallMs.toFixed(2),
        theirs.cpuMs.toFixed(2),
        ours.wallMs.toFixed(2),
        ours.cpuMs.toFixed(2),
        ratio.toFixed(2),
      ],
      ratio > 1 || ours.wallMs > theirs.wallMs,
    );
  }
}

/** Seconds since the init's start, by the host's clock. */
function ageOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) - ticks / 100;
}

export async function benchUptime(): Promise<void> {
  const container = await startContainer("uptime");
  await sleep(3000);
  const theirs = Number(container.output("lxcfs", "cat", "/proc/uptime").split(" ")[0]);
  const truth = ageOf(container.pid);
  const ours = Number(JSON.parse(container.output("plain", PROCG, "uptime", "--json")).uptimeSeconds);
  const table = openTable("Uptime, s", ["situation", "truth", "lxcfs", "ours"], [52, 8, 10, 10]);
  table.row(["age of the container", truth.toFixed(1), theirs.toFixed(1), ours.toFixed(1)]);
  const busybox = (view: View): string =>
    /up +(.*?), /.exec(container.output(view, "busybox", "uptime"))?.[1] ?? "";
  table.row([
    "busybox uptime (sysinfo), unchanged",
    `${truth.toFixed(0)} s`,
    busybox("lxcfs"),
    busybox("plain"),
  ]);
  const elapsed = (view: View): string => container.output(view, "ps", "-o", "etime=", "-p", "1").trim();
  table.row([
    "procps ps: ELAPSED of process 1",
    `${truth.toFixed(0)} s`,
    elapsed("lxcfs"),
    "(ours has no ps)",
  ]);
}

export async function benchMemoryUse(lxcfsPid: number, freshKb: number): Promise<void> {
  const container = await startContainer("daemon");
  const pid = await startLoadcalc(container);
  await sleep(6000);
  const table = openTable("Memory of the daemons, kB", ["what", "lxcfs", "ours: loadcalc"], [44, 12, 16]);
  table.row(["VmRSS, fresh (ours: after one pass)", `${freshKb}`, `${statusOf(pid, "VmRSS")}`]);
  const [theirs, ours] = [statusOf(lxcfsPid, "RssAnon"), statusOf(pid, "RssAnon")];
  table.row(["RssAnon, now", `${theirs}`, `${ours}`], ours > theirs);
  table.row(["VmRSS, lxcfs after all of the above", `${statusOf(lxcfsPid, "VmRSS")}`, "-"]);
  table.row(["threads", `${statusOf(lxcfsPid, "Threads")}`, `${statusOf(pid, "Threads")}`]);
  table.row(["how many of them", "one a host", "one a container"], true);
}

/** The last one: lxcfs does not come back. */
export async function benchEnd(): Promise<void> {
  const container = await startContainer("end", {
    limits: [["memory", "memory.limit_in_bytes", 256 * 1024 * 1024]],
  });
  const pid = await startLoadcalc(container);
  await stopLxcfs();
  process.kill(pid, "SIGKILL");
  const table = openTable(
    "The daemon has ended",
    ["command", "with lxcfs' files", "ours, loadcalc killed"],
    [10, 60, 40],
  );
  const show = (view: View, ...command: readonly string[]): string => {
    const { status, stdout, stderr } = container.result(view, ...command);
    const lines = (status === 0 ? stdout : stderr).trim().split("\n");
    const text = lines[status === 0 ? (command.at(-1) === "free" ? 1 : lines.length - 1) : 0] ?? "";
    return `${status === 0 ? "" : `exit ${status}: `}${text.replace(/\s+/g, " ")}`;
  };
  for (const name of ["free", "uptime", "vmstat"])
    table.row([name, show("lxcfs", name), show("plain", PROCG, name)]);
}
