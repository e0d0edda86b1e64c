/**
 * The whole machine: `loadcalc --cgroup /` beside /proc/loadavg of the kernel that it runs on, over four minutes of changing load.
 * Needs a machine on which nothing else runs: what runs for a moment at one of the two ticks only is a difference that nobody made.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "procg-machine-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** The kernel's period: LOAD_FREQ is 5 s and one tick of 250 Hz (include/linux/sched/loadavg.h). */
const PERIOD_MS = 5004;
/** Share of the old load that is left after a period: EXP_1, EXP_5, EXP_15 of 2048. */
const LEFT = [1884 / 2048, 2014 / 2048, 2037 / 2048];
/** Busy loops, and for how many periods. */
const PATTERN: readonly (readonly [loops: number, periods: number])[] = [
  [2, 12],
  [0, 6],
  [3, 12],
  [1, 12],
  [0, 6],
];

const loads = (path: string): number[] => readFileSync(path, "utf8").split(" ", 3).map(Number);
function spin(count: number): ChildProcess[] {
  return Array.from({ length: count }, () => {
    const child = spawn("/bin/sh", ["-c", "while :; do :; done"], { stdio: "ignore" });
    children.push(child);
    return child;
  });
}

/** Waits for the kernel's next update; the load must be changing, or nobody sees it. */
async function kernelTick(): Promise<void> {
  const before = readFileSync("/proc/loadavg", "utf8").split(" ", 3).join();
  while (readFileSync("/proc/loadavg", "utf8").split(" ", 3).join() === before) await sleep(10);
}

test("the machine's load averages, beside the kernel's own", { timeout: 400_000 }, async () => {
  // Some load, so that the kernel's updates can be seen.
  const first = spin(1);
  await sleep(6000);
  await kernelTick();
  for (const child of first) child.kill("SIGKILL");
  await kernelTick();
  let next = performance.now();
  await sleep(500);
  const start = loads("/proc/loadavg");
  const env = { PROCG_RUN: folder };
  const daemon = spawn(join(ROOT, "dist/procg"), ["loadcalc", "--cgroup=/", "--no-listen", "--no-history"], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  children.push(daemon);
  const file = join(folder, "loadavg");
  while (!existsSync(file)) await sleep(20);
  // What loadcalc counted at its start is not in the kernel's value: both begin from here.
  const zero = loads(file);

  const differences: number[] = [];
  let periods = 0;
  for (const [loops, times] of PATTERN) {
    const running = spin(loops);
    for (let i = 0; i < times; i++) {
      periods++;
      next += PERIOD_MS;
      await sleep(next + 1500 - performance.now());
      const kernel = loads("/proc/loadavg");
      const own = loads(file);
      const apart = kernel.map((value, at) => {
        const left = (LEFT[at] ?? 0) ** periods;
        return value - (start[at] ?? 0) * left - ((own[at] ?? 0) - (zero[at] ?? 0) * left);
      });
      differences.push(...apart.map(Math.abs));
    }
    for (const child of running) child.kill("SIGKILL");
  }
  const worst = Math.max(...differences);
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  process.stdout.write(`${JSON.stringify({ periods, worst, mean })}\n`);
  // The budget. One foreign thread that only one of the two sees at a tick is 0.08 by itself, and is forgotten again.
  expect(mean).toBeLessThanOrEqual(0.02);
  expect(worst).toBeLessThanOrEqual(0.17);
});
