import { describe, expect, it } from "vitest";
import { parseFlatKeyed, pickFlatKeyed } from "./flat_keyed.ts";
import { ParseError } from "./parse_error.ts";

it("has no prototype: a key may be called anything, and a missing one is undefined", () => {
  const record = parseFlatKeyed("__proto__ 5\ntoString 6\n", "/f");
  expect(Object.keys(record)).toEqual(["__proto__", "toString"]);
  expect(Object.entries(record)[0]).toEqual(["__proto__", 5]);
  expect(record.hasOwnProperty).toBeUndefined();
});

it.each([
  ["anon 1\nfile x\n", "/f:2: "],
  ["anon 1\n\nfile 2\n", "/f:2: "],
  ["anon 1\nfi\0le 2\n", "/f:2: a NUL byte"],
  ["", "/f: empty"],
])("names the line of %j", (text, message) => {
  expect(() => parseFlatKeyed(text, "/f")).toThrow(message);
});

describe("pickFlatKeyed", () => {
  it("takes whole keys only, wherever they stand", () => {
    const text = "total_cache 7\ncache 1\nactive_file 2\ninactive_file 3\nlast 4";
    expect(pickFlatKeyed(text, "f", ["cache", "active_file", "last", "absent"])).toEqual({
      cache: 1,
      active_file: 2,
      last: 4,
    });
  });

  it("refuses empty text and a wanted line that is malformed", () => {
    expect(() => pickFlatKeyed("", "f", ["a"])).toThrow(ParseError);
    expect(() => pickFlatKeyed("a x\n", "f", ["a"])).toThrow(ParseError);
    expect(() => pickFlatKeyed("a \n", "f", ["a"])).toThrow(ParseError);
    expect(() => pickFlatKeyed("b x\na 1\n", "f", ["a"])).not.toThrow();
  });
});
