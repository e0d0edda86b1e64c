import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { UsageError } from "../cli/tool.ts";
import { readSelection } from "./selection.ts";
import { dotenvQuoted, shellQuoted } from "./text.ts";

test.each(["2", "", "a b", "it's", "$HOME `id`", 'a"b\\', "-j2 -- CC=gcc;x", "line\nline"])(
  "a shell reads %j as it was",
  (text) => {
    const shown = execFileSync("sh", ["-c", `printf %s ${shellQuoted(text)}`], { encoding: "utf8" });
    expect(shown).toBe(text);
  },
);

test.each([
  ["-j2", "-j2"],
  ["-Dx=1 -Xss1m", '"-Dx=1 -Xss1m"'],
  ['say "$HOME"\n', '"say \\"\\$HOME\\"\\n"'],
])("%j in a .env file is %s", (text, expected) => {
  expect(dotenvQuoted(text)).toBe(expected);
});

test("--only and --skip", () => {
  const option = (key: string, value: string) => ({ key, name: `--${key}`, value });
  expect(readSelection([])).toBeNull();
  expect(readSelection([option("only", "GOMAXPROCS,MAKEFLAGS"), option("skip", "MAKEFLAGS")])).toEqual(
    new Set(["GOMAXPROCS"]),
  );
  expect(() => readSelection([option("skip", "GOMAXPROC")])).toThrow(UsageError);
});
