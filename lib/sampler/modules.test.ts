/** Compute of every module: first reading, counters that went backwards, another container, unknown inputs. */
import { describe, expect, test } from "vitest";
import { madeContainer } from "../history/testing/made_samples.ts";
import type { RawItem, RawValue } from "./module.ts";
import { groupsOf, MODULES } from "./modules.ts";
import { computeModule, type Sample } from "./sample.ts";

function compute(name: string, before: readonly RawItem[] | null, after: readonly RawItem[], seconds = 10) {
  const module = MODULES.find((one) => one.name === name);
  if (module === undefined) throw new Error(name);
  return module.compute(before, after, seconds);
}
const one = (...values: RawValue[]): RawItem[] => [{ name: "", values }];
const nine = Array.from({ length: 9 }, () => null);

test("every module: names are unique, columns match what compute gives", () => {
  const container = madeContainer(1);
  const [before, after] = [container.next(), container.next()];
  expect(new Set(MODULES.map((module) => module.name)).size).toBe(MODULES.length);
  for (const module of MODULES) {
    for (const item of computeModule(module, before, after))
      expect(item.values).toHaveLength(module.columns.length);
    for (const group of groupsOf([module])) {
      for (const item of after.groups.get(group.name) ?? [])
        expect(item.values).toHaveLength(group.fields.length);
    }
  }
});

test("a counter that goes backwards is unknown, in every module, never a huge number", () => {
  const container = madeContainer(2);
  const before = container.next();
  const after = container.next();
  const reversed: Sample = { ...before, monotonicMs: after.monotonicMs, realtimeMs: after.realtimeMs };
  for (const module of MODULES) {
    for (const { values } of computeModule(module, { ...after, monotonicMs: before.monotonicMs }, reversed)) {
      for (const value of values) if (value !== null) expect(value).toBeGreaterThanOrEqual(0);
    }
  }
});

test("another boot or another container: no rates", () => {
  const container = madeContainer(3);
  const [before, after] = [container.next(), container.next()];
  const cpu = MODULES[0];
  if (cpu === undefined) throw new Error();
  expect(computeModule(cpu, before, after)[0]?.values[5]).toEqual(expect.any(Number));
  expect(computeModule(cpu, { ...before, bootId: "other" }, after)[0]?.values[5]).toBeNull();
  expect(computeModule(cpu, { ...before, containerId: "other" }, after)[0]?.values[5]).toBeNull();
  expect(computeModule(cpu, null, after)[0]?.values[5]).toBeNull();
});

describe("cpu", () => {
  test("of the quota: a burnt quota is 100 %", () => {
    const values = compute(
      "cpu",
      one(0, 0, 0, null, 500_000, ...nine),
      one(5e6, 3e6, 1e6, null, 500_000, ...nine),
    )[0]?.values;
    // usage is exact, user and system only divide it.
    expect(values).toEqual([75, 25, null, null, null, 100, null, null, null, 0.5]);
  });
  test("no capacity known: nothing is", () => {
    expect(
      compute("cpu", one(0, 0, 0, null, null, ...nine), one(5, 3, 1, null, null, ...nine))[0]?.values[5],
    ).toBeNull();
  });
  test("the machine: ticks; guest is not counted twice", () => {
    const before = one(null, null, null, null, 2e6, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const after = one(null, null, null, null, 2e6, 40, 10, 20, 100, 10, 5, 5, 10, 30);
    expect(compute("cpu", before, after)[0]?.values).toEqual([20, 10, 5, 2.5, 2.5, 40, 5, 5, 15, 2]);
  });
});

test("mem: used of total; unknown stays unknown", () => {
  expect(compute("mem", null, one(10, 50, 0, 40, 200, 150, 60, 200))[0]?.values).toEqual([
    10, 50, 0, 40, 200, 25, 150, 60, 30,
  ]);
  expect(compute("mem", null, one(10, null, null, null, 200, null, null, -1))[0]?.values[5]).toBeNull();
});

test("swap: none is 0 %, not NaN", () => {
  expect(compute("swap", null, one(null, null, 0, 0))[0]?.values).toEqual([null, null, 0, 0]);
});

test("tcp: retransmissions of nothing are unknown, and at most 100 %", () => {
  const before = one(0, 0, 0, 0, 0, 0, 5, 0);
  expect(compute("tcp", before, one(1, 0, 0, 0, 0, 0, 5, 0))[0]?.values).toEqual([
    0.1,
    0,
    0,
    0,
    0,
    0,
    5,
    null,
  ]);
  expect(compute("tcp", before, one(0, 0, 0, 10, 0, 0, 5, 50))[0]?.values[7]).toBe(100);
});

describe("traffic", () => {
  const nic = (name: string, count: number): RawItem => ({
    name,
    values: [count, count, count, count, 0, count],
  });
  test("without loopback, below 1/s too", () => {
    const before = [nic("lo", 0), nic("eth0", 0), nic("eth1", 0)];
    expect(compute("traffic", before, [nic("lo", 90), nic("eth0", 1), nic("eth1", 2)])[0]?.values).toEqual([
      ...[0.3, 0.3, 0.3, 0.3, 0, 0.3].map((value) => expect.closeTo(value)),
    ]);
  });
  test("an interface that came: the sum is unknown once", () => {
    expect(compute("traffic", [nic("eth0", 0)], [nic("eth0", 1), nic("eth1", 2)])[0]?.values[0]).toBeNull();
  });
  test("pernic: interfaces with long names; none that never received", () => {
    const items = compute("pernic", [nic("docker0", 0)], [nic("docker0", 10), nic("eth1", 0)]);
    expect(items).toEqual([{ name: "docker0", values: [1, 1, 1, 1] }]);
  });
});

test("io: a cgroup has counts and bytes, the rest is unknown", () => {
  const device = (...values: RawValue[]): RawItem[] => [{ name: "vda", values }];
  const six = [null, null, null, null, null, null];
  const values = compute("io", device(0, 0, 0, 0, ...six), device(40960, 20480, 10, 5, ...six))[0]?.values;
  expect(values).toEqual([null, null, null, null, 1, 0.5, 8, 4, 4, 4, 4, null, null, null, null, null, null]);
  const whole = compute(
    "io",
    device(0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    device(4096, 0, 1, 0, 1, 0, 2000, 0, 5e6, 1e7),
  )[0]?.values;
  expect(whole).toEqual([0.1, 0, 50, 0, 0.1, 0, 0.8, 0, 4, 4, 0, 1, 2, 2, 0, 5000, 50]);
});

test("partition: as df, not one too high", () => {
  const values = compute("partition", null, [{ name: "/", values: [721, 279, 1000, 50, 100] }])[0]?.values;
  expect(values).toEqual([721, 279, 1000, expect.closeTo(27.9), 50, 100, 50]);
});

test("throttle, psi, pids, oom", () => {
  expect(compute("throttle", one(0, 0, 0), one(100, 50, 2e6))[0]?.values).toEqual([10, 5, 50, 200]);
  expect(compute("throttle", one(null, null, null), one(null, null, null))[0]?.values).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(compute("psi", one(0, 0, 0, 0, 0, 0), one(1e6, 0, null, 0, 0, 5e6))[0]?.values).toEqual([
    10,
    0,
    null,
    0,
    0,
    50,
  ]);
  expect(compute("pids", null, one(20, 80))[0]?.values).toEqual([20, 80, 25]);
  expect(compute("pids", null, one(20, -1))[0]?.values).toEqual([20, null, null]);
  expect(compute("oom", one(1, 0, 0, 0), one(3, 0, null, 0))[0]?.values).toEqual([2, 0, null, 0]);
});
