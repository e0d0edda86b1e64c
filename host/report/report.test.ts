import { expect, test } from "vitest";
import type { ContainerDocument } from "../../lib/container/document.ts";
import { madeContainer } from "../../lib/history/testing/made_samples.ts";
import { parseSeconds } from "../commands/report.ts";
import { type Point, pointOf, spreadOf, totalOf } from "./points.ts";
import { renderCsv, renderReport } from "./render.ts";
import { renderPage } from "./render_page.ts";
import { containerReport, type HostReport, hostTotal } from "./report.ts";

const MIB = 1024 * 1024;
const HOST = { memoryBytes: 8 * 1024 * MIB, cpus: 8, pidMax: 32768 };

function point(change: Partial<Point> = {}): Point {
  return {
    atMs: 1_800_000_000_000,
    seconds: 60,
    cpuCores: 0.5,
    workingSetBytes: 100 * MIB,
    tasks: 10,
    periods: 600,
    throttledPeriods: 0,
    pressure: [0.1, 0, null],
    oomKills: 0,
    ...change,
  };
}

const many = (count: number, change: Partial<Point> = {}): Point[] =>
  Array.from({ length: count }, (_, i) => point({ atMs: 1_800_000_000_000 + i * 60_000, ...change }));

interface Facts {
  readonly name?: string;
  readonly limitBytes?: number | "max" | null;
  readonly peakBytes?: number | null;
  readonly oomKill?: number | null;
  readonly pidsPeak?: number | null;
}

/** What a report reads of the document. */
function document(facts: Facts = {}): ContainerDocument {
  const limitBytes = facts.limitBytes === undefined ? 256 * MIB : facts.limitBytes;
  return {
    container: { id: "ab".repeat(32), name: facts.name ?? "web", image: "image" },
    memory: { limitBytes, maxUsageBytes: facts.peakBytes ?? null, events: { oomKill: facts.oomKill ?? 0 } },
    cpu: { quotaCores: 1, capacityCores: 1, hostCpus: 8 },
    pids: { limit: 100, peak: facts.pidsPeak ?? null, hostPidMax: HOST.pidMax },
  } as unknown as ContainerDocument;
}

const reportOf = (stored: readonly Point[], facts: Facts = {}, live: readonly Point[] = []) =>
  containerReport({ document: document(facts), stored, live, problems: [] }, HOST.memoryBytes);

test("a stretch: rates by the measured time, gauges as they are at its end", () => {
  const made = madeContainer(1);
  const [before, after] = [made.next(), made.next()];
  const seconds = (after.monotonicMs - before.monotonicMs) / 1000;
  const value = (sample: typeof after, group: string, field: number) =>
    sample.groups.get(group)?.[0]?.values[field] as number;
  const used = value(after, "cpu", 0) - value(before, "cpu", 0);
  const found = pointOf(before, after);
  expect(found?.cpuCores).toBeCloseTo(used / 1e6 / seconds, 9);
  expect(found).toMatchObject({
    seconds,
    workingSetBytes: value(after, "mem", 6),
    tasks: value(after, "pids", 0),
    periods: value(after, "throttle", 0) - value(before, "throttle", 0),
    oomKills: 0,
  });
  expect(pointOf(before, { ...after, bootId: "another" })).toBeNull();
  expect(pointOf(before, { ...after, containerId: "another" })).toBeNull();
  expect(pointOf(before, { ...after, monotonicMs: before.monotonicMs + 901_000 })).toBeNull();
  expect(pointOf(after, before)).toBeNull();
  const without = new Map([...after.groups].filter(([name]) => name !== "cpu"));
  expect(pointOf(before, { ...after, groups: without })?.cpuCores).toBeNull();
});

test("peak, p95 and mean count every value for as long as it was so", () => {
  const points = [
    point({ seconds: 94, cpuCores: 1 }),
    point({ seconds: 2, cpuCores: 2 }),
    point({ seconds: 4, cpuCores: 9 }),
    point({ seconds: 1000, cpuCores: null }),
  ];
  expect(spreadOf(points, (each) => each.cpuCores)).toEqual({ peak: 9, p95: 2, mean: 1.34 });
  expect(spreadOf([], (each) => each.cpuCores)).toEqual({ peak: null, p95: null, mean: null });
  expect(totalOf(points, (each) => each.oomKills)).toBe(0);
  expect(totalOf([point({ oomKills: null })], (each) => each.oomKills)).toBeNull();
});

test.each([
  ["an hour of samples: the highest working set and a quarter", many(60), {}, 128 * MIB],
  [
    "the kernel's peak does not count then: it is page cache too",
    many(60),
    { peakBytes: 250 * MIB },
    128 * MIB,
  ],
  ["a short look: the kernel's peak", many(1), { peakBytes: 140 * MIB }, 176 * MIB],
  ["a cache that filled the limit shows no need", many(1), { peakBytes: 256 * MIB }, null],
  ["neither long nor a peak: what was seen", many(1), {}, 128 * MIB],
  ["too short", [point({ seconds: 59 })], {}, null],
  ["killed: half as much again", many(60), { oomKill: 2 }, 384 * MIB],
  ["killed in the window only", [...many(60), point({ oomKills: 1 })], {}, 384 * MIB],
  ["never more than the host has", many(60, { workingSetBytes: 7000 * MIB }), {}, 8 * 1024 * MIB],
  ["nothing known", [], { limitBytes: null }, null],
])("memory: %s", (_name, points, facts, expected) => {
  expect(reportOf(points, facts).suggested.memoryBytes.value).toBe(expected);
});

test.each([
  ["p95 and a quarter, in tenths", many(10, { cpuCores: 0.5 }), 0.7],
  ["idle", many(10, { cpuCores: 0 }), 0.1],
  ["throttled", many(10, { cpuCores: 0.99, throttledPeriods: 31 }), 1.5],
  ["throttled now and then", many(10, { cpuCores: 0.4, throttledPeriods: 30 }), 0.5],
  ["never more than the host has", many(10, { cpuCores: 7.9 }), 8],
  ["unknown", many(10, { cpuCores: null }), null],
  ["too short", [point({ seconds: 59 })], null],
])("CPU: %s", (_name, points, expected) => {
  expect(reportOf(points).suggested.cpuCores.value).toBe(expected);
});

test("tasks: twice the peak, the kernel's where there is one", () => {
  expect(reportOf(many(2)).suggested.pids.value).toBe(32);
  expect(reportOf([], { pidsPeak: 50 }).suggested.pids.value).toBe(128);
  expect(reportOf([]).suggested.pids.value).toBeNull();
  // A container's own history may say anything.
  expect(reportOf(many(2, { tasks: 1e15 })).suggested.pids.value).toBe(HOST.pidMax);
});

test("the window says what was seen and by whom", () => {
  expect(reportOf(many(2), {}, many(1)).window).toMatchObject({ coveredSeconds: 180, source: "both" });
  expect(reportOf(many(2)).window.source).toBe("history");
  expect(reportOf([], {}, many(2)).window.source).toBe("samples");
  expect(reportOf([]).window).toEqual({ fromUnixMs: null, toUnixMs: null, coveredSeconds: 0, source: null });
});

test("sums: one without a limit makes them max, one unknown makes them unknown", () => {
  const [known, without, unknown] = [
    reportOf(many(60)),
    reportOf(many(60), { limitBytes: "max" }),
    reportOf([], { limitBytes: null }),
  ];
  expect(hostTotal([known, known], HOST).memory).toEqual({
    host: HOST.memoryBytes,
    limits: 512 * MIB,
    withoutLimit: 0,
    peaks: 200 * MIB,
    means: 200 * MIB,
    suggested: 256 * MIB,
  });
  expect(hostTotal([known, without], HOST).memory).toMatchObject({ limits: "max", withoutLimit: 1 });
  expect(hostTotal([without, unknown], HOST).memory).toMatchObject({ limits: null, peaks: null });
});

const HOSTILE = `<img src=x onerror="document.title='pwned'">\u001b[31m'"&`;

function hostReport(name: string, points: readonly Point[]): HostReport {
  const containers = [reportOf(points, { name })];
  const total = hostTotal(containers, HOST);
  return { schema: "procg.host-report/v1", host: HOSTILE, generatedAt: "now", containers, total };
}

test("names of containers are text: in the table, in CSV and on the page", () => {
  const report = hostReport(HOSTILE, many(60));
  const table = renderReport(report);
  const csv = renderCsv({ ...report, containers: [reportOf(many(60), { name: '=cmd|" /c calc"!A1' })] });
  const page = renderPage(report, new Map([["ab".repeat(32), many(60)]]));
  for (const text of [table, csv, page]) expect(text).not.toContain("\u001b");
  expect(csv).toContain(`,"'=cmd|"" /c calc""!A1",`);
  expect(page).not.toMatch(/<img|onerror="/);
  expect(page).toContain("&lt;img src=x onerror=&quot;");
  expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'/);
  expect(page).toMatch(/<polyline points="0,[\d.]+ [^"]*299,[\d.]+"\/>/);
});

test("what is not known is a dash, an empty cell, and no line in the chart", () => {
  const report = hostReport("idle", []);
  expect(renderReport(report)).toContain("-/-/- of 256M");
  const [head = "", row = ""] = renderCsv(report).split("\r\n");
  const cell = row.split(",")[head.split(",").indexOf("memory.workingSetBytes.peak")];
  expect(cell).toBe("");
  expect(renderPage(report, new Map())).toContain('<polyline points=""/>');
  expect(renderCsv({ ...report, containers: [] })).toBe("");
});

test.each([
  ["90", 90],
  ["1.5m", 90],
  ["2h", 7200],
  ["7d", 604_800],
  ["0", 0],
  ["-1", null],
  ["1 h", null],
  ["", null],
])("a time: %s", (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds);
});
