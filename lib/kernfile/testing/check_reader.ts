/**
 * What must hold for every kernel file's reader: real texts give their values; empty, absent and malformed files are told apart;
 * and whatever a file holds, parsing gives a value without NaN or throws ParseError.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ENOENT } from "../../system/errno.ts";
import { memorySystem } from "../../system/testing/memory_system.ts";
import { attempt, type KernelFile } from "../kernel_file.ts";
import { ParseError } from "../parse_error.ts";

export interface ReaderCases {
  /** A real text and what comes of it (objectContaining where only a part is of interest). */
  readonly good: readonly (readonly [text: string, expected: unknown])[];
  readonly bad: readonly string[];
  /** What empty text means where the kernel may leave the file empty; without it empty text is malformed. */
  readonly empty?: unknown;
}

const DIRECTORY = "/d";
const PREFIXES_MOST = 1500;
const MUTATIONS = 100;

export function checkReader<T>(file: KernelFile<T>, cases: ReaderCases): void {
  const path = `${DIRECTORY}/${file.name}`;
  const read = (text: string) => attempt(memorySystem({ [path]: text }), DIRECTORY, file);

  describe(file.name, () => {
    it.each(cases.good)("parses %j", (text, expected) => {
      expect(read(text)).toEqual({ path, value: expected, errno: 0, problem: null });
    });

    it.each(cases.bad)("refuses %j", (text) => {
      const reading = read(text);
      expect(reading.value).toBeNull();
      expect(reading.problem).toContain(path);
    });

    it("knows empty from malformed", () => {
      if ("empty" in cases) expect(read("").value).toEqual(cases.empty);
      else expect(() => file.parse("", path)).toThrow(ParseError);
    });

    it("is null without a problem where the file is absent", () => {
      expect(attempt(memorySystem({}), DIRECTORY, file)).toEqual({
        path,
        value: null,
        errno: ENOENT,
        problem: null,
      });
    });

    it("parses or refuses every prefix and any damage", () => {
      for (const [text] of cases.good) checkDamage((damaged) => file.parse(damaged, path), text);
    });
  });
}

/** Prefixes and random edits of `text`: a value without NaN, or ParseError. */
export function checkDamage(parse: (text: string) => unknown, text: string): void {
  for (let length = 0; length < Math.min(text.length, PREFIXES_MOST); length++)
    tryOne(parse, text.slice(0, length));
  const edit = fc.record({
    at: fc.nat({ max: Math.max(text.length, 1) }),
    cut: fc.nat({ max: 12 }),
    put: fc.oneof(
      fc.constantFrom(
        "",
        "\0",
        " ",
        "\n",
        "\t",
        "-",
        "-1",
        ":",
        "=",
        ",",
        "/",
        "(",
        ")",
        "\\",
        "\uFFFD",
        "max",
      ),
      fc.constantFrom(
        "NaN",
        "1e400",
        "0x10",
        "Infinity",
        "18446744073709551616",
        "__proto__ 5\n",
        "constructor",
        ".",
      ),
      fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)),
    ),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let damaged = text;
      for (const { at, cut, put } of edits) damaged = damaged.slice(0, at) + put + damaged.slice(at + cut);
      tryOne(parse, damaged);
    }),
    { numRuns: MUTATIONS },
  );
}

function tryOne(parse: (text: string) => unknown, text: string): void {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (error instanceof ParseError) return;
    throw error;
  }
  const bad = findNaN(value, "value");
  if (bad !== null) throw new Error(`${bad} of ${JSON.stringify(text)}`);
}

function findNaN(value: unknown, where: string): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? null : `${where} is ${value}`;
  if (typeof value !== "object" || value === null) return null;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  for (const [key, inner] of entries) {
    const bad = findNaN(inner, `${where}.${key}`);
    if (bad !== null) return bad;
  }
  return null;
}
