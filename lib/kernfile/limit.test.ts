import { expect, it } from "vitest";
import { parseLimit, parseLimitV1, parseQuotaV1, toLimit } from "./limit.ts";
import { ParseError } from "./parse_error.ts";

it("takes v1 numbers from 2^60 as no limit, whatever the page size", () => {
  expect(toLimit(2 ** 60)).toBe("max");
  expect(toLimit(2 ** 60 - 1024)).toBe(2 ** 60 - 1024);
  expect(parseLimitV1("9223372036854710272\n", "/f")).toBe("max");
});

it("keeps 0, no limit and malformed apart", () => {
  expect(parseLimit("0\n", "/f")).toBe(0);
  expect(parseLimit("max\n", "/f")).toBe("max");
  expect(parseQuotaV1("-1\n", "/f")).toBe("max");
  for (const text of ["", "\n", "-1\n", "unlimited\n"])
    expect(() => parseLimit(text, "/f")).toThrow(ParseError);
});
