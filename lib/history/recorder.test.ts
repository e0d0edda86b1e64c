import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeFileHost } from "../system/node/node_file_host.ts";
import { type MemorySystem, memorySystem } from "../system/testing/memory_system.ts";
import { hasHistoryVolume, openRecorder } from "./recorder.ts";
import { type TestStore, testStore } from "./testing/store.ts";

const CHOICE = { host: true, cgroup: null };
const FILES = {
  "/proc/meminfo":
    "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 200 kB\nBuffers: 0 kB\nCached: 50 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
  "/proc/stat": "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n",
  "/proc/uptime": "100.00 100.00\n",
};

let store: TestStore;
beforeEach(() => {
  store = testStore();
});
afterEach(() => store.remove());

/** Kernel files from memory, the store on the disk. */
function mixed(): MemorySystem {
  const memory = memorySystem(FILES);
  const { readDirectory, stat, statvfs, remove, makeDirectory } = store.system;
  const isStored = (path: string): boolean => path.startsWith(store.directory);
  return Object.assign(memory, {
    readDirectory: (
      (of) => (path: string) =>
        isStored(path) ? readDirectory(path) : of(path)
    )(memory.readDirectory),
    stat: (
      (of) => (path: string) =>
        isStored(path) ? stat(path) : of(path)
    )(memory.stat),
    statvfs,
    remove,
    makeDirectory,
    openFileHost: async () => nodeFileHost(),
  });
}

test("a sample each minute, however often it is asked; alarms of the last one", async () => {
  const system = mixed();
  const logged: string[] = [];
  const history = { directory: store.directory, minFreeBytes: 0 };
  const log = (text: string) => void logged.push(text);
  const recorder = await openRecorder(system, {
    history,
    rules: "critical mem.util > 70 for 2",
    choice: CHOICE,
    log,
  });
  expect(recorder.alarms()).toEqual([]);
  const active: boolean[] = [];
  for (let second = 0; second <= 180; second += 5) {
    recorder.tick();
    active.push(recorder.alarms()[0]?.isActive === true);
    system.advance(5);
  }
  recorder.end();
  expect(store.read().samples).toHaveLength(4);
  expect(store.read().events.map((event) => event.kind)).toEqual(["start", "stop"]);
  expect(active.indexOf(true)).toBe(12);
  expect(logged).toEqual([]);
});

test("rules with a mistake are not watched, and it is said; the history is kept", async () => {
  const logged: string[] = [];
  const log = (text: string) => void logged.push(text);
  const history = { directory: store.directory, minFreeBytes: 0 };
  const recorder = await openRecorder(mixed(), { history, rules: "mem.nosuch > 1", choice: CHOICE, log });
  recorder.tick();
  expect(recorder.alarms()).toEqual([]);
  expect(logged).toEqual(["thresholds are not watched: mem has no column nosuch: mem.nosuch > 1"]);
  expect(store.read().samples).toHaveLength(1);
  recorder.end();
});

test("on without being asked only where the usual place is a mounted volume", () => {
  const mount = (target: string): string => `1 0 8:1 / ${target} rw - ext4 /dev/sda1 rw\n`;
  const system = (text: string) => memorySystem({ ...FILES, "/proc/self/mountinfo": text });
  expect(hasHistoryVolume(system(mount("/") + mount("/var/log/procg")), CHOICE)).toBe(true);
  expect(hasHistoryVolume(system(mount("/") + mount("/var/log")), CHOICE)).toBe(false);
  expect(hasHistoryVolume(memorySystem(FILES), CHOICE)).toBe(false);
});
