import { describe, expect, test } from "vitest";
import { answer } from "./ask.ts";
import type { BlackBox, BoxEntry } from "./black_box.ts";
import { type Past, whyDocument } from "./document.ts";
import { judge } from "./judge.ts";
import type { Episode } from "./past.ts";
import { renderWhy } from "./render.ts";
import { hostCpu, known, limitOf, look, looks, pressureOf, thread } from "./testing/looks.ts";

const NO_PAST: Past = { box: null, episodes: null };
const ids = (pair: Parameters<typeof whyDocument>[0], past = NO_PAST) =>
  whyDocument(pair, past, null).verdicts.map((verdict) => verdict.id);
const D = { tasks: { processes: [], threads: [thread(5, { state: "D" })], threadCount: 1 } };
const NOW_MS = (look().realtimeSeconds + 2) * 1000;
const iso = (secondsAgo: number) => new Date(NOW_MS - secondsAgo * 1000).toISOString();

describe("which verdicts stand beside each other", () => {
  test("nothing found is healthy, alone, with what was looked at", () => {
    const document = whyDocument(looks(), NO_PAST, null);
    expect(document).toMatchObject({ verdict: "healthy", intervalSeconds: 2, notKnown: [] });
    expect(document.verdicts[0]?.evidence.length).toBeGreaterThan(5);
    expect(answer(looks(), NO_PAST, null, { json: true, explain: false }).status).toBe(0);
  });

  test("one that uses all the CPU that it may is told so", () => {
    const busy = { hostCpu: hostCpu(look(), 1) };
    expect(whyDocument(looks({}, busy, 1.98), NO_PAST, null).verdicts[0]?.summary).toBe(
      "nothing found in 2.0 s; it uses all the CPU that it may",
    );
  });

  test("waiting for IO explains threads in D; waiting for memory explains both", () => {
    const io = { ...look().pressure, io: pressureOf(1) };
    expect(ids(looks(D, { ...D, pressure: io }))).toEqual(["io-stall"]);
    expect(ids(looks(D, { ...D, pressure: { ...io, memory: pressureOf(1) } }))).toEqual(["memory-stall"]);
    expect(ids(looks(D, D))).toEqual(["d-state"]);
  });

  test("a frozen container is frozen, whatever its threads look like", () => {
    const frozen = { ...look().frozen, isFrozen: true };
    expect(ids(looks({ ...D, frozen }, { ...D, frozen }))).toEqual(["frozen"]);
  });

  test("the critical one comes first", () => {
    const near = { pids: { current: known(95), limit: limitOf(100) } };
    const full = { quotas: [{ file: "/cpu.stat", periods: 20, throttled: 20, throttledUsec: 1e6 }] };
    const before = { quotas: [{ file: "/cpu.stat", periods: 0, throttled: 0, throttledUsec: 0 }] };
    expect(ids(looks({ ...near, ...before }, { ...near, ...full }))).toEqual(["throttled", "pids-limit"]);
  });

  test("throttled explains the waiting for a CPU", () => {
    const quota = (periods: number, throttled: number) => ({
      file: "/cpu.stat",
      periods,
      throttled,
      throttledUsec: 0,
    });
    const waiting = { pressure: { ...look().pressure, cpu: pressureOf(1.8) }, hostCpu: hostCpu(look(), 1) };
    expect(ids(looks({}, waiting))).toEqual(["noisy-neighbour"]);
    expect(ids(looks({ quotas: [quota(0, 0)] }, { ...waiting, quotas: [quota(20, 5)] }))).toEqual([
      "throttled",
    ]);
    const told = judge(looks({ quotas: [quota(0, 0)] }, { ...waiting, quotas: [quota(20, 5)] }));
    expect(told.find((one) => one.id === "noisy-neighbour")?.summary).toContain("explained by throttled");
  });
});

describe("cannot tell", () => {
  test("without memory, without CPU, with one look", () => {
    expect(whyDocument(looks({ memory: null }), NO_PAST, null)).toMatchObject({
      verdict: "unknown",
      verdicts: [{ severity: "unknown", summary: "cannot tell: what memory it uses cannot be read" }],
    });
    expect(ids(looks({}, {}, -1))).toEqual(["unknown"]);
    expect(ids({ before: null, after: look(), seconds: 0 })).toEqual(["unknown"]);
    expect(answer(looks({ memory: null }), NO_PAST, null, { json: false, explain: false }).status).toBe(2);
  });

  test("a finding is one even where other things are not known", () => {
    expect(ids(looks({ memory: null, ...D }, D))).toEqual(["d-state"]);
  });

  test("v1 is healthy without pressure, and says what it could not look at", () => {
    const v1 = { pressure: { cpu: null, memory: null, io: null }, memoryVersion: 1 as const };
    const document = whyDocument(looks(v1), NO_PAST, null);
    expect(document.verdict).toBe("healthy");
    expect(document.notKnown.map(({ id }) => id)).toEqual(["memory-stall", "io-stall"]);
  });
});

describe("history", () => {
  const episode = (id: Episode["id"], from: number, to: number): Episode => ({
    id,
    from: iso(from),
    to: iso(to),
  });
  const entry: BoxEntry = {
    atUnixMs: NOW_MS - 40_000,
    reason: "oom",
    limitBytes: 1,
    usageBytes: 1,
    anonBytes: 1,
    shmemBytes: 0,
    kernelBytes: 0,
    pids: 1,
    processes: [],
  };
  const box = (atUnixMs: number): BlackBox => ({
    version: 1,
    bootId: "b",
    initStartTicks: 1,
    recent: [],
    ooms: [{ kills: 2, before: null, after: { ...entry, atUnixMs } }],
  });

  test("since: only while the history's episode lasts until now", () => {
    const since = (to: number) =>
      whyDocument(
        looks(D, { ...D, pressure: { ...look().pressure, io: pressureOf(1) } }),
        {
          box: null,
          episodes: [episode("io-stall", 900, to)],
        },
        null,
      ).verdicts[0]?.since;
    expect(since(60)).toBe(iso(900));
    expect(since(400)).toBeNull();
  });

  test("kills since the start are told, not found; a kill of the last minutes that is dated is found", () => {
    const killed = { oomKills: { file: "/memory.events", value: 12 } };
    const document = whyDocument(looks(killed), NO_PAST, null);
    expect(document).toMatchObject({ verdict: "healthy", sinceStart: { oomKills: 12 } });
    expect(document.verdicts[0]?.summary).toContain("since the start 12 OOM kills, when is not known");
    const found = whyDocument(looks(killed), { box: box(NOW_MS - 40_000), episodes: null }, null).verdicts;
    expect(found).toMatchObject([
      { id: "oom", severity: "warning", summary: "2 OOM kills 40 s ago; none since", at: iso(40) },
    ]);
    expect(ids(looks(killed), { box: box(NOW_MS - 4_000_000), episodes: null })).toEqual(["healthy"]);
    expect(ids(looks(killed), { box: null, episodes: [episode("oom", 130, 70)] })).toEqual(["oom"]);
  });

  test("a box of the future, from a clock that was set, dates nothing", () => {
    expect(ids(looks(), { box: box(NOW_MS + 900_000), episodes: null })).toEqual(["healthy"]);
  });
});

describe("consumers", () => {
  const process = (pid: number, cpuUsec: number, rssBytes: number, comm = "worker", startTicks = 5) => ({
    pid,
    startTicks,
    comm,
    cpuUsec,
    rssBytes,
    anonBytes: null,
  });
  const tasks = (...processes: ReturnType<typeof process>[]) => ({
    tasks: { processes, threads: [], threadCount: 0 },
  });

  test("CPU by difference; a pid that is another process now counts from 0", () => {
    const { consumers } = whyDocument(
      looks(
        tasks(process(1, 9e6, 5), process(2, 8e6, 50)),
        tasks(process(1, 10e6, 5), process(2, 0.2e6, 70, "new", 99)),
      ),
      NO_PAST,
      null,
    );
    expect(consumers.cpu).toEqual([
      { pid: 1, comm: "worker", usedCores: 0.5 },
      { pid: 2, comm: "new", usedCores: 0.1 },
    ]);
    expect(consumers.memory.map(({ pid }) => pid)).toEqual([2, 1]);
  });

  test("names of processes can neither end a line nor move the cursor", () => {
    const evil = "\x1b[2J\nhealthy: all is well\u202e";
    const pair = looks(tasks(process(1, 0, 5, evil)), tasks(process(1, 2e6, 5, evil)));
    const text = renderWhy(whyDocument(pair, NO_PAST, "c\x1b1"));
    expect(text).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
    expect(text.split("\n").filter((line) => line.startsWith("healthy: all"))).toEqual([]);
  });
});
