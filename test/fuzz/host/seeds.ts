/**
 * Inputs to begin with: what the kernels of the captures wrote, and calls of every kind. The layouts are told at the head of each
 * target_*.c.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "fflate";
import { fixtureEntry, realCaptureNames } from "../../fixtures/captures.ts";
import { below, randomOf } from "../mutate.ts";

const bytes = (...parts: readonly (string | number | Uint8Array)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === "number"
        ? Buffer.from([part])
        : typeof part === "string"
          ? Buffer.from(part, "latin1")
          : part,
    ),
  );
/** Ends a text within an input. */
const END = 0xff;

/** A captured file's text; empty where there is none. */
function captured(name: string, path: string): string {
  const entry = fixtureEntry(name, path);
  return typeof entry === "string" ? entry : "";
}

const SEEDS: Readonly<Record<string, () => Uint8Array[]>> = {
  inflate: () =>
    [0, 1, 6, 9].flatMap((level) =>
      ["", "a", "abcabcabcabc".repeat(40), captured("v2-plain", "/proc/meminfo")].map((text) =>
        bytes(text.length >> 8, text.length & 255, deflateSync(Buffer.from(text), { level: level as 0 })),
      ),
    ),
  arena: () => randomInputs(20, 200, 1),
  text: () =>
    [0, 1, 2, 3].flatMap((what) =>
      [
        captured("v2-plain", "/proc/meminfo").slice(0, 300),
        '{"a":[1,{"b":"[[\\"["}]}',
        "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xed\xb2\x80\xe2\x82(\xf4\x90\x80\x80\xff",
      ].map((text) => bytes(what, text)),
    ),
  kernel_files: () =>
    realCaptureNames().flatMap((name) => [
      bytes(0, captured(name, "/proc/self/mountinfo")),
      bytes(1, "MemTotal", END, "kB", END, "Active(", END, captured(name, "/proc/meminfo")),
      bytes(
        2,
        2,
        ...["stat", "statm", "cmdline", "stat", "stat", "stat", "cmdline", "stat"].flatMap((file) => [
          captured(name, `/proc/1/${file}`),
          END,
        ]),
      ),
    ]),
  below: () =>
    [
      "a/b/f",
      "a/link",
      "link",
      "up/secret",
      "a/../f",
      "alias/f",
      "a//b/./f",
      " a/f",
      "",
      "a/fifo",
      "magic/etc",
    ]
      .flatMap((path) => [0, 1, 2].flatMap((what) => [0, 1].map((openat2) => bytes(what, openat2, path))))
      .concat([bytes(3, 0, "1 0 t etc/passwd\0", "1 5 s \0")]),
  calls: () =>
    operations().flatMap((name, operation) => {
      // A table needs much to fit together before anything of it is written.
      const [count, most] = name === "alignTable" ? [100, 100] : [3, 24];
      return randomInputs(count, most, operation).flatMap((rest) => [
        bytes(200, operation, rest),
        bytes(0, operation, rest, operation, rest),
      ]);
    }),
};

/** Inputs that have found a defect, by what was wrong. */
const FOUND: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  text: { "getenv of a value that is not UTF-8": "Ack=" },
  calls: {
    "crc32 of no buffer, with an exception left pending": "yCb5+Sw=",
    "environ without memory: an exception as an element": "yODMIAI=",
    "exec of a script without argv[0]: a list without an end":
      "yA8ILSAgLZeXl5eXl5eXlxeXl5eYl5eXl5eXl5eXl5cgLSCXlz+Xl5eXl5cA+fSXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl2aXl5eXl5eXl5eXl5eXIIs=",
  },
};

/** Operations of target_calls.c, by name, in their order. */
function operations(): string[] {
  const text = readFileSync(join(import.meta.dirname, "target_calls.c"), "utf8");
  return [...text.matchAll(/^ {4}\{"(\w+)", "/gm)].map(([, name = ""]) => name);
}

/** The same on every machine. */
function randomInputs(count: number, most: number, seed: number): Uint8Array[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () =>
    Uint8Array.from({ length: 1 + below(random, most) }, () => below(random, 256)),
  );
}

/** Longest input that a target is given. */
export const MOST_BYTES: Readonly<Record<string, number>> = {
  arena: 2048,
  below: 256,
  calls: 400,
  inflate: 1024,
  kernel_files: 4096,
  text: 512,
};

/** Writes a target's seeds into a fresh folder. */
export function writeSeeds(name: string, folder: string): void {
  const make = SEEDS[name];
  if (make === undefined) throw new Error(`no seeds for ${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const found = Object.values(FOUND[name] ?? {}).map((input) => Buffer.from(input, "base64"));
  for (const input of [...make(), ...found])
    writeFileSync(
      join(folder, createHash("sha1").update(input).digest("hex")),
      input.slice(0, MOST_BYTES[name]),
    );
}
