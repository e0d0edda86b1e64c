/** Values of `procg host cgroup`: what is taken, and what never reaches a file. */
import { describe, expect, test } from "vitest";
import { CGROUP_KEYS, findKey, isKnownKey } from "./keys.ts";
import { parseBytes, parseValue, weightOfShares } from "./values.ts";

describe("values", () => {
  test.for([
    ["1073741824", 1073741824],
    ["1g", 1073741824],
    ["1G", 1073741824],
    ["512m", 536870912],
    ["4kb", 4096],
    ["max", "max"],
    ["-1", "max"],
  ] as const)("%s is %s bytes", ([text, bytes]) => expect(parseBytes(text)).toBe(bytes));

  test.for(["", "1x", "1.5g", "g", "-5", "1 g", "0x10", "99999999999999999", "9999999t", "１"])(
    "'%s' is no size",
    (text) => expect(parseBytes(text)).toBe(null),
  );

  test("no limit is written as the version wants it", () => {
    expect(parseValue("bytes", "max", 1)).toMatchObject({ text: "-1" });
    expect(parseValue("bytes", "-1", 2)).toMatchObject({ text: "max" });
    expect(parseValue("microseconds", "max", 1)).toMatchObject({ text: "-1" });
  });

  test.for([
    ["cpus", "0-3,5"],
    ["cpus", "7"],
    ["cpuMax", "50000 100000"],
    ["cpuMax", "max"],
    ["shares", "1024"],
    ["weight", "100"],
    ["count", "50"],
    ["text", "FROZEN"],
  ] as const)("%s takes %s", ([kind, text]) => expect(parseValue(kind, text, 2)).toMatchObject({ text }));

  test.for([
    ["cpus", ""],
    ["cpus", "3-1"],
    ["cpus", "0;1"],
    ["cpus", "0-"],
    ["cpuMax", "0 100000"],
    ["cpuMax", "50000 100000\n1"],
    ["shares", "1"],
    ["weight", "10001"],
    ["count", "1e3"],
    ["microseconds", "999"],
    ["text", "thawed"],
  ] as const)("%s refuses '%s'", ([kind, text]) =>
    expect(parseValue(kind, text, 1)).toHaveProperty("problem"),
  );

  test("shares as weight: the ends, and the defaults meet", () => {
    expect([2, 1024, 262_144].map(weightOfShares)).toEqual([1, 100, 10_000]);
  });
});

describe("keys", () => {
  test("nothing that moves processes or opens devices is in the list", () => {
    for (const name of [
      "cgroup.procs",
      "tasks",
      "devices.allow",
      "release_agent",
      "notify_on_release",
      "cgroup.kill",
    ]) {
      expect(isKnownKey(name)).toBe(false);
    }
    for (const { name } of CGROUP_KEYS) expect(name).toMatch(/^[a-z]+\.[a-z0-9_.]+$/);
  });

  test("each translation ends at a file of the other version", () => {
    for (const key of CGROUP_KEYS) {
      if (key.other !== null) expect(findKey(key.other.name, key.version === 1 ? 2 : 1)).not.toBe(null);
    }
  });
});
