/**
 * loadcalc over very many ticks of a clock that jumps from one to the next, with history, thresholds and real clients, beside the kernel's
 * arithmetic: what it counted, served and kept, and what it takes on the way.
 */
import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { readHistory } from "../../lib/history/reader.ts";
import { nodeFileHost } from "../../lib/system/node/node_file_host.ts";
import { nodeSystem } from "../../lib/system/node/node_system.ts";
import { bytesIn, type StandingDaemon } from "./standing_daemon.ts";

const PERIOD_SECONDS = 5;
/** Ticks between two samples of the history. */
const HISTORY_TICKS = 12;
/** Open while a closed day is packed, a step each minute. */
const PACKING_FILES = 2;
const DAY_MS = 86_400_000;
const HISTORY_DAYS = 31;

/** The rules that the daemon watches; `load1` is compared with the arithmetic. */
export const RULES = "warning load.load1 > 2\ncritical mem.util > 99\nwarning cpu.util > 50\n";
const LOAD_LIMIT = 2;

/** The kernel's sum (kernel/sched/loadavg.c, calc_load), with the rounding of >= 4.7. */
function nextLoad(load: number, factor: number, active: number): number {
  const sum = load * factor + active * 2048 * (2048 - factor);
  return Math.floor((active * 2048 >= load ? sum + 2047 : sum) / 2048);
}
const FACTORS = [1884, 2014, 2037];

/** As /proc/loadavg prints it (fs/proc/loadavg.c), in hundredths. */
const hundredths = (load: number): number => Math.floor(((load + 10) * 100) / 2048);
const printed = (load: number): string => (hundredths(load) / 100).toFixed(2);

/** The threads of the nth batch: from none to five, every way of being active and of not being it. */
const STATES = ["RRDSS", "SSSSS", "RSSSS", "RRRRD", "SZTSI", "DDSSS", "RRRRR", "SSSSR"] as const;
const statesOf = (batch: number): string => STATES[batch % STATES.length] ?? "";
const activeIn = (states: string): number => [...states].filter((one) => one === "R" || one === "D").length;

const PATHS = [
  ["/v1/metrics.json", 200],
  ["/v1/metrics.json?compat=docker-metric", 200],
  ["/v1/metrics.json?compat=nothing", 400],
  ["/v1/load", 200],
  ["/v1/alerts", 200],
  ["/metrics", 200],
  ["/healthz", 200],
  ["/version", 200],
  ["/", 200],
  ["/nowhere", 404],
] as const;

export interface SoakReport {
  readonly requests: number;
  /** kB, at the end of each batch, when no client is there. */
  readonly rssAnonKb: readonly number[];
  readonly historyBytes: readonly number[];
  /** Samples in the history at the end. */
  readonly frames: number;
}

/** Throws where something is lost, or is not what the arithmetic says. */
export async function soak(
  daemon: StandingDaemon,
  batches: number,
  ticksPerBatch: number,
): Promise<SoakReport> {
  let loads = [0, 0, 0];
  let tick = 0;
  let requests = 0;
  /** load1 in hundredths at each sample of the history; the first is of the daemon's start. */
  const kept = [0];
  const rssAnonKb: number[] = [];
  const historyBytes: number[] = [];
  const idle = daemon.openFiles();
  for (let batch = 0; batch < batches; batch++) {
    const states = statesOf(batch);
    const active = activeIn(states);
    daemon.setThreads(states);
    const slow = await slowClients(daemon);
    requests += slow.requests;
    // Half a second behind the tick, which is a few milliseconds late.
    await daemon.goTo((tick + ticksPerBatch) * PERIOD_SECONDS + 0.5);
    await slow.gone();
    for (let i = 0; i < ticksPerBatch; i++) {
      tick++;
      loads = loads.map((load, at) => nextLoad(load, FACTORS[at] ?? 0, active));
      if (tick % HISTORY_TICKS === 0) kept.push(hundredths(loads[0] ?? 0));
    }
    requests += await askAll(daemon, batch);
    requests += await checkLoads(daemon, loads, tick, active, (kept[kept.length - 1] ?? 0) / 100);
    await untilOpen(daemon, idle + PACKING_FILES);
    rssAnonKb.push(daemon.rssAnonKb());
    historyBytes.push(bytesIn(daemon.history));
  }
  await untilOpen(daemon, idle);
  await checkCounts(daemon, requests);
  expect(await daemon.end()).toBe(0);
  const state = JSON.parse(readFileSync(join(daemon.run, "loadcalc.state"), "utf8"));
  // The first tick starts the averages.
  expect(state).toMatchObject({ samples: tick, missedPeriods: 0, averages: loads });
  return { requests, rssAnonKb, historyBytes, frames: checkHistory(daemon.history, kept) };
}

async function until(what: () => boolean, why: () => string): Promise<void> {
  for (let i = 0; !what(); i++) {
    if (i > 5000) throw new Error(why());
    await sleep(1);
  }
}

/** Whoever has closed a connection waits for the daemon to see it. */
function untilOpen(daemon: StandingDaemon, most: number): Promise<void> {
  return until(
    () => daemon.openFiles() <= most,
    () => `${daemon.openFiles()} open files, not ${most}`,
  );
}

/** One that has asked nothing and one that is stuck in its request: both must be gone when the clock has moved on. */
async function slowClients({
  port,
}: StandingDaemon): Promise<{ requests: number; gone: () => Promise<void> }> {
  const open = (text: string): Promise<Socket> =>
    new Promise((done, fail) => {
      const socket = connect(port, "127.0.0.1", () => {
        if (text !== "") socket.write(text);
        done(socket);
      });
      socket.on("error", fail);
      socket.resume();
    });
  const sockets = await Promise.all(["", "GET /metrics HTTP/1.1\r\nHost: loc"].map(open));
  return {
    requests: 0,
    gone: () =>
      until(
        () => sockets.every((socket) => socket.closed),
        () => "a slow client is still there",
      ),
  };
}

/** Every path, on both sockets, on one connection and on one each. Gives how many requests that were. */
async function askAll(daemon: StandingDaemon, batch: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const tcp = batch % 2 === 0;
  for (const [path, status] of PATHS) {
    expect([path, (await daemon.ask(path, { tcp, agent })).status]).toEqual([path, status]);
  }
  agent.destroy();
  const format = { headers: { accept: "application/openmetrics-text" } };
  expect((await daemon.ask("/metrics", { tcp: !tcp, ...format })).body).toMatch(/\n# EOF\n$/);
  expect((await daemon.ask("/metrics", { tcp: !tcp, method: "HEAD" })).body).toBe("");
  return PATHS.length + 2;
}

/** What is served and written is what the arithmetic says. Gives how many requests that took. */
async function checkLoads(
  daemon: StandingDaemon,
  loads: readonly number[],
  tick: number,
  active: number,
  load1InHistory: number,
): Promise<number> {
  const shown = loads.map(printed);
  const [load1, load5, load15] = shown.map(Number);
  const load = JSON.parse((await daemon.ask("/v1/load")).body);
  expect(load).toMatchObject({ load1, load5, load15, fixedPoint: loads, samples: tick, missedPeriods: 0 });
  expect(load.runnable + load.uninterruptible).toBe(active);
  const text = readFileSync(join(daemon.run, "loadavg"), "utf8");
  expect(text.split(" ").slice(0, 3)).toEqual(shown);
  const { alarms } = JSON.parse((await daemon.ask("/v1/alerts")).body);
  const alarm = alarms.find((one: { name: string }) => one.name === "load.load1");
  expect(alarm).toMatchObject({ value: load1InHistory, isActive: load1InHistory > LOAD_LIMIT });
  return 2;
}

/** The daemon has counted every request, and has refused none. */
async function checkCounts(daemon: StandingDaemon, requests: number): Promise<void> {
  daemon.child.kill("SIGUSR1");
  const line = /(\d+) requests, (\d+) refused/;
  await until(
    () => line.test(daemon.log()),
    () => `no line for SIGUSR1: ${daemon.log()}`,
  );
  const [, counted, refused] = line.exec(daemon.log()) ?? [];
  expect([Number(counted), Number(refused)]).toEqual([requests, 0]);
}

/** Every sample of the days that are kept is there, once, at its minute, with its load; no other. Gives how many. */
function checkHistory(directory: string, kept: readonly number[]): number {
  const found: [ms: number, load: number | null][] = [];
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, groups: new Set(["load"]) };
  const host = nodeFileHost();
  const lost = readHistory(nodeSystem(), host, directory, range, {
    sample: ({ realtimeMs, groups }) =>
      void found.push([realtimeMs, groups.get("load")?.[0]?.values[0] ?? null]),
  });
  host.end();
  expect(lost).toEqual({ bytes: 0, frames: 0, records: 0, files: 0 });
  const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);
  const periodMs = HISTORY_TICKS * PERIOD_SECONDS * 1000;
  // Ticks are late by milliseconds.
  const startMs = Math.floor((found[0]?.[0] ?? 0) / periodMs) * periodMs;
  const lastMs = Math.floor((found[found.length - 1]?.[0] ?? 0) / periodMs) * periodMs;
  const firstOfAll = lastMs - (kept.length - 1) * periodMs;
  const expected = kept
    .map((load, index): [number, number] => [firstOfAll + index * periodMs, load])
    .filter(([ms]) => dayOf(ms) > dayOf(lastMs) - HISTORY_DAYS);
  expect(startMs).toBe(expected[0]?.[0]);
  const late = found.map(([ms], index) => ms - (expected[index]?.[0] ?? 0));
  expect([Math.min(...late) >= 0, Math.max(...late) < 50]).toEqual([true, true]);
  expect(found.map(([, load]) => load)).toEqual(expected.map(([, load]) => load));
  return found.length;
}
