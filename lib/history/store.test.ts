/** The store: round trip, sizes, bounds, events, failures of the disk. Damage: damage.test.ts. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Sample } from "../sampler/sample.ts";
import { MIDNIGHT_MS, madeContainer } from "./testing/made_samples.ts";
import { type TestStore, testStore } from "./testing/store.ts";
import { openWriter } from "./writer.ts";

let store: TestStore;
beforeEach(() => {
  store = testStore();
});
afterEach(() => store.remove());

function fill(count: number, options = {}, seed = 1): Sample[] {
  const container = madeContainer(seed);
  const writer = store.open(options);
  const samples = Array.from({ length: count }, () => container.next());
  for (const sample of samples) expect(writer.append(sample)).toEqual({ written: true, problem: null });
  const last = samples.at(-1);
  writer.pack();
  writer.end(last?.realtimeMs ?? 0, last?.monotonicMs ?? 0);
  store.host.end();
  return samples;
}

describe("round trip", () => {
  test("every sample comes back as it was", () => {
    const samples = fill(100);
    const { samples: found, lost } = store.read();
    expect(found).toEqual(samples);
    expect(lost).toEqual({ bytes: 0, frames: 0, records: 0, files: 0 });
  });

  test("groups that are not asked for are left out", () => {
    const samples = fill(40);
    const found = store.read(["mem", "net"]).samples;
    expect(found).toHaveLength(40);
    expect([...(found[35]?.groups.keys() ?? [])]).toEqual(["mem", "net"]);
    expect(found[35]?.groups.get("net")).toEqual(samples[35]?.groups.get("net"));
  });

  test("a closed day is compressed and holds the same", () => {
    const samples = fill(1440 + 30);
    expect(store.files()).toEqual(["20261120-00.pack", "20261121-00.log"]);
    expect(store.read().samples).toEqual(samples);
  });

  test.each([
    ["over the turn of 1970", -90_000, ["19691231-00.pack", "19700101-00.log"]],
    ["in 1969", -1_000_000_000, ["19691220-00.log"]],
    ["behind 2^31 s", 2_147_483_658_000, ["20380119-00.log"]],
    ["behind 2^33 s", 8_589_934_592_000, ["22420316-00.log"]],
  ])("a clock %s", (_when, startMs, files) => {
    const container = madeContainer(1, undefined, startMs);
    const samples = Array.from({ length: 5 }, () => container.next());
    const writer = store.open();
    for (const sample of samples) expect(writer.append(sample)).toEqual({ written: true, problem: null });
    writer.pack();
    expect(store.files()).toEqual(files);
    expect(store.read().samples).toEqual(samples);
  });

  test("unknown values, items that come and go, names in every script", () => {
    const container = madeContainer(7);
    const samples = Array.from({ length: 200 }, (_, i) => {
      const sample = container.next();
      const groups = new Map(sample.groups);
      groups.set("load", [
        { name: "", values: [i % 3 === 0 ? null : i, i % 5 === 0 ? null : -i, null, 2 ** 51, 0] },
      ]);
      if (i > 50) groups.set("io", []);
      if (i > 100) groups.set("partition", [{ name: "/mnt/größe \u{1f4be} %41", values: [1, 2, 3, 4, 5] }]);
      return { ...sample, groups };
    });
    const writer = store.open({ daemon: true });
    for (const sample of samples) writer.append(sample);
    expect(store.read().samples).toEqual(samples);
    const next = { ...samples[0], realtimeMs: MIDNIGHT_MS + 2 * 86_400_000 } as Sample;
    writer.append(next);
    writer.pack();
    expect(store.files()[0]).toBe("20261120-00.pack");
    expect(store.read().samples).toEqual([...samples, next]);
  });

  test("a second writer goes on from the key frame of the first", () => {
    const container = madeContainer(3);
    const sizes: number[] = [];
    for (let i = 0; i < 40; i++) {
      const writer = store.open();
      writer.append(container.next());
      writer.end(0, 0);
      store.host.end();
      sizes.push(store.sizeOf("20261120-00.log"));
    }
    const { samples, events } = store.read();
    expect(samples).toHaveLength(40);
    expect(events.map((event) => event.kind)).toEqual(["start"]);
    const written = sizes.map((size, i) => size - (sizes[i - 1] ?? 0));
    // A key frame first and after 30 records, small ones between.
    const large = written.map((size, i) => (size > 700 ? i : -1)).filter((i) => i >= 0);
    expect(large).toEqual([0, 30]);
  });
});

describe("sizes of a day of 2 CPUs, 3 devices and 2 interfaces", () => {
  test.for([
    { name: "v1", v1: true, share: 0.25 },
    { name: "v2", v1: false, share: 0.25 },
    { name: "v2, calm", v1: false, share: 0.1 },
  ])("$name: at most 500 kB, and 120 kB compressed", (noise) => {
    const container = madeContainer(11, noise);
    const writer = store.open();
    let raw = 0;
    for (let i = 0; i < 1439; i++) {
      writer.append(container.next());
      raw = store.sizeOf("20261120-00.log");
    }
    for (let i = 0; i < 5; i++) writer.append(container.next());
    writer.pack();
    const packed = store.sizeOf("20261120-00.pack");
    console.log(noise, raw, packed);
    expect(raw).toBeLessThanOrEqual(500_000);
    expect(packed).toBeLessThanOrEqual(120_000);
  });
});

describe("events", () => {
  test("START, LIMIT_CHANGED, CLOCK_STEP, STOP, and another container", () => {
    const container = madeContainer(5);
    const writer = store.open({ daemon: true });
    const one = container.next();
    writer.append(one);
    const two = container.next();
    writer.append({ ...two, limits: { ...two.limits, memoryBytes: -1 } });
    const three = container.next();
    const stepped = {
      ...three,
      limits: { ...three.limits, memoryBytes: -1 },
      realtimeMs: three.realtimeMs - 7000,
    };
    writer.append(stepped);
    writer.append({
      ...stepped,
      monotonicMs: stepped.monotonicMs + 60_000,
      realtimeMs: stepped.realtimeMs + 60_000,
      containerId: "other@1",
    });
    writer.end(stepped.realtimeMs, stepped.monotonicMs);
    const events = store.read().events.map(({ kind, detail }) => `${kind} ${detail}`.trim());
    expect(events).toEqual([
      "start boot 5b6f0a3e-77a1-4a6e-9a38-0d6f6b0f9d11, container 0123456789ab@4711",
      "limitChanged memoryBytes 2147483648 -> max",
      expect.stringMatching(/^clockStep -(6|7)\.\d+ s$/),
      "start boot 5b6f0a3e-77a1-4a6e-9a38-0d6f6b0f9d11, container other@1",
      "stop",
    ]);
  });

  test("a limit that changed is reported once, also by cron", () => {
    const container = madeContainer(5);
    for (let i = 0; i < 6; i++) {
      const writer = store.open();
      const sample = container.next();
      writer.append(i < 3 ? sample : { ...sample, limits: { ...sample.limits, pids: 100 } });
      writer.end(0, 0);
      store.host.end();
    }
    expect(store.read().events.map((event) => event.kind)).toEqual(["start", "limitChanged"]);
  });
});

describe("bounds", () => {
  test("days: the oldest files go", () => {
    const container = madeContainer(2);
    const writer = store.open({ maxDays: 3 });
    for (let i = 0; i < 6 * 24; i++) writer.append(container.next(3600));
    expect(store.files().map((name) => name.slice(0, 8))).toEqual(["20261123", "20261124", "20261125"]);
  });

  test("bytes: held at every append, also within one day", () => {
    const container = madeContainer(2);
    const writer = store.open({ maxBytes: 40_000 });
    for (let i = 0; i < 500; i++) {
      writer.append(container.next());
      const total = store.files().reduce((sum, name) => sum + store.sizeOf(name), 0);
      expect(total).toBeLessThanOrEqual(42_000);
    }
    expect(store.read().samples.length).toBeGreaterThan(50);
  });

  test("the floor of free space: the oldest closed files go where that is enough", () => {
    const container = madeContainer(9);
    const first = store.open();
    for (let hour = 0; hour < 60; hour++) first.append(container.next(3600));
    first.pack();
    first.end(0, 0);
    store.host.end();
    const before = store.files();
    expect(before.map((name) => name.slice(12))).toEqual(["pack", "pack", "log"]);
    const status = store.system.statvfs(store.directory);
    if (typeof status === "number") throw new Error("no statvfs");
    const free = status.blocksAvailable * 4096;
    const system = { ...store.system, statvfs: () => ({ ...status, fragmentBytes: 4096 }) };
    const minFreeBytes = free + 4096;
    const writer = openWriter(system, store.host, { directory: store.directory, minFreeBytes });
    if (typeof writer === "string") throw new Error(writer);
    expect(writer.append(container.next())).toEqual({ written: true, problem: null });
    expect(store.files()).toEqual(before.slice(1));
  });

  test("where all of them are not enough nothing is dropped, nothing is written, and it is said", () => {
    fill(10);
    const before = store.files();
    const writer = store.open({ minFreeBytes: 2 ** 60 });
    const result = writer.append(madeContainer(9).next());
    expect(result.written).toBe(false);
    expect(result.problem).toMatch(/free: nothing is written$/);
    expect(store.files()).toEqual(before);
  });
});

describe("failures", () => {
  test("a full disk: the part of a frame is cut off, and the writer goes on when there is room", () => {
    const container = madeContainer(4);
    const writer = store.open({ daemon: true });
    const kept: Sample[] = [];
    for (let i = 0; i < 60; i++) {
      const sample = container.next();
      const isFull = i >= 20 && i < 40;
      store.host.fail(isFull ? { bytes: i % 7 === 0 ? 0 : 50, errno: -28 } : null);
      const result = writer.append(sample);
      expect(result.written).toBe(!isFull);
      if (isFull) expect(result.problem).toMatch(/No space left on device$/);
      else kept.push(sample);
    }
    const { samples, lost } = store.read();
    expect(samples).toEqual(kept);
    expect(lost.bytes).toBe(0);
  });

  test("two writers: the second is refused", () => {
    store.open();
    expect(() => store.open()).toThrow(/another program writes there$/);
  });

  test("the directory is removed under a daemon: it begins anew", () => {
    const container = madeContainer(4);
    const writer = store.open({ daemon: true });
    writer.append(container.next());
    rmSync(store.directory, { recursive: true });
    const results = [writer.append(container.next()), writer.append(container.next())];
    expect(results[1]?.written).toBe(true);
    expect(store.read().samples.length).toBeGreaterThanOrEqual(1);
  });

  test("leftovers of a writer that died while it compressed", () => {
    const samples = fill(1450);
    const log = join(store.directory, "20261120-00.log");
    writeFileSync(join(store.directory, "20261120-00.pack.tmp"), "half");
    writeFileSync(log, "not removed yet");
    expect(store.read().samples).toEqual(samples);
    store.open();
    expect(existsSync(log)).toBe(false);
    expect(store.files()).toEqual(["20261120-00.pack", "20261121-00.log"]);
  });

  test("what was lost before a day was compressed is still said afterwards", () => {
    const samples = fill(1439);
    const path = join(store.directory, "20261120-00.log");
    const bytes = readFileSync(path);
    bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const before = store.read();
    expect(before.samples).toHaveLength(samples.length - 1);
    const container = madeContainer(8);
    const writer = store.open();
    const next = container.next(3 * 86_400);
    writer.append(next);
    writer.pack();
    expect(store.files()[0]).toBe("20261120-00.pack");
    const after = store.read();
    expect(after.samples).toEqual([...before.samples, next]);
    expect(after.lost).toEqual(before.lost);
  });
});
