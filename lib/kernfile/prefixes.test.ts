/**
 * The grammars against damage: every prefix and random edits of a text parse or throw ParseError, never anything else, never NaN,
 * and the time grows with the text. Each reader has the same test beside it (testing/check_reader.ts).
 */
import { describe, expect, it } from "vitest";
import { parseCount } from "./count.ts";
import { parseCpuList } from "./cpu_list.ts";
import { parseDeviceCounts } from "./device_counts.ts";
import { parseFlatKeyed } from "./flat_keyed.ts";
import { parseLimit, parseLimitV1, parseQuotaV1, requireLimit } from "./limit.ts";
import { nanosecondsToUsec } from "./microseconds.ts";
import { parseNestedKeyed } from "./nested_keyed.ts";
import { ParseError } from "./parse_error.ts";
import { parsePidList } from "./pid_list.ts";
import { parsePressure } from "./pressure.ts";
import { parseSwitch } from "./switch.ts";
import { checkDamage } from "./testing/check_reader.ts";
import { parseLine } from "./text_line.ts";
import { parseWords } from "./words.ts";

const parseNestedLimits = (text: string, path: string) => parseNestedKeyed(text, path, requireLimit);

const GRAMMARS: readonly (readonly [string, (text: string, path: string) => unknown, string])[] = [
  ["count", parseCount, "9223372036854771712\n"],
  ["limit", parseLimit, "max\n"],
  ["v1 limit", parseLimitV1, "9223372036854771712\n"],
  ["v1 quota", parseQuotaV1, "-1\n"],
  ["cpu list", parseCpuList, "0-3,5,64-127\n"],
  ["device counts", parseDeviceCounts, "8:0 1048576\n259:1 5\n"],
  ["flat keyed", parseFlatKeyed, "anon 106287104\n__proto__ 7\nfile 18446744073709551615\n"],
  ["nested keyed", parseNestedLimits, "8:0 rbps=1048576 wbps=max riops=max wiops=max\n259:0 \n"],
  ["nanoseconds", (text, path) => nanosecondsToUsec(text, path, 0), "1407264736"],
  ["pid list", parsePidList, "0\n1\n4194304\n"],
  ["pressure", parsePressure, "some avg10=25.50 avg60=5.01 avg300=1.06 total=3247320\n"],
  ["switch", parseSwitch, "1\n"],
  ["line", parseLine, "6.1.0-56-cloud-amd64\n"],
  ["words", parseWords, "cpuset cpu io memory hugetlb pids\n"],
];

describe("grammars", () => {
  it.each(GRAMMARS)("%s: parses or refuses every prefix and any damage", (_name, parse, text) => {
    checkDamage((damaged) => parse(damaged, "/f"), text);
  });
});

const MEGABYTES = 10;
const BIG = 10 * 1024 * 1024;

/** Far above what linear time needs here, far below what quadratic time would. */
const LIMIT_MS = 15_000;

describe(`a file of ${MEGABYTES} MB`, () => {
  const cases: readonly (readonly [string, () => string])[] = [
    ["distinct keys", () => Array.from({ length: 500_000 }, (_, i) => `workingset_key_${i} ${i}\n`).join("")],
    ["one line", () => `a ${"1".repeat(BIG)}`],
    ["one key", () => "k".repeat(BIG)],
    ["newlines", () => "\n".repeat(BIG)],
    ["spaces", () => " ".repeat(BIG)],
    ["NUL bytes", () => "\0".repeat(BIG)],
    ["a NUL byte at the end", () => `${"anon 1\n".repeat(1_000_000)}\0`],
    ["commas", () => ",".repeat(BIG)],
    ["devices", () => "8:0 ".repeat(BIG / 4)],
    ["zeros", () => "0\n".repeat(BIG / 2)],
  ];

  it.each(cases)(
    "%s: every grammar parses or refuses it in linear time",
    (_name, build) => {
      const text = build();
      const start = performance.now();
      for (const [, parse] of GRAMMARS) {
        try {
          parse(text, "/f");
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError);
          expect((error as ParseError).message.length).toBeLessThan(300);
        }
      }
      expect(performance.now() - start).toBeLessThan(LIMIT_MS);
    },
    60_000,
  );
});
