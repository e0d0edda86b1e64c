import { createFsFromVolume, Volume } from "memfs";
import { describe, expect, test } from "vitest";
import { type NodeFsLike, nodeSystem } from "./node/node_system.ts";
import { ReplayError, replaySystem } from "./replay.ts";
import { type MemoryEntry, memorySystem } from "./testing/memory_system.ts";

const CAPTURE = {
  schema: "procg.capture/v1",
  kernel: "6.1.0-44",
  clockTicksPerSecond: 250,
  pageSizeBytes: 16384,
  onlineCpus: "0-3",
  steps: [
    { dir: "t0", monotonicSeconds: 100.5, realtimeSeconds: 1_700_000_000 },
    { dir: "t1", monotonicSeconds: 102, realtimeSeconds: 1_700_000_001.5 },
  ],
};
const STATVFS = {
  blockBytes: 4096,
  fragmentBytes: 4096,
  blocks: 10,
  blocksFree: 5,
  blocksAvailable: 4,
  inodes: 3,
  inodesFree: 2,
  inodesAvailable: 1,
  flags: 0,
  nameMax: 255,
};

function replay(files: Record<string, MemoryEntry>, capture: unknown = CAPTURE) {
  return replaySystem(
    memorySystem(
      {
        "/cap/capture.json": typeof capture === "string" ? capture : JSON.stringify(capture),
        "/cap/t0/proc/uptime": "500.25 900.00\n",
        "/cap/t1/proc/stat": "second\n",
        "/secret": "outside",
        ...files,
      },
      { affinity: [0] },
    ),
    "/cap/",
  );
}

test("steps: files, clocks, hasNextStep; the last step stays", async () => {
  const system = replay({ "/cap/t0/proc/stat": "first\n" });
  expect(system).toMatchObject({ source: "replay", clockTicksPerSecond: 250, pageSizeBytes: 16384, pid: 1 });
  expect(system.names()).toMatchObject({ sysname: "Linux", release: "6.1.0-44" });
  expect([system.readText("/proc/stat"), system.monotonicSeconds(), system.hasNextStep()]).toEqual([
    "first\n",
    100.5,
    true,
  ]);
  expect(system.boottimeSeconds()).toBe(500.25);
  expect(system.realtimeSeconds()).toBe(1_700_000_000);
  await system.sleep(3600);
  expect([system.readText("/proc/stat"), system.monotonicSeconds(), system.hasNextStep()]).toEqual([
    "second\n",
    102,
    false,
  ]);
  expect(system.boottimeSeconds()).toBeNaN();
  await system.sleep(1);
  expect(system.monotonicSeconds()).toBe(102);
  expect(system.affinity()).toBeNull();
});

test("directories are sorted, the capture's own files are not in them", () => {
  const system = replay({
    "/cap/t0/b": "",
    "/cap/t0/a": "",
    "/cap/t0/statvfs.json": "{}",
    "/cap/t0/unreadable.json": "{}",
    "/cap/t0/proc/statvfs.json": "",
  });
  expect(system.readDirectory("/")).toEqual(["a", "b", "proc"]);
  expect(system.readDirectory("/proc")).toEqual(["statvfs.json", "uptime"]);
  expect(system.readDirectory("/nope")).toBe(-2);
});

test("unreadable files give the errno they gave, also through a link", () => {
  const system = replay({
    "/cap/t0/unreadable.json":
      '{"/proc/1/environ":"EACCES","sys/fs/cgroup/cpu,cpuacct/x":"EOPNOTSUPP","/odd":"EWHAT"}',
    "/cap/t0/sys/fs/cgroup/cpu": { link: "cpu,cpuacct" },
    "/cap/t0/sys/fs/cgroup/cpu,cpuacct/y": "y",
  });
  expect(system.readText("/proc/1/environ")).toBe(-13);
  expect(system.readBytes("/proc/1/environ")).toBe(-13);
  expect(system.readText("/sys/fs/cgroup/cpu/x")).toBe(-95);
  expect(system.readText("/sys/fs/cgroup/cpu/y")).toBe("y");
  expect(system.readText("/odd")).toBe(-22);
  expect(system.readText("/proc/2/environ")).toBe(-2);
});

test("statvfs from the step", () => {
  const system = replay({ "/cap/t0/statvfs.json": JSON.stringify({ "/": STATVFS }) });
  expect(system.statvfs("/")).toEqual(STATVFS);
  expect(system.statvfs("/proc")).toBe(-2);
  expect(system.statvfs("toString")).toBe(-2);
});

test("links stay inside, nothing is written", () => {
  const system = replay({
    "/cap/t0/out": { link: "/secret" },
    "/cap/t0/up": { link: "../../secret" },
    "/cap/t0/ns": { link: "pid:[4026531836]" },
  });
  expect(system.readText("/out")).toBe(-2);
  expect(system.readText("/up")).toBe(-2);
  expect(system.readText("/../../secret")).toBe(-2);
  expect(system.readLink("/ns")).toBe("pid:[4026531836]");
  expect([
    system.writeFileAtomic("/x", "", 0),
    system.remove("/ns"),
    system.makeDirectory("/d", 0),
    system.symlink("a", "/b"),
  ]).toEqual([-30, -30, -30, -30]);
});

describe("a capture that is none", () => {
  test.each([
    ["missing", "/cap/capture.json: No such file or directory", undefined],
    ["not JSON", "/cap/capture.json: not JSON", "{"],
    ["a list", "/cap/capture.json: not a JSON object", "[]"],
    ["schema", "/cap/capture.json: schema is not procg.capture/v1", { ...CAPTURE, schema: "x" }],
    ["kernel", "/cap/capture.json: kernel is not a string", { ...CAPTURE, kernel: 6 }],
    [
      "ticks",
      "/cap/capture.json: clockTicksPerSecond is not a positive number",
      { ...CAPTURE, clockTicksPerSecond: 0 },
    ],
    ["no steps", "/cap/capture.json: steps is not a list of steps", { ...CAPTURE, steps: [] }],
    ["odd step", "/cap/capture.json: steps[1] is malformed", { ...CAPTURE, steps: [CAPTURE.steps[0], null] }],
    [
      "step elsewhere",
      "/cap/capture.json: steps[0] is malformed",
      { ...CAPTURE, steps: [{ ...CAPTURE.steps[0], dir: "../t0" }] },
    ],
    [
      "step missing",
      "/cap/t9: No such file or directory",
      { ...CAPTURE, steps: [{ ...CAPTURE.steps[0], dir: "t9" }] },
    ],
  ])("%s", (_, message, capture) => {
    const run = () => (capture === undefined ? replaySystem(memorySystem({}), "/cap") : replay({}, capture));
    expect(run).toThrow(ReplayError);
    expect(run).toThrow(message);
  });

  test("statvfs.json without a number", () => {
    expect(() => replay({ "/cap/t0/statvfs.json": '{"/":{"blocks":1}}' })).toThrow(
      '"/": blockBytes is not a number',
    );
  });
});

test("over memfs through the Node system", () => {
  const files = {
    "/c/capture.json": JSON.stringify(CAPTURE),
    "/c/t0/proc/meminfo": "MemTotal: 1 kB\n",
    "/c/t1/x": "",
  };
  const base = nodeSystem({ fs: createFsFromVolume(Volume.fromJSON(files)) as unknown as NodeFsLike });
  expect(replaySystem(base, "/c").readText("/proc/meminfo")).toBe("MemTotal: 1 kB\n");
});
