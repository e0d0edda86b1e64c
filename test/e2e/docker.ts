/**
 * Real Docker for the end-to-end tests: a dockerd of our own (own data, exec and containerd folders, no network, no
 * bridge), an image made from busybox, the load program and the shipped executable, and helpers to run containers.
 *
 * With DOCKER_HOST set that engine is used instead and nothing is started or stopped.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const CACHE = join(ROOT, ".cache/e2e");
const STATE_FILE = join(CACHE, "state.json");
const IMAGE = "procg-e2e";
const SCRATCH_IMAGE = "procg-e2e-scratch";
/** The busybox root as a tar, for other engines. */
export const IMAGE_ARCHIVE = join(CACHE, "image.tar");
export const MIB = 1024 * 1024;

/** The executable under test. */
export const BINARY = resolve(ROOT, process.env.PROCG_BINARY ?? "dist/procg");
export const LOAD = join(ROOT, ".cache/bin/load");

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function program(name: string): string | null {
  for (const folder of [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"]) {
    const path = join(folder, name);
    if (folder !== "" && existsSync(path)) return path;
  }
  return null;
}

/** Why real containers cannot be used here; null when they can. */
export function whyNoDocker(): string | null {
  if (process.platform !== "linux") return "not Linux";
  if (process.getuid?.() !== 0) return "not root";
  if (program("docker") === null) return "no docker (package docker.io)";
  if (program("busybox") === null) return "no busybox (package busybox-static)";
  if (process.env.DOCKER_HOST === undefined && program("dockerd") === null) {
    return "no dockerd (package docker.io)";
  }
  if (!existsSync(BINARY)) return `no ${BINARY}: npm run build`;
  return null;
}

export function run(command: string, args: readonly string[], timeoutMs = 60_000): Result {
  const result = spawnSync(command, args, { encoding: "utf8", timeout: timeoutMs, maxBuffer: 64 * MIB });
  const stderr = result.error === undefined ? result.stderr : `${result.stderr ?? ""}${result.error.message}`;
  return { status: result.status, stdout: result.stdout ?? "", stderr };
}

/** `docker ...`; throws with the engine's message when it fails. */
export function docker(...args: readonly string[]): string {
  const result = run("docker", args);
  if (result.status !== 0) throw new Error(`docker ${args.join(" ")}: ${result.stderr.trim()}`);
  return result.stdout.trim();
}

/** The name of the cgroup below which everything of this run lives, with its leading slash. */
export function cgroupParent(): string {
  const name = process.env.PROCG_E2E_CGROUP;
  if (name === undefined) throw new Error("docker.ts: startDocker() did not run");
  return name;
}

/** Starts dockerd unless DOCKER_HOST is given, imports the images. Sets DOCKER_HOST and PROCG_E2E_CGROUP. */
export async function startDocker(): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const cgroup = `/procg-e2e-${process.pid}`;
  process.env.PROCG_E2E_CGROUP = cgroup;
  if (process.env.DOCKER_HOST === undefined) {
    let lastError = "";
    for (const driver of ["overlay2", "vfs"]) {
      lastError = await startDaemon(driver, cgroup);
      if (lastError === "") break;
      const { stopDocker } = await import("./stop.mjs");
      await stopDocker();
    }
    if (lastError !== "") throw new Error(`dockerd did not start: ${lastError}`);
  } else {
    writeFileSync(STATE_FILE, stateText(0, join(CACHE, "none"), join(CACHE, "none"), cgroup));
  }
  importImages();
}

/** What stop.mjs needs to know; `runner` tells another run that we are at work. */
function stateText(pid: number, folder: string, dataRoot: string, cgroup: string): string {
  return JSON.stringify({ runner: process.pid, pid, folder, dataRoot, cgroup });
}

async function startDaemon(driver: string, cgroup: string): Promise<string> {
  // A short path: a unix socket's name has 107 bytes at most.
  const folder = mkdtempSync(join(tmpdir(), "procg-e2e-"));
  const dataRoot = join(CACHE, `docker-${process.pid}`);
  const socket = `unix://${folder}/docker.sock`;
  const logFile = join(CACHE, "dockerd.log");
  const log = openSync(logFile, "w");
  const daemon = spawn(
    program("dockerd") ?? "dockerd",
    [
      ...["-H", socket, "--data-root", dataRoot, "--exec-root", join(folder, "exec")],
      ...["--pidfile", join(folder, "dockerd.pid"), "--storage-driver", driver],
      ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"],
      ...["--exec-opt", "native.cgroupdriver=cgroupfs", `--cgroup-parent=${cgroup}`],
    ],
    { stdio: ["ignore", log, log], detached: true, env: { ...process.env, TMPDIR: folder } },
  );
  closeSync(log);
  writeFileSync(STATE_FILE, stateText(daemon.pid ?? 0, folder, dataRoot, cgroup));
  daemon.unref();
  process.env.DOCKER_HOST = socket;
  for (let i = 0; i < 300; i++) {
    if (run("docker", ["version"], 10_000).status === 0) return "";
    if (daemon.exitCode !== null) break;
    await sleep(100);
  }
  delete process.env.DOCKER_HOST;
  const lines = readFileSync(logFile, "utf8").trim().split("\n");
  return lines.findLast((line) => /level=(fatal|error)|failed/.test(line)) ?? lines.at(-1) ?? "no output";
}

/** A busybox root with procg and the load program; and an image with nothing but procg. */
function importImages(): void {
  const root = mkdtempSync(join(CACHE, "image-"));
  for (const folder of ["bin", "etc", "dev", "proc", "sys", "run", "tmp"]) mkdirSync(join(root, folder));
  chmodSync(join(root, "tmp"), 0o1777);
  copyFileSync(program("busybox") ?? "/bin/busybox", join(root, "bin/busybox"));
  for (const applet of run("busybox", ["--list"]).stdout.trim().split("\n")) {
    if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  }
  copyFileSync(BINARY, join(root, "bin/procg"));
  copyFileSync(LOAD, join(root, "bin/load"));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000:user:/:/bin/sh\n");
  importTree(root, IMAGE, IMAGE_ARCHIVE);
  rmSync(root, { recursive: true });
  const scratch = mkdtempSync(join(CACHE, "scratch-"));
  copyFileSync(BINARY, join(scratch, "procg"));
  importTree(scratch, SCRATCH_IMAGE);
  rmSync(scratch, { recursive: true });
}

function importTree(folder: string, image: string, archive = `${folder}.tar`): void {
  const result = run("tar", ["-C", folder, "-cf", archive, "."]);
  if (result.status !== 0) throw new Error(`tar: ${result.stderr}`);
  docker("import", archive, image);
  if (archive !== IMAGE_ARCHIVE) rmSync(archive);
}

/** What a container is started with; everything else is Docker's default. */
export interface ContainerOptions {
  readonly flags?: readonly string[];
  readonly command?: readonly string[];
  readonly image?: string;
}

export interface Container {
  readonly id: string;
  /** The init's pid as the host sees it. */
  readonly pid: number;
  /** Runs to its end inside. */
  exec(...command: readonly string[]): Result;
  execAs(flags: readonly string[], ...command: readonly string[]): Result;
  /** Stdout of a command that must succeed. */
  output(...command: readonly string[]): string;
  json(...command: readonly string[]): Record<string, unknown>;
  /** Starts the load program inside and waits until it stands. It lives until the container goes. */
  load(...args: readonly string[]): Promise<void>;
  remove(): void;
}

let containerCount = 0;

/** A running container that sleeps, unless told otherwise. */
export function startContainer(options: ContainerOptions = {}): Container {
  const name = `procg-e2e-${process.pid}-${++containerCount}`;
  const command = options.command ?? ["sleep", "600"];
  const id = docker(
    ...["run", "-d", "--name", name, "--network", "none", ...(options.flags ?? [])],
    ...[options.image ?? IMAGE, ...command],
  );
  const pid = Number(docker("inspect", "-f", "{{.State.Pid}}", id));
  const execAs = (flags: readonly string[], ...words: readonly string[]) =>
    run("docker", ["exec", ...flags, id, ...words]);
  const exec = (...words: readonly string[]) => execAs([], ...words);
  const output = (...words: readonly string[]) => {
    const result = exec(...words);
    if (result.status !== 0) throw new Error(`${words.join(" ")}: exit ${result.status}: ${result.stderr}`);
    return result.stdout;
  };
  return {
    id,
    pid,
    exec,
    execAs,
    output,
    json: (...words) => JSON.parse(output(...words)),
    load: (...args) => startLoad(id, args),
    remove: () => docker("rm", "-f", "-v", id),
  };
}

function startLoad(id: string, args: readonly string[]): Promise<void> {
  const child = spawn("docker", ["exec", id, "load", "-t", "600", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.unref();
  return new Promise((resolve, reject) => {
    let errors = "";
    const timer = setTimeout(() => reject(new Error(`load ${args.join(" ")}: not ready after 30 s`)), 30_000);
    child.stderr.on("data", (bytes) => {
      errors += bytes;
    });
    child.stdout.on("data", () => {
      clearTimeout(timer);
      resolve();
    });
    child.on("exit", (status) => {
      clearTimeout(timer);
      reject(new Error(`load ${args.join(" ")}: exit ${status}: ${errors}`));
    });
  });
}

/** One run of a container to its end. */
export function runOnce(flags: readonly string[], ...command: readonly string[]): Result {
  return run("docker", ["run", "--rm", "--network", "none", ...flags, IMAGE, ...command]);
}

/** One run of the image that holds nothing but /procg. */
export function runScratch(flags: readonly string[], ...command: readonly string[]): Result {
  return run("docker", ["run", "--rm", "--network", "none", ...flags, SCRATCH_IMAGE, ...command]);
}

// --- the host's side: the same facts from the kernel's files, by another way than procg's ---------------------------

interface HostCgroup {
  readonly version: 1 | 2;
  /** The directory as the host sees it. */
  readonly folder: string;
}

/** The host's directory of a process for one controller ("memory", "cpu", "cpuset"). */
export function hostCgroup(pid: number, controller: string): HostCgroup {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
  for (const line of lines) {
    const [, names = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line)?.slice(0) ?? [];
    if (names.split(",").includes(controller)) return { version: 1, folder: join(v1Mount(controller), path) };
  }
  const v2 = lines.find((line) => line.startsWith("0::"));
  if (v2 === undefined) throw new Error(`no cgroup of ${controller} for pid ${pid}`);
  return { version: 2, folder: join(v2Mount(), v2.slice(3)) };
}

function mounts(): readonly { point: string; type: string; options: string }[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ");
      return {
        point: before.split(" ")[4] ?? "",
        type: after.split(" ")[0] ?? "",
        options: after.split(" ")[2] ?? "",
      };
    });
}

export function v1Mount(controller: string): string {
  const found = mounts().find(
    (each) => each.type === "cgroup" && each.options.split(",").includes(controller),
  );
  if (found === undefined) throw new Error(`no v1 mount of ${controller}`);
  return found.point;
}

export function v2Mount(): string {
  const found = mounts().find((each) => each.type === "cgroup2");
  if (found === undefined) throw new Error("no cgroup2 mount");
  return found.point;
}

/** True when this host has the memory controller on v1. */
export function memoryIsV1(): boolean {
  return mounts().some((each) => each.type === "cgroup" && each.options.split(",").includes("memory"));
}

export function readNumber(path: string): number {
  const text = readFileSync(path, "utf8").trim();
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`${path}: not a number: ${text}`);
  return value;
}

export function flatKeys(path: string): Record<string, number> {
  const keys: Record<string, number> = {};
  for (const line of readFileSync(path, "utf8").trim().split("\n")) {
    const [key = "", value = ""] = line.split(" ");
    keys[key] = Number(value);
  }
  return keys;
}

function required(keys: Record<string, number>, key: string): number {
  const value = keys[key];
  if (value === undefined) throw new Error(`no key ${key}`);
  return value;
}

/** Bytes, read on the host from the container's memory cgroup. */
export interface HostMemory {
  readonly usage: number;
  readonly anonymous: number;
  readonly shmem: number;
  /** What the kernel can drop: file LRU, and slab where it is published. */
  readonly reclaimable: number;
}

export function hostMemory(pid: number): HostMemory {
  const { version, folder } = hostCgroup(pid, "memory");
  const stat = flatKeys(join(folder, "memory.stat"));
  if (version === 1) {
    return {
      usage: readNumber(join(folder, "memory.usage_in_bytes")),
      anonymous: required(stat, "total_rss"),
      shmem: required(stat, "total_shmem"),
      reclaimable: required(stat, "total_active_file") + required(stat, "total_inactive_file"),
    };
  }
  return {
    usage: readNumber(join(folder, "memory.current")),
    anonymous: required(stat, "anon"),
    shmem: required(stat, "shmem"),
    reclaimable:
      required(stat, "active_file") + required(stat, "inactive_file") + required(stat, "slab_reclaimable"),
  };
}

/** MemTotal and the like of the host, in bytes. */
export function hostMeminfo(key: string): number {
  const line = readFileSync("/proc/meminfo", "utf8").match(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m"));
  if (line === null) throw new Error(`no ${key} in /proc/meminfo`);
  return Number(line[1]) * 1024;
}

/** CPUs that the host has online, and that this process may use. */
export function hostCpus(): number {
  return Number(run("nproc", ["--all"]).stdout);
}

/**
 * Makes a cgroup in every hierarchy below the run's own one and sets what is asked; on v2 the controllers are
 * handed down. `path` begins with the run's cgroup parent.
 */
export function makeCgroup(path: string, limits: { memoryBytes?: number }): void {
  const points = memoryIsV1() ? mounts().filter((each) => each.type === "cgroup") : [{ point: v2Mount() }];
  for (const { point } of points) {
    let folder = point;
    for (const name of path.split("/").filter((each) => each !== "")) {
      if (!memoryIsV1()) {
        for (const controller of ["memory", "cpu", "cpuset", "pids"]) {
          try {
            writeFileSync(join(folder, "cgroup.subtree_control"), `+${controller}`);
          } catch {
            // not available here: the test that needs it says so
          }
        }
      }
      const parent = folder;
      folder = join(folder, name);
      if (existsSync(folder)) continue;
      mkdirSync(folder);
      // v1 cpuset: a new directory has no CPUs and takes no process until it has.
      for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        if (memoryIsV1() && existsSync(join(folder, file))) {
          writeFileSync(join(folder, file), readFileSync(join(parent, file), "utf8").trim());
        }
      }
    }
    if (limits.memoryBytes !== undefined) {
      const file = join(folder, memoryIsV1() ? "memory.limit_in_bytes" : "memory.max");
      if (existsSync(file)) writeFileSync(file, `${limits.memoryBytes}`);
    }
  }
}

/** Waits until `check` gives true; throws with `what` after the time. */
export async function waitUntil(what: string, check: () => boolean, timeoutMs = 10_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) {
    if (check()) return;
  }
  throw new Error(`${what}: not within ${timeoutMs} ms`);
}

/** Removes containers that a failed test left. */
export function removeAllContainers(): void {
  const ids = run("docker", ["ps", "-aq", "--filter", `name=procg-e2e-${process.pid}-`])
    .stdout.trim()
    .split("\n");
  for (const id of ids) if (id !== "") run("docker", ["rm", "-f", "-v", id]);
}

export const cacheFolderOf = (name: string): string => {
  const folder = join(CACHE, `${name}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
};
