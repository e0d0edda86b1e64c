import fc from "fast-check";
import { expect, it } from "vitest";
import { expandCpuList, formatCpuList, parseCpuList } from "./cpu_list.ts";
import { ParseError } from "./parse_error.ts";

it("takes the highest number that it allows, and no higher", () => {
  expect(parseCpuList("65535\n", "/f")).toEqual([65_535]);
  expect(() => parseCpuList("65536\n", "/f")).toThrow(ParseError);
  expect(() => parseCpuList("0-4294967295\n", "/f")).toThrow(ParseError);
});

it("formats what it parses", () => {
  expect(formatCpuList([0, 1, 2, 3, 5, 7, 8])).toBe("0-3,5,7-8");
  expect(formatCpuList([])).toBe("");
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 300 })), (cpus) => {
      const sorted = [...cpus].sort((a, b) => a - b);
      expect(expandCpuList(formatCpuList(sorted), "/f", 1)).toEqual(sorted);
    }),
  );
});
