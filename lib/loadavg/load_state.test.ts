import { describe, expect, test } from "vitest";
import { type Averages, advance, loadValue, ZERO_AVERAGES } from "./fixed_point.ts";
import {
  accountSample,
  isWarmingUp,
  type LoadSample,
  type LoadState,
  periodsDue,
  startLoad,
} from "./load_state.ts";
import { parseState, renderLoadavg, renderState, type StateOwner } from "./state_file.ts";

const at = (monotonicSeconds: number, active: number, cpuUsageUsec: number | null = null): LoadSample => ({
  monotonicSeconds,
  realtimeSeconds: 1_700_000_000 + monotonicSeconds,
  active,
  cpuUsageUsec,
});

const after = (averages: Averages, active: number, periods: number) =>
  advance(averages, active, periods, "ceil");

test("on time: one step per tick, whatever the jitter, on ideal ticks", () => {
  let state = startLoad(at(100, 0));
  let expected = ZERO_AVERAGES;
  for (let k = 1; k <= 1000; k++) {
    const jitter = ((k * 7919) % 4000) / 1000; // up to 4 s late
    state = accountSample(state, at(100 + 5 * k + (k % 3 === 0 ? -0.001 : jitter), k % 4), "ceil");
    expected = after(expected, k % 4, 1);
    expect(state.tickMonotonicSeconds).toBe(100 + 5 * k);
  }
  expect(state).toMatchObject({
    averages: expected,
    samples: 1000,
    missedPeriods: 0,
    sinceUnixMs: 1_700_000_100_000,
  });
});

test("before the next tick nothing changes", () => {
  const state = startLoad(at(100, 2));
  expect(accountSample(state, at(104.9, 7), "ceil")).toBe(state);
  expect(periodsDue(state, 104.99)).toBe(0);
  expect(periodsDue(state, 104.999)).toBe(1);
  expect(periodsDue(state, 90)).toBe(0);
});

describe("a gap", () => {
  const busy = Array.from({ length: 12 }).reduce<LoadState>(
    (state, _, k) => accountSample(state, at(105 + 5 * k, 2, 1e6 * k), "ceil"),
    startLoad(at(100, 2, 0)),
  );

  test("of a stall is filled with the last known count, in bulk, then the sample counts", () => {
    // 60 s at 2 s of CPU time per 60 s: more than 1 %.
    const state = accountSample(busy, at(160 + 60, 5, 11e6 + 2e6), "ceil");
    expect(state.averages).toEqual(after(after(busy.averages, 2, 11), 5, 1));
    expect(state).toMatchObject({ samples: 13, missedPeriods: 11, tickMonotonicSeconds: 220 });
  });

  test("in which the cgroup did not run (paused) is filled with none", () => {
    const state = accountSample(busy, at(160 + 60, 5, 11e6 + 0.5e6), "ceil");
    expect(state.averages).toEqual(after(after(busy.averages, 0, 11), 5, 1));
  });

  test("without CPU figures, or with a counter that went backwards: the last count", () => {
    for (const cpu of [null, 3]) {
      expect(accountSample(busy, at(220, 5, cpu), "ceil").averages).toEqual(
        after(after(busy.averages, 2, 11), 5, 1),
      );
    }
  });

  test("of more than 900 s starts anew", () => {
    expect(accountSample(busy, at(160 + 900, 1, 12e6), "ceil").samples).toBe(13);
    const anew = accountSample(busy, at(160 + 901, 1, 12e6), "ceil");
    expect(anew).toMatchObject({ averages: [0, 0, 0], samples: 0, tickMonotonicSeconds: 1061 });
    expect(isWarmingUp(anew)).toBe(true);
  });

  test("a clock that runs backwards starts anew", () => {
    expect(accountSample(busy, at(20, 1), "ceil").tickMonotonicSeconds).toBe(20);
  });
});

test("warming up until 15 minutes are covered, filled gaps included", () => {
  let state = startLoad(at(0, 1));
  for (let k = 1; k <= 179; k++) state = accountSample(state, at(5 * k, 1), "ceil");
  expect(isWarmingUp(state)).toBe(true);
  expect(isWarmingUp(accountSample(state, at(900, 1), "ceil"))).toBe(false);
});

/** A machine whose monotonic clock is ours to move: late ticks, stalls, pauses, restarts, suspends, a wall clock that jumps. */
test("a simulated week: always what the kernel's formula gives for what was counted", () => {
  let seed = 20261121;
  const random = (): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  const owner: StateOwner = { bootId: "b", initStartTicks: 7, cgroup: null };
  let now = 1000;
  let wall = 1_700_000_000;
  let cpu = 0;
  let state = startLoad(at(now, 1, cpu));
  let expected = state.averages;
  let lastActive = 1;
  let tick = now;
  const seen = { stall: 0, pause: 0, restart: 0, suspend: 0, jump: 0, anew: 0 };
  while (now < 1000 + 7 * 86_400) {
    const active = random() < 0.02 ? Math.floor(random() * 600) : Math.floor(random() * 4);
    let wait = tick + 5 - now + random() * 0.4;
    let ran = true;
    const event = random();
    if (event < 0.003) {
      wait += random() * 700;
      seen.stall++;
    } else if (event < 0.006) {
      wait += 10 + random() * 600;
      ran = false;
      seen.pause++;
    } else if (event < 0.0063) {
      wait += 901;
      seen.anew++;
    } else if (event < 0.01) {
      wall += 3600 * random(); // suspended: the monotonic clock stood still
      seen.suspend++;
    } else if (event < 0.013) {
      wall += (random() - 0.5) * 1e6; // somebody set the clock
      seen.jump++;
    }
    now += wait;
    wall += wait;
    cpu += ran ? wait * 1e6 * 0.2 : wait * 100;
    if (event > 0.99) {
      const again = parseState(renderState(state, owner, "ceil"), owner, now);
      expect(again).toEqual(state);
      state = again as LoadState;
      seen.restart++;
    }
    state = accountSample(
      state,
      { monotonicSeconds: now, realtimeSeconds: wall, active, cpuUsageUsec: cpu },
      "ceil",
    );
    // The same by other means: ideal ticks counted by hand.
    if (now - tick > 900) {
      expected = ZERO_AVERAGES;
      tick = now;
    } else {
      let ticks = 0;
      while (tick + 5 * (ticks + 1) <= now + 0.002) ticks++;
      expected = advance(
        advance(expected, ran ? lastActive : 0, ticks - 1, "ceil"),
        active,
        ticks > 0 ? 1 : 0,
        "ceil",
      );
      tick += 5 * ticks;
    }
    lastActive = active;
    expect(state.averages).toEqual(expected);
    expect(state.tickMonotonicSeconds).toBeCloseTo(tick, 6);
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
  // 120 960 periods, less what the long gaps swallowed.
  expect(state.averages.map(loadValue).every((load) => load < 600)).toBe(true);
});

describe("the state file", () => {
  const owner: StateOwner = {
    bootId: "11111111-2222-3333-4444-555555555555",
    initStartTicks: 4711,
    cgroup: null,
  };
  const state: LoadState = {
    averages: [1299, 378, 132],
    tickMonotonicSeconds: 1234.567891,
    active: 1,
    cpuUsageUsec: 998877,
    samples: 12,
    missedPeriods: 3,
    sinceUnixMs: 1_795_234_218_305,
  };
  const text = renderState(state, owner, "ceil");

  test("comes back as it was", () => {
    expect(text.endsWith("}\n")).toBe(true);
    expect(parseState(text, owner, 1300)).toEqual(state);
    expect(
      parseState(renderState({ ...state, cpuUsageUsec: null }, owner, "half"), owner, 1300),
    ).toMatchObject({
      cpuUsageUsec: null,
    });
  });

  test("another boot, container, cgroup, or of the future", () => {
    expect(parseState(text, { ...owner, bootId: "x" }, 1300)).toBe("of another boot");
    expect(parseState(text, { ...owner, initStartTicks: 1 }, 1300)).toBe("of another container");
    expect(parseState(text, { ...owner, cgroup: "/a" }, 1300)).toBe("of another cgroup");
    expect(parseState(text, owner, 1000)).toBe("of the future");
  });

  test.each([-1_000_000_000, 0, 8_589_934_592_000])(
    "sinceUnixMs %i is a time as any other",
    (sinceUnixMs) => {
      const moved = JSON.stringify({ ...JSON.parse(text), sinceUnixMs });
      expect(parseState(moved, owner, 1300)).toMatchObject({ sinceUnixMs });
    },
  );

  test("every prefix, and every odd value, is refused", () => {
    for (let length = 0; length < text.length - 2; length++) {
      expect(typeof parseState(text.slice(0, length), owner, 1300)).toBe("string");
    }
    const odd = (change: object) =>
      parseState(JSON.stringify({ ...JSON.parse(text), ...change }), owner, 1300);
    expect(odd({ averages: [1, 2] })).toBe("no averages");
    expect(odd({ averages: [1, 2, -3] })).toBe("no averages");
    expect(odd({ averages: [1, 2, 1e300] })).toBe("no averages");
    expect(odd({ averages: "123" })).toBe("no averages");
    expect(odd({ tickMonotonicSeconds: "1" })).toBe("no tick");
    expect(odd({ active: 1.5 })).toBe("a count is missing");
    expect(odd({ samples: null })).toBe("a count is missing");
    expect(odd({ sinceUnixMs: null })).toBe("no time");
    expect(odd({ sinceUnixMs: 1e300 })).toBe("no time");
    expect(odd({ cpuUsageUsec: -1 })).toBe("no CPU usage");
    expect(odd({ algorithm: "magic" })).toBe("no algorithm");
    expect(odd({ schema: "procg.loadcalc-state/v2" })).toMatch(/schema/);
    expect(parseState("null", owner, 0)).toBe("not an object");
  });
});

test("the line of /proc/loadavg", () => {
  expect(renderLoadavg([1299, 378, 132], 1, 12, 77)).toBe("0.63 0.18 0.06 1/12 77\n");
});
