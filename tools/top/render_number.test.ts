import { expect, test } from "vitest";
import { scaleCount, scaleMemory, scalePercent, scaleTime, wholeNumber } from "./render_number.ts";

test("memory: KiB while they fit, then m, g, t", () => {
  const cases: [number, number, number, string][] = [
    [0, 6, 0, "0"],
    [999999, 6, 0, "999999"],
    [1048576, 6, 0, "1.0g"],
    [34340864, 7, 0, "32.8g"],
    [2048, 6, 1, "2.0m"],
    [100, 6, 1, "0.1m"],
    [2048, 7, 2, "0.0g"],
  ];
  for (const [kib, width, target, text] of cases) expect(scaleMemory(kib, width, target, true)).toBe(text);
  expect(scaleMemory(0, 6, 0, false)).toBe("");
});

test("a field that the kernel does not write is a dash", () => {
  expect(scaleMemory(Number.NaN, 6, 0, true)).toBe("-");
  expect(scaleCount(Number.NaN, 4, false)).toBe("-");
  expect(scaleTime(Number.NaN, 100, 9, 0, true)).toBe("-");
});

test("counts", () => {
  expect(scaleCount(9999, 4, true)).toBe("9999");
  expect(scaleCount(11264, 4, true)).toBe("11k");
  expect(scaleCount(26201600, 6, true)).toBe("25588k");
  expect(scaleCount(0, 4, false)).toBe("");
});

test("percent: decimals as long as they fit", () => {
  expect(scalePercent(99.94, 5, 1, true)).toBe("99.9");
  expect(scalePercent(100, 5, 1, true)).toBe("100.0");
  expect(scalePercent(12345.6, 5, 1, true)).toBe("12346");
  expect(scalePercent(0.3164, 6, 3, true)).toBe("0.316");
  expect(scalePercent(36.5874, 5, 3, true)).toBe("36.59");
});

test("time: to 360 minutes, 96 hours, 14 days, then weeks", () => {
  const time = (seconds: number, width = 9, target = 0 as const): string =>
    scaleTime(seconds * 100, 100, width, target, true);
  expect(time(0)).toBe("0:00.00");
  expect(time(75.5)).toBe("1:15.50");
  expect(time(360 * 60 + 59.99)).toBe("360:59.99");
  expect(time(361 * 60)).toBe("6,01");
  expect(time(96 * 3600 + 59 * 60)).toBe("96,59");
  expect(time(97 * 3600)).toBe("4d+1h");
  expect(time(14 * 86400 + 3600)).toBe("14d+1h");
  expect(time(15 * 86400)).toBe("2w+1d");
  expect(time(75.5, 6)).toBe("1:15");
  expect(scaleTime(100, 100, 7, 2, true)).toBe("0,00");
});

test("a number too long for its column ends in +", () => {
  expect(wholeNumber(65534, 5)).toBe("65534");
  expect(wholeNumber(123456, 5)).toBe("1234+");
  expect(wholeNumber(-20, 3)).toBe("-20");
});
