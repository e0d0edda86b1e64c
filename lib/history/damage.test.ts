/** A thousand damaged stores: the reader never throws, gives every sample that is whole, and says that something was lost. */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sample } from "../sampler/sample.ts";
import { FRAME, framesOf } from "./frame.ts";
import { wholeSource } from "./frame_source.ts";
import { readHistory } from "./reader.ts";
import { madeContainer, seeded } from "./testing/made_samples.ts";
import { type TestStore, testStore } from "./testing/store.ts";
import { openWriter } from "./writer.ts";

let store: TestStore;
let open: Buffer;
let closed: Buffer;
let samples: Sample[];

beforeAll(() => {
  store = testStore();
  const container = madeContainer(21);
  const writer = store.open();
  samples = Array.from({ length: 1439 }, () => container.next());
  for (const sample of samples) writer.append(sample);
  open = readFileSync(join(store.directory, "20261120-00.log"));
  for (let i = 0; i < 5; i++) writer.append(container.next());
  writer.pack();
  closed = readFileSync(join(store.directory, "20261120-00.pack"));
});
afterAll(() => store.remove());

interface Found {
  readonly times: Set<number>;
  readonly samples: readonly Sample[];
  readonly lost: { bytes: number; frames: number; records: number };
}

function readDamaged(name: string, bytes: Uint8Array, suffix: string): Found {
  const directory = join(store.directory, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `20261120-00.${suffix}`), bytes);
  const found: Sample[] = [];
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, groups: new Set(["mem", "net"]) };
  const lost = readHistory(store.system, store.host, directory, range, {
    sample: (sample) => void found.push(sample),
  });
  if (lost === null) throw new Error("no store");
  return { times: new Set(found.map((sample) => sample.realtimeMs)), samples: found, lost };
}

/** Type, offsets and time of every frame of the undamaged file. */
function framesIn(bytes: Buffer) {
  const damage = { bytes: 0, places: 0 };
  const copy = new Uint8Array(bytes);
  return [...framesOf(store.host, wholeSource(copy), damage)];
}

/** What must survive: samples whose own bytes, and those of their key frame, are as they were. */
function expectedTimes(original: Buffer, damaged: Uint8Array): Set<number> {
  const isIntact = (start: number, end: number): boolean =>
    end <= damaged.length && original.subarray(start, end).equals(damaged.subarray(start, end));
  const times = new Set<number>();
  let isKeyIntact = false;
  for (const frame of framesIn(original)) {
    const intact = isIntact(frame.start, frame.end);
    if (frame.type === FRAME.key) isKeyIntact = intact;
    if (frame.type === FRAME.key || frame.type === FRAME.delta) {
      if (intact && isKeyIntact) times.add(frame.realtimeMs);
    }
  }
  return times;
}

function damage(random: () => number, original: Buffer): Uint8Array {
  const bytes = new Uint8Array(original);
  const kind = random();
  if (kind < 0.3) return bytes.slice(0, Math.floor(random() * bytes.length));
  if (kind < 0.8) {
    const flips = 1 + Math.floor(random() * 5);
    for (let i = 0; i < flips; i++) {
      const at = Math.floor(random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    return bytes;
  }
  // A stretch of zeros, as after a crash of the machine.
  const at = Math.floor(random() * bytes.length);
  return bytes.fill(0, at, at + Math.floor(random() * 5000));
}

test("700 of an open day: exactly what is whole survives, as it was", () => {
  const random = seeded(1);
  for (let i = 0; i < 700; i++) {
    const bytes = damage(random, open);
    const { times, samples: found, lost } = readDamaged("open", bytes, "log");
    expect(times).toEqual(expectedTimes(open, bytes));
    if (i % 50 === 0)
      for (const sample of found) expect(sample.groups.get("mem")).toEqual(memOf(sample.realtimeMs));
    const isCutBetween =
      bytes.length < open.length && framesIn(open).some((frame) => frame.end === bytes.length);
    const isSame = bytes.length === open.length && open.equals(bytes);
    if (!isCutBetween && !isSame && bytes.length > 0) expect(lost.bytes).toBeGreaterThan(0);
  }
}, 120_000);

function memOf(realtimeMs: number) {
  return samples.find((sample) => sample.realtimeMs === realtimeMs)?.groups.get("mem");
}

test("300 of a closed day: the blocks that are whole survive", () => {
  const random = seeded(2);
  const blocks = framesIn(closed).filter((frame) => frame.type === FRAME.block);
  for (let i = 0; i < 300; i++) {
    const bytes = damage(random, closed);
    const { samples: found, lost } = readDamaged("closed", bytes, "pack");
    const intact = blocks.filter(
      (frame) =>
        frame.end <= bytes.length &&
        closed.subarray(frame.start, frame.end).equals(bytes.subarray(frame.start, frame.end)),
    );
    const firsts = found.filter((_, at) => at % 120 === 0).map((sample) => sample.realtimeMs);
    expect(firsts).toEqual(intact.map((frame) => frame.realtimeMs));
    if (intact.length === blocks.length && bytes.length === closed.length) continue;
    if (!framesIn(closed).some((frame) => frame.end === bytes.length) && bytes.length > 0)
      expect(lost.bytes).toBeGreaterThan(0);
  }
}, 120_000);

test("frames that pass their CRC and make no sense are damage, not a crash", () => {
  const random = seeded(3);
  for (const original of [open, closed]) {
    for (let i = 0; i < 100; i++) {
      const bytes = new Uint8Array(original);
      const frames = framesIn(original);
      const frame = frames[Math.floor(random() * frames.length)];
      if (frame === undefined) continue;
      for (let flip = 0; flip < 3; flip++) {
        bytes[frame.payload + Math.floor(random() * (frame.end - frame.payload))] = Math.floor(
          random() * 256,
        );
      }
      const crc = store.host.crc32(bytes.buffer, frame.start + 12, frame.end - frame.start - 12, 0);
      new DataView(bytes.buffer).setUint32(frame.start + 8, crc, true);
      expect(() => readDamaged("forged", bytes, original === open ? "log" : "pack")).not.toThrow();
    }
  }
}, 60_000);

test("a torn last frame, and an append behind it: nothing else is lost", () => {
  const torn = testStore();
  const container = madeContainer(22);
  const first = torn.open();
  for (let i = 0; i < 10; i++) first.append(container.next());
  torn.host.end();
  const path = join(torn.directory, "20261120-00.log");
  truncateSync(path, torn.sizeOf("20261120-00.log") - 7);
  const second = openWriter(torn.system, torn.host, { directory: torn.directory, minFreeBytes: 0 });
  if (typeof second === "string") throw new Error(second);
  for (let i = 0; i < 10; i++) second.append(container.next());
  const { samples: found, lost } = torn.read();
  expect(found).toHaveLength(19);
  expect(lost.frames).toBe(1);
  expect(lost.records).toBe(0);
  torn.remove();
});
