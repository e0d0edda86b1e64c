import { expect, test } from "vitest";
import type { CgroupLocation } from "../cgroupfs/locate.ts";
import { memorySystem } from "../system/testing/memory_system.ts";
import { collectMemoryV2 } from "./memory_v2.ts";
import { MIB, memoryV2, v2RealRoot } from "./testing/container_tree.ts";

const location: CgroupLocation = {
  controller: "memory",
  version: 2,
  path: "/pod/c",
  own: "/cg/pod/c",
  directory: "/cg/pod/c",
  chain: ["/cg/pod/c", "/cg/pod", "/cg"],
  complete: true,
};

const tree = {
  ...v2RealRoot("/cg"),
  ...memoryV2("/cg/pod", { max: "max" }),
  ...memoryV2("/cg/pod/c", { swapMax: "5", swapCurrent: 3 }),
};

/** Paths that were read. */
function reads(files: typeof tree, wantSwap: boolean): string[] {
  const system = memorySystem(files);
  const seen: string[] = [];
  const { readText } = system;
  system.readText = (path) => {
    seen.push(path);
    return readText(path);
  };
  collectMemoryV2(system, location, wantSwap);
  return seen;
}

test("one node for each directory of the chain, the container's first", () => {
  const sample = collectMemoryV2(memorySystem(tree), location, true);
  expect(sample.nodes.map((node) => [node.directory, node.limit.value])).toEqual([
    ["/cg/pod/c", 256 * MIB],
    ["/cg/pod", "max"],
    ["/cg", null],
  ]);
  expect(sample).toMatchObject({ complete: true, extraLimits: [], extraSwapLimits: [] });
  expect(sample.nodes[0]?.swapLimit.value).toBe(5);
  expect(sample.nodes[0]?.swapUsage.value).toBe(3);
});

test("of a parent without a limit nothing but its limit is read", () => {
  expect(reads(tree, false).filter((path) => path.startsWith("/cg/pod/memory"))).toEqual([
    "/cg/pod/memory.max",
  ]);
});

test("on a host without swap nothing about swap is read", () => {
  expect(reads(tree, false).some((path) => path.includes("swap"))).toBe(false);
});
