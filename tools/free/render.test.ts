import { describe, expect, test } from "vitest";
import { type Figure, figure, UNKNOWN } from "../../lib/container/figure.ts";
import type { MemoryModel } from "../../lib/container/memory_model.ts";
import { type Layout, renderMemory } from "./render.ts";

const GIB = 2 ** 30;
const known = (value: number | null): Figure => figure(value, "", []);

function model(change: Partial<MemoryModel> = {}): MemoryModel {
  return {
    limit: { ...UNKNOWN, value: "max", complete: true, source: null },
    totalBytes: known(4 * GIB),
    usedBytes: known(GIB),
    freeBytes: known(2 * GIB),
    sharedBytes: known(0),
    buffersBytes: known(0),
    cacheBytes: known(GIB),
    buffCacheBytes: known(GIB),
    availableBytes: known(3 * GIB),
    availableBoundBy: "container",
    workingSetBytes: UNKNOWN,
    usageBytes: UNKNOWN,
    swap: { totalBytes: known(0), usedBytes: known(0), freeBytes: known(0) },
    commitLimitBytes: UNKNOWN,
    committedBytes: UNKNOWN,
    upperBoundsOnly: false,
    source: "cgroup",
    ...change,
  } as MemoryModel;
}

const layout = (change: Partial<Layout> = {}): Layout => ({
  human: false,
  si: false,
  unit: { base: 1024, exponent: 2 },
  wide: false,
  lowHigh: false,
  oneLine: false,
  total: false,
  committed: false,
  ...change,
});

const rows = (text: string): string[][] => text.split("\n").map((line) => line.trim().split(/ +/));

test("0 is 0, not known is -", () => {
  const text = renderMemory(model({ usedBytes: known(null), sharedBytes: known(null) }), layout());
  expect(rows(text)[1]).toEqual(["Mem:", "4096", "-", "2048", "-", "1024", "3072"]);
  expect(rows(text)[2]).toEqual(["Swap:", "0", "0", "0"]);
  expect(text.split("\n").every((line) => !line.includes("NaN"))).toBe(true);
});

test("columns end where procps' end", () => {
  const [header = "", memory = ""] = renderMemory(model(), layout()).split("\n");
  for (const word of ["total", "used", "free", "shared", "buff/cache", "available"]) {
    const end = header.indexOf(word) + word.length;
    expect(memory[end - 1], word).toMatch(/\d/);
    expect(memory[end] ?? " ").toBe(" ");
  }
});

describe("rows that add up what may not be known", () => {
  test("-t", () => {
    const swap = { totalBytes: known(GIB), usedBytes: known(null), freeBytes: known(GIB) };
    expect(rows(renderMemory(model({ swap }), layout({ total: true })))[3]).toEqual([
      "Total:",
      "5120",
      "-",
      "3072",
    ]);
  });

  test("-l", () => {
    const text = renderMemory(model({ freeBytes: known(null) }), layout({ lowHigh: true }));
    expect(rows(text)[2]).toEqual(["Low:", "4096", "-", "-"]);
    expect(rows(text)[3]).toEqual(["High:", "0", "0", "0"]);
  });

  test("-v: the kernel has no commit figures per cgroup", () => {
    expect(rows(renderMemory(model(), layout({ committed: true })))[3]).toEqual(["Comm:", "-", "-", "-"]);
  });
});

test("-L is one line", () => {
  const text = renderMemory(model(), layout({ oneLine: true }));
  expect(text).toBe("SwapUse           0 CachUse        1024  MemUse        1024 MemFree        2048 \n");
});
