import { expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { readLoad } from "./load.ts";
import { procFiles, type Tree } from "./testing/container_tree.ts";

const served = (type: string, source: string): string =>
  `90 20 0:60 /proc/loadavg /proc/loadavg rw - ${type} ${source} rw`;
const LXCFS = served("fuse.lxcfs", "lxcfs");

function loadOf(tree: Tree, mounts: readonly string[]) {
  const files = { ...procFiles({ mounts }), "/proc/loadavg": "3.00 2.00 1.00 4/9 77\n", ...tree };
  return readLoad(openContainer(memorySystem(files, { realtimeSeconds: 60 }), { host: false, cgroup: null }));
}

test.each([
  ["lxcfs serves the file, no loadcalc", {}, [LXCFS], "lxcfs", 3],
  ["another FUSE program", {}, [served("fuse", "sysboxfs")], "fuse", 3],
  ["nobody", {}, [], null, undefined],
  [
    "loadcalc counts from the start and in all cgroups below, lxcfs does not",
    { "/run/procg/loadavg": "0.50 0.40 0.30 1/2 5\n" },
    [LXCFS],
    "loadcalc",
    0.5,
  ],
])("%s", (_name, tree, mounts, source, load1) => {
  const reading = loadOf(tree, mounts);
  expect(reading.source).toBe(source);
  expect(reading.load?.load1).toBe(load1);
});

test.each([
  [0, null, 0.5],
  [120, null, 0.5],
  [-100, "stale: written 160 s ago", undefined],
  [200, "stale: written 140 s ahead of the clock", undefined],
])("loadcalc's file of %i s at 60 s", (mtimeSeconds, problem, load1) => {
  const files = { ...procFiles({}), "/run/procg/loadavg": "0.50 0.40 0.30 1/2 5\n" };
  const system = memorySystem(files, {
    realtimeSeconds: 60,
    status: { "/run/procg/loadavg": { mtimeSeconds } },
  });
  const reading = readLoad(openContainer(system, { host: false, cgroup: null }));
  expect(reading.problem).toBe(problem);
  expect(reading.load?.load1).toBe(load1);
});
