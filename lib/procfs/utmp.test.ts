import { describe, expect, it } from "vitest";
import { ParseError } from "../kernfile/parse_error.ts";
import { checkDamage } from "../kernfile/testing/check_reader.ts";
import { parseUtmp } from "./utmp.ts";

const PATH = "/run/utmp";

/** One record: type, name. */
function record(size: number, type: number, name: string): string {
  const head = `${String.fromCharCode(type)}\0\0\0`;
  return (head + "\0".repeat(40) + name).padEnd(size, "\0");
}

describe("parseUtmp", () => {
  it.each([384, 400])("counts user processes with a name in records of %i bytes", (size) => {
    const bytes = [
      record(size, 2, "reboot"),
      record(size, 7, "root"),
      record(size, 7, ""),
      record(size, 8, "gone"),
      record(size, 7, "alice"),
    ].join("");
    expect(parseUtmp(bytes, PATH)).toEqual({ users: 2 });
  });

  it("tells 25 records of 384 bytes from 24 of 400", () => {
    const small = Array.from({ length: 25 }, () => record(384, 7, "a")).join("");
    const large = Array.from({ length: 24 }, () => record(400, 7, "a")).join("");
    expect(small).toHaveLength(large.length);
    expect(parseUtmp(small, PATH).users).toBe(25);
    expect(parseUtmp(large, PATH).users).toBe(24);
  });

  it("takes an empty file as nobody", () => {
    expect(parseUtmp("", PATH)).toEqual({ users: 0 });
  });

  it.each(["x", record(384, 7, "root").slice(1), record(384, 77, "root")])(
    "refuses what is no utmp",
    (bytes) => {
      expect(() => parseUtmp(bytes, PATH)).toThrow(ParseError);
    },
  );

  it("parses or refuses any damage", () => {
    checkDamage((bytes) => parseUtmp(bytes, PATH), record(384, 7, "root") + record(384, 7, "bob"));
  });
});
