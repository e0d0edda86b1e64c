/**
 * A loadcalc with a clock that stands still until it is told how far to go (tools/loadcalc/testing/clock_program.ts), in a chroot with a
 * captured container's files: all its ticks are known, and everything else about it is real: engine, files, sockets, memory.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type Agent, request } from "node:http";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { captureDirectory } from "../fixtures/captures.ts";
import { oddExec } from "./odd_exec.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ENTRY = "tools/loadcalc/testing/clock_program.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface StandingDaemon {
  readonly child: ChildProcess;
  /** Directories of the daemon's files, as seen from here. */
  readonly run: string;
  readonly history: string;
  /** Where it listens beside its socket. */
  readonly port: number;
  /** Everything that it has logged. */
  readonly log: () => string;
  /** The states of the container's threads from now on, besides its sleeping init. */
  readonly setThreads: (states: string) => void;
  /** Resolves when the clock has come to so many seconds after the start. */
  readonly goTo: (seconds: number) => Promise<void>;
  /** On the unix socket, or with `tcp` on the port. */
  readonly ask: (path: string, options?: AskOptions) => Promise<Answer>;
  readonly rssAnonKb: () => number;
  readonly openFiles: () => number;
  readonly end: () => Promise<number | null>;
}

export interface AskOptions {
  readonly tcp?: boolean;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** Builds the program in `folder`; gives its path. */
export function buildClockProgram(folder: string): string {
  const program = join(folder, "loadcalc");
  const built = spawnSync(
    process.execPath,
    ["build/build.mjs", "--entry", ENTRY, "--out", program, "--quiet"],
    {
      cwd: ROOT,
      encoding: "utf8",
    },
  );
  if (built.status !== 0) throw new Error(built.stderr);
  return program;
}

const STAT_REST = "0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0";
/** Of threads that come and go, init not among them. */
const FIRST_PID = 100;

/** History and thresholds are on. Needs root, for the chroot. */
export async function startStandingDaemon(
  program: string,
  folder: string,
  rules: string,
): Promise<StandingDaemon> {
  const root = join(folder, "root");
  cpSync(join(captureDirectory("v2-plain"), "t0"), root, { recursive: true, verbatimSymlinks: true });
  cpSync(program, join(root, "loadcalc"));
  for (const directory of ["run/procg", "history"]) mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, "rules"), rules);
  for (const pid of pidsBelow(root)) writeStat(root, pid, "S");

  const env = {
    TZ: "UTC",
    PROCG_LISTEN: "127.0.0.1:0",
    PROCG_HISTORY: "/history",
    PROCG_THRESHOLDS: "/rules",
  };
  const child = spawn(oddExec(), ["--chroot", root, "/loadcalc"], { env, stdio: ["pipe", "pipe", "pipe"] });
  const pid = child.pid ?? 0;
  let log = "";
  let printed = "";
  let isOver: string | null = null;
  child.stderr.on("data", (bytes) => (log += bytes));
  child.stdout.on("data", (bytes) => (printed += bytes));
  const ended = new Promise<number | null>((done) =>
    child.on("exit", (code, signal) => {
      isOver = `loadcalc ended with ${code ?? signal}: ${log}`;
      done(code);
    }),
  );
  const until = async (what: () => boolean): Promise<void> => {
    while (!what()) {
      if (isOver !== null) throw new Error(isOver);
      await sleep(1);
    }
  };
  await until(() => log.includes("started, serving"));
  const port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1]);
  const socketPath = join(root, "run/procg/loadcalc.sock");
  return {
    child,
    run: join(root, "run/procg"),
    history: join(root, "history"),
    port,
    log: () => log,
    setThreads(states) {
      [...states].forEach((state, index) => {
        writeStat(root, FIRST_PID + index, state);
      });
    },
    async goTo(seconds) {
      child.stdin.write(`${seconds}\n`);
      await until(() => printed.endsWith("\n"));
      if (printed !== `${seconds}\n`) throw new Error(`the clock is at ${printed}, not at ${seconds}`);
      printed = "";
    },
    ask: (path, { tcp = false, method = "GET", headers = {}, agent } = {}) =>
      new Promise((done, fail) => {
        const place = tcp ? { host: "127.0.0.1", port } : { socketPath };
        // Without an agent a connection of its own, closed afterwards.
        const options = { ...place, path, method, headers, agent: agent ?? false };
        const asked = request(options, (response) => {
          let body = "";
          response.on("data", (bytes) => (body += bytes));
          response.on("end", () => done({ status: response.statusCode ?? 0, body }));
        });
        asked.on("error", fail);
        asked.end();
      }),
    rssAnonKb: () => Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]),
    openFiles: () => readdirSync(`/proc/${pid}/fd`).length,
    async end() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

function pidsBelow(root: string): number[] {
  return readdirSync(join(root, "proc"))
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** As a whole, as the kernel's files are. */
function writeStat(root: string, pid: number, state: string): void {
  const directory = join(root, "proc", `${pid}`);
  if (!existsSync(directory)) mkdirSync(directory);
  writeFileSync(join(directory, "stat"), `${pid} (x) ${state} ${STAT_REST}\n`);
}

/** Bytes of all files in a directory. */
export function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
