import { describe, expect, test } from "vitest";
import { runTool } from "../../lib/cli/run_tool.ts";
import { type MemoryEntry, memorySystem } from "../../lib/system/testing/memory_system.ts";
import { renderHeader, renderRow } from "./render.ts";
import { tool } from "./tool.ts";

const MACHINE: Readonly<Record<string, MemoryEntry>> = {
  "/proc/stat":
    "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\nintr 5000 1\nctxt 9000\nbtime 1700000000\nprocesses 77\nprocs_running 3\nprocs_blocked 1\n",
  "/proc/meminfo":
    "MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 600 kB\nBuffers: 10 kB\nCached: 200 kB\nSwapTotal: 100 kB\nSwapFree: 90 kB\nActive: 120 kB\nInactive: 80 kB\nShmem: 0 kB\nSReclaimable: 20 kB\n",
  "/proc/vmstat": "pgpgin 2000\npgpgout 4000\npswpin 5\npswpout 10\n",
  "/proc/uptime": "10.00 8.00\n",
};

async function vmstat(args: readonly string[], options: Parameters<typeof memorySystem>[1] = {}) {
  const system = memorySystem(MACHINE, options);
  const code = await runTool(system, tool, "vmstat", ["--host", ...args]);
  return { code, lines: system.stdout.split("\n").slice(0, -1), err: system.stderr };
}

test("the first line is since boot, per second of uptime, without vmstat itself", async () => {
  const { code, lines } = await vmstat([]);
  expect(code).toBe(0);
  expect(lines[2]?.trim().split(/\s+/)).toEqual(
    "2 1 10 400 10 220 2 4 200 400 500 900 10 10 80 0 0".split(" "),
  );
});

test("the next ones are what changed, over the time that really passed", async () => {
  let seconds = 0;
  const { lines } = await vmstat(["2", "2"], {
    onSleep: (system, slept) => {
      seconds += slept;
      // The machine was busy: 5 s passed instead of 2.
      system.advance(3);
      system.files.set("/proc/vmstat", "pgpgin 2500\npgpgout 4000\npswpin 5\npswpout 9\n");
      system.files.set(
        "/proc/stat",
        String(MACHINE["/proc/stat"]).replace("100 0 100 800", "350 0 100 1050"),
      );
    },
  });
  expect(seconds).toBe(2);
  const cells = lines[3]?.trim().split(/\s+/) ?? [];
  // pswpout went backwards: not known.
  expect([cells[6], cells[7], cells[8], cells[9]]).toEqual(["0", "-", "100", "0"]);
  expect(cells.slice(12)).toEqual(["50", "0", "50", "0", "0"]);
});

test("the heading comes again after 21 lines, with a terminal after its height less three", async () => {
  const headings = (lines: readonly string[]) =>
    lines.flatMap((line, i) => (line.startsWith("procs") ? [i] : []));
  expect(headings((await vmstat(["1", "45"])).lines)).toEqual([0, 23, 46]);
  expect(headings((await vmstat(["-n", "1", "45"])).lines)).toEqual([0]);
  expect(headings((await vmstat(["1", "9"], { windowSize: [80, 7] })).lines)).toEqual([0, 6, 12]);
});

describe("rows", () => {
  const layout = {
    wide: false,
    active: false,
    guest: false,
    limits: false,
    timestamp: false,
    unitBytes: 1024,
  };
  const none = {
    intervalSeconds: 1,
    now: {
      running: 1,
      blocked: 0,
      swapUsedBytes: null,
      freeBytes: 12_345_678 * 1024,
      buffersBytes: 0,
      cacheBytes: 1024,
    },
    swapInBytesPerSec: null,
    swapOutBytesPerSec: null,
    readBytesPerSec: 0,
    writtenBytesPerSec: 0,
    interruptsPerSec: null,
    contextSwitchesPerSec: null,
    userRatio: 1,
    systemRatio: 0,
    idleRatio: 0,
    iowaitRatio: 0,
    stealRatio: 0,
    guestRatio: 0,
  } as unknown as Parameters<typeof renderRow>[0];
  const now = { year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5, offsetSeconds: 0, zone: "UTC" };

  test("a number wider than its column takes the room of the next ones; unknown is -", () => {
    expect(renderRow(none, layout, now)).toBe(
      " 1  0      - 12345678    0      1    -    -     0     0    -    - 100 0  0  0  0\n",
    );
  });

  test("headings and rows are as wide as each other", () => {
    for (const wide of [false, true])
      for (const guest of [false, true])
        for (const limits of [false, true])
          for (const timestamp of [false, true]) {
            const shape = { ...layout, wide, guest, limits, timestamp };
            const [first = "", second = ""] = renderHeader(shape, "UTC").split("\n");
            expect(first.length, JSON.stringify(shape)).toBe(second.length);
            const row = renderRow(
              { ...none, userRatio: 0.5, now: { ...none.now, freeBytes: 0 } },
              shape,
              now,
            );
            expect(row.length - 1).toBe(second.length);
          }
  });
});

test("a machine without /proc/stat is an error, one line", async () => {
  const { "/proc/stat": _, ...rest } = MACHINE;
  const system = memorySystem(rest);
  expect(await runTool(system, tool, "vmstat", ["--host"])).toBe(1);
  expect(system.stderr).toBe("vmstat: cannot read /proc/stat: No such file or directory\n");
});
