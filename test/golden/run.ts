/** One run of one tool over one fixture: in this process over memfs, or through the executable over the same bytes on disk. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { runMain } from "../../lib/cli/main.ts";
import { type NodeFsLike, nodeSystem } from "../../lib/system/node/node_system.ts";
import { captureDirectory, captureVolume, REPLAY_ROOT } from "../fixtures/captures.ts";

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tool` over fixture `name` with `args`. */
export type Runner = (name: string, tool: string, args: readonly string[]) => Promise<RunResult>;

const ROOT = join(import.meta.dirname, "..", "..");

/** Longest that the executable may take for one report. */
const TIMEOUT_MS = 20_000;

// Node's clock texts follow the process, not the environment that a tool is given.
process.env.TZ = "UTC";

let opened: { readonly name: string; readonly volume: ReturnType<typeof captureVolume> } | null = null;

export const runInNode: Runner = async (name, tool, args) => {
  if (opened?.name !== name) opened = { name, volume: captureVolume(name) };
  let stdout = "";
  let stderr = "";
  const system = nodeSystem({
    fs: opened.volume as unknown as NodeFsLike,
    argv: [tool, "--replay", `${REPLAY_ROOT}/${name}`, ...args],
    env: { TZ: "UTC" },
    stdout: (text) => {
      stdout += text;
      return 0;
    },
    stderr: (text) => {
      stderr += text;
      return 0;
    },
  });
  return { exitCode: await runMain(system), stdout, stderr };
};

/** PROCG_BINARY, else dist/procg. */
export function binaryPath(): string {
  return resolve(ROOT, process.env.PROCG_BINARY || "dist/procg");
}

/** False: tests of the executable are skipped, by name. Where it must be there they run, and fail. */
export function hasBinary(): boolean {
  const required = process.env.CI === "true" || process.env.PROCG_REQUIRE_BINARY === "1";
  return required || existsSync(binaryPath());
}

export const runBinary: Runner = async (name, tool, args) =>
  runProgram({ command: binaryPath(), words: [], argv0: tool }, name, tool, args);

/** How a tool is started: the words before its own are an emulator's. */
export interface Program {
  readonly command: string;
  readonly words: readonly string[];
  readonly argv0?: string;
  /** Longest for one start; TIMEOUT_MS unless given. */
  readonly timeoutMs?: number;
}

export async function runProgram(
  { command, words, argv0, timeoutMs = TIMEOUT_MS }: Program,
  name: string,
  tool: string,
  args: readonly string[],
): Promise<RunResult> {
  const directory = captureDirectory(name);
  const child = spawn(command, [...words, "--replay", directory, ...args], {
    ...(argv0 === undefined ? {} : { argv0 }),
    cwd: "/",
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  const output = ["", ""];
  for (const [at, stream] of [child.stdout, child.stderr].entries()) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output[at] += text;
    });
  }
  const [exitCode, signal] = await new Promise<[number | null, string | null]>((done, fail) => {
    child.on("error", fail);
    child.on("close", (...ended) => done(ended));
  });
  const [stdout = "", stderr = ""] = output.map((text) =>
    text.replaceAll(directory, `${REPLAY_ROOT}/${name}`),
  );
  if (exitCode === null)
    throw new Error(`${tool} ${args.join(" ")} over ${name}: ended by ${signal}\n${stderr}`);
  return { exitCode, stdout, stderr };
}

/** The time zone, and what a sanitizer build wants to know. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { TZ: "UTC" };
  for (const [name, value] of Object.entries(process.env)) {
    if (/^(?:[AULT]SAN_OPTIONS)$/.test(name)) environment[name] = value;
  }
  return environment;
}
