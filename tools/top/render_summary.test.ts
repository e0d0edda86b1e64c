import { expect, test } from "vitest";
import { cpuLines, memoryLines } from "./render_summary.ts";
import type { SummaryModel } from "./tasks.ts";

const figure = (value: number | null) => ({ value, formula: "", from: [] });

function model(used: number | null): SummaryModel {
  const memory = { totalBytes: figure(1024 ** 3), usedBytes: figure(used) };
  const swap = { totalBytes: figure(0), usedBytes: figure(0) };
  return { memory: { ...memory, swap } } as unknown as SummaryModel;
}

test("bars: what is not known is no zero", () => {
  const layout = { each: false, graph: 1, abreast: 1, together: 1, columns: 40 } as const;
  expect(cpuLines(null, layout)[0]).toMatch(/^%Cpu\(s\): {5}-\/- +-\[ +\]$/);
  const [unknown, swap] = memoryLines(model(null), { scale: 1, graph: 1, columns: 40 });
  expect(unknown).toMatch(/^MiB Mem : {4}-\/ {2}1024\.0 +\[ +\]$/);
  expect(swap).toMatch(/^MiB Swap: {2}0\.0\/ +0\.0 +\[ +\]$/);
  expect(memoryLines(model(512 * 1024 ** 2), { scale: 1, graph: 1, columns: 40 })[0]).toMatch(
    /^MiB Mem : 50\.0\/ .*\[\|+ +\]$/,
  );
});
