/** The unpacker of the executable's chunks, built with the sanitizers: every kind of block, and data that was damaged anywhere. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, deflateRawSync } from "node:zlib";
import { deflateSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "procg-inflate-"));
const program = join(folder, "inflate");
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  const sources = ["test/binary/inflate.c", "build/quickjs/host_inflate.c"].map((path) => join(ROOT, path));
  const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const built = spawnSync("gcc", ["-O1", "-g", "-Wall", ...sanitizers, "-o", program, ...sources], {
    encoding: "utf8",
  });
  expect([built.status, built.stderr]).toEqual([0, ""]);
});

interface Packed {
  readonly packed: Uint8Array;
  readonly length: number;
}

/** What comes out of each; null: refused. */
function inflate(all: readonly Packed[]): (Buffer | null)[] {
  const input = all.flatMap(({ packed, length }) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(packed.length, 0);
    head.writeUInt32LE(length, 4);
    return [head, packed];
  });
  const run = spawnSync(program, { input: Buffer.concat(input), maxBuffer: 1 << 28, timeout: 60_000 });
  expect([run.status, run.stderr.toString()]).toEqual([0, ""]);
  let at = 0;
  return all.map(({ length }) => {
    if (run.stdout[at++] === "-".charCodeAt(0)) return null;
    at += length;
    return run.stdout.subarray(at - length, at);
  });
}

/** The same sequence every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** From all alike to without any order. */
function samples(): Buffer[] {
  const random = numbers(1);
  const words = Buffer.from(Array.from({ length: 3000 }, () => "abcde "[Math.floor(random() * 6)]).join(""));
  const noise = Buffer.from(Array.from({ length: 70_000 }, () => Math.floor(random() * 256)));
  const far = Buffer.concat([noise.subarray(0, 300), Buffer.alloc(32_300), noise.subarray(0, 300)]);
  const skewed = Buffer.from(Array.from({ length: 40_000 }, () => Math.floor(256 * random() ** 12)));
  return [Buffer.alloc(0), Buffer.from("a"), Buffer.alloc(100_000, 7), words, noise, far, skewed];
}

const ways: readonly (readonly [string, (bytes: Buffer) => Uint8Array])[] = [
  ["the build's", (bytes) => deflateSync(bytes, { level: 9, mem: 12 })],
  ["zlib", (bytes) => deflateRawSync(bytes, { level: 9 })],
  ["stored blocks", (bytes) => deflateRawSync(bytes, { level: 0 })],
  ["fixed codes", (bytes) => deflateRawSync(bytes, { strategy: constants.Z_FIXED })],
  ["codes without matches", (bytes) => deflateRawSync(bytes, { strategy: constants.Z_HUFFMAN_ONLY })],
];

test.each(ways)("what was packed comes back: %s", (_name, pack) => {
  const all = samples();
  const out = inflate(all.map((bytes) => ({ packed: pack(bytes), length: bytes.length })));
  expect(out.map((bytes, i) => bytes?.equals(all[i] as Buffer))).toEqual(all.map(() => true));
});

test("another length is refused", () => {
  const packed = deflateSync(Buffer.from("some words, some words"), {});
  expect(inflate([21, 23, 0].map((length) => ({ packed, length })))).toEqual([null, null, null]);
});

test("damaged anywhere: refused or other bytes, and never a step outside", () => {
  const random = numbers(2);
  const damaged: Packed[] = [];
  for (const [, pack] of ways) {
    for (const bytes of samples().map((sample) => sample.subarray(0, 3000))) {
      const packed = pack(bytes);
      for (let i = 0; i < 200; i++) {
        const copy = Buffer.from(packed);
        const at = Math.floor(random() * copy.length);
        copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8));
        const end = i % 4 === 0 ? Math.floor(random() * copy.length) : copy.length;
        damaged.push({ packed: copy.subarray(0, end), length: bytes.length });
      }
    }
  }
  const refused = inflate(damaged).filter((out) => out === null).length;
  expect(refused).toBeGreaterThan(damaged.length / 4);
});
