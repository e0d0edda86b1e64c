import { describe, expect, test } from "vitest";
import { openContainer } from "../../lib/container/container.ts";
import {
  MIB,
  memoryV1,
  memoryV2,
  type ProcShape,
  procFiles,
  statLine,
  type Tree,
  V2_PRIVATE,
  v1Mount,
  v2RealRoot,
} from "../../lib/container/testing/container_tree.ts";
import { type MemoryOptions, memorySystem } from "../../lib/system/testing/memory_system.ts";
import { examine } from "./collect.ts";
import { type Check, renderChecks } from "./render.ts";

const TOP = "/sys/fs/cgroup";

async function checks(
  tree: Tree,
  proc: ProcShape = {},
  options: MemoryOptions = {},
): Promise<Map<string, Check>> {
  const system = memorySystem({ ...procFiles(proc), ...tree }, { realtimeSeconds: 0, ...options });
  const found = await examine(openContainer(system, { host: false, cgroup: null }));
  return new Map(found.map((check) => [check.name, check]));
}

const usual: Tree = {
  ...v2RealRoot(TOP),
  ...memoryV2(`${TOP}/c`),
  [`${TOP}/c/cpu.max`]: "50000 100000\n",
  [`${TOP}/c/pids.max`]: "50\n",
  [`${TOP}/c/pids.current`]: "2\n",
  [`${TOP}/c/cpu.pressure`]: "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
  "/run/procg/loadavg": "0.10 0.20 0.30 1/3 42\n",
};
const whole = { initCgroup: "0::/c\n" };

test("everything can be known: no gap", async () => {
  const found = await checks(usual, whole);
  expect([...found.values()].filter((check) => check.status === "gap")).toEqual([]);
  expect(found.get("memory limit")?.found).toBe(`${256 * MIB} bytes, exact`);
  expect(found.get("cpu quota")?.found).toBe("0.5 cores, exact");
  expect(found.get("load average")).toMatchObject({ status: "ok", found: "loadcalc: /run/procg/loadavg" });
});

test.each([
  [
    "the limit is refused",
    { [`${TOP}/c/memory.max`]: { errno: "EACCES" } },
    "memory limit",
    "gap",
    /memory\.max: Permission denied/,
  ],
  ["the quota is malformed", { [`${TOP}/c/cpu.max`]: "x\n" }, "cpu quota", "gap", /cpu\.max/],
  ["no loadcalc", { "/run/procg/loadavg": { errno: "ENOENT" } }, "load average", "gap", /does not run/],
  [
    "a registration of another boot",
    {
      "/run/procg/host/instance.json":
        '{"schema":"procg.instance/v1","id":"a","bootId":"b","initStartTicks":1}',
    },
    "registration",
    "gap",
    /another boot/,
  ],
  ["processes are hidden", { [`${TOP}/c/pids.current`]: "20\n" }, "processes", "gap", /pids\.current 20/],
  ["no PSI", { [`${TOP}/c/cpu.pressure`]: { errno: "EOPNOTSUPP" } }, "pressure (PSI)", "note", /none/],
  ["no /proc/meminfo", { "/proc/meminfo": { errno: "ENOENT" } }, "/proc", "gap", /absent/],
  ["a malformed /proc/meminfo", { "/proc/meminfo": "x" }, "memory limit", "gap", /no MemTotal/],
] as const)("%s", async (_name, change, name, status, found) => {
  const check = (await checks({ ...usual, ...change }, whole)).get(name);
  expect(check?.status).toBe(status);
  expect(check?.found).toMatch(found);
});

test("a hidden parent: worth knowing", async () => {
  expect((await checks(memoryV2(TOP))).get("memory limit")).toMatchObject({
    status: "note",
    found: `${256 * MIB} bytes in what is visible; a hidden parent may be tighter`,
  });
});

test("nothing mounted: gaps that say what to do", async () => {
  const found = await checks({}, { mounts: [] });
  expect(found.get("cgroup memory")).toMatchObject({ status: "gap", found: "in /, but no mount shows it" });
  expect(found.get("memory limit")).toMatchObject({ status: "gap", found: "not known" });
  expect(found.get("memory limit")?.advice).toContain("mount cgroupfs");
});

describe("v1: what usage is made of", () => {
  const proc = { initCgroup: "7:memory:/\n", mounts: [v1Mount("memory")] };
  const status = (rssAnonKib: number): string =>
    `Name:\tx\nState:\tS\nTgid:\t1\nPid:\t1\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmRSS:\t${rssAnonKib} kB\nRssAnon:\t${rssAnonKib} kB\nThreads:\t1\n`;

  test("it adds up", async () => {
    const tree = { ...memoryV1(`${TOP}/memory`), "/proc/1/status": status(80 * 1024) };
    const found = await checks(tree, proc);
    expect(found.get("memory usage")?.status).toBe("ok");
    expect(found.get("processes' memory")?.status).toBe("ok");
  });

  test("it does not", async () => {
    const tree = { ...memoryV1(`${TOP}/memory`, { usage: 500 * MIB }), "/proc/1/status": status(1024) };
    const found = await checks(tree, proc);
    expect(found.get("memory usage")?.status).toBe("gap");
    expect(found.get("processes' memory")?.status).toBe("note");
  });
});

test("kernel memory that cannot be read is not none: no verdict; before Linux 3.8 there is no such file", async () => {
  const proc = { initCgroup: "7:memory:/\n", mounts: [v1Mount("memory")] };
  const found = async (errno: "EACCES" | "ENOENT") =>
    (
      await checks(
        { ...memoryV1(`${TOP}/memory`), [`${TOP}/memory/memory.kmem.usage_in_bytes`]: { errno } },
        proc,
      )
    ).get("memory usage");
  expect(await found("EACCES")).toBeUndefined();
  expect(await found("ENOENT")).toBeDefined();
});

test("the machine needs no cgroup", async () => {
  const found = await checks(
    { "/proc/1/stat": statLine(1, "systemd", 1) },
    { pidNamespace: "pid:[4026531836]" },
  );
  expect([...found.keys()]).toEqual(["subject", "/proc", "load average"]);
});

test("lxcfs is named", async () => {
  const mounts = [V2_PRIVATE, "90 30 0:60 /proc/stat /proc/stat rw - fuse.lxcfs lxcfs rw"];
  expect((await checks(usual, { mounts })).get("virtual /proc")?.found).toContain("lxcfs serves /proc/stat");
});

test("render: aligned, advice below, gaps counted", async () => {
  const text = renderChecks([
    { name: "a", status: "ok", found: "x", advice: null },
    { name: "long", status: "gap", found: "y", advice: "do z" },
  ]);
  expect(text).toBe("ok    a     x\ngap   long  y\n            -> do z\n1 gap\n");
  expect(renderChecks([])).toBe("no gap\n");
});
