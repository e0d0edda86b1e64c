/** loadcalc over minutes: a container against the kernel's step function, the machine against /proc/loadavg. */
import { describe, expect, it } from "vitest";
import type { LoadSection } from "../../lib/container/document.ts";
import { type Averages, advance, loadValue } from "../../lib/loadavg/fixed_point.ts";
import { guestsWith } from "./guests.ts";
import { guestResults, SKIP } from "./results.ts";

interface Sample {
  /** Threads that were blocked at this sample, as the scenario made them. */
  readonly blocked: number;
  readonly load: LoadSection;
}

describe.skipIf(SKIP !== undefined).each(guestsWith("load"))("$name, load of a container", (options) => {
  const guest = guestResults(options);
  const samples = (): Sample[] =>
    guest
      .text("load/log")
      .trim()
      .split("\n")
      .map((line) => ({
        blocked: Number(line.slice(0, line.indexOf(" "))),
        load: JSON.parse(line.slice(line.indexOf(" ") + 1)),
      }));

  it("counts the threads that were there at each of its ticks", () => {
    const log = samples();
    expect(log.length).toBe(16);
    // At the first sample after a change that may not be over yet.
    log.forEach(({ blocked, load }, i) => {
      const changed = i > 0 && log[i - 1]?.blocked !== blocked;
      const seen = [load.samples, load.uninterruptible, load.threadsComplete];
      if (!changed) expect(seen).toEqual([load.samples, blocked, true]);
    });
    const right = log.filter(({ blocked, load }) => load.uninterruptible === blocked);
    expect(right.length).toBeGreaterThanOrEqual(13);
  });

  /** CPU time between the last sample before the freezing and the second after it, of the time between. */
  const usedRatio = (): number => {
    const used = (when: string): number =>
      guest.has(`load/${when}/cpuacct.usage`)
        ? guest.number(`load/${when}/cpuacct.usage`) / 1e9
        : guest.keyed(`load/${when}/cpu.stat`, "usage_usec") / 1e6;
    return (used("after") - used("before")) / (guest.uptime("load/after") - guest.uptime("load/before"));
  };

  /** How far load1 is from the kernel's arithmetic at each sample, where a gap is filled with `frozen` threads. */
  const errors = (frozen: number): number[] => {
    const [first, ...rest] = samples();
    if (first === undefined) throw new Error("no sample");
    let expected: Averages = first.load.fixedPoint ?? [0, 0, 0];
    let before = first;
    return rest.map((sample) => {
      const missed = (sample.load.missedPeriods ?? 0) - (before.load.missedPeriods ?? 0);
      const looked = (sample.load.samples ?? 0) - (before.load.samples ?? 0);
      // Only the frozen time is as long as that; what is missed is one step, as in the kernel.
      if (missed > 0) expected = advance(expected, missed > 1 ? frozen : sample.blocked, missed, "ceil");
      for (let i = 0; i < looked; i++) expected = advance(expected, sample.blocked, 1, "ceil");
      // On a starved machine the change may not be over, or a sample pass unseen: what was there is not known, from here anew.
      const isKnown = looked === 1 && sample.load.uninterruptible === sample.blocked;
      if (sample.blocked !== before.blocked && !isKnown) expected = sample.load.fixedPoint ?? expected;
      before = sample;
      return Math.abs(sample.load.load1 - loadValue(expected[0]));
    });
  };

  it("its averages are the kernel's step function; a frozen time counts nothing", () => {
    const log = samples();
    const missed = log.at(-1)?.load.missedPeriods ?? 0;
    expect(missed).toBeGreaterThanOrEqual(2);
    expect(Math.max(...log.map(({ load }) => load.load1))).toBeGreaterThan(1);
    const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
    // The rule: less than 1 % of a CPU. On a starved machine the guest's own bookkeeping may be more than that.
    const filled =
      usedRatio() < 0.007 ? errors(0) : [errors(0), errors(6)].sort((a, b) => mean(a) - mean(b))[0];
    expect(mean(filled ?? [])).toBeLessThanOrEqual(0.02);
    expect(Math.max(...(filled ?? []))).toBeLessThanOrEqual(0.1);
  });
});

/** Share of the old load that is left after a period: EXP_1, EXP_5, EXP_15 of 2048. */
const LEFT = [1884 / 2048, 2014 / 2048, 2037 / 2048];

describe.skipIf(SKIP !== undefined).each(guestsWith("machine_load", ({ quiet }) => quiet === true))(
  "$name, load of the machine",
  (options) => {
    const guest = guestResults(options);

    it("is beside /proc/loadavg over two minutes of 0 to 5 threads", () => {
      const [zero = [], ...log] = guest
        .text("machine-load/log")
        .trim()
        .split("\n")
        .map((line) => line.split(" ").map(Number));
      expect(log.length).toBe(26);
      expect(guest.text("machine-load/rc").trim()).toBe("0");
      // What each had before the first common tick leaves it at the kernel's rate.
      const differences = log.map(([period = 0, ...values]) =>
        LEFT.map((left, i) => {
          const rest = left ** period;
          const kernel = (values[i] ?? Number.NaN) - (zero[i + 1] ?? 0) * rest;
          return (values[i + 3] ?? Number.NaN) - (zero[i + 4] ?? 0) * rest - kernel;
        }),
      );
      const flat = differences.flat();
      const mean = flat.reduce((sum, one) => sum + Math.abs(one), 0) / flat.length;
      process.stdout.write(
        `machine load: mean difference ${mean.toFixed(3)}, most ${Math.max(...flat).toFixed(2)}\n`,
      );
      expect(Math.max(...log.map(([, load1 = 0]) => load1))).toBeGreaterThan(2);
      // Never less than the kernel. More: on an emulated CPU RCU's thread is still busy with what our own reading set free.
      expect(Math.min(...flat)).toBeGreaterThan(-0.06);
      expect(Math.max(...flat)).toBeLessThan(0.2);
      expect(mean).toBeLessThan(0.05);
    });
  },
);
