import { expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { countThreads } from "./thread_count.ts";

const many = (state: string, threads: number) =>
  `(x) ${state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 ${threads} 0 5\n`;

const system = memorySystem({
  "/proc/1/stat": `1 ${many("S", 1)}`,
  "/proc/1/task/1/stat": "1 (never read) R 1\n",
  "/proc/9/stat": `9 ${many("S", 3)}`,
  "/proc/9/task/9/stat": "9 (x) R) S 1\n",
  "/proc/9/task/10/stat": "10 (x) D) R 1\n",
  "/proc/9/task/30/stat": "30 (x) D 1\n",
  "/proc/9/task/31/stat": { errno: "ESRCH" },
  "/proc/20/stat": `20 ${many("R", 8)}`,
  "/proc/21/stat": { errno: "ESRCH" },
});

test("states of all threads; a capture without task directories counts the process", () => {
  expect(countThreads(system, "/proc", 0, null)).toEqual({
    threads: 5,
    runnable: 2,
    uninterruptible: 1,
    lastPid: 30,
    processes: 3,
  });
});

test("one process left out, only these, no /proc", () => {
  expect(countThreads(system, "/proc", 9, null)).toMatchObject({ threads: 2, runnable: 1, processes: 2 });
  expect(countThreads(system, "/proc", 0, Float64Array.of(9, 77))).toMatchObject({
    threads: 3,
    processes: 1,
  });
  expect(countThreads(memorySystem({}), "/proc", 0, null)).toBe(-2);
});

test("a thread that cannot be read for an IO error is not one that has ended", () => {
  const files = { "/proc/1/stat": "1 (a) S 0\n", "/proc/2/stat": { errno: "EIO" } };
  expect(countThreads(memorySystem(files), "/proc", 0, null)).toBe(-5);
});
