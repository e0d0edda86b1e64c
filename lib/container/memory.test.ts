import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReadError } from "../kernfile/kernel_file.ts";
import type { Limit } from "../kernfile/limit.ts";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { type Figure, figure } from "./figure.ts";
import type { LimitCandidate } from "./limit.ts";
import { collectMemory, computeMemory } from "./memory.ts";
import type { CgroupMemorySample, MemoryModel, MemoryNode, MemorySample } from "./memory_model.ts";
import {
  KIB,
  MIB,
  memoryV2,
  type ProcShape,
  procFiles,
  type Tree,
  v2RealRoot,
} from "./testing/container_tree.ts";

function memoryOf(
  tree: Tree,
  proc: ProcShape = {},
  choice: { host?: boolean; cgroup?: string } = {},
): MemoryModel {
  const system = memorySystem({ ...procFiles(proc), ...tree });
  const container = openContainer(system, { host: choice.host ?? false, cgroup: choice.cgroup ?? null });
  return computeMemory(collectMemory(container));
}

const values = (model: MemoryModel) => ({
  total: model.totalBytes.value,
  used: model.usedBytes.value,
  free: model.freeBytes.value,
  shared: model.sharedBytes.value,
  cache: model.buffCacheBytes.value,
  available: model.availableBytes.value,
  by: model.availableBoundBy,
});

const TOP = "/sys/fs/cgroup";

describe("v2, limited to 256 MiB", () => {
  test("80 anonymous, 30 of page cache, 2 of slab", () => {
    expect(values(memoryOf(memoryV2(TOP)))).toEqual({
      total: 256 * MIB,
      used: 80 * MIB,
      free: 144 * MIB,
      shared: 0,
      cache: 32 * MIB,
      available: 176 * MIB,
      by: "container",
    });
  });

  test("trap 34: page cache is not used: 100 MB more of it leave available as it is", () => {
    const before = memoryOf(memoryV2(TOP));
    const after = memoryOf(memoryV2(TOP, { inactiveFile: 120 * MIB }));
    expect(after.availableBytes.value).toBe(before.availableBytes.value);
    expect(after.usedBytes.value).toBe(before.usedBytes.value);
    expect(after.freeBytes.value).toBe(44 * MIB);
  });

  test("trap 35: tmpfs cannot be dropped: 84 MiB of it are used, and available falls by 84 MiB", () => {
    const before = memoryOf(memoryV2(TOP));
    const after = memoryOf(memoryV2(TOP, { shmem: 84 * MIB }));
    expect(after.usedBytes.value).toBe(80 * MIB + 84 * MIB);
    expect(after.sharedBytes.value).toBe(84 * MIB);
    expect(after.buffCacheBytes.value).toBe(32 * MIB + 84 * MIB);
    expect((before.availableBytes.value ?? 0) - (after.availableBytes.value ?? 0)).toBe(84 * MIB);
  });

  test("trap 38: usage above the limit: free and available are 0", () => {
    const model = memoryOf(
      memoryV2(TOP, { max: String(64 * MIB), anon: 80 * MIB, inactiveFile: 0, activeFile: 0 }),
    );
    expect(values(model)).toMatchObject({ total: 64 * MIB, used: 80 * MIB, free: 0, available: 0 });
  });

  test("trap 37: counters read one after the other: more reclaimable than usage is not below 0", () => {
    const model = memoryOf(memoryV2(TOP, { current: 10 * MIB }));
    expect(values(model)).toMatchObject({ used: 0, available: 256 * MIB });
    expect(model.workingSetBytes.value).toBe(0);
  });

  test("trap 25: an odd limit stays as it is", () => {
    expect(memoryOf(memoryV2(TOP, { max: "99999744" })).totalBytes.value).toBe(99_999_744);
  });

  test("trap 26: memory.high is not the total", () => {
    const tree = { ...memoryV2(TOP), [`${TOP}/memory.high`]: `${128 * MIB}\n` };
    expect(values(memoryOf(tree))).toMatchObject({ total: 256 * MIB, available: 176 * MIB });
  });

  test("trap 17: the namespace hides parents: an upper bound", () => {
    expect(memoryOf(memoryV2(TOP)).limit).toMatchObject({ value: 256 * MIB, complete: false });
  });

  test("a limit above the machine's memory: the machine's memory", () => {
    const model = memoryOf(memoryV2(TOP, { max: String(2 ** 45) }));
    expect(model.totalBytes.value).toBe(8192 * MIB);
    expect(model.limit.value).toBe(2 ** 45);
  });

  test("the machine has less left than the container may take", () => {
    const model = memoryOf(memoryV2(TOP), { memAvailableBytes: 50 * MIB, memFreeBytes: 20 * MIB });
    expect(values(model)).toMatchObject({ used: 80 * MIB, free: 20 * MIB, available: 50 * MIB, by: "host" });
  });

  test("no limit: used is the container's own, never a neighbour's", () => {
    const model = memoryOf(memoryV2(TOP, { max: "max" }));
    expect(model.limit).toMatchObject({ value: "max", complete: false, source: null });
    expect(values(model)).toMatchObject({
      total: 8192 * MIB,
      used: 80 * MIB,
      available: 6144 * MIB,
      by: "host",
    });
  });

  test("before Linux 3.14 there is no MemAvailable: what could be freed at most", () => {
    const model = memoryOf(memoryV2(TOP, { max: "max" }), { memAvailableBytes: null });
    expect(model.availableBytes.value).toBe(5120 * MIB + 1024 * KIB + 1024 * MIB - 2048 * KIB);
  });
});

describe("a parent with a limit is visible", () => {
  const own = `${TOP}/pod/c`;
  const pod = (shape: Parameters<typeof memoryV2>[1]): Tree => ({
    ...v2RealRoot(TOP),
    ...memoryV2(`${TOP}/pod`, shape),
    ...memoryV2(own, { max: String(256 * MIB) }),
  });
  const proc = { initCgroup: "0::/pod/c\n" };

  test("trap 16: the tighter one is the total, and says so", () => {
    const model = memoryOf(pod({ max: String(160 * MIB) }), proc);
    expect(model.limit).toMatchObject({
      value: 160 * MIB,
      complete: true,
      source: `${TOP}/pod/memory.max`,
    });
  });

  test("trap 39: a sibling takes the parent's memory: available falls, used does not rise", () => {
    const alone = memoryOf(pod({ max: String(512 * MIB) }), proc);
    const beside = memoryOf(pod({ max: String(512 * MIB), anon: 400 * MIB }), proc);
    expect(values(alone)).toMatchObject({ used: 80 * MIB, available: 176 * MIB, by: "container" });
    expect(values(beside)).toMatchObject({ used: 80 * MIB, available: 112 * MIB, by: `${TOP}/pod` });
    expect(beside.freeBytes.value).toBe(80 * MIB);
  });

  test("a parent whose usage cannot be read does not bind, and is named", () => {
    const tree = pod({ max: String(512 * MIB) });
    tree[`${TOP}/pod/memory.current`] = { errno: "EACCES" };
    const model = memoryOf(tree, proc);
    expect(model.availableBytes.value).toBe(176 * MIB);
    expect(model.availableBytes.from.map((one) => one.missing)).toContain("Permission denied");
  });

  test("trap 3: the controller is not enabled for the container itself: the parent's limit, usage not known", () => {
    const tree: Tree = {
      ...v2RealRoot(TOP),
      ...memoryV2(`${TOP}/pod`, { max: String(160 * MIB) }),
      [`${own}/cgroup.procs`]: "1\n",
      [`${own}/cgroup.type`]: "domain\n",
    };
    const model = memoryOf(tree, proc);
    expect(model.limit).toMatchObject({ value: 160 * MIB, complete: true });
    expect(values(model)).toMatchObject({
      total: 160 * MIB,
      used: null,
      free: 160 * MIB,
      available: 160 * MIB,
    });
    expect(model.upperBoundsOnly).toBe(true);
  });
});

describe("what cannot be known", () => {
  test("trap 15: no memory cgroup visible: the host's total, free, available as upper bounds, the rest not known", () => {
    const model = memoryOf({}, { mounts: [] });
    expect(values(model)).toEqual({
      total: 8192 * MIB,
      used: null,
      free: 5120 * MIB,
      shared: null,
      cache: null,
      available: 6144 * MIB,
      by: "host",
    });
    expect(model).toMatchObject({
      limit: { value: null, complete: false },
      upperBoundsOnly: true,
      source: "host",
    });
  });

  test("available that the machine claims above its total is cut", () => {
    const model = memoryOf({}, { mounts: [], memAvailableBytes: 9000 * MIB });
    expect(model.availableBytes.value).toBe(8192 * MIB);
  });

  test("usage that is refused: the limit is an upper bound of what is available, and is named", () => {
    const tree = { ...memoryV2(TOP), [`${TOP}/memory.current`]: { errno: "EACCES" } as const };
    expect(values(memoryOf(tree))).toMatchObject({ used: null, available: 256 * MIB, by: "container" });
    expect(values(memoryOf(tree, { memAvailableBytes: 100 * MIB }))).toMatchObject({
      available: 100 * MIB,
      by: "host",
    });
  });

  test("memory.max that is refused is not 'no limit'", () => {
    const tree = { ...memoryV2(TOP), [`${TOP}/memory.max`]: { errno: "EACCES" } };
    const model = memoryOf(tree);
    expect(model.limit).toMatchObject({ value: null, complete: false });
    expect(model).toMatchObject({ upperBoundsOnly: true, source: "cgroup" });
    expect(model.usedBytes.value).toBe(80 * MIB);
  });

  test("memory.max that is refused below the real root: not 'max, complete'", () => {
    const tree: Tree = { ...v2RealRoot(TOP), ...memoryV2(`${TOP}/c`), [`${TOP}/c/memory.max`]: "\0\0\n" };
    expect(memoryOf(tree, { initCgroup: "0::/c\n" }).limit).toMatchObject({ value: null, complete: false });
  });

  test("no memory controller on the host at all (cgroup_disable=memory): no limit, and that is complete", () => {
    const tree: Tree = {
      ...v2RealRoot(TOP),
      [`${TOP}/c/cgroup.procs`]: "",
      [`${TOP}/c/cgroup.type`]: "domain\n",
    };
    const model = memoryOf(tree, { initCgroup: "0::/c\n" });
    expect(model.limit).toMatchObject({ value: "max", complete: true });
    expect(values(model)).toMatchObject({ used: null, available: 6144 * MIB });
  });

  test.each(["memory.current", "memory.stat"])("without %s: used is not known", (name) => {
    const tree: Tree = memoryV2(TOP);
    delete tree[`${TOP}/${name}`];
    const model = memoryOf(tree);
    expect(model.usedBytes.value).toBeNull();
    expect(model.totalBytes.value).toBe(256 * MIB);
  });

  test("memory.stat without slab_reclaimable: used and available are not known, free is", () => {
    const tree: Tree = memoryV2(TOP);
    tree[`${TOP}/memory.stat`] = "anon 1\nfile 2\nshmem 0\ninactive_file 1\nactive_file 1\n";
    expect(values(memoryOf(tree))).toMatchObject({ used: null, available: null, free: 144 * MIB, shared: 0 });
  });

  test("no /proc/meminfo: a ReadError that names it", () => {
    const tree = procFiles();
    delete tree["/proc/meminfo"];
    const system = memorySystem({ ...tree, ...memoryV2(TOP) });
    const container = openContainer(system, { host: false, cgroup: null });
    expect(() => collectMemory(container)).toThrow(ReadError);
  });
});

describe("swap on v2", () => {
  const host = { swapTotalBytes: 1024 * MIB, swapFreeBytes: 1000 * MIB };
  const swapOf = (tree: Tree, proc: ProcShape = host) => {
    const { swap } = memoryOf(tree, proc);
    return [swap.totalBytes.value, swap.usedBytes.value, swap.freeBytes.value];
  };
  const shaped = (swapMax: string, swapCurrent = 0): Tree => memoryV2(TOP, { swapMax, swapCurrent });

  test.each([
    ["trap 28: memory.swap.max is swap alone", String(128 * MIB), 28 * MIB, [128 * MIB, 28 * MIB, 100 * MIB]],
    ["0 is no swap at all", "0", 0, [0, 0, 0]],
    ["trap 31: max: as much as the host has", "max", 4 * MIB, [1024 * MIB, 4 * MIB, 1000 * MIB]],
    ["trap 32: more than the host has", String(4096 * MIB), 0, [1024 * MIB, 0, 1000 * MIB]],
    ["the limit was lowered below the usage", String(8 * MIB), 28 * MIB, [8 * MIB, 28 * MIB, 0]],
  ])("%s", (_name, swapMax, current, expected) => {
    expect(swapOf(shaped(swapMax, current))).toEqual(expected);
  });

  test("trap 33: no memory.swap.*: not known, not 0", () => {
    expect(swapOf(memoryV2(TOP))).toEqual([null, null, null]);
  });

  test("a host without swap: 0, whatever the limit says", () => {
    expect(swapOf(shaped("943718400"), { swapTotalBytes: 0 })).toEqual([0, 0, 0]);
  });

  test("the host has little left", () => {
    expect(swapOf(shaped(String(128 * MIB)), { ...host, swapFreeBytes: 5 * MIB })[2]).toBe(5 * MIB);
  });

  test("a visible parent has less left", () => {
    const tree: Tree = {
      ...v2RealRoot(TOP),
      ...memoryV2(`${TOP}/pod`, { swapMax: String(100 * MIB), swapCurrent: 90 * MIB, max: "max" }),
      ...memoryV2(`${TOP}/pod/c`, { swapMax: "max", swapCurrent: 20 * MIB }),
    };
    expect(swapOf(tree, { ...host, initCgroup: "0::/pod/c\n" })).toEqual([100 * MIB, 20 * MIB, 10 * MIB]);
  });

  test("nothing visible: not known", () => {
    expect(swapOf({}, { ...host, mounts: [] })).toEqual([null, null, null]);
  });
});

describe("the machine", () => {
  const host = { pidNamespace: "pid:[4026531836]" };

  test("its numbers are /proc's, as procps-ng 4 computes them", () => {
    const model = memoryOf(memoryV2(TOP), host);
    expect(model).toMatchObject({ source: "machine", limit: { value: "max", complete: true } });
    expect(values(model)).toEqual({
      total: 8192 * MIB,
      used: 2048 * MIB,
      free: 5120 * MIB,
      shared: 2 * MIB,
      cache: 1024 * KIB + 1024 * MIB + 4 * MIB,
      available: 6144 * MIB,
      by: "host",
    });
  });

  test("--host inside a container", () => {
    expect(memoryOf(memoryV2(TOP), {}, { host: true }).source).toBe("machine");
  });

  test("the root cgroup is the whole machine", () => {
    const model = memoryOf(v2RealRoot(TOP), { initCgroup: "0::/\n" });
    expect(model).toMatchObject({ source: "machine", totalBytes: { value: 8192 * MIB } });
  });

  test("as procps: no MemAvailable, or one above the total, is replaced by MemFree", () => {
    expect(memoryOf({}, { ...host, memAvailableBytes: null }).availableBytes.value).toBe(5120 * MIB);
    expect(memoryOf({}, { ...host, memAvailableBytes: 2 ** 40 }).availableBytes.value).toBe(5120 * MIB);
  });
});

describe("/proc that is the container's already", () => {
  const lxcfs = "90 30 0:60 /proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw,user_id=0";
  const mounts = ["30 20 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw", lxcfs];

  test.each([
    ["lxcfs counts tmpfs as available", 250 * MIB],
    ["lxcfs leaves out slab", 100 * MIB],
    ["lxcfs' subtraction went below 0", 2 ** 63],
  ])("the cgroup can be seen, its own files count: %s", (_name, wrong) => {
    const proc = { memTotalBytes: 256 * MIB, memAvailableBytes: wrong, memFreeBytes: wrong };
    const model = memoryOf(memoryV2(TOP), { mounts, ...proc });
    expect(model.source).toBe("cgroup");
    expect(values(model)).toEqual(values(memoryOf(memoryV2(TOP))));
  });

  test("lxcfs sees parents that are hidden here", () => {
    const model = memoryOf(memoryV2(TOP), { mounts, memTotalBytes: 160 * MIB });
    expect(values(model)).toMatchObject({ total: 160 * MIB, used: 80 * MIB, available: 80 * MIB });
    expect(model.limit).toMatchObject({ value: 160 * MIB, source: "lxcfs", complete: true });
  });

  test("what is in use cannot be read: lxcfs says it", () => {
    const tree = { ...memoryV2(TOP), [`${TOP}/memory.current`]: { errno: "EACCES" } as const };
    const model = memoryOf(tree, { mounts, memTotalBytes: 256 * MIB, memAvailableBytes: 100 * MIB });
    expect(model).toMatchObject({ source: "lxcfs", availableBytes: { value: 100 * MIB } });
  });

  test.each([
    ["a limit", String(32 * MIB), [32 * MIB, 20 * MIB, 12 * MIB]],
    ["none: how much there is is not known", "max", [null, 20 * MIB, null]],
  ])("lxcfs 5 knows no swap on v2, and there is some in use; %s", (_name, swapMax, wanted) => {
    const tree = memoryV2(TOP, { swapMax, swapCurrent: 20 * MIB });
    const { swap } = memoryOf(tree, { mounts, memTotalBytes: 256 * MIB, swapTotalBytes: 0 });
    expect([swap.totalBytes.value, swap.usedBytes.value, swap.freeBytes.value]).toEqual(wanted);
  });

  test("no cgroup can be seen: lxcfs' numbers as they are", () => {
    const model = memoryOf({}, { mounts: [lxcfs], memTotalBytes: 256 * MIB, memAvailableBytes: 100 * MIB });
    expect(model.source).toBe("lxcfs");
    expect(values(model)).toMatchObject({
      total: 256 * MIB,
      used: 156 * MIB,
      available: 100 * MIB,
      by: "container",
    });
    expect(model.limit).toMatchObject({ value: 256 * MIB, source: "lxcfs", complete: true });
  });

  test("lxcfs that serves other files only", () => {
    const other = lxcfs.replaceAll("meminfo", "uptime");
    expect(memoryOf(memoryV2(TOP), { mounts: [mounts[0] ?? "", other] }).source).toBe("cgroup");
  });

  test("lxcfs' numbers are not those of another cgroup", () => {
    const tree = { ...memoryV2(TOP), ...memoryV2(`${TOP}/other`, { max: String(64 * MIB) }) };
    const model = memoryOf(tree, { mounts, memTotalBytes: 256 * MIB }, { cgroup: "/other" });
    expect(model).toMatchObject({ source: "cgroup", limit: { value: 64 * MIB } });
  });

  test("gVisor", () => {
    const tree = { "/proc/version": "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n" };
    const model = memoryOf(tree, { mounts: [], pidNamespace: "pid:[1]", memTotalBytes: 256 * MIB });
    expect(model).toMatchObject({ source: "gvisor", totalBytes: { value: 256 * MIB } });
  });
});

describe("computeMemory of random samples", () => {
  const bytes = fc.oneof(fc.nat({ max: 2 ** 31 - 1 }), fc.nat({ max: 64 }), fc.constant(2 ** 45));
  const maybe = (arbitrary: fc.Arbitrary<number>): fc.Arbitrary<Figure> =>
    fc.option(arbitrary, { freq: 12 }).map((value) => figure(value, "x", []));
  const limit: fc.Arbitrary<LimitCandidate> = fc
    .record({
      value: fc.oneof(bytes, fc.constant<Limit>("max"), fc.constant(null)),
      unread: fc.boolean(),
    })
    .map(({ value, unread }) => ({
      value,
      unread: unread && value === null,
      term: { path: "p", key: null, value, missing: null },
    }));
  const node: fc.Arbitrary<MemoryNode> = fc.record({
    directory: fc.constantFrom("/a", "/b"),
    limit,
    usage: maybe(bytes),
    activeFile: maybe(bytes),
    inactiveFile: maybe(bytes),
    slabReclaimable: fc.option(maybe(bytes)),
    file: maybe(bytes),
    shmem: maybe(bytes),
    anon: maybe(bytes),
    swapUsage: maybe(bytes),
    swapLimit: limit,
  });
  const cgroup: fc.Arbitrary<CgroupMemorySample> = fc.record({
    location: fc.constant({
      controller: "memory",
      version: 2,
      path: "/",
      own: "/a",
      directory: "/a",
      chain: ["/a"],
      complete: false,
    } as const),
    nodes: fc.array(node, { minLength: 1, maxLength: 4 }),
    extraLimits: fc.array(limit, { maxLength: 1 }),
    extraSwapLimits: fc.array(limit, { maxLength: 1 }),
    complete: fc.boolean(),
  });
  const sample: fc.Arbitrary<MemorySample> = fc.record({
    meminfo: fc
      .record({
        memTotalBytes: bytes,
        memFreeBytes: bytes,
        memAvailableBytes: fc.option(bytes),
        buffersBytes: fc.option(bytes),
        cachedBytes: fc.option(bytes),
        shmemBytes: fc.option(bytes),
        sReclaimableBytes: fc.option(bytes),
        swapTotalBytes: fc.option(bytes),
        swapFreeBytes: fc.option(bytes),
      })
      .map((info) => ({ ...info, lookup: () => null })),
    meminfoPath: fc.constant("/proc/meminfo"),
    cgroup: fc.option(cgroup, { freq: 8 }),
    fromProc: fc.constant(null),
    hiddenMemory: fc.option(limit),
    hiddenSwap: fc.option(limit),
  });

  const numbersOf = (model: MemoryModel): Record<string, number | null> => ({
    total: model.totalBytes.value,
    used: model.usedBytes.value,
    free: model.freeBytes.value,
    shared: model.sharedBytes.value,
    cache: model.buffCacheBytes.value,
    available: model.availableBytes.value,
    workingSet: model.workingSetBytes.value,
    swapTotal: model.swap.totalBytes.value,
    swapUsed: model.swap.usedBytes.value,
    swapFree: model.swap.freeBytes.value,
  });

  const check = (property: (model: MemoryModel, sample: MemorySample) => void): void => {
    fc.assert(
      fc.property(sample, (one) => property(computeMemory(one), one)),
      { numRuns: 2000 },
    );
  };

  test("every figure is a number from 0 up, or null: never negative, NaN or infinite", () => {
    check((model) => {
      for (const [name, value] of Object.entries(numbersOf(model))) {
        if (value !== null) expect(Number.isFinite(value) && value >= 0, `${name} ${value}`).toBe(true);
      }
    });
  });

  test("available and free are at most the total", () => {
    check(({ totalBytes, availableBytes, freeBytes }) => {
      expect(availableBytes.value ?? 0).toBeLessThanOrEqual(totalBytes.value ?? 0);
      expect(freeBytes.value ?? 0).toBeLessThanOrEqual(totalBytes.value ?? 0);
    });
  });

  test("total is never above the limit or the machine", () => {
    check((model, { meminfo }) => {
      expect(model.totalBytes.value).toBeLessThanOrEqual(meminfo.memTotalBytes);
      if (typeof model.limit.value === "number") {
        expect(model.totalBytes.value).toBeLessThanOrEqual(model.limit.value);
      }
    });
  });

  test("used + available = total where the container alone binds, unless more is used than there is", () => {
    check((model) => {
      const { totalBytes, usedBytes, availableBytes } = model;
      if (model.availableBoundBy !== "container" || usedBytes.value === null) return;
      expect(usedBytes.value + (availableBytes.value ?? Number.NaN)).toBe(
        Math.max(totalBytes.value ?? 0, usedBytes.value),
      );
    });
  });

  test("an input that is not known makes what needs it not known", () => {
    check((model, { cgroup: read }) => {
      const own = read?.nodes[0];
      if (own === undefined || own.usage.value === null) {
        expect(model.usedBytes.value).toBeNull();
        expect(model.workingSetBytes.value).toBeNull();
        return;
      }
      const reclaimable = [own.activeFile, own.inactiveFile, own.slabReclaimable ?? own.activeFile];
      const isKnown = reclaimable.every((one) => one.value !== null);
      expect(model.usedBytes.value !== null).toBe(isKnown);
      expect(model.availableBytes.value !== null).toBe(isKnown);
      expect(model.sharedBytes.value).toBe(own.shmem.value);
    });
  });

  test("a limit that is not known is shown as an upper bound", () => {
    check((model) => {
      if (model.limit.value === null) expect(model.upperBoundsOnly).toBe(true);
      if (model.limit.value === null) expect(model.limit.complete).toBe(false);
    });
  });
});
