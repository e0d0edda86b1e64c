/** tsar in real containers under a known load: CPU of the quota, bytes read, packets; the store; the same instant by procg's other tools. */
import { readFileSync, readlinkSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  type Container,
  cacheFolderOf,
  hostCgroup,
  hostMemory,
  MIB,
  memoryIsV1,
  removeAllContainers,
  startContainer,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const LIMITED = ["--memory", "256m", "--memory-swap", "256m", "--cpus", "0.5", "--cpuset-cpus", "0"];

type Modules = Record<string, Record<string, number | null>>;

interface LiveRow {
  readonly realtimeSeconds: number;
  readonly modules: Modules & Record<string, unknown>;
}

function live(container: Container, count: number, ...args: readonly string[]): LiveRow[] {
  const text = container.output("procg", "tsar", "-l", "-i", "1", "--count", `${count}`, "--json", ...args);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function value(row: LiveRow | undefined, module: string, column: string): number {
  const found = row?.modules[module]?.[column];
  if (typeof found !== "number") throw new Error(`${module}.${column} is ${JSON.stringify(found)}`);
  return found;
}

afterEach(() => removeAllContainers());
afterAll(() => removeAllContainers());

describe.skipIf(SKIP !== undefined)("tsar in a container", () => {
  test("a busy thread takes the quota, as the kernel counts it, and is throttled", async () => {
    // Small, so that there is enough left of it on a busy machine.
    const container = startContainer({ flags: ["--cpus", "0.2", "--cpuset-cpus", "0"] });
    const [idle] = live(container, 1, "--cpu");
    expect(value(idle, "cpu", "util")).toBeLessThan(50);
    await container.load("-b", "1");
    const before = cpuUsageSeconds(container.pid);
    const started = Date.now();
    const rows = live(container, 3, "--cpu", "--throttle", "-s", "user,sys,util,ncpu,ratio,time");
    const cores = (cpuUsageSeconds(container.pid) - before) / ((Date.now() - started) / 1000);
    for (const row of rows) {
      expect(value(row, "cpu", "ncpu")).toBe(0.2);
      // Less than all of it where the machine's own CPU is fought for.
      expect(value(row, "cpu", "util")).toBeGreaterThan(25);
      expect(value(row, "cpu", "util")).toBeLessThan(130);
      expect(value(row, "throttle", "ratio")).toBeGreaterThan(20);
    }
    const mean = rows.reduce((sum, row) => sum + value(row, "cpu", "util"), 0) / rows.length;
    expect(Math.abs(mean - cores * 500)).toBeLessThan(15);
  });

  test("memory is that of the limit, as free says at the same instant", async () => {
    const container = startContainer({ flags: LIMITED });
    await container.load("-m", "100");
    const free = container.json("procg", "free", "--json") as { memory: Record<string, number> };
    const [row] = live(container, 1, "--mem", "--pids", "-s", "used,total,util,free,cur");
    expect(value(row, "mem", "total")).toBe(256 * MIB);
    expect(Math.abs(value(row, "mem", "used") - (free.memory.usedBytes ?? 0))).toBeLessThan(4 * MIB);
    const truth = hostMemory(container.pid);
    expect(Math.abs(value(row, "mem", "used") - (truth.usage - truth.reclaimable))).toBeLessThan(6 * MIB);
    expect(value(row, "mem", "util")).toBeCloseTo((value(row, "mem", "used") * 100) / (256 * MIB), 1);
  });

  test("the same interval by vmstat and by top", async () => {
    const container = startContainer({ flags: ["--cpus", "0.4", "--cpuset-cpus", "0"] });
    await container.load("-b", "1");
    const script =
      "procg vmstat 3 2 > /tmp/vmstat & procg top -b -n 2 -d 3 > /tmp/top & procg tsar -l -i 3 --count 1 --cpu --json; wait";
    const row: LiveRow = JSON.parse(container.output("sh", "-c", script));
    const util = value(row, "cpu", "util");
    const fields = container.output("tail", "-n", "1", "/tmp/vmstat").trim().split(/\s+/).map(Number);
    // us sy id wa st [gu] behind r b, four of memory, two of swap, two of IO, in, cs.
    expect(Math.abs((fields[12] ?? 0) + (fields[13] ?? 0) - util)).toBeLessThan(12);
    const idle = [...container.output("cat", "/tmp/top").matchAll(/^%Cpu\(s\):.* ([\d.]+) id/gm)].pop()?.[1];
    expect(Math.abs(100 - Number(idle) - util)).toBeLessThan(12);
  });

  test("bytes read from the disk", async () => {
    const folder = cacheFolderOf("tsar-read");
    // Since Linux 6.10 v1 counts the IO of a device only while some limit is set for it: one that does not bind.
    const limit = memoryIsV1() ? ["--device-read-bps", `${deviceOf(folder)}:4gb`] : [];
    const container = startContainer({ flags: ["-v", `${folder}:/data`, ...limit] });
    await container.load("-w", "64", "-f", "/data/file");
    // The file is not in the page cache: reading it is IO.
    const script = "procg tsar -l -i 3 --count 1 --cgio --json & sleep 0.5; cat /data/file >/dev/null; wait";
    const row: { modules: { cgio?: Record<string, Record<string, number>> } } = JSON.parse(
      container.output("sh", "-c", script),
    );
    const devices = Object.values(row.modules.cgio ?? {});
    const most = Math.max(...devices.map((device) => (device.rbytes ?? 0) * 3));
    expect(most).toBeGreaterThan(60 * MIB);
    expect(most).toBeLessThan(72 * MIB);
  });

  test("packets on loopback, counted", () => {
    const container = startContainer();
    const script =
      "procg tsar -l -i 3 --count 1 --pernic --json & sleep 0.5; ping -c 10 -i 0.1 -q 127.0.0.1 >/dev/null; wait";
    const row: { modules: { pernic?: Record<string, Record<string, number>> } } = JSON.parse(
      container.output("sh", "-c", script),
    );
    // A request and an answer each.
    expect((row.modules.pernic?.lo?.pktin ?? 0) * 3).toBeCloseTo(20, 0);
  });

  test("a store in the container: cron, report, check, alert", async () => {
    const container = startContainer({ flags: LIMITED });
    await container.load("-m", "150");
    const store = ["--history", "/tmp/store", "--history-free", "0"];
    for (let i = 0; i < 3; i++) container.output("procg", "tsar", "--cron", ...store);
    const report = container.json("procg", "tsar", ...store, "-i", "0.0001", "--mem", "--json") as {
      rows: LiveRow[];
      lost: unknown;
    };
    expect(report.rows).toHaveLength(3);
    expect(report.lost).toEqual({ bytes: 0, frames: 0, records: 0 });
    expect(value(report.rows[2], "mem", "util")).toBeGreaterThan(57);
    expect(container.output("procg", "tsar", "--check", ...store)).toMatch(
      /^\S+\ttsar\tcpu:util=\d+\.\d mem:util=[56]\d/,
    );
    const alert = container.exec(
      "procg",
      "tsar",
      "--alert",
      ...store,
      "--rule",
      "critical mem.util > 50 for 3",
    );
    expect(alert.stdout).toMatch(/^TSAR CRITICAL - mem\.util is [56]\d\.\d\d /);
    expect(alert.status).toBe(2);
    const fine = container.exec("procg", "tsar", "--alert", ...store, "--rule", "critical mem.util > 90");
    expect(fine.status).toBe(0);
  });
});

/** "/dev/vda" of the disk that holds a folder. */
function deviceOf(folder: string): string {
  const { dev } = statSync(folder);
  const link = readlinkSync(`/sys/dev/block/${Math.floor(dev / 256) & 0xfff}:${dev & 0xff}`);
  return `/dev/${basename(link)}`;
}

/** Seconds of CPU time, from the kernel's files on the host. */
function cpuUsageSeconds(pid: number): number {
  const { version, folder } = hostCgroup(pid, "cpuacct");
  if (version === 1) return Number(readFileSync(join(folder, "cpuacct.usage"), "utf8")) / 1e9;
  const line = /^usage_usec (\d+)$/m.exec(readFileSync(join(folder, "cpu.stat"), "utf8"));
  return Number(line?.[1]) / 1e6;
}
