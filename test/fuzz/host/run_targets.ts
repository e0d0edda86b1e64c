/** Running a target for a time, and what it says at its end. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve as resolvePath } from "node:path";
import { MOST_BYTES, writeSeeds } from "./seeds.ts";

export interface TargetReport {
  readonly name: string;
  /** 0: the time was up, and nothing was found. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly runs: number;
  /** Edges of the host's code that were taken, as libFuzzer counts them. */
  readonly edges: number;
  /** Inputs that were found and kept. */
  readonly corpus: number;
  /** The report of what was found; empty: nothing. */
  readonly finding: string;
  /** Files with the inputs that found it. */
  readonly inputs: readonly string[];
}

export interface TargetOptions {
  readonly program: string;
  /** What is kept from run to run, in `corpus`; what only is read, in `seeds`. */
  readonly corpus: string;
  readonly seeds: string;
  /** Where inputs that found something go. */
  readonly findings: string;
  readonly seconds: number;
  readonly mostBytes: number;
  readonly seed?: number;
}

/** One input that takes so long is a hang; they take a millisecond. */
const HANGS_SECONDS = 20;
/** As FUZZ_EXIT_CODE. */
const SANITIZER_EXIT_CODE = 99;

/** Runs a target until the time is up, or to its first finding. */
export function runTarget(name: string, options: TargetOptions): Promise<TargetReport> {
  const { program, corpus, seeds, findings, seconds, mostBytes, seed } = options;
  for (const folder of [corpus, seeds, findings]) mkdirSync(folder, { recursive: true });
  const words = [
    `-max_total_time=${seconds}`,
    `-max_len=${mostBytes}`,
    `-timeout=${HANGS_SECONDS}`,
    `-artifact_prefix=${findings}/`,
    ...["-rss_limit_mb=2048", "-len_control=20", "-print_final_stats=1"],
    // Blocks of the engine are counted after each input; the C library's are looked at once, at the end.
    "-detect_leaks=0",
    ...(seed === undefined ? [] : [`-seed=${seed}`]),
    ...[corpus, seeds],
  ];
  const sanitizers = `exitcode=${SANITIZER_EXIT_CODE}:detect_leaks=1:allocator_may_return_null=1`;
  const before = new Set(readdirSync(findings));
  const scratch = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "procg-fuzz-"));
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      env: {
        ...process.env,
        ASAN_OPTIONS: sanitizers,
        UBSAN_OPTIONS: "print_stacktrace=1",
        FUZZ_SCRATCH: scratch,
      },
      cwd: findings,
      stdio: ["ignore", "ignore", "pipe"],
      timeout: (seconds + 90) * 1000,
      killSignal: "SIGKILL",
    });
    let text = "";
    child.stderr.on("data", (bytes) => (text += bytes));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      rmSync(scratch, { recursive: true, force: true });
      const inputs = readdirSync(findings).filter((file) => !before.has(file));
      resolve({ name, code, signal, ...readEnd(text), inputs: inputs.map((file) => join(findings, file)) });
    });
  });
}

function readEnd(text: string): Pick<TargetReport, "runs" | "edges" | "corpus" | "finding"> {
  const progress = [...text.matchAll(/^#\d+\t.*? cov: (\d+) ft: \d+ corp: (\d+)\//gm)].pop();
  const runs = /^stat::number_of_executed_units: (\d+)$/m.exec(text)?.[1];
  const finding = /^(?:fuzz: |ALARM|.*ERROR: |.*runtime error: |==\d+==ERROR)[\s\S]*/m.exec(text)?.[0] ?? "";
  return {
    runs: Number(runs ?? 0),
    edges: Number(progress?.[1] ?? 0),
    corpus: Number(progress?.[2] ?? 0),
    finding: finding.slice(0, 4000),
  };
}

export interface FuzzOptions {
  /** For each target. */
  readonly seconds: number;
  /** Targets side by side. */
  readonly jobs: number;
  /** The corpus of the run before is gone on with, and kept; else the run begins with the seeds, the same inputs each time. */
  readonly keep: boolean;
}

const FUZZ = resolvePath(import.meta.dirname, "../../../.cache/fuzz");

/** All targets, `jobs` at a time. */
export async function fuzzTargets(
  programs: ReadonlyMap<string, string>,
  { seconds, jobs, keep }: FuzzOptions,
): Promise<TargetReport[]> {
  const queue = [...programs];
  const reports: TargetReport[] = [];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [name, program] = next;
      const seeds = join(FUZZ, "seeds", name);
      writeSeeds(name, seeds);
      const corpus = keep ? join(FUZZ, "corpus", name) : mkdtempSync(join(tmpdir(), "procg-fuzz-corpus-"));
      const findings = join(FUZZ, "findings", name);
      const mostBytes = MOST_BYTES[name] ?? 4096;
      const options = { program, corpus, seeds, findings, seconds, mostBytes };
      reports.push(await runTarget(name, keep ? options : { ...options, seed: 1 }));
      if (!keep) rmSync(corpus, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return reports.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One line; what was found behind it. */
export function summary({ name, code, signal, runs, edges, corpus, finding, inputs }: TargetReport): string {
  const line = `${name.padEnd(13)} ${String(runs).padStart(8)} runs, ${edges} edges, ${corpus} inputs`;
  return code === 0 ? line : `${line}: ended with ${signal ?? code} ${inputs.join(" ")}\n${finding}`;
}
