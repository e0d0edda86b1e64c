/**
 * Load averages: three busy threads, then none. Three containers at once:
 *
 *   plain   lxcfs' file is read from the start on
 *   late    nobody reads it before LATE seconds: lxcfs keeps no average of a container that nobody has asked for
 *   deep    one thread in a cgroup at each of the levels 3, 4, 5 below the container's
 *
 * Truth is the kernel's own arithmetic (fixed point, a step every 5 s) over the known number of busy threads. When its ticks fall is not
 * known from outside: each keeper is compared with the ticks that fit it best.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Averages, advance, formatLoad, ZERO_AVERAGES } from "../../../lib/loadavg/fixed_point.ts";
import { openTable } from "../report/report.ts";
import { type Fit, fit, type Seen } from "./fit.ts";
import { type Container, end, firstChild, LOAD, PROCG, startContainer } from "./stage.ts";

const THREADS = 3;
const TICK = 5;
const LATE = 90;

/** The averages `at` seconds after the threads began, which end at `until`; ticks at phase, phase + 5, ... */
function theory(at: number, until: number, phase: number): Averages {
  let loads = ZERO_AVERAGES;
  for (let tick = phase; tick <= at; tick += TICK)
    loads = advance(loads, tick < until ? THREADS : 0, 1, "ceil");
  return loads;
}

const numbers = (text: string): number[] => text.trim().split(" ").slice(0, 3).map(Number);
const lxcfsLoad = (container: Container): string => container.output("lxcfs", "cat", "/proc/loadavg").trim();
const ourLoad = (container: Container): string =>
  readFileSync(`/proc/${container.pid}/root/run/procg/loadavg`, "utf8").trim();

/** Starts loadcalc in the container and waits for its file. Returns its pid on the host. */
export async function startLoadcalc(container: Container): Promise<number> {
  const child = container.start("plain", [PROCG, "loadcalc", "--no-listen"]);
  for (let i = 0; i < 100; i++) {
    try {
      ourLoad(container);
      return firstChild(child.pid ?? 0);
    } catch {
      await sleep(50);
    }
  }
  throw new Error("loadcalc: no file after 5 s");
}

export async function benchLoad(lxcfsPid: number, busySeconds: number, decaySeconds: number): Promise<void> {
  const quota = (us: number) => ({ limits: [["cpu", "cpu.cfs_quota_us", us]] as const });
  const [plain, late, deep] = [
    await startContainer("load", quota(50_000)),
    await startContainer("late", quota(30_000)),
    await startContainer("deep", quota(30_000)),
  ];
  lxcfsLoad(plain);
  lxcfsLoad(deep);
  const loadcalcPid = await startLoadcalc(plain);
  for (const each of [late, deep]) await startLoadcalc(each);
  const loads = [await plain.load("-b", `${THREADS}`), await late.load("-b", `${THREADS}`)];
  const levels = ["l1/l2/l3", "l1/l2/l3/l4", "l1/l2/l3/l4/l5"];
  for (const below of levels) loads.push(deep.start("plain", [LOAD(), "-t", "9999", "-b", "1"], below));
  const began = performance.now();
  const now = (): number => (performance.now() - began) / 1000;
  const theirs: Seen[] = [];
  const ours: Seen[] = [];
  let lateRow: readonly string[] = [];
  let deepRow: readonly string[] = [];
  let ended = Number.POSITIVE_INFINITY;
  // Not in step with anybody's 5 s.
  for (let next = 7; next <= busySeconds + decaySeconds; next += 7) {
    if (ended === Number.POSITIVE_INFINITY && next > busySeconds) {
      await sleep(Math.max(0, (busySeconds - now()) * 1000));
      ended = now();
      for (const load of loads.splice(0)) await end(load);
    }
    await sleep(Math.max(0, (next - now()) * 1000));
    theirs.push({ at: now(), loads: numbers(lxcfsLoad(plain)) });
    ours.push({ at: now(), loads: numbers(ourLoad(plain)) });
    if (lateRow.length === 0 && next >= Math.min(LATE, busySeconds - 14)) lateRow = threeOf(late, now());
    if (deepRow.length === 0 && next >= 42) deepRow = threeOf(deep, now());
  }
  const wanted = (at: number, phase: number): Averages => theory(at, ended, phase);
  printFits(fit(theirs, wanted), fit(ours, wanted), theirs.length);
  printCases([
    [`first read ${lateRow[0]} s after the threads began`, ...lateRow.slice(1)],
    [`threads at depths 3, 4, 5, after ${deepRow[0]} s`, ...deepRow.slice(1)],
    await restartRow(plain, lxcfsPid, loadcalcPid),
    [
      "last field, a pid: the container has fewer than 100",
      "< 100",
      lxcfsLoad(plain).split(" ")[4] ?? "",
      ourLoad(plain).split(" ")[4] ?? "",
    ],
  ]);
}

/** Seconds, theory, lxcfs, ours: the one-minute average. */
function threeOf(container: Container, at: number): string[] {
  const want = formatLoad(theory(at, Number.POSITIVE_INFINITY, TICK / 2)[0]);
  return [
    at.toFixed(0),
    want,
    ...[lxcfsLoad(container), ourLoad(container)].map((text) => text.split(" ")[0] ?? ""),
  ];
}

function printFits(theirs: Fit, ours: Fit, count: number): void {
  const columns = ["error against the kernel's arithmetic", "lxcfs", "ours"];
  const table = openTable(
    `Load averages, three busy threads at 0.5 CPU, then none; ${count} looks`,
    columns,
    [46, 10, 10],
  );
  for (const [i, minutes] of [1, 5, 15].entries()) {
    for (const kind of ["mean", "largest"] as const) {
      const [a = Number.NaN, b = Number.NaN] = [theirs[kind][i], ours[kind][i]];
      table.row([`${kind} error, ${minutes} min`, a.toFixed(3), b.toFixed(3)], b > a);
    }
  }
}

function printCases(rows: readonly (readonly string[])[]): void {
  const table = openTable(
    "Load averages, one minute, odd cases",
    ["case", "truth", "lxcfs", "ours"],
    [52, 10, 10, 10],
  );
  for (const row of rows) table.row(row);
}

/** Both keepers are told to start anew: SIGUSR1 to lxcfs, an end and a start of loadcalc. */
async function restartRow(
  container: Container,
  lxcfsPid: number,
  loadcalcPid: number,
): Promise<readonly string[]> {
  const load = await container.load("-b", `${THREADS}`);
  const began = performance.now();
  const before = [lxcfsLoad(container), ourLoad(container)].map((text) => Number(text.split(" ")[0]));
  await sleep(15_000);
  process.kill(lxcfsPid, "SIGUSR1");
  process.kill(loadcalcPid, "SIGTERM");
  await sleep(500);
  await startLoadcalc(container);
  lxcfsLoad(container);
  await sleep(6000);
  const seconds = (performance.now() - began) / 1000;
  // From where each stood, so many ticks on.
  let loads: Averages = [Math.round((before[1] ?? 0) * 2048), 0, 0];
  loads = advance(loads, THREADS, Math.round(seconds / TICK), "ceil");
  const shown = [lxcfsLoad(container), ourLoad(container)].map((text) => text.split(" ")[0] ?? "");
  await end(load);
  return [
    `the keeper is started anew ${(seconds - 6).toFixed(0)} s into the load`,
    formatLoad(loads[0]),
    ...shown,
  ];
}
