import { describe, expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { type CpuUsageSample, cpuRate, readCpuUsage } from "./cpu_usage.ts";
import { type ProcShape, procFiles, type Tree, v1Mount, v2Core } from "./testing/container_tree.ts";

const TOP = "/sys/fs/cgroup";

function usageOf(tree: Tree, proc: ProcShape = {}): CpuUsageSample {
  const system = memorySystem({ ...procFiles(proc), ...tree });
  return readCpuUsage(openContainer(system, { host: false, cgroup: null }));
}

describe("v2", () => {
  test("with the cpu controller", () => {
    const stat =
      "usage_usec 900\nuser_usec 600\nsystem_usec 300\nnice_usec 7\nnr_periods 41\nnr_throttled 40\nthrottled_usec 1930000\nnr_bursts 0\nburst_usec 0\n";
    expect(usageOf({ ...v2Core(TOP), [`${TOP}/cpu.stat`]: stat })).toMatchObject({
      usageUsec: 900,
      userUsec: 600,
      systemUsec: 300,
      niceUsec: 7,
      percpu: null,
      periods: 41,
      throttledPeriods: 40,
      throttledUsec: 1_930_000,
      problems: [],
    });
  });

  test("without it there are three keys; the rest is null, not 0", () => {
    const stat = "usage_usec 900\nuser_usec 600\nsystem_usec 300\n";
    expect(usageOf({ ...v2Core(TOP), [`${TOP}/cpu.stat`]: stat })).toMatchObject({
      usageUsec: 900,
      niceUsec: null,
      periods: null,
      throttledPeriods: null,
      throttledUsec: null,
      bursts: null,
    });
  });

  test("no file: null, and why", () => {
    const sample = usageOf(v2Core(TOP));
    expect(sample.usageUsec).toBeNull();
    expect(sample.problems).toEqual([`${TOP}/cpu.stat: absent (ENOENT)`]);
  });

  test("no mount: null, and why", () => {
    expect(usageOf({}, { mounts: [] })).toMatchObject({
      usageUsec: null,
      problems: ["no cpu cgroup can be seen"],
    });
  });
});

describe("v1", () => {
  const proc = {
    initCgroup: "5:cpuacct:/a\n4:cpu:/b\n",
    mounts: [v1Mount("cpuacct", "/a"), v1Mount("cpu", "/b")],
  };
  const files: Tree = {
    [`${TOP}/cpuacct/cpuacct.usage`]: "3000000000\n",
    [`${TOP}/cpuacct/cpuacct.stat`]: "user 200\nsystem 100\n",
    [`${TOP}/cpuacct/cpuacct.usage_percpu`]: "1000000000 0 2000000000 0 \n",
    [`${TOP}/cpu/cpu.stat`]: "nr_periods 10\nnr_throttled 4\nthrottled_time 5000000\n",
  };

  test("trap 41: nanoseconds and ticks become microseconds; traps 8, 9: throttling lies in another hierarchy", () => {
    expect(usageOf(files, proc)).toMatchObject({
      usageUsec: 3_000_000,
      userUsec: 2_000_000,
      systemUsec: 1_000_000,
      niceUsec: null,
      periods: 10,
      throttledPeriods: 4,
      throttledUsec: 5000,
      bursts: null,
    });
  });

  test("per CPU by number, idle ones too", () => {
    expect(usageOf(files, proc).percpu?.map(({ cpu, usageUsec }) => [cpu, usageUsec])).toEqual([
      [0, 1_000_000],
      [1, 0],
      [2, 2_000_000],
      [3, 0],
    ]);
  });

  test("the cpu hierarchy is not mounted: throttling is not known", () => {
    expect(usageOf(files, { ...proc, mounts: [v1Mount("cpuacct", "/a")] })).toMatchObject({
      usageUsec: 3_000_000,
      periods: null,
    });
  });

  test("a malformed file: null, and why", () => {
    const sample = usageOf({ ...files, [`${TOP}/cpuacct/cpuacct.usage`]: "x\n" }, proc);
    expect(sample.usageUsec).toBeNull();
    expect(sample.problems.join()).toContain("cpuacct.usage");
  });
});

describe("cpuRate", () => {
  const at = (seconds: number, counters: Partial<CpuUsageSample>): CpuUsageSample => ({
    monotonicSeconds: seconds,
    usageUsec: null,
    userUsec: null,
    systemUsec: null,
    niceUsec: null,
    percpu: null,
    periods: null,
    throttledPeriods: null,
    throttledUsec: null,
    bursts: null,
    burstUsec: null,
    inode: 1,
    problems: [],
    from: [],
    ...counters,
  });
  const first = at(100, {
    usageUsec: 1e6,
    userUsec: 6e5,
    systemUsec: 4e5,
    periods: 10,
    throttledPeriods: 5,
    throttledUsec: 0,
  });
  const later = at(102, {
    usageUsec: 2e6,
    userUsec: 1.2e6,
    systemUsec: 8e5,
    periods: 30,
    throttledPeriods: 20,
    throttledUsec: 1e6,
  });

  test("trap 42: over the measured time", () => {
    expect(cpuRate(first, later)).toEqual({
      seconds: 2,
      usageCores: 0.5,
      userCores: 0.3,
      systemCores: 0.2,
      niceCores: null,
      throttledRatio: 0.75,
      throttledSecondsPerSec: 0.5,
    });
  });

  test("trap 52: a counter that went backwards is not known; the others are", () => {
    const rate = cpuRate(first, { ...later, usageUsec: 5 });
    expect(rate.usageCores).toBeNull();
    expect(rate.throttledRatio).toBe(0.75);
  });

  test("trap 52: another inode: the cgroup was made anew, though its counters are higher", () => {
    expect(cpuRate(first, { ...later, inode: 2 })).toMatchObject({ usageCores: null, throttledRatio: null });
  });

  test.each([["usageUsec"], ["userUsec"], ["systemUsec"], ["throttledUsec"], ["periods"]] as const)(
    "%s not known on one side",
    (name) => {
      const rate = cpuRate(first, { ...later, [name]: null });
      const field = {
        usageUsec: "usageCores",
        userUsec: "userCores",
        systemUsec: "systemCores",
        throttledUsec: "throttledSecondsPerSec",
        periods: "throttledRatio",
      } as const;
      expect(rate[field[name]]).toBeNull();
    },
  );

  test("no time between: not known, not infinite", () => {
    expect(cpuRate(first, { ...later, monotonicSeconds: 100 }).usageCores).toBeNull();
  });

  test("no period ended: the ratio is not known", () => {
    expect(cpuRate(first, { ...later, periods: 10, throttledPeriods: 5 }).throttledRatio).toBeNull();
  });

  test("user and system are shares of the exact usage: v1 counts them in ticks", () => {
    const rate = cpuRate(first, { ...later, userUsec: 6e5 + 3e5, systemUsec: 4e5 + 1e5 });
    expect(rate.userCores).toBeCloseTo(0.375, 12);
    expect(rate.systemCores).toBeCloseTo(0.125, 12);
  });

  test("no tick fell into the interval: all of it is user time", () => {
    expect(cpuRate(first, { ...later, userUsec: 6e5, systemUsec: 4e5 })).toMatchObject({
      userCores: 0.5,
      systemCores: 0,
    });
  });
});
