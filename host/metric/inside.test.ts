/** What a container says of its load is bounded and parsed; the v1 files of the compatibility output. */
import { describe, expect, test } from "vitest";
import type { BelowAnswer } from "../../lib/system/host_access.ts";
import { parseBlkioRows } from "./compat.ts";
import { readLoad } from "./inside.ts";

const NOW = 1_800_000_000;

function answer(text: string, more: Partial<BelowAnswer> = {}): BelowAnswer {
  const none = { blockBytes: 0, fragmentBytes: 0, blocks: 0, blocksFree: 0, blocksAvailable: 0 };
  return {
    ...{ mode: 0o100644, devMajor: 0, devMinor: 1, mtimeSeconds: NOW - 5, fsMagic: 0, text },
    status: { ...none, inodes: 0, inodesFree: 0, inodesAvailable: 0, flags: 0, nameMax: 0 },
    ...more,
  };
}

describe("the load that a container's loadcalc keeps", () => {
  test("fresh and in the format: known", () => {
    expect(readLoad(answer("0.63 0.18 0.06 2/17 4711\n"), NOW)).toMatchObject({
      ...{ load1: 0.63, load5: 0.18, load15: 0.06, runnable: 2, threads: 17, source: "loadcalc" },
    });
  });

  test.each([
    ["not there", -2],
    ["no answer", -110],
    ["a folder", answer("", { mode: 0o040755 })],
    ["a FIFO", answer("0.63 0.18 0.06 2/17 4711\n", { mode: 0o010644 })],
    ["stale", answer("0.63 0.18 0.06 2/17 4711\n", { mtimeSeconds: NOW - 91 })],
    ["of tomorrow", answer("0.63 0.18 0.06 2/17 4711\n", { mtimeSeconds: NOW + 86400 })],
    ["empty", answer("")],
    ["cut", answer("0.63 0.18 0.0")],
    ["more than there can be", answer("99999999.00 0.18 0.06 2/17 4711\n")],
    ["not a number", answer("NaN 0.18 0.06 2/17 4711\n")],
    ["negative", answer("-0.63 0.18 0.06 2/17 4711\n")],
    ["terminal sequences", answer("\x1b[2J 0.18 0.06 2/17 4711\n")],
    ["as long as a text may be", answer("9".repeat(1024))],
  ])("%s: not known", (_what, given) => {
    expect(readLoad(given, NOW)).toBeNull();
  });
});

describe("blkio rows", () => {
  test("with an operation, and without; totals and nonsense are no rows", () => {
    expect(parseBlkioRows("8:0 Read 4096\n8:0 Write 0\n8:0 Total 4096\nTotal 4096\n")).toEqual([
      { major: 8, minor: 0, op: "Read", value: 4096 },
      { major: 8, minor: 0, op: "Write", value: 0 },
      { major: 8, minor: 0, op: "Total", value: 4096 },
    ]);
    expect(parseBlkioRows("8:0 17\n8:16\nx 1\n")).toEqual([{ major: 8, minor: 0, op: "", value: 17 }]);
    expect(parseBlkioRows("")).toEqual([]);
  });
});
