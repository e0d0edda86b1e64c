import { describe, expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { collectMemory, computeMemory } from "./memory.ts";
import {
  MIB,
  memoryV1,
  type ProcShape,
  procFiles,
  type Tree,
  V1_MAX,
  v1Mount,
} from "./testing/container_tree.ts";

const TOP = "/sys/fs/cgroup/memory";

function memoryOf(tree: Tree, proc: ProcShape = {}) {
  const files = {
    ...procFiles({ initCgroup: "7:memory:/docker/c\n", mounts: [v1Mount("memory", "/docker/c")], ...proc }),
    ...tree,
  };
  return computeMemory(collectMemory(openContainer(memorySystem(files), { host: false, cgroup: null })));
}

describe("limits", () => {
  test.each([
    ["an own limit", memoryV1(TOP), 256 * MIB, true],
    [
      "trap 18: a hidden parent is tighter: the key tells",
      memoryV1(TOP, { hierarchical: "167772160" }),
      167772160,
      true,
    ],
    ["none: 9223372036854771712 with 4 KiB pages", memoryV1(TOP, { limit: V1_MAX }), "max", true],
    [
      "none: 9223372036854710272 with 64 KiB pages",
      memoryV1(TOP, { limit: "9223372036854710272" }),
      "max",
      true,
    ],
    ["none: 9223372036854775807 before 3.19", memoryV1(TOP, { limit: "9223372036854775807" }), "max", true],
    ["the key is missing: an upper bound", memoryV1(TOP, { hierarchical: null }), 256 * MIB, false],
    ["the key is missing, no own limit", memoryV1(TOP, { limit: V1_MAX, hierarchical: null }), "max", false],
  ])("%s", (_name, tree, value, complete) => {
    expect(memoryOf(tree).limit).toMatchObject({ value, complete });
  });

  test("trap 19: the key is read in the own directory, not at the mount's root", () => {
    const tree = {
      [`${TOP}/release_agent`]: "",
      ...memoryV1(TOP, { limit: V1_MAX }),
      ...memoryV1(`${TOP}/docker/c`, { limit: String(200 * MIB) }),
    };
    const model = memoryOf(tree, { mounts: [v1Mount("memory")] });
    expect(model.limit).toMatchObject({ value: 200 * MIB, complete: true });
    expect(model.usedBytes.value).toBe(80 * MIB);
  });

  test("the v1 root cgroup is the machine", () => {
    const tree = { [`${TOP}/release_agent`]: "", ...memoryV1(TOP, { limit: V1_MAX }) };
    expect(memoryOf(tree, { mounts: [v1Mount("memory")], initCgroup: "7:memory:/\n" }).source).toBe(
      "machine",
    );
  });
});

describe("usage", () => {
  test("v1 publishes no slab: available is a lower bound by as much", () => {
    const model = memoryOf(memoryV1(TOP, { usage: 113 * MIB }));
    expect(model.usedBytes.value).toBe(83 * MIB);
    expect(model.availableBytes.value).toBe(173 * MIB);
    expect(model.buffCacheBytes.value).toBe(30 * MIB);
  });

  test("trap 36: total_* count, not the plain keys", () => {
    const tree = memoryV1(TOP);
    tree[`${TOP}/memory.stat`] = String(tree[`${TOP}/memory.stat`]).replace(
      /^(cache|rss|inactive_file|active_file) .*$/gm,
      "$1 0",
    );
    expect(memoryOf(tree).usedBytes.value).toBe(80 * MIB);
  });

  test("trap 38: usage above the limit", () => {
    const model = memoryOf(memoryV1(TOP, { limit: String(64 * MIB) }));
    expect([model.freeBytes.value, model.availableBytes.value]).toEqual([0, 0]);
  });

  test("trap 39: a visible limited parent is nearly full", () => {
    const tree = {
      [`${TOP}/release_agent`]: "",
      ...memoryV1(TOP, { limit: V1_MAX }),
      ...memoryV1(`${TOP}/docker`, { limit: String(512 * MIB), rss: 450 * MIB }),
      ...memoryV1(`${TOP}/docker/c`),
    };
    const model = memoryOf(tree, { mounts: [v1Mount("memory")] });
    expect(model.availableBytes.value).toBe(62 * MIB);
    expect(model.availableBoundBy).toBe(`${TOP}/docker`);
  });

  test("a parent with use_hierarchy 0 does not count us: its limit and its usage bind nothing", () => {
    const tree = {
      [`${TOP}/release_agent`]: "",
      ...memoryV1(TOP, { limit: V1_MAX }),
      ...memoryV1(`${TOP}/docker`, { limit: String(64 * MIB), useHierarchy: false }),
      ...memoryV1(`${TOP}/docker/c`),
    };
    const model = memoryOf(tree, { mounts: [v1Mount("memory")] });
    expect(model.limit).toMatchObject({ value: 256 * MIB, complete: true });
    expect(model.availableBytes.value).toBe(176 * MIB);
  });
});

describe("use_hierarchy 0 (CentOS 6): children are charged alone", () => {
  const flat = { useHierarchy: false } as const;
  const child = { ...flat, rss: 20 * MIB, activeFile: 0, inactiveFile: 5 * MIB, swap: 3 * MIB };

  test("what they hold is added, at any depth", () => {
    const tree = {
      ...memoryV1(TOP, flat),
      ...memoryV1(`${TOP}/a`, child),
      ...memoryV1(`${TOP}/a/b`, child),
      ...memoryV1(`${TOP}/memory.x.scope`, child),
    };
    const model = memoryOf(tree, { swapTotalBytes: 1024 * MIB });
    expect(model.usedBytes.value).toBe(80 * MIB + 2 * 20 * MIB);
    expect(model.buffCacheBytes.value).toBe(30 * MIB + 2 * 5 * MIB);
    expect(model.usageBytes.value).toBe(110 * MIB + 2 * 25 * MIB);
    expect(model.swap.usedBytes.value).toBe(6 * MIB);
    expect(model.usageBytes.formula).toContain("children added");
  });

  test("trap 50: a child that vanishes meanwhile adds nothing", () => {
    const tree = { ...memoryV1(TOP, flat), [`${TOP}/gone`]: { directory: true } as const };
    expect(memoryOf(tree).usedBytes.value).toBe(80 * MIB);
  });

  test("a child that is refused makes the sum unknown", () => {
    const tree: Tree = { ...memoryV1(TOP, flat), ...memoryV1(`${TOP}/a`, child) };
    tree[`${TOP}/a/memory.usage_in_bytes`] = { errno: "EACCES" };
    expect(memoryOf(tree).usedBytes.value).toBeNull();
  });

  test("parents do not count", () => {
    const tree = {
      [`${TOP}/release_agent`]: "",
      ...memoryV1(TOP, { limit: String(10 * MIB), ...flat }),
      ...memoryV1(`${TOP}/docker/c`, flat),
    };
    expect(memoryOf(tree, { mounts: [v1Mount("memory")] }).limit.value).toBe(256 * MIB);
  });
});

describe("swap", () => {
  const host = { swapTotalBytes: 1024 * MIB, swapFreeBytes: 1000 * MIB };
  const swapOf = (tree: Tree) => {
    const { swap } = memoryOf(tree, host);
    return [swap.totalBytes.value, swap.usedBytes.value, swap.freeBytes.value];
  };

  test("trap 29: memsw is memory + swap", () => {
    const tree = memoryV1(TOP, { limit: "67108864", hierarchicalSwap: "201326592", swap: 40095744 });
    expect(swapOf(tree)).toEqual([128 * MIB, 40095744, 128 * MIB - 40095744]);
  });

  test("memsw equal to the memory limit: none", () => {
    expect(swapOf(memoryV1(TOP, { hierarchicalSwap: String(256 * MIB) }))).toEqual([0, 0, 0]);
  });

  test("memsw below the memory limit (a parent's): none, not negative", () => {
    expect(swapOf(memoryV1(TOP, { hierarchicalSwap: String(100 * MIB) }))[0]).toBe(0);
  });

  test("no memsw limit: the host's", () => {
    expect(swapOf(memoryV1(TOP, { hierarchicalSwap: V1_MAX }))).toEqual([1024 * MIB, 0, 1000 * MIB]);
  });

  test("a memsw limit without a memory limit: swap can take all of it", () => {
    const tree = memoryV1(TOP, { limit: V1_MAX, hierarchicalSwap: String(300 * MIB) });
    expect(swapOf(tree)[0]).toBe(300 * MIB);
  });

  test("trap 33: no swap accounting: not known", () => {
    expect(swapOf(memoryV1(TOP))[0]).toBeNull();
  });
});
