import { describe, expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { type CpuShareSample, collectCpuShare, computeCpuShare, shareRatio } from "./cpu_share.ts";
import type { CpuUsageSample } from "./cpu_usage.ts";
import { procFiles, V2_PRIVATE, v2Core } from "./testing/container_tree.ts";

const TOP = "/sys/fs/cgroup";

const USAGE: CpuUsageSample = {
  monotonicSeconds: 0,
  usageUsec: 0,
  userUsec: 0,
  systemUsec: 0,
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
};

/** Seconds of CPU time used at a time. */
function sample(
  seconds: number,
  user: number,
  system: number,
  change: Partial<CpuUsageSample> = {},
  cores: number | null = 0.5,
) {
  const usage = {
    ...USAGE,
    monotonicSeconds: seconds,
    usageUsec: (user + system) * 1e6,
    userUsec: user * 1e6,
    systemUsec: system * 1e6,
    ...change,
  };
  return {
    monotonicSeconds: seconds,
    proc: null,
    cgroup: {
      usage,
      limit: { capacityCores: { value: cores, formula: "", from: [] }, cpus: [2, 3] },
      uptimeSeconds: seconds,
    },
    source: "cgroup",
  } as unknown as CpuShareSample;
}

function ratios(before: CpuShareSample | null, after: CpuShareSample) {
  const { total } = computeCpuShare(before, after);
  if (total === null) return null;
  return (["user", "nice", "system", "idle"] as const).map((part) => shareRatio(total, part));
}

describe("a container", () => {
  test("its whole quota is 0 % idle, whatever the machine does", () => {
    expect(ratios(sample(100, 5, 1), sample(110, 9, 2))).toEqual([0.8, 0, 0.2, 0]);
  });

  test("nothing used is idle; half is half", () => {
    expect(ratios(sample(100, 5, 1), sample(110, 5, 1))).toEqual([0, 0, 0, 1]);
    expect(ratios(sample(100, 5, 1), sample(110, 7.5, 1))).toEqual([0.5, 0, 0, 0.5]);
  });

  test("since the start: of its age", () => {
    expect(ratios(null, sample(20, 4, 1))).toEqual([0.4, 0, 0.1, 0.5]);
  });

  test("more than the capacity (a burst) is more than 100 %, idle stays 0", () => {
    expect(ratios(sample(0, 0, 0), sample(10, 6, 0))).toEqual([1.2, 0, 0, 0]);
  });

  test("nice is taken out of user; modes only divide the exact usage", () => {
    expect(ratios(sample(0, 0, 0, { niceUsec: 0 }), sample(10, 2, 1, { niceUsec: 1e6 }))).toEqual([
      0.2, 0.2, 0.2, 0.4,
    ]);
    // Modes that were sampled by ticks and add up to half of the usage.
    expect(ratios(sample(0, 0, 0), sample(10, 1, 1, { usageUsec: 4e6 }))).toEqual([0.4, 0, 0.4, 0.2]);
  });

  test("not known: no capacity, a counter backwards, another cgroup, no counter", () => {
    expect(ratios(sample(0, 0, 0), sample(10, 1, 1, {}, null))).toBeNull();
    expect(ratios(sample(0, 5, 0), sample(10, 1, 1))).toBeNull();
    expect(ratios(sample(0, 0, 0), sample(10, 1, 1, { inode: 2 }))).toBeNull();
    expect(ratios(null, sample(10, 0, 0, { usageUsec: null, userUsec: null, systemUsec: null }))).toBeNull();
  });

  test("per CPU, where the kernel has it: the cpuset's numbers, each of itself", () => {
    const percpu = (usec: number) =>
      [1, 2, 3].map((cpu) => ({ cpu, usageUsec: usec * cpu, userUsec: usec * cpu, systemUsec: 0 }));
    const before = sample(0, 0, 0, { percpu: percpu(0) });
    const after = sample(10, 5, 0, { percpu: percpu(1e6) });
    const { cpus } = computeCpuShare(before, after);
    expect(cpus?.map((share) => [share.cpu, shareRatio(share, "user"), shareRatio(share, "idle")])).toEqual([
      [2, 0.2, 0.8],
      [3, 0.3, 0.7],
    ]);
  });
});

describe("lxcfs serves /proc/stat", () => {
  const stat = "90 20 0:60 /proc/stat /proc/stat rw - fuse.lxcfs lxcfs rw";
  const collect = (mounts: readonly string[]) => {
    const files = {
      ...procFiles({ mounts }),
      ...v2Core(TOP),
      "/proc/stat": "cpu  900 0 0 100 0 0 0 0 0 0\n",
    };
    const system = memorySystem({
      ...files,
      [`${TOP}/cpu.stat`]: "usage_usec 5\nuser_usec 5\nsystem_usec 0\n",
    });
    return collectCpuShare(openContainer(system, { host: false, cgroup: null }));
  };

  test("on v2 it is the machine's: the cgroup's own time counts", () => {
    const { source, cgroup } = collect([V2_PRIVATE, stat]);
    expect(source).toBe("cgroup");
    expect(cgroup?.usage.usageUsec).toBe(5);
  });

  test("no cgroup can be seen: there is nothing else", () => {
    expect(collect([stat])).toMatchObject({ source: "lxcfs", cgroup: null });
  });
});

describe("the machine", () => {
  const machine = (text: string) => {
    const system = memorySystem({ "/proc/stat": text });
    return collectCpuShare(openContainer(system, { host: true, cgroup: null }));
  };

  test("ticks between two looks; one that went backwards has not moved", () => {
    const before = machine("cpu  100 0 50 800 40 5 5 0 0 0\ncpu1 100 0 50 800 40 5 5 0 0 0\n");
    const after = machine("cpu  160 10 70 890 30 5 15 0 0 0\ncpu1 160 10 70 890 30 5 15 0 0 0\n");
    const { total, cpus } = computeCpuShare(before, after);
    expect(total).toMatchObject({
      user: 60,
      nice: 10,
      system: 20,
      idle: 90,
      iowait: 0,
      softirq: 10,
      total: 190,
    });
    expect(cpus?.[0]).toMatchObject({ cpu: 1, user: 60 });
  });

  test("since boot; nothing at all passes in gVisor", () => {
    expect(computeCpuShare(null, machine("cpu  10 0 10 80 0 0 0 0 0 0\n")).total).toMatchObject({
      total: 100,
    });
    const { total } = computeCpuShare(null, machine("cpu  0 0 0 0 0 0 0 0 0 0\n"));
    expect(total === null ? 1 : shareRatio(total, "user")).toBeNull();
  });
});
