/** loadcalc over very many simulated ticks in the real engine: what it counted, and its memory on the way. */
import { spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { captureDirectory } from "../fixtures/captures.ts";

const ROOT = resolve(import.meta.dirname, "../..");

export interface TickReport {
  readonly samples: number;
  readonly missedPeriods: number;
  readonly fixedPoint: readonly number[];
  /** Ticks done, kB. */
  readonly rssAnonKb: readonly (readonly [number, number])[];
}

/** `folder`: for the program and its tree, in which two threads run and one waits for a disk. */
export function runTicks(folder: string, ticks: number): TickReport {
  const program = join(folder, "ticks");
  const entry = "tools/loadcalc/testing/ticks_program.ts";
  const built = spawnSync(process.execPath, ["build/build.mjs", "--entry", entry, "--out", program], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(built.stderr);
  const tree = join(folder, "tree");
  cpSync(join(captureDirectory("v2-plain"), "t0"), tree, { recursive: true, verbatimSymlinks: true });
  const rest = "0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0";
  for (const [pid, state] of [
    [1, "S"],
    [7, "R"],
    [8, "R"],
    [9, "D"],
  ] as const) {
    if (pid !== 1)
      cpSync(join(tree, "proc/1"), join(tree, `proc/${pid}`), { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(tree, `proc/${pid}/stat`), `${pid} (x) ${state} ${rest}\n`);
  }
  const env = { PROCG_TICKS: String(ticks), PROCG_ROOT: tree, PROCG_RUN: join(folder, "run"), TZ: "UTC" };
  const run = spawnSync(program, [], { env, encoding: "utf8", maxBuffer: 2 ** 24 });
  if (run.status !== 0) throw new Error(`ended with ${run.status ?? run.signal}: ${run.stderr}`);
  const lines = run.stdout.split("\n");
  const rssAnonKb = lines
    .filter((line) => /^\d+ \d+$/.test(line))
    .map((line) => line.split(" ").map(Number) as [number, number]);
  const state = JSON.parse(lines.slice(rssAnonKb.length).join("\n"));
  return {
    samples: state.samples,
    missedPeriods: state.missedPeriods,
    fixedPoint: state.averages,
    rssAnonKb,
  };
}

/** The kernel's sum (kernel/sched/loadavg.c, calc_load) for `active` threads over `periods`, each with the rounding of >= 4.7. */
export function kernelAverages(active: number, periods: number): number[] {
  return [1884, 2014, 2037].map((factor) => {
    let load = 0;
    for (let i = 0; i < periods; i++) {
      const sum = load * factor + active * 2048 * (2048 - factor);
      const next = Math.floor((active * 2048 >= load ? sum + 2047 : sum) / 2048);
      if (next === load) break;
      load = next;
    }
    return load;
  });
}
