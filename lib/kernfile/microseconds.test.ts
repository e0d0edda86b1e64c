import { expect, it } from "vitest";
import { nanosecondsToUsec, ticksToUsec } from "./microseconds.ts";

it("cuts nanoseconds as text: nothing is lost above 2^53", () => {
  expect(nanosecondsToUsec("9007199254740991999", "/f", 1)).toBe(9_007_199_254_740_991);
  expect(nanosecondsToUsec("18446744073709551615", "/f", 1)).toBe(18_446_744_073_709_552);
  expect(nanosecondsToUsec("0", "/f", 1)).toBe(0);
  expect(nanosecondsToUsec("1999", "/f", 1)).toBe(1);
});

it("converts ticks by the rate it is given", () => {
  expect(ticksToUsec(133, 100)).toBe(1_330_000);
  expect(ticksToUsec(1, 250)).toBe(4000);
});
