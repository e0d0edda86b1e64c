/**
 * Load averages. Truth: the container's threads in R and D, counted twice a second by the guest, through the kernel's own arithmetic; which second
 * of five a keeper's steps fall on is its own affair (fit.ts).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Averages,
  advance,
  LOAD_PERIOD_SECONDS,
  loadValue,
  ZERO_AVERAGES,
} from "../../../lib/loadavg/fixed_point.ts";
import { fit, type Seen } from "../lxcfs/fit.ts";
import type { Score } from "./score.ts";

const THREADS = 3;

interface Counted {
  readonly at: number;
  readonly active: number;
}

interface Read {
  readonly at: number;
  /** As /proc/loadavg. */
  readonly text: string;
}

const linesOf = (out: string, name: string): string[] =>
  readFileSync(join(out, "load", name), "utf8")
    .trim()
    .split("\n");

/** Of container l, which ours watch, or x, which is read through lxcfs. */
function countedIn(out: string, container: string): Counted[] {
  return linesOf(out, `truth-${container}`).map((line) => {
    const [at = 0, active = 0] = line.split(" ").map(Number);
    return { at, active };
  });
}

/** Looks: each lxcfs', then ours, one after the other. */
function logOf(out: string, name: string): Read[][] {
  return linesOf(out, name).map((line) =>
    line.split("|").map((read) => {
      const space = read.indexOf(" ");
      return { at: Number(read.slice(0, space)), text: read.slice(space + 1) };
    }),
  );
}

function lastOf(look: readonly Read[]): Read {
  const last = look.at(-1);
  if (last === undefined) throw new Error("an empty look");
  return last;
}

const averagesOf = (text: string): number[] => text.split(" ").slice(0, 3).map(Number);

/**
 * Seconds. The guest counts twice a second, at best, and a keeper's own scan takes its time: on which side of a change a step falls is known no
 * better. Every keeper is given the one that fits it best.
 */
const LAGS = [-1, -0.5, 0, 0.5, 1];

/** The averages at `at`, of steps `phase`, `phase` + 5, ... seconds after `began`; the threads are those counted `lag` after a step. */
function theory(truth: readonly Counted[], began: number, at: number, phase: number, lag: number): Averages {
  let loads = ZERO_AVERAGES;
  let i = 0;
  for (let tick = began + phase; tick <= at; tick += LOAD_PERIOD_SECONDS) {
    while (i + 1 < truth.length && (truth[i + 1]?.at ?? 0) <= tick + lag) i++;
    loads = advance(loads, truth[i]?.active ?? 0, 1, "ceil");
  }
  return loads;
}

/** As if the threads had been active from `began` on; steps in the middle of their range. */
function steady(seconds: number, from = 0): number {
  let loads: Averages = [Math.round(from * 2048), 0, 0];
  for (let tick = LOAD_PERIOD_SECONDS / 2; tick <= seconds; tick += LOAD_PERIOD_SECONDS)
    loads = advance(loads, THREADS, 1, "ceil");
  return loadValue(loads[0]);
}

export function compareLoad(out: string, majors: readonly string[], score: Score): void {
  const counted = { l: countedIn(out, "l"), x: countedIn(out, "x") };
  const began = Number(linesOf(out, "began")[0]);
  const log = logOf(out, "log");
  const fits = [...majors, "ours"].map((_, i) => {
    const seen: Seen[] = log.map((look) => {
      const { at, text } = look[i] ?? { at: Number.NaN, text: "" };
      return { at, loads: averagesOf(text) };
    });
    const truth = counted[i < majors.length ? "x" : "l"];
    const all = LAGS.map((lag) => fit(seen, (at, phase) => theory(truth, began, at, phase, lag)));
    return all.reduce((best, one) => ((one.mean[0] ?? 0) < (best.mean[0] ?? 0) ? one : best));
  });
  const last = log.at(-1)?.at(-1)?.at ?? began;
  const errors = score.table(
    `Load averages over ${Math.round(last - began)} s, ${log.length} looks: error against the threads counted by the guest`,
    3,
  );
  for (const [minutes, i] of [
    [1, 0],
    [5, 1],
    [15, 2],
  ] as const)
    for (const [kind, tolerance] of [
      ["mean", 0.03],
      ["largest", 0.3],
    ] as const) {
      const values = fits.map((one) => one[kind][i] ?? Number.NaN);
      errors({
        what: `three busy threads, one, none: ${kind} error, ${minutes} min`,
        truth: 0,
        lxcfs: values.slice(0, -1),
        ours: values.at(-1) ?? null,
        tolerance,
      });
    }

  const cases = score.table("Load average of one minute, odd cases", 2);
  const one = (what: string, wanted: number, look: readonly Read[], tolerance: number): void => {
    const values = look.map(({ text }) => averagesOf(text)[0] ?? Number.NaN);
    cases({ what, truth: wanted, lxcfs: values.slice(0, -1), ours: values.at(-1) ?? null, tolerance });
  };
  // A step falls on any second of five: half of what one adds, either way.
  for (const [name, what] of [
    ["late", "never read before, after"],
    ["deep", "threads in cgroups 3, 4 and 5 levels below, after"],
  ] as const) {
    const [look] = logOf(out, name);
    if (look === undefined) throw new Error(`no ${name}`);
    const seconds = lastOf(look).at - began;
    one(`${what} ${Math.round(seconds)} s`, steady(seconds), look, 0.25);
  }
  const [before, after] = logOf(out, "restart");
  if (before === undefined || after === undefined) throw new Error("no restart");
  const from = averagesOf(lastOf(before).text)[0] ?? Number.NaN;
  const wanted = steady(lastOf(after).at - lastOf(before).at, from);
  one("keepers started anew, 3 threads busy on", wanted, after, 0.35);

  const pids = linesOf(out, "pids").map(Number);
  const largest = Math.max(...pids.filter((pid) => !Number.isNaN(pid)));
  const field = score.table("Last field of loadavg: the container's newest pid");
  field({
    what: "read from inside",
    truth: largest,
    lxcfs: after.slice(0, -1).map(({ text }) => Number(text.split(" ")[4])),
    ours: Number(lastOf(after).text.split(" ")[4]),
    // Those that read are newer, and each look through lxcfs was one.
    tolerance: 500,
  });
}
