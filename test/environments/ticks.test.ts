/** Five hours of loadcalc in seconds; test/full/loadcalc_ticks.test.ts: two months. */
import { expect, test } from "vitest";
import { temporaryDirectory } from "../binary/spawn.ts";
import { kernelAverages, runTicks } from "./ticks.ts";

test("4000 ticks: none lost, the kernel's averages, no growth", () => {
  const report = runTicks(temporaryDirectory(), 4000);
  // The first tick starts the averages.
  expect([report.samples + report.missedPeriods, report.missedPeriods]).toEqual([3999, 0]);
  expect(report.fixedPoint).toEqual(kernelAverages(3, 3999));
  const [, afterSome = 0] = report.rssAnonKb[4] ?? [];
  const [, last = 0] = report.rssAnonKb[19] ?? [];
  expect(last).toBeLessThanOrEqual(afterSome + 64);
}, 120_000);
