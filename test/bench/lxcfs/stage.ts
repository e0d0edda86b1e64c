/**
 * A private lxcfs, and containers with two views: one with lxcfs' files bound over /proc as its users do, one without.
 *
 * lxcfs runs in a mount namespace of its own with a /run of its own; nothing outside sees its mount. A container is what a runtime makes on
 * cgroup v1: a directory in each hierarchy, new pid and mount namespaces, a /proc of its own. Both views share the cgroup and the processes,
 * so that both read the same container at the same time. Only own child cgroups are made, and all are removed.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const ROOT = join(import.meta.dirname, "../../..");
export const PROCG = join(ROOT, process.env.PROCG_BINARY ?? "dist/procg");
export const MIB = 1024 * 1024;
const HIERARCHIES = ["memory", "cpu", "cpuacct", "cpuset", "blkio", "freezer", "pids"] as const;
export type Hierarchy = (typeof HIERARCHIES)[number];
const TOP = `procg-lxcfs-${process.pid}`;
const BOUND = ["cpuinfo", "diskstats", "loadavg", "meminfo", "slabinfo", "stat", "swaps", "uptime"];

/** How much of the cgroup tree the container sees: its own directory (as Docker mounts on v1), all of it, nothing. */
export type CgroupView = "own" | "tree" | "none";
export type View = "lxcfs" | "plain";

const folder = mkdtempSync(join(tmpdir(), "procg-lxcfs-"));
const mountPoint = join(folder, "mnt");
const children: ChildProcess[] = [];
const cgroups: string[] = [];

/** A folder on disk for files of the benches; it goes at the end. */
export const workFolder = folder;

/** Why this bench cannot run here; null when it can. */
export function whyNot(): string | null {
  if (process.getuid?.() !== 0) return "not root";
  if (spawnSync("lxcfs", ["--version"]).error !== undefined) return "lxcfs is not installed (package lxcfs)";
  if (!existsSync("/dev/fuse")) return "no /dev/fuse";
  const missing = HIERARCHIES.filter((name) => !existsSync(`/sys/fs/cgroup/${name}/cgroup.procs`));
  return missing.length === 0
    ? null
    : `no cgroup v1 hierarchy ${missing.join(", ")}: lxcfs is measured on v1 only`;
}

export function program(source: string): string {
  const result = spawnSync(process.execPath, [join(ROOT, "build/programs.mjs"), source], {
    encoding: "utf8",
    cwd: ROOT,
  });
  if (result.status !== 0) throw new Error(result.stderr.trim());
  return result.stdout.trim();
}

function keep(child: ChildProcess): ChildProcess {
  children.push(child);
  return child;
}

async function until(what: string, isThere: () => boolean): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (isThere()) return;
    await sleep(25);
  }
  throw new Error(`${what}: not there after 5 s`);
}

export const firstChild = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);

let lxcfsPid = 0;

/** Starts lxcfs with load averages and CPU view, as its users do. Returns its pid. */
export async function startLxcfs(): Promise<number> {
  mkdirSync(mountPoint);
  const script = `mount -t tmpfs tmpfs /run && exec lxcfs -f -l --enable-cfs -p ${folder}/pid ${mountPoint}`;
  const child = keep(
    spawn("unshare", ["-m", "--propagation", "private", "sh", "-c", script], { stdio: "ignore" }),
  );
  lxcfsPid = child.pid ?? 0;
  await until("lxcfs", () => existsSync(`/proc/${lxcfsPid}/root${mountPoint}/proc/meminfo`));
  return lxcfsPid;
}

/** SIGTERM to lxcfs; true when it has ended. */
export async function stopLxcfs(): Promise<boolean> {
  const child = children.find(({ pid }) => pid === lxcfsPid);
  child?.kill("SIGTERM");
  for (let i = 0; i < 200 && child?.exitCode === null && child.signalCode === null; i++) await sleep(50);
  return child === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** CPU time of all threads of a process so far, in microseconds; those that ended are in it. */
export function cpuUsOf(pid: number): number {
  let sum = 0;
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, "utf8").split(" ")[0]) / 1000;
  }
  return sum;
}

export function statusOf(pid: number, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

const pathOf = (hierarchy: Hierarchy, name: string): string => `/sys/fs/cgroup/${hierarchy}/${TOP}/${name}`;

/** A directory NAME (may have slashes) in each hierarchy, with the cpuset of the root. */
function makeCgroup(name: string): void {
  for (const hierarchy of HIERARCHIES) {
    const parts = [TOP, ...name.split("/")];
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = join("/sys/fs/cgroup", hierarchy, ...parts.slice(0, depth));
      if (existsSync(path)) continue;
      mkdirSync(path);
      cgroups.push(path);
      if (hierarchy !== "cpuset") continue;
      for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        writeFileSync(join(path, file), readFileSync(join(path, "..", file)));
      }
    }
  }
}

export interface Container {
  readonly name: string;
  /** Of its pid 1, on the host. */
  readonly pid: number;
  /** A file of its own cgroup, from outside. */
  read(hierarchy: Hierarchy, file: string): string;
  write(hierarchy: Hierarchy, file: string, value: string | number): void;
  /** memory.stat's key, in bytes. */
  memoryStat(key: string): number;
  /** Stdout of a command in the container; all its cgroups but memory, so that the reader's own memory is in no figure. */
  output(view: View, ...command: readonly string[]): string;
  /** The same, with status and stderr. */
  result(
    view: View,
    ...command: readonly string[]
  ): { status: number | null; stdout: string; stderr: string };
  outputLater(view: View, ...command: readonly string[]): Promise<string>;
  /** A program that stays, in all its cgroups (or those of a cgroup below it). */
  start(view: View, command: readonly string[], below?: string): ChildProcess;
  /** The load program of the end-to-end tests; resolves when the load stands. */
  load(...options: readonly string[]): Promise<ChildProcess>;
}

interface Options {
  readonly view?: CgroupView;
  readonly limits?: readonly (readonly [Hierarchy, string, string | number])[];
}

/** Joins the cgroups whose cgroup.procs are listed before the word `--`, then becomes the command. */
const JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift; exec "$@"';
const joining = (name: string, but: readonly Hierarchy[]): string[] => [
  ...HIERARCHIES.filter((each) => !but.includes(each)).map((each) => `${pathOf(each, name)}/cgroup.procs`),
  "--",
];

const MOUNTS = `set -e
mount -t proc proc /proc
if [ "$1" != tree ]; then
  mkdir "$3"; mount -t tmpfs cgroup "$3"
  if [ "$1" = own ]; then
    for h in ${HIERARCHIES.join(" ")}; do mkdir "$3/$h"; mount --bind "/sys/fs/cgroup/$h/$2" "$3/$h"; done
  fi
  mount --move "$3" /sys/fs/cgroup
fi
mount -t tmpfs shm /dev/shm
mount -t tmpfs tmpfs /run
exec sleep infinity`;

const BINDS = `set -e
for f in ${BOUND.join(" ")}; do mount --bind "$1/proc/$f" "/proc/$f"; done
mount --bind "$1/sys/devices/system/cpu/online" /sys/devices/system/cpu/online
exec sleep infinity`;

export async function startContainer(name: string, options: Options = {}): Promise<Container> {
  makeCgroup(name);
  for (const [hierarchy, file, value] of options.limits ?? [])
    writeFileSync(join(pathOf(hierarchy, name), file), `${value}`);
  const stage = join(folder, `cgroup-${name.replace(/\//g, "-")}`);
  const inside = ["sh", "-c", MOUNTS, "sh", options.view ?? "own", `${TOP}/${name}`, stage];
  const unshare = ["unshare", "-p", "-m", "-f", "--kill-child", "--propagation", "private", ...inside];
  const outer = runIn(name, [], ["nsenter", "-t", `${lxcfsPid}`, "-m", ...unshare]);
  const isSleeping = (parent: number): boolean => {
    try {
      return readFileSync(`/proc/${firstChild(parent)}/comm`, "utf8") === "sleep\n";
    } catch {
      return false;
    }
  };
  await until(`container ${name}`, () => isSleeping(outer.pid ?? 0));
  const pid = firstChild(outer.pid ?? 0);
  const binds = ["unshare", "-m", "--propagation", "private", "sh", "-c", BINDS, "sh", mountPoint];
  const holder = runIn(name, ["memory"], ["nsenter", "-t", `${pid}`, "-m", "-p", ...binds]);
  await until(`lxcfs' files in ${name}`, () => isSleeping(holder.pid ?? 0));
  return containerOf(name, pid, firstChild(holder.pid ?? 0));
}

function runIn(name: string, but: readonly Hierarchy[], command: readonly string[]): ChildProcess {
  const args = ["-c", JOIN, "sh", ...joining(name, but), ...command];
  return keep(spawn("sh", args, { stdio: ["ignore", "pipe", "ignore"], env: environment() }));
}

const environment = (): NodeJS.ProcessEnv => ({
  PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
  LC_ALL: "C",
  TERM: "dumb",
});

function containerOf(name: string, pid: number, holder: number): Container {
  const enter = (view: View): string[] => [
    "nsenter",
    "-t",
    `${view === "lxcfs" ? holder : pid}`,
    "-m",
    "-p",
    "--",
  ];
  const args = (view: View, command: readonly string[]): string[] => [
    ...["-c", JOIN, "sh", ...joining(name, ["memory"])],
    ...[...enter(view), ...command],
  ];
  const container: Container = {
    name,
    pid,
    read: (hierarchy, file) => readFileSync(join(pathOf(hierarchy, name), file), "utf8").trim(),
    write: (hierarchy, file, value) => writeFileSync(join(pathOf(hierarchy, name), file), `${value}`),
    memoryStat: (key) =>
      Number(new RegExp(`^${key} (\\d+)$`, "m").exec(container.read("memory", "memory.stat"))?.[1]),
    result: (view, ...command) =>
      spawnSync("sh", args(view, command), {
        encoding: "utf8",
        timeout: 300_000,
        maxBuffer: 64 * MIB,
        env: environment(),
      }),
    output: (view, ...command) => {
      const { status, stdout, stderr } = container.result(view, ...command);
      if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr.trim()}`);
      return stdout;
    },
    outputLater: (view, ...command) =>
      new Promise((resolve, reject) => {
        const child = keep(
          spawn("sh", args(view, command), { stdio: ["ignore", "pipe", "ignore"], env: environment() }),
        );
        let text = "";
        child.stdout?.on("data", (bytes) => {
          text += bytes;
        });
        child.on("error", reject);
        child.on("close", () => resolve(text));
      }),
    start: (view, command, below) => {
      const group = below === undefined ? name : `${name}/${below}`;
      if (below !== undefined) makeCgroup(group);
      return runIn(group, [], [...enter(view), ...command]);
    },
    load: (...options) => ready(container.start("plain", [LOAD(), "-t", "9999", ...options])),
  };
  return container;
}

export const LOAD = (): string => program("test/e2e/load.c");

/** Resolves at the program's first output. */
function ready(child: ChildProcess): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", () => resolve(child));
    child.on("close", (status) => reject(new Error(`load: status ${status}`)));
  });
}

/** A load in a cgroup NAME of its own without a container around it. */
export function loadBeside(name: string, ...options: readonly string[]): Promise<ChildProcess> {
  makeCgroup(name);
  return ready(runIn(name, [], [LOAD(), "-t", "9999", ...options]));
}

export function setLimit(name: string, hierarchy: Hierarchy, file: string, value: string | number): void {
  makeCgroup(name);
  writeFileSync(join(pathOf(hierarchy, name), file), `${value}`);
}

export function readBeside(name: string, hierarchy: Hierarchy, file: string): string {
  return readFileSync(join(pathOf(hierarchy, name), file), "utf8").trim();
}

/** Ends a program that was started, and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  for (const pid of descendants(child.pid ?? 0)) kill(pid);
  for (let i = 0; i < 200 && child.exitCode === null && child.signalCode === null; i++) await sleep(25);
}

/** The process and what it started, leaves first. */
function descendants(pid: number): number[] {
  let text = "";
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  } catch {
    return [];
  }
  const below = text
    .trim()
    .split(" ")
    .filter((word) => word !== "")
    .map(Number);
  return [...below.flatMap(descendants), pid];
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/** Ends everything that was started here, removes cgroups and files. */
export async function cleanUp(): Promise<void> {
  for (const child of [...children].reverse()) {
    if (child.exitCode === null && child.signalCode === null && child.pid !== lxcfsPid) await end(child);
  }
  await stopLxcfs();
  for (const path of [...cgroups].reverse()) {
    for (let i = 0; i < 40 && existsSync(path); i++) {
      try {
        rmdirSync(path);
      } catch {
        // The last processes are still ending.
        await sleep(50);
      }
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
