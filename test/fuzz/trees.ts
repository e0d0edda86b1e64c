/** Damaged captures, and every tool over them by --replay and --root. */
import { spawn } from "node:child_process";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { captureDirectory } from "../fixtures/captures.ts";
import { below, damageMore, pick, type Random, randomOf } from "./mutate.ts";

const CAPTURES = [
  ...[
    "docker-v1-private",
    "v2-cgroupns",
    "v2-plain",
    "hybrid-runc-cgroupns",
    "v2-oom",
    "docker-v2-dind-outer",
  ],
  ...["v1-crun-swap", "v2-pagecache-io", "v1-split-paths", "v2-many-cpus"],
];

const COMMANDS: readonly (readonly string[])[] = [
  ["free"],
  ["free", "--json"],
  ["free", "--explain"],
  ["nproc", "--json"],
  ["uptime"],
  ["uptime", "--json"],
  ["df"],
  ["df", "-a", "--json"],
  ["vmstat"],
  ["vmstat", "-s"],
  ["vmstat", "-d"],
  ["vmstat", "--json"],
  ["iostat", "-x"],
  ["iostat", "--json"],
  ["top", "-b", "-n2", "-d0.01", "-w200"],
  ["top", "-b", "-n1", "-H", "--json"],
  ["tsar", "--live", "-i", "0.01", "--count", "2"],
  ["tsar", "--check"],
  ["metric"],
  ["metric", "--json", "--host"],
  ["metric", "--format=openmetrics"],
  ["doctor"],
  ["doctor", "--json"],
];

/** Files of a capture's directory, relative. */
function filesBelow(directory: string, path = ""): string[] {
  return readdirSync(join(directory, path)).flatMap((name) => {
    const inner = join(path, name);
    return lstatSync(join(directory, inner)).isDirectory() ? filesBelow(directory, inner) : [inner];
  });
}

/** Damages a few files of the capture in `directory`; gives what it did. */
export function damageCapture(directory: string, random: Random): string[] {
  const files = filesBelow(directory).filter((path) => random() < 0.97 || path === "capture.json");
  const done: string[] = [];
  for (let count = 1 + below(random, 5); count > 0 && files.length > 0; count--) {
    const path = pick(random, files);
    const full = join(directory, path);
    const kind = random();
    done.push(`${path} ${kind.toFixed(3)}`);
    if (kind < 0.8) {
      const status = lstatSync(full, { throwIfNoEntry: false });
      const text = status?.isFile() === true ? readFileSync(full, "latin1") : "";
      rmSync(full, { recursive: true, force: true });
      writeFileSync(full, damageMore(text, random), "latin1");
      continue;
    }
    rmSync(full, { recursive: true, force: true });
    if (kind < 0.84) continue;
    if (kind < 0.88) mkdirSync(full);
    else if (kind < 0.91)
      symlinkSync(pick(random, ["/etc/passwd", "../../../../../../etc/passwd", path, "/dev/zero"]), full);
    else if (kind < 0.97) writeFileSync(full, "");
    else writeFileSync(full, "x 1\n".repeat(100_000));
  }
  return done;
}

export interface Finding {
  readonly seed: number;
  readonly args: readonly string[];
  readonly damage: readonly string[];
  readonly wrong: string;
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function startTool(program: string, args: readonly string[], timeoutMs: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { TZ: "UTC", ASAN_OPTIONS: "detect_leaks=0", PROCG_RUN: "/nonexistent" };
    const child = spawn(program, args, {
      env,
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (bytes) => (stdout += bytes));
    child.stderr.on("data", (bytes) => (stderr += bytes));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** null: nothing. */
function wrongWith(args: readonly string[], { code, signal, stdout, stderr }: Ended): string | null {
  if (signal !== null) return `ended by ${signal} ${stderr.slice(0, 2000)}`;
  if (/Sanitizer|runtime error|internal error|^ +at /m.test(stderr)) return stderr.slice(0, 3000);
  if (code === 0 && stdout === "") return "success without a word";
  if (code !== 0 && stdout + stderr === "") return "failed without a word";
  // No damage writes these words.
  const word = /^.*\b(?:NaN|undefined|Infinity|object Object)\b.*$/m.exec(stdout + stderr);
  if (word !== null) return word[0].slice(0, 400);
  // What came from files must not reach a terminal: C0 but newline and tab, DEL.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
  const control = /[\0-\x08\x0b-\x1f\x7f]/.exec(stdout + stderr);
  if (control !== null)
    return `a control character at ${control.index}: ${JSON.stringify((stdout + stderr).slice(Math.max(0, control.index - 60), control.index + 20))}`;
  if (code === 0 && args.includes("--json")) {
    try {
      for (const line of args[0] === "iostat" ? [] : stdout.trimEnd().split("\n")) JSON.parse(line);
    } catch {
      return `not JSON: ${stdout.slice(0, 300)}`;
    }
  }
  return null;
}

/** One damaged capture: all commands through `programs[0]`, one of them through each other program. */
export async function tryTree(
  folder: string,
  seed: number,
  programs: readonly string[],
  timeoutMs: number,
): Promise<Finding[]> {
  const random = randomOf(seed);
  const directory = join(folder, String(seed));
  cpSync(captureDirectory(pick(random, CAPTURES)), directory, { recursive: true, verbatimSymlinks: true });
  const done = damageCapture(directory, random);
  const findings: Finding[] = [];
  const [first = "", ...others] = programs;
  const runs = COMMANDS.filter(() => random() < 0.4).map((command) => [first, command] as const);
  for (const other of others) runs.push([other, pick(random, COMMANDS)]);
  for (const [program, command] of runs) {
    const over =
      random() < (command[0] === "tsar" || command[0] === "top" ? 0.95 : 0.7)
        ? ["--replay", directory]
        : ["--root", join(directory, "t0")];
    const args = [...command, ...over];
    const wrong = wrongWith(args, await startTool(program, args, timeoutMs));
    if (wrong !== null) findings.push({ seed, args, damage: done, wrong });
  }
  rmSync(directory, { recursive: true, force: true });
  return findings;
}
