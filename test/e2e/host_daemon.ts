/** A dockerd that a test may stop and start again, with the e2e image in it; and the companion beside it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BINARY, CACHE, cgroupParent, IMAGE_ARCHIVE, program, type Result, run } from "./docker.ts";
import { removeTree } from "./stop.mjs";

export interface Daemon {
  readonly folder: string;
  readonly socket: string;
  /** `docker ...`; throws when it fails. */
  docker(...args: readonly string[]): string;
  /** The same, without waiting for it in this thread. */
  dockerSoon(...args: readonly string[]): Promise<Result>;
  start(): Promise<void>;
  /** As its operator would: SIGTERM, and wait. */
  stop(): Promise<void>;
  /** `procg host ...`, to its end. */
  host(...args: readonly string[]): Result;
  /** `procg host watch --verbose ...`. */
  watch(...args: readonly string[]): Watch;
  remove(): Promise<void>;
}

export interface Watch {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** VmRSS and its anonymous part, bytes. */
  memory(): { rssBytes: number; anonBytes: number };
  stop(): Promise<number | null>;
}

export function soon(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (bytes) => {
      stdout += bytes;
    });
    child.stderr.on("data", (bytes) => {
      stderr += bytes;
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
    child.on("error", (error) => resolve({ status: null, stdout, stderr: error.message }));
  });
}

export function memoryOf(pid: number): { rssBytes: number; anonBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
  return { rssBytes: of("VmRSS"), anonBytes: of("RssAnon") };
}

export function startWatch(args: readonly string[], env: NodeJS.ProcessEnv): Watch {
  const child = spawn(BINARY, ["host", "watch", "--verbose", ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let rest = "";
  child.stderr?.on("data", (bytes) => {
    const parts = `${rest}${bytes}`.split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", (status) => resolve(status)));
  return {
    child,
    lines,
    memory: () => memoryOf(child.pid ?? 0),
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      const status = await ended;
      clearTimeout(timer);
      return status;
    },
  };
}

/** Its cgroups stand below the run's own one. */
export async function startOwnDaemon(name: string): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), "procg-host-"));
  const dataRoot = join(CACHE, `docker-${name}-${process.pid}`);
  mkdirSync(dataRoot, { recursive: true });
  const socket = `${folder}/docker.sock`;
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, PROCG_RUN: `${folder}/run` };
  let daemon: ChildProcess | null = null;
  const dockerSoon = (...args: readonly string[]) => soon("docker", args, env);
  const docker = (...args: readonly string[]): string => {
    const result = run("docker", ["-H", `unix://${socket}`, ...args]);
    if (result.status !== 0) throw new Error(`docker ${args.join(" ")}: ${result.stderr.trim()}`);
    return result.stdout.trim();
  };
  const stop = async (): Promise<void> => {
    const child = daemon;
    daemon = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await ended;
    clearTimeout(timer);
  };
  const self: Daemon = {
    folder,
    socket,
    docker,
    dockerSoon,
    async start() {
      const log = openSync(join(folder, "dockerd.log"), "a");
      daemon = spawn(
        program("dockerd") ?? "dockerd",
        [
          ...["-H", `unix://${socket}`, "--data-root", dataRoot, "--exec-root", join(folder, "exec")],
          ...["--pidfile", join(folder, "dockerd.pid"), "--storage-driver", "overlay2"],
          ...[
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
            "--ip-forward=false",
            "--ip-masq=false",
          ],
          ...["--exec-opt", "native.cgroupdriver=cgroupfs", `--cgroup-parent=${cgroupParent()}/${name}`],
        ],
        { stdio: ["ignore", log, log], env: { ...process.env, TMPDIR: folder } },
      );
      closeSync(log);
      for (let i = 0; i < 300; i++) {
        if ((await dockerSoon("version")).status === 0) return;
        if (daemon.exitCode !== null) break;
        await sleep(100);
      }
      throw new Error(
        `dockerd did not start: ${readFileSync(join(folder, "dockerd.log"), "utf8").slice(-500)}`,
      );
    },
    stop,
    host: (...args) =>
      run("env", [`DOCKER_HOST=unix://${socket}`, `PROCG_RUN=${folder}/run`, BINARY, "host", ...args]),
    watch: (...args) => startWatch(args, env),
    async remove() {
      if (daemon !== null) {
        const ids = docker("ps", "-aq")
          .split("\n")
          .filter((id) => id !== "");
        if (ids.length > 0) await dockerSoon("rm", "-f", "-v", ...ids);
      }
      await stop();
      removeTree(folder);
      removeTree(dataRoot);
    },
  };
  await self.start();
  docker("import", IMAGE_ARCHIVE, "procg-e2e");
  return self;
}
