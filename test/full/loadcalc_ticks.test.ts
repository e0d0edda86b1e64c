/** loadcalc over a million simulated ticks, two months of them, in the real engine. */
import { expect, test } from "vitest";
import { temporaryDirectory } from "../binary/spawn.ts";
import { kernelAverages, runTicks } from "../environments/ticks.ts";

const TICKS = 1_000_000;

test("a million ticks: none lost, the kernel's averages, no growth", () => {
  const report = runTicks(temporaryDirectory(), TICKS);
  process.stdout.write(`${report.rssAnonKb.map(([, kb]) => kb).join(" ")} kB\n`);
  expect([report.samples + report.missedPeriods, report.missedPeriods]).toEqual([TICKS - 1, 0]);
  expect(report.fixedPoint).toEqual(kernelAverages(3, TICKS - 1));
  const [, afterSome = 0] = report.rssAnonKb[1] ?? [];
  const [, last = 0] = report.rssAnonKb[19] ?? [];
  expect(last).toBeLessThanOrEqual(afterSome + 64);
}, 3_600_000);
