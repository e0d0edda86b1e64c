import { expect, test } from "vitest";
import {
  blockSizeHeading,
  blockSuffix,
  HUMAN_1000,
  HUMAN_1024,
  parseBlockSize,
  plainBlocks,
} from "./block_size.ts";

test.each([
  ["1", 1],
  ["1024", 1024],
  ["10K", 10_240],
  ["3MB", 3_000_000],
  ["0x10", 16],
  ["010", 8],
  ["+5", 5],
  ["'5", 5],
  ["1GiB", 1024 ** 3],
])("%s is a plain unit of %d bytes", (text, bytes) => {
  expect(parseBlockSize(text)).toEqual(plainBlocks(bytes));
});

test.each([
  ["K", 1024, "K", "1K"],
  ["M", 1024 ** 2, "M", "1M"],
  ["MB", 1e6, "MB", "1MB"],
  ["kB", 1000, "kB", "1kB"],
  ["KiB", 1024, "KiB", "1KiB"],
  ["kD", 1000, "K", "1kB"],
  ["E", 1024 ** 6, "E", "1E"],
])("%s prints its letters behind each number", (text, bytes, suffix, heading) => {
  const size = parseBlockSize(text);
  if ("problem" in size) throw new Error(size.problem);
  expect([size.bytes, blockSuffix(size, size.bytes), blockSizeHeading(size)]).toEqual([
    bytes,
    suffix,
    heading,
  ]);
});

test.each([
  ["", "invalid"],
  ["x", "invalid"],
  ["0", "invalid"],
  ["-5", "invalid"],
  ["08", "invalid"],
  ["b", "invalid"],
  ["e", "suffix"],
  ["1x", "suffix"],
  ["Kib", "suffix"],
  ["Y", "overflow"],
  ["99999999999999999999", "overflow"],
])("%j is refused: %s", (text, problem) => {
  expect(parseBlockSize(text)).toMatchObject({ problem });
});

test("words for people, and what begins them", () => {
  for (const word of ["human-readable", "hu", "h"]) expect(parseBlockSize(word)).toBe(HUMAN_1024);
  for (const word of ["si", "s"]) expect(parseBlockSize(word)).toBe(HUMAN_1000);
});

test.each([
  [512, "512B"],
  [1024, "1K"],
  [1000, "1kB"],
  [1500, "1.5kB"],
  [4096, "4K"],
  [1_024_000, "1.1MB"],
  [1_048_576, "1M"],
  [10 * 1_048_576, "10M"],
])("the heading of %d is %s", (bytes, heading) => {
  expect(blockSizeHeading(plainBlocks(bytes))).toBe(heading);
});
