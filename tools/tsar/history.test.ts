/** Reports from a store: rows, gaps, days of 23 and 25 hours, damage, alerts. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runTool } from "../../lib/cli/run_tool.ts";
import { madeContainer } from "../../lib/history/testing/made_samples.ts";
import { type TestStore, testStore } from "../../lib/history/testing/store.ts";
import type { Sample } from "../../lib/sampler/sample.ts";
import { nodeFileHost } from "../../lib/system/node/node_file_host.ts";
import { nodeSystem } from "../../lib/system/node/node_system.ts";
import { tool } from "./tool.ts";

const ZONE = process.env.TZ;
let store: TestStore;
beforeEach(() => {
  store = testStore();
});
afterEach(() => {
  store.remove();
  process.env.TZ = ZONE ?? "UTC";
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function tsar(nowMs: number, ...args: readonly string[]): Promise<Run> {
  let [out, err] = ["", ""];
  const keep = (add: (text: string) => void) => (text: string) => {
    add(text);
    return 0;
  };
  const system = nodeSystem({
    argv: ["tsar"],
    env: {},
    stdout: keep((text) => {
      out += text;
    }),
    stderr: keep((text) => {
      err += text;
    }),
    clock: { realtimeSeconds: () => nowMs / 1000 },
  });
  const withHost = { ...system, openFileHost: async () => nodeFileHost() };
  const code = await runTool(withHost, tool, "tsar", ["--history", store.directory, ...args]);
  return { code, out, err };
}

/** Minute samples from `startMs`, without those that `skip` names. */
function fill(startMs: number, count: number, skip: (index: number) => boolean = () => false): Sample[] {
  const container = madeContainer(5, { v1: true, share: 0.25 }, startMs - 60_000);
  const writer = store.open({ maxDays: 400 });
  const samples: Sample[] = [];
  for (let i = 0; i < count; i++) {
    const sample = {
      ...container.next(),
      realtimeMs: startMs + i * 60_000,
      monotonicMs: 1_000_000 + i * 60_000,
    };
    if (skip(i)) continue;
    writer.append(sample);
    samples.push(sample);
  }
  writer.end(0, 0);
  store.host.end();
  return samples;
}

const NOON = Date.UTC(2026, 10, 20, 12);
const times = (out: string): string[] =>
  [...out.matchAll(/^\d\d\/\d\d\/\d\d-(\d\d:\d\d)/gm)].map((match) => match[1] ?? "");

describe("rows", () => {
  test("one per interval, at its multiples, with MAX, MEAN, MIN", async () => {
    process.env.TZ = "UTC";
    fill(NOON, 61);
    const { code, out, err } = await tsar(NOON + 3_600_000, "-w", "60", "--cpu");
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(times(out)).toEqual([
      "12:00",
      "12:05",
      "12:10",
      "12:15",
      "12:20",
      "12:25",
      "12:30",
      "12:35",
      "12:40",
      "12:45",
      "12:50",
      "12:55",
      "13:00",
    ]);
    expect(out).toMatch(/\n\nMAX .*\nMEAN .*\nMIN .*\n$/);
    expect(times((await tsar(NOON + 3_600_000, "-w", "60", "-i", "1")).out)).toHaveLength(61);
  });

  test("the first row of the range has rates, from the record before it", async () => {
    process.env.TZ = "UTC";
    fill(NOON, 61);
    const { out } = await tsar(NOON + 3_600_000, "-w", "30", "--cpu", "-s", "util");
    expect(out.split("\n")[2]).toMatch(/^20\/11\/26-12:30 +\d+\.\d\d$/);
  });

  test("a gap is a gap: no rows, and no rate over it", async () => {
    process.env.TZ = "UTC";
    fill(NOON, 61, (i) => i > 20 && i < 40);
    const { out } = await tsar(NOON + 3_600_000, "-w", "60", "--cpu", "-s", "util");
    expect(times(out)).toEqual([
      "12:00",
      "12:05",
      "12:10",
      "12:15",
      "12:20",
      "12:40",
      "12:45",
      "12:50",
      "12:55",
      "13:00",
    ]);
    expect(out).toMatch(/12:40 ------$/m);
    expect(out).toMatch(/12:45 +\d/m);
  });

  test("sampled more seldom than the interval asks for: every record is a row with rates", async () => {
    process.env.TZ = "UTC";
    fill(NOON, 121, (i) => i % 20 !== 0);
    const { out } = await tsar(NOON + 7_200_000, "-w", "120", "--cpu", "-s", "util");
    expect(times(out)).toEqual(["12:00", "12:20", "12:40", "13:00", "13:20", "13:40", "14:00"]);
    expect(out.match(/------/g)).toHaveLength(1);
  });
});

describe("dates", () => {
  test.for([
    { day: "20260329", hours: 23, what: "clocks go forward" },
    { day: "20261025", hours: 25, what: "clocks go back" },
    { day: "20261120", hours: 24, what: "a usual day" },
  ])("$day in Berlin has $hours hours: $what", async ({ day, hours }) => {
    process.env.TZ = "Europe/Berlin";
    const midnight = new Date(
      Number(day.slice(0, 4)),
      Number(day.slice(4, 6)) - 1,
      Number(day.slice(6)),
    ).getTime();
    fill(midnight - 3 * 3_600_000, 31 * 60);
    const now = midnight + 30 * 3_600_000;
    const { out } = await tsar(now, "-d", day, "-i", "60", "--mem");
    expect(times(out)).toHaveLength(hours);
    expect(times(out)[0]).toBe("00:00");
    expect(times(out).at(-1)).toBe("23:00");
    // The same day, as so many days ago.
    expect((await tsar(now, "-d", "1", "-i", "60", "--mem")).out).toBe(out);
  });

  test("nonsense", async () => {
    fill(NOON, 3);
    for (const date of ["2026-11-20", "yesterday", "-1"]) {
      expect((await tsar(NOON, "-d", date)).code).toBe(1);
    }
  });
});

describe("damage and absence", () => {
  test("no store", async () => {
    store.remove();
    const { code, err } = await tsar(NOON);
    expect(code).toBe(1);
    expect(err).toMatch(/^tsar: no history in .*; tsar --live shows what happens now\n$/);
    store = testStore();
  });

  test("what was lost is said on stderr, and in JSON", async () => {
    fill(NOON, 61);
    const path = join(store.directory, "20261120-00.log");
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 255;
    writeFileSync(path, bytes);
    const { code, err } = await tsar(NOON + 3_600_000, "-w", "60");
    expect(code).toBe(0);
    expect(err).toMatch(
      /^tsar: the history is damaged: lost \d+ bytes in 1 places, 29 records whose key frame is damaged\n$/,
    );
    const { lost } = JSON.parse((await tsar(NOON + 3_600_000, "-w", "60", "--json")).out);
    expect(lost).toMatchObject({ frames: 1, records: 29 });
  });
});

describe("check, alert, charts", () => {
  test("the record line, and none of an old record", async () => {
    fill(NOON, 5);
    const { out } = await tsar(NOON + 300_000, "--check", "--mem", "--io");
    expect(out).toMatch(/^\S+\ttsar\tmem:free=\d+\.\d .*mem:util=\d+\.\d io:vda:rrqms=- /);
    const late = await tsar(NOON + 3_600_000, "--check");
    expect(late.code).toBe(1);
    expect(late.err).toMatch(/^tsar: no record of the last 300 s in /);
  });

  test.for([
    { rules: ["mem.util > 10 for 3"], code: 1, text: /^TSAR WARNING - mem\.util is / },
    { rules: ["mem.util > 10", "critical pids.util < 50 for 2m"], code: 2, text: /^TSAR CRITICAL - / },
    { rules: ["mem.util > 99.9"], code: 0, text: /^TSAR OK - no threshold is crossed \| 'mem\.util'=\d/ },
    { rules: ["mem.util > 10 for 2h"], code: 0, text: /^TSAR OK/ },
    { rules: ["threshold cpu.user;1;N;2;N;"], code: 2, text: /^TSAR CRITICAL/ },
    { rules: ["threshold partition./data.util;N;N;90;100;"], code: 0, text: /^TSAR OK/ },
    { rules: ["swap.swpin > 1"], code: 3, text: /^TSAR UNKNOWN - no value is known/ },
  ])("$rules: exit $code", async ({ rules, code, text }) => {
    fill(NOON, 30);
    const run = await tsar(NOON + 29 * 60_000, "--alert", ...rules.flatMap((rule) => ["--rule", rule]));
    expect(run.out).toMatch(text);
    expect(run.code).toBe(code);
  });

  test("mistakes in rules: 3, in one line", async () => {
    for (const rule of ["mem.util >", "nosuch.util > 1", "mem.nosuch > 1", "mem.util > 50 clear 60"]) {
      const { code, err } = await tsar(NOON, "--alert", "--rule", rule);
      expect(code).toBe(3);
      expect(err.split("\n")).toHaveLength(2);
    }
  });

  test("charts: one per column; SVG without anything foreign in it", async () => {
    fill(NOON, 61);
    const { out } = await tsar(NOON + 3_600_000, "-w", "60", "-i", "1", "--cpu", "-s", "user,util", "--plot");
    expect(out).toMatch(/^cpu user\n +\d+\.\d\d \|.*█/m);
    expect(out).toContain("cpu util\n");
    const file = join(store.directory, "chart.svg");
    expect(await tsar(NOON + 3_600_000, "-w", "60", "--cpu", "--plot", "-o", file)).toMatchObject({
      code: 0,
      out: "",
      err: "",
    });
    const svg = readFileSync(file, "utf8");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*>\n/);
    expect(svg.match(/<path d="M/g)?.length).toBeGreaterThanOrEqual(8);
    expect(svg).not.toMatch(/script|href|NaN|Infinity/);
  });
});
