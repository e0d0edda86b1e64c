import { expect, test } from "vitest";
import { ceilBlocks, ceilHuman, usePercent } from "./df_size.ts";
import { DU_HUMAN } from "./testing/du_human.ts";

test("sizes as coreutils 9.1 rounds them", () => {
  for (const [bytes, iec, si] of DU_HUMAN) {
    expect([bytes, ceilHuman(bytes, 1024), ceilHuman(bytes, 1000)]).toEqual([bytes, iec, si]);
  }
  expect(DU_HUMAN.length).toBeGreaterThan(100);
});

test("the edges: 9.9 to 10, 1023 to the next unit", () => {
  expect(ceilHuman(4096, 1024)).toBe("4.0K");
  expect(ceilHuman(1020 * 1024, 1024)).toBe("1020K");
  expect(ceilHuman(10 * 1024 - 1, 1024)).toBe("10K");
  expect(ceilHuman(1024 * 1024 - 1, 1024)).toBe("1.0M");
  expect(ceilHuman(1001, 1000)).toBe("1.1k");
});

test("blocks and Use% round up", () => {
  expect(ceilBlocks(1, 1024)).toBe(1);
  expect(ceilBlocks(1024, 1024)).toBe(1);
  expect(ceilBlocks(0, 1024)).toBe(0);
  expect(usePercent(1, 999)).toBe(1);
  expect(usePercent(0, 10)).toBe(0);
  expect(usePercent(0, 0)).toBeNull();
});
