/** loadcalc over a million ticks, two months of them: history, thresholds and 14 000 real requests, in the real engine. */
import { describe, expect, test } from "vitest";
import { isRoot, temporaryDirectory } from "../binary/spawn.ts";
import { buildClockProgram, startStandingDaemon } from "../environments/standing_daemon.ts";
import { RULES, soak } from "../environments/ticks.ts";

const BATCHES = 1000;
const TICKS_PER_BATCH = 1000;
/** Days in which the history grows; then the oldest go. */
const HISTORY_DAYS = 31;
const BATCHES_PER_DAY = (24 * 3600) / 5 / TICKS_PER_BATCH;

describe.skipIf(!isRoot)("a clock that jumps from tick to tick (needs root)", () => {
  test("a million ticks: nothing is lost, the kernel's averages, no growth", async () => {
    const folder = temporaryDirectory();
    const daemon = await startStandingDaemon(buildClockProgram(folder), folder, RULES);
    try {
      const { requests, rssAnonKb, historyBytes, frames } = await soak(daemon, BATCHES, TICKS_PER_BATCH);
      const kept = historyBytes.slice(Math.ceil((HISTORY_DAYS + 2) * BATCHES_PER_DAY));
      const figures = {
        requests,
        frames,
        rssAnonKb: [20, 40, 100, 500, 999].map((batch) => rssAnonKb[batch]),
        mostRssAnonKb: Math.max(...rssAnonKb),
        historyBytes: [Math.min(...kept), Math.max(...kept)],
      };
      process.stdout.write(`${JSON.stringify(figures)}\n`);
      // Whole days of samples, one a minute, and a part of the last.
      expect(frames).toBeGreaterThan(30 * 1440);
      // A day is packed and the oldest goes: as much at the end as when the first one went.
      const half = kept.length >> 1;
      expect(Math.max(...kept.slice(half))).toBeLessThan(1.05 * Math.max(...kept.slice(0, half)));
      // From the third day on.
      const [afterSome = 0] = rssAnonKb.slice(Math.ceil(2.2 * BATCHES_PER_DAY));
      expect(rssAnonKb[BATCHES - 1]).toBeLessThanOrEqual(afterSome + 64);
      expect(Math.max(...rssAnonKb)).toBeLessThanOrEqual(1229);
    } finally {
      daemon.child.kill("SIGKILL");
    }
  }, 7_200_000);
});
