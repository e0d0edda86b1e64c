import { describe, expect, test } from "vitest";
import { judgeIoLimit, judgeIoStall } from "./io.ts";
import type { Look } from "./look.ts";
import { look, looks, MIB, pressureOf, thread } from "./testing/looks.ts";

const NO_COUNTS = { writtenBytes: 0, discardedBytes: 0, reads: 0, writes: 0, discards: 0 };
const read = (bytes: number): Pick<Look, "io"> => ({
  io: { ...look().io, devices: new Map([["8:0", { ...NO_COUNTS, readBytes: bytes }]]) },
});
const limit = {
  readBytesPerSec: 4 * MIB,
  writtenBytesPerSec: "max",
  readsPerSec: "max",
  writesPerSec: "max",
} as const;
const limited: Pick<Look, "ioLimits"> = {
  ioLimits: { ...look().ioLimits, devices: new Map([["8:0", limit]]) },
};
const waits = (some: number, full = 0) => ({ pressure: { ...look().pressure, io: pressureOf(some, full) } });
const V1 = { pressure: { cpu: null, memory: null, io: null } };

describe("io-limit", () => {
  test("a rate at the limit while threads wait", () => {
    const ruling = judgeIoLimit(looks({ ...limited, ...read(0) }, { ...read(7 * MIB), ...waits(1.8) }));
    expect(ruling).toMatchObject({ severity: "warning", summary: "IO of sda is at its limit (88 %)" });
    expect(ruling.evidence.map(({ value }) => value)).toEqual([4 * MIB, 3.5 * MIB, 0.9]);
  });

  test("at the limit, and nobody waits: no finding; nor below it", () => {
    expect(judgeIoLimit(looks({ ...limited, ...read(0) }, read(8 * MIB))).severity).toBe("none");
    expect(
      judgeIoLimit(looks({ ...limited, ...read(0) }, { ...read(4 * MIB), ...waits(1.8) })).severity,
    ).toBe("none");
  });

  test("v1, which has no pressure: from nine tenths on, from seven with a thread in D", () => {
    const before = { ...limited, ...V1, ...read(0) };
    expect(judgeIoLimit(looks(before, read(7.5 * MIB))).severity).toBe("warning");
    expect(judgeIoLimit(looks(before, read(6 * MIB))).severity).toBe("none");
    const tasks = { tasks: { processes: [], threads: [thread(5, { state: "D" })], threadCount: 1 } };
    expect(judgeIoLimit(looks({ ...before, ...tasks }, read(6 * MIB))).severity).toBe("warning");
  });

  test("no limit is none; limits that cannot be read are unknown", () => {
    expect(judgeIoLimit(looks(read(0), { ...read(900 * MIB), ...waits(2) })).severity).toBe("none");
    const ioLimits = { devices: null, complete: false, from: [], problems: [] };
    expect(judgeIoLimit(looks({ ioLimits })).severity).toBe("unknown");
    expect(judgeIoLimit({ ...looks(), before: null }).severity).toBe("unknown");
  });
});

describe("io-stall", () => {
  test("pressure in the interval", () => {
    expect(judgeIoStall(looks({}, waits(0.5))).severity).toBe("warning");
    expect(judgeIoStall(looks({}, waits(0.3, 0.25))).severity).toBe("warning");
    expect(judgeIoStall(looks(waits(900, 800), waits(900.2, 800.1))).severity).toBe("none");
  });

  test("v1 has no such figure", () => {
    expect(judgeIoStall(looks(V1)).summary).toContain("no io.pressure (cgroup v1");
    expect(judgeIoStall(looks(V1)).severity).toBe("unknown");
  });
});
