import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Algorithm,
  type Averages,
  advance,
  fixedPowerInt,
  formatLoad,
  loadValue,
  ZERO_AVERAGES,
} from "./fixed_point.ts";

const repeat = (value: number, times: number): number[] => new Array<number>(times).fill(value);
const run = (sequence: readonly number[], algorithm: Algorithm, start = ZERO_AVERAGES): Averages =>
  sequence.reduce<Averages>((loads, active) => advance(loads, active, 1, algorithm), start);
const text = (loads: Averages) => loads.map(formatLoad).join(" ");

const V3 = [0, 3, 7, 7, 2, 0, 0, 1, 5, 16, 16, 3, 0, 0, 0, 2, 9, 4, 0, 1];

describe("end values of the kernel's three formulas", () => {
  test.each<[string, number[], string, string, string]>([
    [
      "V1",
      repeat(1, 12),
      "1291 367 121 0.63 0.18 0.06",
      "1295 372 129 0.63 0.18 0.06",
      "1299 378 132 0.63 0.18 0.06",
    ],
    [
      "V2",
      [...repeat(4, 12), ...repeat(0, 24)],
      "694 986 435 0.34 0.48 0.21",
      "701 997 449 0.34 0.49 0.22",
      "695 991 446 0.34 0.48 0.22",
    ],
    [
      "V3",
      V3,
      "5899 2188 782 2.88 1.07 0.38",
      "5903 2196 796 2.88 1.07 0.39",
      "5901 2198 792 2.88 1.07 0.39",
    ],
    [
      "A1, one busy thread for ever",
      repeat(1, 2000),
      "2036 1988 1862 0.99 0.97 0.91",
      "2042 2018 1955 1.00 0.99 0.95",
      "2048 2048 2048 1.00 1.00 1.00",
    ],
    [
      "A2, the idle floor",
      [...repeat(100, 10), ...repeat(0, 3000)],
      "0 0 0 0.00 0.00 0.00",
      "6 30 93 0.00 0.01 0.05",
      "0 0 0 0.00 0.00 0.00",
    ],
    [
      "A3",
      repeat(1, 400),
      "2036 1988 1718 0.99 0.97 0.84",
      "2042 2018 1802 1.00 0.99 0.88",
      "2048 2048 1887 1.00 1.00 0.92",
    ],
    [
      "V2p",
      repeat(4, 12),
      "5179 1488 507 2.53 0.73 0.25",
      "5184 1491 513 2.53 0.73 0.25",
      "5188 1495 518 2.53 0.73 0.25",
    ],
  ])("%s", (_, sequence, trunc, half, ceil) => {
    const show = (algorithm: Algorithm) => {
      const loads = run(sequence, algorithm);
      return `${loads.join(" ")} ${text(loads)}`;
    };
    expect([show("trunc"), show("half"), show("ceil")]).toEqual([trunc, half, ceil]);
  });
});

/** active: trunc | half | ceil after that step. */
const V3_STEPS = `
0: 0 0 0 | 0 0 0 | 0 0 0
3: 492 102 33 | 492 102 33 | 492 102 33
7: 1600 338 109 | 1601 338 110 | 1601 339 110
7: 2619 570 185 | 2621 570 186 | 2621 572 187
2: 2737 628 206 | 2739 629 207 | 2740 631 208
0: 2517 617 204 | 2520 619 206 | 2520 620 206
0: 2315 606 202 | 2318 609 205 | 2318 609 204
1: 2293 629 211 | 2296 633 215 | 2296 633 214
5: 2929 788 264 | 2932 792 269 | 2933 793 268
16: 5318 1318 438 | 5321 1323 444 | 5323 1324 443
16: 7516 1840 611 | 7519 1845 618 | 7521 1847 617
3: 7406 1911 640 | 7409 1916 648 | 7410 1919 647
0: 6812 1879 636 | 6816 1884 645 | 6816 1887 643
0: 6266 1847 632 | 6270 1853 642 | 6270 1855 639
0: 5764 1816 628 | 5768 1822 639 | 5767 1824 635
2: 5630 1853 646 | 5634 1860 658 | 5633 1862 654
9: 6655 2128 741 | 6659 2135 753 | 6658 2138 750
4: 6778 2228 781 | 6782 2236 793 | 6781 2239 790
0: 6235 2191 776 | 6239 2199 789 | 6237 2201 785
1: 5899 2188 782 | 5903 2196 796 | 5901 2198 792
`
  .trim()
  .split("\n");

const V1_STEPS = [
  "164 34 11",
  "315 68 22",
  "454 101 33",
  "582 134 44",
  "700 166 55",
  "808 198 66",
  "908 229 77",
  "1000 260 88",
  "1084 290 99",
  "1162 320 110",
  "1233 349 121",
  "1299 378 132",
];

describe("step by step", () => {
  test.each<Algorithm>(["trunc", "half", "ceil"])("V3, %s", (algorithm) => {
    const column = ["trunc", "half", "ceil"].indexOf(algorithm);
    let loads = ZERO_AVERAGES;
    expect(V3_STEPS.length).toBe(20);
    for (const line of V3_STEPS) {
      const [active = "", values = ""] = line.split(": ");
      loads = advance(loads, Number(active), 1, algorithm);
      expect(loads.join(" ")).toBe(values.split(" | ")[column]);
    }
  });

  test("V1, ceil", () => {
    let loads = ZERO_AVERAGES;
    for (const expected of V1_STEPS) {
      loads = advance(loads, 1, 1, "ceil");
      expect(loads.join(" ")).toBe(expected);
    }
  });
});

describe("catching up in bulk", () => {
  const v1 = {
    trunc: run(repeat(1, 12), "trunc"),
    half: run(repeat(1, 12), "half"),
    ceil: run(repeat(1, 12), "ceil"),
  };
  const bulk = (active: number, periods: number) =>
    (["trunc", "half", "ceil"] as const).map((algorithm) =>
      advance(v1[algorithm], active, periods, algorithm).join(" "),
    );

  test.each([
    [1, "1515 428 142", "1519 434 150", "1523 440 154", "1523 440 154"],
    [2, "1722 488 163", "1726 494 172", "1730 500 175", "1730 501 176"],
    [6, "2396 722 249", "2399 727 257", "2402 733 260", "2404 735 261"],
    [12, "3067 1042 371", "3069 1047 379", "3071 1052 382", "3073 1059 387"],
    [60, "4076 2719 1223", "4077 2721 1229", "4077 2724 1232", "4084 2753 1252"],
    [720, "4096 4096 4014", "4096 4096 4015", "4096 4096 4015", "4096 4096 4096"],
    [17280, "4096 4096 4096", "4096 4096 4096", "4096 4096 4096", "4096 4096 4096"],
  ])("two active for %i periods; the last column are single steps", (n, trunc, half, ceil, stepped) => {
    expect(bulk(2, n)).toEqual([trunc, half, ceil]);
    expect(run(repeat(2, n), "ceil", v1.ceil).join(" ")).toBe(stepped);
  });

  test.each([
    [1, "1187 360 120", "1191 366 128", "1194 371 131"],
    [12, "473 300 113", "475 305 121", "476 309 123"],
    [60, "8 135 87", "9 137 93", "8 139 95"],
    [720, "0 0 2", "0 0 3", "0 0 2"],
  ])("idle for %i periods", (n, trunc, half, ceil) => {
    expect(bulk(0, n)).toEqual([trunc, half, ceil]);
  });

  test("no period changes nothing", () => {
    expect(advance([5, 6, 7], 9, 0, "ceil")).toEqual([5, 6, 7]);
  });

  test.each([
    [0, 2048, 2048, 2048],
    [1, 1884, 2014, 2037],
    [2, 1733, 1981, 2026],
    [3, 1594, 1948, 2015],
    [6, 1241, 1853, 1982],
    [12, 751, 1677, 1919],
    [60, 14, 756, 1480],
    [720, 0, 0, 42],
    [17280, 0, 0, 0],
  ])("fixed_power_int(x, 11, %i)", (n, one, five, fifteen) => {
    expect([1884, 2014, 2037].map((x) => fixedPowerInt(x, n))).toEqual([one, five, fifteen]);
  });
});

test("printing", () => {
  const expected: Record<number, string> = {
    0: "0.00",
    10: "0.00",
    11: "0.01",
    93: "0.05",
    132: "0.06",
    446: "0.22",
    792: "0.39",
    991: "0.48",
    1299: "0.63",
    2036: "0.99",
    2037: "0.99",
    2038: "1.00",
    2047: "1.00",
    2048: "1.00",
    4096: "2.00",
    5901: "2.88",
  };
  for (const [load, printed] of Object.entries(expected)) expect(formatLoad(Number(load))).toBe(printed);
  expect(loadValue(5901)).toBe(2.88);
});

test("exact beyond 512 threads, where 32-bit arithmetic overflows", () => {
  const exact = (load: bigint, exponent: bigint, active: bigint): bigint =>
    (load * exponent + active * 2048n * (2048n - exponent) + (active * 2048n >= load ? 2047n : 0n)) / 2048n;
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 31 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (load, active) => {
        const [one, five, fifteen] = advance([load, load, load], active, 1, "ceil");
        expect([one, five, fifteen].map(BigInt)).toEqual(
          [1884n, 2014n, 2037n].map((exponent) => exact(BigInt(load), exponent, BigInt(active))),
        );
      },
    ),
  );
  expect(run(repeat(4000, 3000), "ceil").map(loadValue)).toEqual([4000, 4000, 4000]);
});

test("a negative count is none", () => {
  expect(advance([2048, 2048, 2048], -3, 1, "ceil")).toEqual(advance([2048, 2048, 2048], 0, 1, "ceil"));
});
