import { describe, expect, test } from "vitest";
import type { ProcessScanner } from "../system/process_scanner.ts";
import { type MemoryEntry, memorySystem } from "../system/testing/memory_system.ts";
import { parseStatInto, processNumber, processState, SCAN_STRIDE, scanProcesses } from "./process_scan.ts";

/** Field n of stat has the value n, so that a shifted column shows. */
const STAT = `7 (a) (b) S ${Array.from({ length: 49 }, (_, i) => i + 4).join(" ")}\n`;

function scan(files: Record<string, MemoryEntry>, options = {}) {
  const table = scanProcesses(memorySystem(files), "/proc", options);
  if (typeof table === "number") throw new Error(`scan: ${table}`);
  return table;
}

describe("stat", () => {
  test("every column is the field of its name", () => {
    const table = scan({ "/proc/7/stat": STAT });
    const found = (["ppid", "tpgid", "flags", "utime", "stime", "num_threads"] as const).map((name) =>
      processNumber(table, 0, name),
    );
    expect(found).toEqual([4, 8, 9, 14, 15, 20]);
    const late = (["starttime", "vsize", "rss", "wchan", "exit_signal", "processor"] as const).map((name) =>
      processNumber(table, 0, name),
    );
    expect(late).toEqual([22, 23, 24, 35, 38, 39]);
    const last = (
      ["rt_priority", "policy", "delayacct_blkio_ticks", "guest_time", "cguest_time"] as const
    ).map((name) => processNumber(table, 0, name));
    expect(last).toEqual([40, 41, 42, 43, 44]);
    expect(table.comms).toEqual(["a) (b"]);
    expect(processState(table, 0)).toBe("S");
    expect(processNumber(table, 0, "pid")).toBe(7);
    expect(processNumber(table, 0, "uid")).toBeNaN();
    expect(processNumber(table, 0, "size")).toBeNaN();
  });

  test("an old kernel writes fewer fields: the rest is NaN", () => {
    const rows = new Float64Array(SCAN_STRIDE).fill(Number.NaN);
    expect(parseStatInto(rows, 0, "7 (x) R 1 -1\n")).toBe("x");
    expect([rows[1], rows[2], rows[3]]).toEqual([82, 1, -1]);
    expect(rows[4]).toBeNaN();
  });

  test.each(["", "7", "7 (x", "7 (x)", "7 )x( S", "7 (x) \n"])("malformed: %j", (text) => {
    expect(parseStatInto(new Float64Array(SCAN_STRIDE), 0, text)).toBeNull();
  });
});

test("a process that cannot be read for an IO error is not one that has ended", () => {
  const files = { "/proc/1/stat": "1 (a) S 0\n", "/proc/2/stat": { errno: "EIO" } };
  expect(scanProcesses(memorySystem(files), "/proc")).toBe(-5);
});

test("processes by number; gone ones and other names are left out", () => {
  const table = scan(
    {
      "/proc/100/stat": "100 (c) S 1\n",
      "/proc/100/cmdline": "c\0-x\0",
      "/proc/100/statm": "1 2 3 4 0 6 0\n",
      "/proc/20/stat": "20 (b) S 1\n",
      "/proc/20/cmdline": { errno: "EACCES" },
      "/proc/3/cmdline": "no stat",
      "/proc/4/stat": { errno: "ESRCH" },
      "/proc/05/stat": "5 (no) S 1\n",
      "/proc/self/stat": "100 (no) S 1\n",
    },
    { cmdlines: true, statm: true, owner: true },
  );
  expect(table.count).toBe(2);
  expect(table.comms).toEqual(["b", "c"]);
  expect(table.cmdlines).toEqual(["", "c\0-x\0"]);
  expect([processNumber(table, 0, "pid"), processNumber(table, 1, "pid")]).toEqual([20, 100]);
  expect([processNumber(table, 1, "shared"), processNumber(table, 1, "data")]).toEqual([3, 6]);
  expect([processNumber(table, 0, "uid"), processNumber(table, 0, "size")]).toEqual([0, Number.NaN]);
});

test("no /proc: the errno", () => {
  expect(scanProcesses(memorySystem({}), "/proc")).toBe(-2);
});

describe("through the host's call", () => {
  /** A host with `count` processes, pid count ... 1. */
  function host(count: number) {
    const sizes: number[] = [];
    const scanner: ProcessScanner = {
      scanProcesses(_dir, buffer, comms) {
        const rows = new Float64Array(buffer);
        sizes.push(rows.length / SCAN_STRIDE);
        for (let i = 0; i < Math.min(count, rows.length / SCAN_STRIDE); i++) {
          rows[i * SCAN_STRIDE] = count - i;
          comms.push(`p${count - i}`);
        }
        return count;
      },
      countThreads: () => -38,
    };
    return { system: { ...memorySystem({}), ...scanner }, sizes };
  }

  test("a full buffer is doubled and scanned again; rows come by pid", () => {
    const { system, sizes } = host(300);
    const table = scanProcesses(system, "/proc");
    if (typeof table === "number") throw new Error("scan");
    expect(sizes).toEqual([256, 512]);
    expect([table.count, table.comms.length]).toEqual([300, 300]);
    expect([processNumber(table, 0, "pid"), table.comms[0], table.comms[299]]).toEqual([1, "p1", "p300"]);
  });

  test("the memory of an old table is used again", () => {
    const { system, sizes } = host(1);
    const first = scanProcesses(system, "/proc");
    if (typeof first === "number") throw new Error("scan");
    const second = scanProcesses(system, "/proc", {}, first);
    expect((second as typeof first).rows).toBe(first.rows);
    expect(sizes).toEqual([256, 256]);
  });
});
