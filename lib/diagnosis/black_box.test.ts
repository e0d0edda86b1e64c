import { describe, expect, test } from "vitest";
import type { Container } from "../container/container.ts";
import { openContainer } from "../container/container.ts";
import type { ContainerDocument } from "../container/document.ts";
import { procFiles } from "../container/testing/container_tree.ts";
import type { ServiceHost } from "../system/service_host.ts";
import { memorySystem } from "../system/testing/memory_system.ts";
import { type BlackBox, type BoxEntry, boxText, FILE_BYTES, parseBox, withEntry } from "./black_box.ts";
import { createBoxWriter } from "./box_writer.ts";
import { renderLastOom } from "./render.ts";

const entry = (second: number, comm = "worker"): BoxEntry => ({
  atUnixMs: 1_790_000_000_000 + second * 1000,
  reason: "memory",
  limitBytes: 64 << 20,
  usageBytes: 62 << 20,
  anonBytes: 60 << 20,
  shmemBytes: 0,
  kernelBytes: null,
  pids: 5,
  processes: Array.from({ length: 6 }, (_, index) => ({
    pid: 10 + index,
    startTicks: 5,
    comm,
    residentBytes: 10 << 20,
    anonBytes: 9 << 20,
    cpuUsec: 5,
  })),
});
const EMPTY: BlackBox = { version: 1, bootId: "b", initStartTicks: 1, recent: [], ooms: [] };

describe("the ring", () => {
  test("never grows beyond its bounds, whatever the names, and is read back", () => {
    for (const comm of ["worker", "\x01".repeat(63), "\u{1F600}".repeat(30), "ä".repeat(63)]) {
      let box = EMPTY;
      for (let i = 0; i < 100; i++) box = withEntry(box, entry(i * 5, comm), i % 3 === 0 ? 1 : 0);
      expect([box.recent.length, box.ooms.length]).toEqual([12, 4]);
      const text = boxText(box);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(FILE_BYTES);
      const back = parseBox(text);
      expect(back?.ooms.length).toBeGreaterThan(0);
      expect(back?.ooms[back.ooms.length - 1]?.after.atUnixMs).toBe(entry(495).atUnixMs);
    }
  });

  test("a kill keeps the entry before it, unless that is an old one", () => {
    expect(withEntry(withEntry(EMPTY, entry(0), 0), entry(5), 2).ooms).toEqual([
      { kills: 2, before: entry(0), after: entry(5) },
    ]);
    expect(withEntry(withEntry(EMPTY, entry(0), 0), entry(300), 1).ooms[0]?.before).toBeNull();
  });

  test("what is no box is none; every beginning of one too", () => {
    const text = boxText(withEntry(EMPTY, entry(0), 1));
    for (let end = 0; end < text.length - 1; end += 7) expect(parseBox(text.slice(0, end))).toBeNull();
    for (const other of ["[]", "null", "{}", '{"version":2}', text.replace('"recent":[{', '"recent":[7,{')])
      expect(parseBox(other)).toBeNull();
    const odd = text.replace(/"comm":"worker"/g, '"comm":7').replace(/"pid":10/, '"pid":"x"');
    expect(parseBox(odd)?.recent[0]?.processes[0]).toMatchObject({ pid: 0, comm: "" });
    // No Date can be of that moment.
    expect(parseBox(text.replace(/"atUnixMs":\d+/g, '"atUnixMs":1e300'))).toBeNull();
  });
});

describe("--last-oom as text", () => {
  const told = (box: BlackBox | null, sameRun: boolean | null = true) =>
    renderLastOom({ schema: "procg.why-oom/v1", box, sameRun });

  test("what held the memory, who is gone, and that the container was started anew", () => {
    const after = { ...entry(5), processes: entry(5).processes.slice(1) };
    const text = told(withEntry(withEntry(EMPTY, entry(0), 0), after, 1), false);
    expect(text).toMatch(/^oom: 1 kill in the seconds before .*, before the container was started anew\n/);
    expect(text).toContain("5 s before: usage 62Mi of 64Mi, anonymous 60Mi");
    expect(text).toContain("gone, or no longer among the largest: worker (10)\n");
  });

  test("nothing recorded", () => {
    expect(told(null)).toBe("no OOM kill was recorded\n");
    expect(told(withEntry(EMPTY, entry(0), 0))).toMatch(/^no OOM kill was recorded; near a limit at /);
  });

  test("names are made safe", () => {
    expect(told(withEntry(EMPTY, entry(0, "\x1b[31m\nx"), 1))).not.toMatch(/[^\n\P{Cc}]/u);
  });
});

describe("the writer", () => {
  const document = (second: number, usageBytes: number) =>
    ({
      sampledAtUnixMs: 1_790_000_000_000 + second * 1000,
      memory: { limitBytes: 1000, usageBytes, rssBytes: 1, shmemBytes: 0, kernelBytes: null },
      pids: { current: 3 },
    }) as unknown as ContainerDocument;

  function writer() {
    const texts: string[] = [];
    const host = { replaceFile: (_: string, text: string) => texts.push(text) } as unknown as ServiceHost;
    const container: Container = openContainer(memorySystem(procFiles()), {
      host: false,
      cgroup: null,
    });
    return { texts, container, box: createBoxWriter(host, "/run/procg") };
  }

  test("pressure that lasts is written each sample for a minute, then twice a minute; growth and kills at once", () => {
    const { texts, container, box } = writer();
    for (let i = 0; i < 12; i++) box.add(container, document(i * 5, 950), "memory", 0);
    expect(texts.length).toBe(12);
    for (let i = 12; i < 36; i++) box.add(container, document(i * 5, 950), "memory", 0);
    expect(texts.length).toBe(16);
    box.add(container, document(181, 975), "memory", 0);
    expect(texts.length).toBe(17);
    box.add(container, document(182, 975), "oom", 1);
    expect(texts.length).toBe(18);
    expect(parseBox(texts[17] ?? "")?.ooms[0]?.before?.usageBytes).toBe(975);
  });
});
