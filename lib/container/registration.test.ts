import { describe, expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { parseRegistration, readRegistration, runDirectory } from "./registration.ts";
import { memoryV2, type ProcShape, procFiles, statLine, type Tree } from "./testing/container_tree.ts";

const PATH = "/run/procg/host/instance.json";

const VALID = {
  schema: "procg.instance/v1",
  id: "abc",
  name: "web-1",
  image: "web:1",
  uuid: null,
  runtime: "docker",
  labels: { app: "web" },
  registeredAt: "2026-11-21T00:00:00Z",
  bootId: "11111111-2222-4333-8444-555555555555",
  initStartTicks: 490_000,
  cpuset: "0-1",
  cgroup: { memory: "/docker/abc" },
  hiddenLimits: { memoryBytes: 160, swapBytes: 0, cpuCores: 0.3, pids: "max" },
  rootfsQuotaBytes: 1000,
  devices: { "8:0": "sda" },
  hostname: "node-1",
  networkMode: "bridge",
};

function read(text: string | { errno: string } | null, proc: ProcShape = {}, more: Tree = {}) {
  const tree = {
    ...procFiles(proc),
    ...memoryV2("/sys/fs/cgroup"),
    ...more,
    ...(text === null ? {} : { [PATH]: text }),
  };
  return openContainer(memorySystem(tree), { host: false, cgroup: null }).registration();
}

const written = (change: Record<string, unknown> = {}): string => JSON.stringify({ ...VALID, ...change });

describe("readRegistration", () => {
  test("valid", () => {
    expect(read(written())).toEqual({ path: PATH, registration: VALID, problem: null });
  });

  test.each([
    ["another boot", written({ bootId: "0" }), "written in another boot"],
    [
      "another init: a committed image",
      written({ initStartTicks: 1 }),
      "written for another container (init's start differs)",
    ],
    ["not JSON", "{", "not JSON"],
    ["empty", "", "not JSON"],
    ["a list", "[]", "not an object"],
    ["null", "null", "not an object"],
    ["another schema", written({ schema: "procg.instance/v2" }), "schema is not procg.instance/v1"],
    ["no id", written({ id: undefined }), "id or bootId is missing"],
    ["bootId is a number", written({ bootId: 5 }), "id or bootId is missing"],
    ["initStartTicks is text", written({ initStartTicks: "490000" }), "initStartTicks is missing"],
    ["initStartTicks is negative", written({ initStartTicks: -1 }), "initStartTicks is missing"],
    ["nested without end", "[".repeat(200_000), "not JSON"],
    ["2 MiB", `${written()}${" ".repeat(2 ** 21)}`, "larger than 1 MiB"],
    ["refused", { errno: "EACCES" }, "Permission denied"],
    ["a directory", { errno: "EISDIR" }, "Is a directory"],
  ])("%s: ignored, and said why", (_name, text, problem) => {
    expect(read(text)).toEqual({ path: PATH, registration: null, problem });
  });

  test("no file: nothing to say", () => {
    expect(read(null)).toEqual({ path: PATH, registration: null, problem: null });
  });

  test("boot_id cannot be read: not trusted", () => {
    expect(
      read(written(), {}, { "/proc/sys/kernel/random/boot_id": { errno: "EACCES" } }).registration,
    ).toBeNull();
  });

  test("init's start cannot be read: not trusted", () => {
    expect(read(written(), {}, { "/proc/1/stat": { errno: "EACCES" } }).registration).toBeNull();
  });

  test("--pid host: init is the cgroup's oldest process, not the host's pid 1", () => {
    const proc = {
      pidNamespace: "pid:[4026531836]",
      initMount: "mnt:[1]",
      selfCgroup: "0::/\n",
      initCgroup: "0::/../x\n",
    };
    const more = {
      "/proc/1/stat": statLine(1, "systemd", 1),
      "/sys/fs/cgroup/cgroup.procs": "700\n800\n",
      "/proc/700/stat": statLine(700, "late", 491_000),
      "/proc/800/stat": statLine(800, "sh", 490_000),
    };
    expect(read(written(), proc, more).problem).toBeNull();
  });
});

describe("parseRegistration: a container may have written it", () => {
  const parse = (change: Record<string, unknown>) => {
    const result = parseRegistration(written(change));
    if (typeof result === "string") throw new Error(result);
    return result;
  };

  test.each([
    ["negative", -1, null],
    ["text", "5", null],
    ["0: no container runs without memory", 0, null],
    ["Infinity (1e999)", Number.POSITIVE_INFINITY, null],
    ["v1's no limit", 2 ** 63 - 4096, "max"],
    ["max", "max", "max"],
    ["a number", 4096, 4096],
  ])("hiddenLimits.memoryBytes: %s", (_name, memoryBytes, value) => {
    expect(parse({ hiddenLimits: { memoryBytes } }).hiddenLimits.memoryBytes).toBe(value);
  });

  test("cpuCores 0 is a mistake, swapBytes 0 is not", () => {
    expect(parse({ hiddenLimits: { cpuCores: 0, swapBytes: 0 } }).hiddenLimits).toEqual({
      memoryBytes: null,
      swapBytes: 0,
      cpuCores: null,
      pids: null,
    });
  });

  test("missing and wrongly typed fields are null or empty", () => {
    const bare = parse({ name: 5, labels: [], cgroup: null, devices: { "8:0": 1 }, hiddenLimits: 7 });
    expect(bare).toMatchObject({ name: null, labels: {}, cgroup: {}, devices: {} });
    expect(bare.hiddenLimits.pids).toBeNull();
  });

  test("__proto__ is a label like any other", () => {
    const text = written().replace('"labels":{"app":"web"}', '"labels":{"__proto__":"x"}');
    const result = parseRegistration(text);
    expect(typeof result === "string" ? null : Object.keys(result.labels)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test("a date that would do something to a terminal is no date", () => {
    expect(parse({ registeredAt: "\x1b[2J" }).registeredAt).toBeNull();
  });
});

test("PROCG_RUN moves it; empty does not", () => {
  const files = {
    "/x/host/instance.json": written(),
    "/proc/sys/kernel/random/boot_id": `${VALID.bootId}\n`,
  };
  const system = memorySystem(files, { env: { PROCG_RUN: "/x" } });
  expect(readRegistration(system, () => 490_000).registration?.id).toBe("abc");
  expect(runDirectory(memorySystem({}, { env: { PROCG_RUN: "" } }))).toBe("/run/procg");
});
