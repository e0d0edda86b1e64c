/** Five and a half hours of loadcalc in seconds, one midnight in them; test/full/loadcalc_ticks.test.ts: two months. */
import { describe, expect, test } from "vitest";
import { isRoot, temporaryDirectory } from "../binary/spawn.ts";
import { buildClockProgram, startStandingDaemon } from "./standing_daemon.ts";
import { RULES, soak } from "./ticks.ts";

describe.skipIf(!isRoot)("a clock that jumps from tick to tick (needs root)", () => {
  test("4000 ticks: nothing is lost, the kernel's averages, no growth", async () => {
    const folder = temporaryDirectory();
    const daemon = await startStandingDaemon(buildClockProgram(folder), folder, RULES);
    try {
      const report = await soak(daemon, 20, 200);
      expect(report.frames).toBe(334);
      // Half of the batches are behind midnight, when a day has been packed.
      const [middle = 0, last = 0] = [report.rssAnonKb[10], report.rssAnonKb[19]];
      expect(last).toBeLessThanOrEqual(middle + 64);
      expect(Math.max(...report.rssAnonKb)).toBeLessThanOrEqual(1229);
    } finally {
      daemon.child.kill("SIGKILL");
    }
  }, 120_000);
});
