import { describe, expect, test } from "vitest";
import { type AlarmState, watchAlarms } from "./alarm.ts";
import { alarmMetrics, alarmsDocument } from "./alarm_document.ts";
import type { Sample } from "./sample.ts";
import { NO_LIMITS } from "./sample.ts";
import { parseRule, parseRules, type Rule } from "./threshold.ts";

function rule(text: string): Rule {
  const found = parseRule(text);
  if (typeof found === "string") throw new Error(found);
  return found[0] as Rule;
}

describe("the language", () => {
  test.for([
    [
      "mem.util > 90 for 3",
      { level: "warning", module: "mem", item: null, column: "util", comparison: ">", limit: 90, samples: 3 },
    ],
    [
      "critical cpu.util >= 95 for 10m clear 80",
      { level: "critical", seconds: 600, samples: 1, clear: 80, comparison: ">=" },
    ],
    ["warn partition./var/log.bfree < 1000000", { item: "/var/log", column: "bfree", comparison: "<" }],
    ["crit: io.nvme0n1.util <= 0.5", { level: "critical", item: "nvme0n1", comparison: "<=", limit: 0.5 }],
    ["pernic.eth0.100.bytin > 5", { item: "eth0.100", column: "bytin" }],
    ["io.*.util > 1 for 90 s", { item: "*", seconds: 90 }],
  ] as const)("%s", ([text, expected]) => {
    expect(rule(text)).toMatchObject(expected);
  });

  test.for([
    "",
    "mem > 5",
    "mem.util",
    "mem.util > x",
    "mem.util > 1 for",
    "mem.util = 3",
    "mem.util > 1 clear 2",
    "mem.util < 5 clear 4",
  ])("not a rule: '%s'", (text) => {
    expect(parseRule(text)).toEqual(expect.any(String));
  });

  test("a tsar.conf: its thresholds, its processes, its other lines", () => {
    const text = [
      "# a comment",
      "mod_cpu on",
      "mod_proc on nginx",
      "output_interface file,nagios",
      "threshold cpu.util;80;N;95;N;",
      "threshold io.vda.util;N;N;90;100;",
      "threshold nonsense",
      "mem.util > 90   # ours",
      "what is this",
    ].join("\n");
    const { rules, processNames, mistakes } = parseRules(text);
    expect(processNames).toEqual(["nginx"]);
    expect(rules.map(({ level, item, limit, upper }) => [level, item, limit, upper])).toEqual([
      ["warning", null, 80, Number.POSITIVE_INFINITY],
      ["critical", null, 95, Number.POSITIVE_INFINITY],
      ["critical", "vda", 90, 100],
      ["warning", null, 90, Number.POSITIVE_INFINITY],
    ]);
    expect(mistakes).toEqual([
      "line 7: not a threshold: threshold nonsense",
      "line 9: not a rule: what is this",
    ]);
  });
});

describe("alarms", () => {
  function pids(current: number | null, minute: number): Sample {
    const groups = new Map([["pids", [{ name: "", values: [current, 100] }]]]);
    return {
      realtimeMs: minute * 60_000,
      monotonicMs: minute * 60_000,
      bootId: "b",
      containerId: "c",
      limits: NO_LIMITS,
      groups,
    };
  }
  /** Which of the values raise an alarm. */
  function alarms(text: string, values: readonly (number | null)[]): boolean[] {
    const watch = watchAlarms([rule(text)]);
    return values.map((value, minute) => watch.add(null, pids(value, minute))[0]?.isActive === true);
  }

  test("for 3: three in a row", () => {
    expect(alarms("pids.util > 80 for 3", [90, 90, 50, 90, 90, 90, 90, 50])).toEqual([
      ...[false, false, false, false, false, true, true, false],
    ]);
  });

  test("for 2m: as long", () => {
    expect(alarms("pids.util > 80 for 2m", [90, 90, 90, 90])).toEqual([false, false, true, true]);
  });

  test("clear: it ends only beyond", () => {
    expect(alarms("pids.util > 80 clear 60", [70, 90, 70, 61, 60, 70])).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(alarms("pids.util < 20 clear 40", [30, 10, 30, 39, 40, 30])).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test("an unknown value neither raises nor ends an alarm", () => {
    expect(alarms("pids.util > 80 for 2", [90, null, 90, null, 50])).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  test("as JSON and as metrics; text from outside is quoted", () => {
    const watch = watchAlarms([rule("critical pids.cur > 1"), rule("pids.util > 99")]);
    const states: readonly AlarmState[] = watch.add(null, pids(7, 1));
    expect(alarmsDocument(states)).toMatchObject({
      state: "critical",
      alarms: [
        { name: "pids.cur", value: 7, isActive: true, sinceSeconds: 60 },
        { isActive: false, sinceSeconds: null },
      ],
    });
    expect(alarmsDocument([]).state).toBe("unknown");
    expect(alarmMetrics([])).toBe("");
    const odd = { ...(states[0] as AlarmState), item: 'a"b\\c\nd' };
    expect(alarmMetrics([odd])).toContain('name="pids.a\\"b\\\\c\\nd.cur"');
  });
});
