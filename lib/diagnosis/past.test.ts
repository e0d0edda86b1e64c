import { describe, expect, test } from "vitest";
import { testStore } from "../history/testing/store.ts";
import { groupsOf, MODULES } from "../sampler/modules.ts";
import { NO_LIMITS, type Sample } from "../sampler/sample.ts";
import { episodesOf, readEpisodes } from "./past.ts";

const START = 1_790_000_000_000;

/** One a minute, by raw values: throttled periods, OOM kills. */
function sample(minute: number, periods: number, throttled: number, kills = 0, bootId = "b"): Sample {
  const groups = new Map(
    groupsOf(MODULES).map((group) => [
      group.name,
      [{ name: "", values: group.fields.map(() => null as number | null) }],
    ]),
  );
  groups.set("throttle", [{ name: "", values: [periods, throttled, 0] }]);
  groups.set("oom", [{ name: "", values: [kills, null, null, null] }]);
  groups.set("pids", [{ name: "", values: [5, -1] }]);
  return {
    realtimeMs: START + minute * 60_000,
    monotonicMs: minute * 60_000,
    bootId,
    containerId: "c",
    limits: NO_LIMITS,
    groups,
  };
}

const at = (minute: number) => new Date(START + minute * 60_000).toISOString();

describe("episodes", () => {
  test("minutes in a row in which a rule held are one", () => {
    const samples = [
      sample(0, 0, 0),
      sample(1, 600, 10),
      sample(2, 1200, 310),
      sample(3, 1800, 700, 1),
      sample(4, 2400, 700, 1),
      sample(5, 3000, 1000, 1),
    ];
    expect(episodesOf(samples)).toEqual([
      { id: "throttled", from: at(1), to: at(3) },
      { id: "oom", from: at(2), to: at(3) },
      { id: "throttled", from: at(4), to: at(5) },
    ]);
  });

  test("nothing is told across a gap, another boot, or unknown figures", () => {
    expect(episodesOf([sample(0, 0, 0), sample(20, 600, 600)])).toEqual([]);
    expect(episodesOf([sample(0, 0, 0), sample(1, 600, 600, 0, "other")])).toEqual([]);
    expect(episodesOf([])).toEqual([]);
  });
});

test("they are read from loadcalc's store, of the last day only", async () => {
  const store = testStore();
  const writer = store.open();
  for (const [minute, periods, throttled] of [
    [0, 0, 0],
    [1, 600, 600],
    [2, 1200, 1200],
    [1500, 9000, 1200],
    [1501, 9600, 1700],
  ] as const) {
    writer.append(sample(minute, periods, throttled));
  }
  writer.end(START + 1501 * 60_000, 1501 * 60_000);
  const system = {
    ...store.system,
    realtimeSeconds: () => (START + 1502 * 60_000) / 1000,
    openFileHost: async () => store.host,
  };
  expect(await readEpisodes(system, store.directory)).toEqual([
    { id: "throttled", from: at(1500), to: at(1501) },
  ]);
  expect(await readEpisodes(store.system, store.directory)).toBeNull();
  store.remove();
});
