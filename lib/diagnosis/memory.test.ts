import { describe, expect, test } from "vitest";
import { NO_MEMORY_EVENTS } from "../container/memory_detail.ts";
import type { Look } from "./look.ts";
import { judgeMemoryStall, judgeOom, judgeOomNear, whoseLimit } from "./memory.ts";
import { known, limitOf, look, looks, MIB, pressureOf } from "./testing/looks.ts";

const kills = (value: number | null) => ({ oomKills: { file: "/sys/fs/cgroup/memory.events", value } });
const met = (directory: string, count: number | null, limit: number | "max" = 256 * MIB) => ({
  directory,
  file: `${directory}/memory.events.local`,
  figure: "oom",
  count,
  limit,
});
const own = (count: number | null, limit: number | "max" = 256 * MIB) =>
  met("/sys/fs/cgroup/pod/c", count, limit);
const parent = (count: number | null) => met("/sys/fs/cgroup/pod", count, 512 * MIB);

describe("oom", () => {
  test("kills in the interval, by its own limit", () => {
    const ruling = judgeOom(
      looks({ ...kills(3), limitsMet: [own(3)] }, { ...kills(5), limitsMet: [own(5)] }),
    );
    expect(ruling).toMatchObject({ severity: "critical", summary: "2 OOM kills in 2.0 s, by its own limit" });
    expect(ruling.evidence.map(({ figure }) => figure)).toContain("anonymous memory of processes");
  });

  test("kills since the start are no finding", () => {
    expect(judgeOom(looks({ ...kills(12) })).severity).toBe("none");
  });

  test("a visible parent's limit", () => {
    const ruling = judgeOom(
      looks({ limitsMet: [own(0), parent(7)] }, { ...kills(1), limitsMet: [own(0), parent(8)] }),
    );
    expect(ruling.summary).toBe("1 OOM kill in 2.0 s, by the limit of a parent, /sys/fs/cgroup/pod");
  });

  test("a hidden parent's, which the registration names; its own was not met", () => {
    const hidden = { ...look().hidden, memoryBytes: 64 * MIB };
    expect(judgeOom(looks({ hidden, limitsMet: [own(0)] }, kills(1))).summary).toMatch(
      /by the limit of a hidden parent$/,
    );
  });

  test("a hidden parent's, which v1 tells in hierarchical_memory_limit", () => {
    const memoryDetail = { ...look().memoryDetail, stat: { hierarchical_memory_limit: 64 * MIB } };
    const before = { memoryVersion: 1 as const, memoryDetail, limitsMet: [own(4)] };
    expect(judgeOom(looks(before, kills(1))).summary).toMatch(/by the limit of a hidden parent$/);
  });

  test("the same while the host itself is out of memory: it is not claimed", () => {
    const hidden = { ...look().hidden, memoryBytes: 64 * MIB };
    const hostMemory = { file: "/proc/meminfo", available: 100 * MIB, total: 8192 * MIB };
    expect(judgeOom(looks({ hidden, hostMemory, limitsMet: [own(0)] }, kills(1))).summary).toContain(
      "cannot be told",
    );
  });

  test("every ancestor visible and none met: the host", () => {
    const before = { memoryComplete: true, limitsMet: [own(0), parent(2)] };
    expect(judgeOom(looks(before, kills(1))).summary).toContain("by the host, which ran out of memory");
  });

  test("hidden parents of which nothing is known: a parent's or the host's", () => {
    expect(judgeOom(looks({ limitsMet: [own(0)] }, kills(1))).summary).toContain(
      "a limit that is not its own: a hidden parent's or the host's",
    );
  });

  test("no counter of limits: a limit that cannot be told", () => {
    expect(judgeOom(looks({ limitsMet: [own(null)] }, kills(1))).summary).toContain(
      "cannot be told from here",
    );
  });

  test("kernels that do not count, counters that fall, one look: unknown", () => {
    expect(judgeOom(looks(kills(null))).severity).toBe("unknown");
    expect(judgeOom(looks(kills(5), kills(2))).severity).toBe("unknown");
    expect(judgeOom({ ...looks(), before: null }).severity).toBe("unknown");
  });

  test("since the start: whose limit was met at all", () => {
    expect(whoseLimit(null, look({ limitsMet: [own(3)] })).whose).toBe("own");
    expect(whoseLimit(null, look({ limitsMet: [own(0), parent(1)] })).whose).toBe("parent");
  });

  test("v1 counts what met a limit, not what was killed: since the start it tells nothing, of two in the interval neither", () => {
    const v1 = { memoryVersion: 1 as const };
    expect(whoseLimit(null, look({ ...v1, limitsMet: [own(3)] })).whose).toBe("unknown");
    expect(whoseLimit(null, look({ ...v1, limitsMet: [own(0), parent(1)] })).whose).toBe("unknown");
    const before = look({ ...v1, limitsMet: [own(3), parent(1)] });
    expect(whoseLimit(before, look({ ...v1, limitsMet: [own(4), parent(1)] })).whose).toBe("own");
    expect(whoseLimit(before, look({ ...v1, limitsMet: [own(3), parent(2)] })).whose).toBe("parent");
    expect(whoseLimit(before, look({ ...v1, limitsMet: [own(4), parent(2)] })).whose).toBe("unknown");
  });
});

describe("oom-near", () => {
  const memory = (availableMiB: number, change: Partial<NonNullable<Look["memory"]>> = {}) => ({
    memory: {
      ...(look().memory as NonNullable<Look["memory"]>),
      availableBytes: known(availableMiB * MIB),
      ...change,
    },
  });

  test("below a twentieth of the limit; below a fiftieth it is critical", () => {
    expect(judgeOomNear(looks(memory(12))).severity).toBe("warning");
    expect(judgeOomNear(looks(memory(5))).severity).toBe("critical");
    expect(judgeOomNear(looks(memory(14))).severity).toBe("none");
  });

  test("a limit that is full of page cache is healthy, and it is said", () => {
    const ruling = judgeOomNear(
      looks(memory(150, { usageBytes: known(255 * MIB), usedBytes: known(105 * MIB) })),
    );
    expect(ruling.severity).toBe("none");
    expect(ruling.summary).toContain("page cache that can be reclaimed: that is healthy");
  });

  test("swap that is free puts it off", () => {
    const swap = { totalBytes: known(100 * MIB), usedBytes: known(0), freeBytes: known(100 * MIB) };
    expect(judgeOomNear(looks(memory(5, { swap }))).severity).toBe("none");
  });

  test("swap that cannot be read: what is left is not known", () => {
    const swap = { totalBytes: known(null), usedBytes: known(null), freeBytes: known(null) };
    expect(judgeOomNear(looks(memory(5, { swap }))).severity).toBe("unknown");
    expect(judgeOomNear(looks(memory(100, { swap }))).severity).toBe("none");
  });

  test("whose memory ends: a parent's, the host's", () => {
    expect(judgeOomNear(looks(memory(5, { availableBoundBy: "/sys/fs/cgroup/pod" }))).summary).toContain(
      "the limit of its parent /sys/fs/cgroup/pod",
    );
    const host = judgeOomNear(looks(memory(5, { availableBoundBy: "host" })));
    expect([host.summary, host.advice]).toEqual([
      expect.stringContaining("the host's memory"),
      "free memory on the host",
    ]);
  });

  test("v1: kernel memory that may be reclaimable is no verdict", () => {
    const memoryDetail = { ...look().memoryDetail, kernelBytes: 40 * MIB };
    expect(judgeOomNear(looks({ ...memory(5), memoryVersion: 1, memoryDetail })).severity).toBe("unknown");
    expect(judgeOomNear(looks({ ...memory(5), memoryVersion: 2, memoryDetail })).severity).toBe("critical");
  });

  test("advice follows what holds it", () => {
    const memoryDetail = { ...look().memoryDetail, shmemBytes: 200 * MIB };
    expect(judgeOomNear(looks({ ...memory(5), memoryDetail })).advice).toContain("/dev/shm");
  });

  test("nothing readable, or upper bounds only: unknown", () => {
    expect(judgeOomNear(looks({ memory: null })).severity).toBe("unknown");
    expect(judgeOomNear(looks(memory(5, { upperBoundsOnly: true, limit: limitOf(null) }))).severity).toBe(
      "unknown",
    );
  });
});

describe("memory-stall", () => {
  const pressed = (some: number, full: number) => ({
    pressure: { ...look().pressure, memory: pressureOf(some, full) },
  });

  test("pressure in the interval, some or full", () => {
    expect(judgeMemoryStall(looks({}, pressed(0.3, 0))).severity).toBe("warning");
    expect(judgeMemoryStall(looks({}, pressed(0.15, 0.12))).severity).toBe("warning");
    expect(judgeMemoryStall(looks(pressed(500, 400), pressed(500.1, 400))).severity).toBe("none");
  });

  test("memory.high is named where it slowed it down", () => {
    const events = { ...look().memoryDetail.events, high: 40 };
    const after = { ...pressed(1, 0.5), memoryDetail: { ...look().memoryDetail, events } };
    expect(judgeMemoryStall(looks({}, after)).summary).toContain("slowed down by memory.high");
  });

  const v1 = (failcnt: number, pgmajfault: number) => ({
    memoryVersion: 1 as const,
    pressure: { cpu: null, memory: null, io: null },
    memoryDetail: { ...look().memoryDetail, failcnt, pgmajfault, events: NO_MEMORY_EVENTS },
  });

  test("v1: only at the limit, with pages that are read back, and the time is said not to be known", () => {
    const ruling = judgeMemoryStall(looks(v1(10, 1000), v1(15, 1400)));
    expect(ruling.severity).toBe("warning");
    expect(ruling.summary).toContain("v1 does not say how long");
    // A file larger than the limit that is read through meets the limit, and reads nothing back.
    expect(judgeMemoryStall(looks(v1(10, 1000), v1(900, 1000))).severity).toBe("none");
    expect(judgeMemoryStall(looks(v1(10, 1000), v1(10, 9000))).severity).toBe("none");
  });

  test("v2 without pressure: unknown", () => {
    expect(judgeMemoryStall(looks({ pressure: { cpu: null, memory: null, io: null } })).severity).toBe(
      "unknown",
    );
    expect(judgeMemoryStall({ ...looks(), before: null }).severity).toBe("unknown");
  });
});
