import { describe, expect, test } from "vitest";
import { figure } from "../../lib/container/figure.ts";
import { utcTime } from "../../lib/system/testing/memory_system.ts";
import type { UptimeModel } from "./collect.ts";
import { renderPretty, renderRaw, renderSince, renderUptime } from "./render.ts";

const NOW = 1_700_000_000.9;

function model(
  seconds: number | null,
  users: number | null = 0,
  load: readonly [number, number, number] | null = null,
): UptimeModel {
  const [load1 = 0, load5 = 0, load15 = 0] = load ?? [];
  return {
    nowSeconds: NOW,
    uptimeSeconds: figure(seconds, "", []),
    users: { path: "/run/utmp", exists: true, count: users },
    load: {
      load: load === null ? null : { load1, load5, load15, runnable: 1, threads: 2, lastPid: 3 },
      source: load === null ? null : "loadcalc",
      path: "",
      problem: null,
    } as unknown as UptimeModel["load"],
  };
}

test.each([
  [model(60), " 22:13:20 up 1 min,  0 users,  load average: -, -, -\n"],
  [model(3900, 1, [0.4, 0.304, 25]), " 22:13:20 up  1:05,  1 user,  load average: 0.40, 0.30, 25.00\n"],
  [model(90_000, 12), " 22:13:20 up 1 day,  1:00, 12 users,  load average: -, -, -\n"],
  [model(null, null), " 22:13:20 up -, ? users,  load average: -, -, -\n"],
])("default %#", (one, text) => {
  expect(renderUptime(one, utcTime(NOW))).toBe(text);
});

describe("other forms", () => {
  test("--pretty, --since, --raw", () => {
    expect(renderPretty(model(3900))).toBe("up 1 hour, 5 minutes\n");
    expect(renderSince(model(20), utcTime)).toBe("2023-11-14 22:13:00\n");
    expect(renderRaw(model(12.5, 2, [1, 2, 3]))).toBe("1700000000 12.500000 2 1.00 2.00 3.00\n");
  });

  test("what is not known prints -, never 0", () => {
    expect(renderPretty(model(null))).toBe("up -\n");
    expect(renderSince(model(null), utcTime)).toBe("-\n");
    expect(renderRaw(model(null, null))).toBe("1700000000 - - - - -\n");
  });
});
