import { expect, test } from "vitest";
import { fixed } from "./fixed.ts";

test("exact ties go to the even digit, as in C's printf", () => {
  expect([0.25, 0.75, 1.25, 2.25, 2.75].map((value) => fixed(value, 1))).toEqual([
    "0.2",
    "0.8",
    "1.2",
    "2.2",
    "2.8",
  ]);
  expect([0.5, 1.5, 2.5].map((value) => fixed(value, 0))).toEqual(["0", "2", "2"]);
  expect([0.125, 0.375, 0.625].map((value) => fixed(value, 2))).toEqual(["0.12", "0.38", "0.62"]);
  expect([-0.25, -0.75, -0.5].map((value) => fixed(value, 1))).toEqual(["-0.2", "-0.8", "-0.5"]);
  expect(fixed(-0.5, 0)).toBe("-0");
});

test("everything else is rounded to nearest", () => {
  expect([0.05, 0.15, 0.35, 1.005, 99.95].map((value) => fixed(value, 1))).toEqual([
    "0.1",
    "0.1",
    "0.3",
    "1.0",
    "100.0",
  ]);
  expect([0, 3, 1e15].map((value) => fixed(value, 2))).toEqual(["0.00", "3.00", "1000000000000000.00"]);
});
