/** Memory of a limited container, against the kernel's files read on the host and against a known load. */
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  CACHE,
  type Container,
  cacheFolderOf,
  cgroupParent,
  docker,
  hostCgroup,
  hostMeminfo,
  hostMemory,
  MIB,
  makeCgroup,
  memoryIsV1,
  readNumber,
  removeAllContainers,
  runOnce,
  startContainer,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const LIMIT = 256 * MIB;
const LIMITED = ["--memory", "256m", "--memory-swap", "256m", "--cpus", "0.5", "--cpuset-cpus", "0"];

interface FreeReport {
  readonly memory: Record<string, number | string | boolean | null>;
  readonly swap: Record<string, number | null>;
}

function free(container: Container): FreeReport {
  return JSON.parse(container.output("procg", "free", "--json"));
}

function bytes(report: FreeReport, key: string): number {
  const value = report.memory[key];
  if (typeof value !== "number") throw new Error(`free --json: ${key} is ${JSON.stringify(value)}`);
  return value;
}

const available = (container: Container) => bytes(free(container), "availableBytes");

afterEach(() => removeAllContainers());
afterAll(() => removeAllContainers());

describe.skipIf(SKIP !== undefined)("memory in a container of 256 MiB", () => {
  test("total is the limit to the kB, in text and in JSON", () => {
    const { status, stdout, stderr } = runOnce(LIMITED, "procg", "free", "-k");
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const line = stdout.split("\n")[1] ?? "";
    expect(line).toMatch(/^Mem: /);
    expect(line.split(/\s+/)[1]).toBe("262144");
    // What people see without procg: the host's.
    const system = runOnce(LIMITED, "free", "-k").stdout.split("\n")[1]?.split(/\s+/)[1];
    expect(system).toBe(`${hostMeminfo("MemTotal") / 1024}`);
  });

  test("available is the limit minus what is held anonymous, within 2 %", async () => {
    const container = startContainer({ flags: LIMITED });
    await container.load("-m", "100");
    const report = free(container);
    const truth = hostMemory(container.pid);
    expect(truth.anonymous).toBeGreaterThan(100 * MIB);
    expect(truth.anonymous).toBeLessThan(104 * MIB);
    expect(Math.abs(bytes(report, "availableBytes") - (LIMIT - truth.anonymous))).toBeLessThan(0.02 * LIMIT);
    // The same from the host's reading of the same files; the tool itself adds a little while it runs.
    const expected = LIMIT - truth.usage + truth.reclaimable;
    expect(Math.abs(bytes(report, "availableBytes") - expected)).toBeLessThan(4 * MIB);
    expect(report.memory.limitBytes).toBe(LIMIT);
    expect(report.memory.availableBoundBy).toEqual(expect.any(String));
    expect(bytes(report, "usedBytes") + bytes(report, "availableBytes")).toBe(LIMIT);
    expect(report.swap.totalBytes).toBe(0);
  });

  test("100 MB of page cache hardly move available, and stand in buff/cache", async () => {
    const folder = cacheFolderOf("page-cache");
    // TMPFS_MAGIC: its pages cannot be dropped, the test would be about something else.
    expect(statfsSync(CACHE).type).not.toBe(0x01021994);
    const container = startContainer({ flags: [...LIMITED, "-v", `${folder}:/data`] });
    await container.load("-m", "50");
    const before = free(container);
    await container.load("-w", "100", "-f", "/data/file", "-r", "/data/file");
    const after = free(container);
    const truth = hostMemory(container.pid);
    expect(truth.reclaimable).toBeGreaterThan(99 * MIB);
    expect(truth.usage).toBeGreaterThan(150 * MIB);
    const moved = bytes(before, "availableBytes") - bytes(after, "availableBytes");
    expect(Math.abs(moved)).toBeLessThan(0.02 * LIMIT);
    const cache = bytes(after, "buffCacheBytes") - bytes(before, "buffCacheBytes");
    expect(cache).toBeGreaterThan(98 * MIB);
    expect(cache).toBeLessThan(104 * MIB);
  });

  test("80 MB in /dev/shm take 80 MB from available", async () => {
    const container = startContainer({ flags: [...LIMITED, "--shm-size", "128m"] });
    const before = free(container);
    await container.load("-s", "80");
    const after = free(container);
    const fallen = (bytes(before, "availableBytes") - bytes(after, "availableBytes")) / MIB;
    expect(fallen).toBeGreaterThan(78);
    expect(fallen).toBeLessThan(82);
    expect(bytes(after, "sharedBytes") - bytes(before, "sharedBytes")).toBe(80 * MIB);
    expect(hostMemory(container.pid).shmem).toBe(bytes(after, "sharedBytes"));
  });

  test("no figure is negative when usage stands at the limit", async () => {
    const container = startContainer({ flags: [...LIMITED, "--shm-size", "250m"] });
    await container.load("-s", "245");
    const report = free(container);
    for (const [key, value] of Object.entries(report.memory)) {
      if (typeof value === "number") expect(value, key).toBeGreaterThanOrEqual(0);
    }
    expect(available(container)).toBeLessThan(12 * MIB);
  });
});

describe.skipIf(SKIP !== undefined)("memory that something outside bounds", () => {
  test("no limit: total is the host's, limit is max, used is this container's", async () => {
    const container = startContainer();
    await container.load("-m", "100");
    const report = free(container);
    expect(report.memory.limitBytes).toBe("max");
    expect(bytes(report, "totalBytes")).toBe(hostMeminfo("MemTotal"));
    expect(bytes(report, "usedBytes")).toBeGreaterThan(100 * MIB);
    expect(bytes(report, "usedBytes")).toBeLessThan(112 * MIB);
    expect(bytes(report, "availableBytes")).toBeLessThanOrEqual(hostMeminfo("MemAvailable") + 64 * MIB);
  });

  test("a parent with less: its limit is the total", () => {
    const parent = `${cgroupParent()}/smaller`;
    makeCgroup(parent, { memoryBytes: 160 * MIB });
    const flags = [...LIMITED, "--cgroup-parent", parent];
    // v1 tells the hidden parent's limit; v2 only with the tree in sight.
    if (!memoryIsV1()) flags.push("--cgroupns", "host", "-v", "/sys/fs/cgroup:/sys/fs/cgroup:ro");
    const container = startContainer({ flags });
    const report = free(container);
    expect(readNumber(join(hostCgroup(container.pid, "memory").folder, limitFile()))).toBe(LIMIT);
    expect(bytes(report, "totalBytes")).toBe(160 * MIB);
    expect(report.memory.limitComplete).toBe(true);
  });

  test("a sibling below the same limited parent takes its memory: ours has less available", async () => {
    const parent = `${cgroupParent()}/shared`;
    makeCgroup(parent, { memoryBytes: 300 * MIB });
    const ours = startContainer({
      flags: ["--cgroup-parent", parent, "--cgroupns", "host", "-v", "/sys/fs/cgroup:/cgroup:ro"],
    });
    const before = free(ours);
    expect(bytes(before, "totalBytes")).toBe(300 * MIB);
    expect(bytes(before, "availableBytes")).toBeGreaterThan(285 * MIB);
    const sibling = startContainer({ flags: ["--cgroup-parent", parent] });
    await sibling.load("-m", "150");
    const after = free(ours);
    const fallen = (bytes(before, "availableBytes") - bytes(after, "availableBytes")) / MIB;
    expect(fallen).toBeGreaterThan(149);
    expect(fallen).toBeLessThan(158);
    // What the neighbour holds is not ours.
    expect(bytes(after, "usedBytes")).toBeLessThan(12 * MIB);
    expect(before.memory.availableBoundBy).not.toBe("host");
    expect(after.memory.availableBoundBy).not.toBe("host");
  });

  test("docker update shows at once", () => {
    const container = startContainer({ flags: LIMITED });
    expect(bytes(free(container), "totalBytes")).toBe(LIMIT);
    docker("update", "--memory", "128m", "--memory-swap", "128m", container.id);
    expect(bytes(free(container), "totalBytes")).toBe(128 * MIB);
  });
});

function limitFile(): string {
  return memoryIsV1() ? "memory.limit_in_bytes" : "memory.max";
}
