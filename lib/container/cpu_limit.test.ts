import { describe, expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { readCpuLimit } from "./cpu_limit.ts";
import {
  type ProcShape,
  procFiles,
  type Tree,
  v1Mount,
  v2Core,
  v2RealRoot,
} from "./testing/container_tree.ts";

const TOP = "/sys/fs/cgroup";

interface Options {
  readonly proc?: ProcShape;
  readonly affinity?: readonly number[] | null;
  readonly host?: boolean;
  readonly cgroup?: string;
}

function limitOf(tree: Tree, { proc, affinity = [0, 1, 2, 3], host = false, cgroup }: Options = {}) {
  const system = memorySystem({ ...procFiles(proc), ...tree }, { affinity });
  return readCpuLimit(openContainer(system, { host, cgroup: cgroup ?? null }));
}

const v2 = (directory: string, cpuMax: string | null, effective?: string): Tree => ({
  ...v2Core(directory),
  ...(cpuMax === null ? {} : { [`${directory}/cpu.max`]: `${cpuMax}\n` }),
  ...(effective === undefined ? {} : { [`${directory}/cpuset.cpus.effective`]: `${effective}\n` }),
});

const v1 = (directory: string, quota: string, period = "100000"): Tree => ({
  [`${directory}/cgroup.procs`]: "",
  [`${directory}/cpu.cfs_quota_us`]: `${quota}\n`,
  [`${directory}/cpu.cfs_period_us`]: `${period}\n`,
});

describe("quota on v2", () => {
  test.each([
    ["half a CPU, parents hidden: an upper bound", "50000 100000", 0.5, false],
    ["trap 25: any period", "33000 250000", 0.132, false],
    ["max with its period", "max 100000", "max", false],
  ])("%s", (_name, cpuMax, value, complete) => {
    expect(limitOf(v2(TOP, cpuMax)).quota).toMatchObject({ value, complete });
  });

  const proc = { initCgroup: "0::/pod/c\n" };
  const whole = (own: string | null, parent: string | null): Tree => ({
    ...v2RealRoot(TOP),
    ...v2(`${TOP}/pod`, parent),
    ...v2(`${TOP}/pod/c`, own),
  });

  test.each([
    ["trap 16: 1.5 below a parent of 0.6", "150000 100000", "60000 100000", 0.6, true],
    ["an own one below a parent without", "150000 100000", "max 100000", 1.5, true],
    ["none in the whole chain", "max 100000", "max 100000", "max", true],
    ["trap 3: the controller is not enabled for the own one: the parent's", null, "60000 100000", 0.6, true],
    ["no file in the complete chain: none", null, null, "max", true],
  ])("%s", (_name, own, parent, value, complete) => {
    expect(limitOf(whole(own, parent), { proc }).quota).toMatchObject({ value, complete });
  });

  test("no file behind a namespace: not known (v2-no-controllers)", () => {
    expect(limitOf(v2(TOP, null)).quota).toMatchObject({ value: null, complete: false });
  });

  test("nothing mounted: not known", () => {
    expect(limitOf({}, { proc: { mounts: [] } }).quota).toMatchObject({ value: null, complete: false });
  });

  test.each([["\0\n"], ["max x y\n"], ["-5 100000\n"]])(
    "a malformed cpu.max (%j) is not 'no quota'",
    (text) => {
      const tree = { ...whole("max 100000", "max 100000"), [`${TOP}/pod/c/cpu.max`]: text };
      expect(limitOf(tree, { proc }).quota).toMatchObject({ value: null, complete: false });
    },
  );

  test("a refused cpu.max of a parent: the own one is an upper bound", () => {
    const tree: Tree = { ...whole("50000 100000", null), [`${TOP}/pod/cpu.max`]: { errno: "EACCES" } };
    expect(limitOf(tree, { proc }).quota).toMatchObject({ value: 0.5, complete: false });
  });
});

describe("quota on v1", () => {
  const proc = { initCgroup: "4:cpu,cpuacct:/docker/c\n", mounts: [v1Mount("cpu,cpuacct", "/docker/c")] };
  const own = `${TOP}/cpu,cpuacct`;

  test("an own quota is exact: v1 refuses a child above its parent", () => {
    expect(limitOf(v1(own, "50000"), { proc }).quota).toMatchObject({ value: 0.5, complete: true });
  });

  test("-1 behind a namespace: none in what is visible", () => {
    expect(limitOf(v1(own, "-1"), { proc }).quota).toMatchObject({ value: "max", complete: false });
  });

  test("-1 below a visible parent with a quota", () => {
    const tree = {
      [`${own}/release_agent`]: "",
      ...v1(own, "-1"),
      ...v1(`${own}/docker`, "60000"),
      ...v1(`${own}/docker/c`, "-1"),
    };
    const { quota } = limitOf(tree, { proc: { ...proc, mounts: [v1Mount("cpu,cpuacct", "/", own)] } });
    expect(quota).toMatchObject({ value: 0.6, complete: true, source: `${own}/docker/cpu.cfs_quota_us` });
  });

  test("a quota without a period is not 'no quota'", () => {
    const tree = v1(own, "50000");
    delete tree[`${own}/cpu.cfs_period_us`];
    expect(limitOf(tree, { proc }).quota).toMatchObject({ value: null, complete: false });
  });

  test("trap 27: cpu.shares limit nothing", () => {
    const tree = { ...v1(own, "-1"), [`${own}/cpu.shares`]: "2\n" };
    expect(limitOf(tree, { proc }).quota.value).toBe("max");
  });
});

describe("which CPUs", () => {
  test.each([
    ["trap 20: cpuset.cpus is empty, cpuset.cpus.effective has them", v2(TOP, "max 100000", "3"), [3]],
    ["trap 22: CPU 2 is offline", v2(TOP, "max 100000", "1-3"), [1, 3]],
    ["no cpuset: the affinity, trap 23: without what is offline", v2(TOP, "max 100000"), [0, 1, 3]],
  ])("%s", (_name, tree, cpus) => {
    const proc = { online: "0-1,3" };
    expect(limitOf({ ...tree, [`${TOP}/cpuset.cpus`]: "\n" }, { proc }).cpus).toEqual(cpus);
  });

  test("trap 21: the effective list, never the requested", () => {
    const tree = { ...v2(TOP, "max 100000", "0"), [`${TOP}/cpuset.cpus`]: "0-3\n" };
    expect(limitOf(tree).cpus).toEqual([0]);
  });

  const proc = { initCgroup: "3:cpuset:/docker/c\n", mounts: [v1Mount("cpuset", "/docker/c")] };

  test("v1 spells it cpuset.effective_cpus; else cpuset.cpus", () => {
    const base = { [`${TOP}/cpuset/cpuset.cpus`]: "0-3\n", [`${TOP}/cpuset/cgroup.procs`]: "" };
    expect(limitOf({ ...base, [`${TOP}/cpuset/cpuset.effective_cpus`]: "1\n" }, { proc }).cpus).toEqual([1]);
    expect(limitOf(base, { proc }).cpus).toEqual([0, 1, 2, 3]);
  });

  test("no cpuset and no affinity (a replay): Cpus_allowed_list", () => {
    expect(limitOf(v2(TOP, "max 100000"), { affinity: null, proc: { online: "0-2" } }).cpus).toEqual([
      0, 1, 2,
    ]);
  });

  test("nothing: not known", () => {
    const tree: Tree = { ...v2(TOP, "max 100000"), "/proc/self/status": { errno: "EACCES" } };
    const limit = limitOf(tree, { affinity: null });
    expect(limit.cpus).toBeNull();
    expect(limit.capacityCores.value).toBeNull();
  });

  test("lxcfs renumbers `online` from 0: it is not laid over the cpuset, and tells nothing of the machine", () => {
    const mounts = [
      "30 20 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw",
      "90 30 0:60 /sys/devices/system/cpu/online /sys/devices/system/cpu/online rw - fuse.lxcfs lxcfs rw",
    ];
    const limit = limitOf(v2(TOP, "max 100000", "2-3"), { proc: { mounts, online: "0-1" } });
    expect(limit.cpus).toEqual([2, 3]);
    expect(limit.hostCpus.value).toBeNull();
  });
});

describe("capacity", () => {
  test.each([
    ["trap 24: one CPU and a quota of 0.5", "50000 100000", "0", 0.5],
    ["one CPU and a quota of 4", "400000 100000", "0", 1],
    ["no quota", "max 100000", "0-2", 3],
  ])("%s", (_name, cpuMax, effective, cores) => {
    expect(limitOf(v2(TOP, cpuMax, effective)).capacityCores.value).toBe(cores);
  });

  test("quota not known: the CPUs", () => {
    expect(limitOf(v2(TOP, null, "0-1")).capacityCores.value).toBe(2);
  });
});

describe("the machine", () => {
  test("affinity, no quota, and that is complete", () => {
    const limit = limitOf(v2(TOP, "50000 100000", "0"), { host: true, affinity: [1, 2] });
    expect(limit).toMatchObject({ cpus: [1, 2], quota: { value: "max", complete: true } });
    expect(limit.capacityCores.value).toBe(2);
    expect(limit.hostCpus.value).toBe(4);
  });

  test("no /sys: the cpuN lines of /proc/stat", () => {
    const files = procFiles();
    delete files["/sys/devices/system/cpu/online"];
    const container = openContainer(memorySystem(files), { host: true, cgroup: null });
    expect(readCpuLimit(container).hostCpus).toMatchObject({ value: 1, formula: "cpuN lines" });
  });

  test("neither: not known", () => {
    expect(
      readCpuLimit(openContainer(memorySystem({}), { host: true, cgroup: null })).hostCpus.value,
    ).toBeNull();
  });
});
