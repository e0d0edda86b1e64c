/** iostat, vmstat and df in real containers, against IO of known size and the kernel's own numbers. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  type Container,
  hostCgroup,
  MIB,
  program,
  readNumber,
  removeAllContainers,
  run,
  runOnce,
  startContainer,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;

/** What direct IO of a known size may be off: inodes and directories that the same process reads. */
const TOLERANCE = 0.02;

interface Device {
  readonly name: string;
  readonly number: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly readBytesPerSec: number;
  readonly limits: {
    readonly readBytes: { readonly limitPerSec: number | "max"; readonly usedRatio: number };
  };
}

const folder = mkdtempSync(join(tmpdir(), "procg-io-"));
const loops: string[] = [];

afterEach(() => removeAllContainers());
afterAll(() => {
  removeAllContainers();
  for (const loop of loops) run("losetup", ["-d", loop]);
  rmSync(folder, { recursive: true });
});

/** A loop device of that size; null where there is none to be had. */
function loopDevice(megabytes: number): string | null {
  const losetup = program("losetup");
  if (losetup === null) return null;
  const file = join(folder, `disk${loops.length}`);
  writeFileSync(file, Buffer.alloc(megabytes * MIB, 7));
  const made = run(losetup, ["--find", "--show", file]);
  if (made.status !== 0) return null;
  loops.push(made.stdout.trim());
  return made.stdout.trim();
}

function devices(container: Container, ...args: readonly string[]): readonly Device[] {
  return container.json("procg", "iostat", "--json", ...args).devices as Device[];
}

/** CPU time of the container, read on the host. */
function cpuSeconds(pid: number): number {
  const { version, folder: cgroup } = hostCgroup(pid, "cpuacct");
  return version === 1
    ? readNumber(join(cgroup, "cpuacct.usage")) / 1e9
    : Number(/usage_usec (\d+)/.exec(readFileSync(join(cgroup, "cpu.stat"), "utf8"))?.[1]) / 1e6;
}

/** Since the container's start, over all devices. */
function total(container: Container, key: "readBytes" | "writtenBytes"): number {
  return devices(container).reduce((sum, device) => sum + (device[key] ?? 0), 0);
}

function expectNear(value: number, known: number): void {
  expect(value, `${value} of ${known}`).toBeGreaterThanOrEqual(known * (1 - TOLERANCE));
  expect(value, `${value} of ${known}`).toBeLessThanOrEqual(known * (1 + TOLERANCE));
}

describe.skipIf(SKIP !== undefined)("IO in a container", () => {
  const size = 64 * MIB;

  test("direct writes and reads of 64 MiB are counted to within 2 %", () => {
    const container = startContainer();
    const before = total(container, "writtenBytes");
    container.output("dd", "if=/dev/zero", "of=/big", "bs=1M", "count=64", "oflag=direct");
    expectNear(total(container, "writtenBytes") - before, size);
    const read = total(container, "readBytes");
    container.output("dd", "if=/big", "of=/dev/null", "bs=1M", "iflag=direct");
    expectNear(total(container, "readBytes") - read, size);
  });

  test("another container's IO is not ours", () => {
    const container = startContainer();
    const other = startContainer();
    const before = total(container, "writtenBytes");
    other.output("dd", "if=/dev/zero", "of=/big", "bs=1M", "count=32", "oflag=direct");
    expect(total(container, "writtenBytes") - before).toBeLessThan(MIB);
    expectNear(total(other, "writtenBytes"), 32 * MIB);
  });

  test("a loop device is counted by itself and has its name", (context) => {
    const loop = loopDevice(32);
    if (loop === null) return context.skip("no loop device");
    // On v1 newer kernels count a device only after a limit has been set for it somewhere: one that is never reached.
    const flags = ["--device", loop, "--device-read-bps", `${loop}:${64 * 1024 * MIB}`];
    const container = startContainer({ flags });
    container.output("dd", `if=${loop}`, "of=/dev/null", "bs=1M", "iflag=direct");
    const found = devices(container).find((device) => device.name === loop.slice("/dev/".length));
    expect(found, `${loop} in iostat`).toBeDefined();
    expectNear(found?.readBytes ?? 0, 32 * MIB);
    const { rdev } = statSync(loop);
    expect(found?.number).toBe(`${Math.floor(rdev / 256)}:${rdev % 256}`);
  });

  test("a read limit is shown, and reached", { timeout: 60_000 }, (context) => {
    const loop = loopDevice(32);
    if (loop === null) return context.skip("no loop device");
    const limit = 4 * MIB;
    const flags = ["--device", loop, "--device-read-bps", `${loop}:${limit}`];
    const container = startContainer({ flags });
    container.output(
      "sh",
      "-c",
      `dd if=${loop} of=/dev/null bs=256k iflag=direct >/dev/null 2>&1 </dev/null &`,
    );
    const name = loop.slice("/dev/".length);
    const found = devices(container, "-y", "3", "1").find((device) => device.name === name);
    expect(found?.limits.readBytes.limitPerSec).toBe(limit);
    // The kernel lets a slice of 100 ms through at once.
    expect(found?.limits.readBytes.usedRatio).toBeGreaterThan(0.85);
    expect(found?.limits.readBytes.usedRatio).toBeLessThan(1.15);
    expect(container.output("procg", "iostat", "-d", "--limits", name)).toMatch(
      new RegExp(`^${name} +4096\\.00 `, "m"),
    );
  });

  test("iostat -d has no row but the container's devices", () => {
    const container = startContainer();
    const names = devices(container).map((device) => device.name);
    const text = container.output("procg", "iostat", "-d");
    const rows = text
      .split("\n")
      .slice(3)
      .flatMap((line) => line.split(/\s+/)[0] ?? [])
      .filter(Boolean);
    expect(rows).toEqual(names);
  });
});

describe.skipIf(SKIP !== undefined)("vmstat in a container", () => {
  test("shares are of the quota, as the kernel counts the time", { timeout: 60_000 }, async () => {
    const container = startContainer({ flags: ["--cpus", "0.5"] });
    await container.load("-b", "2");
    const started = [cpuSeconds(container.pid), Date.now()] as const;
    const report = JSON.parse(
      container.output("procg", "vmstat", "-y", "--json", "4", "1").trim().split("\n").pop() ?? "",
    );
    const cores = (cpuSeconds(container.pid) - started[0]) / ((Date.now() - started[1]) / 1000);
    expect(report.procs.running).toBeGreaterThanOrEqual(2);
    expect(report.cpu.capacityCores).toBe(0.5);
    // On a machine that is full the container does not get its quota: what counts is what the kernel gave.
    expect(report.cpu.usageCores).toBeGreaterThan(cores - 0.06);
    expect(report.cpu.usageCores).toBeLessThan(cores + 0.06);
    const busy = report.cpu.userRatio + report.cpu.systemRatio;
    expect(busy).toBeCloseTo(report.cpu.usageCores / 0.5, 5);
    expect(report.cpu.idleRatio).toBeCloseTo(Math.max(0, 1 - busy), 5);
  });

  test("an idle one is idle, whatever its neighbours do", { timeout: 60_000 }, async () => {
    const busy = startContainer();
    await busy.load("-b", "2");
    const idle = startContainer();
    const report = idle
      .output("procg", "vmstat", "--json", "2", "2")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(report).toHaveLength(2);
    expect(report[1].cpu.idleRatio).toBeGreaterThan(0.9);
    expect(report[1].procs.running).toBe(0);
    expect(report[1].system).toEqual({ interruptsPerSec: null, contextSwitchesPerSec: null });
  });

  test("bo counts direct writes, in KiB per second", { timeout: 60_000 }, () => {
    const container = startContainer();
    const [, second] = container
      .output(
        "sh",
        "-c",
        // Behind its first look.
        "procg vmstat --json 3 2 > /tmp/v & until [ -s /tmp/v ]; do sleep 0.05; done; " +
          "dd if=/dev/zero of=/big bs=1M count=30 oflag=direct 2>/dev/null; wait; cat /tmp/v",
      )
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expectNear(second.io.writtenBytesPerSec * second.intervalSeconds, 30 * MIB);
  });
});

describe.skipIf(SKIP !== undefined)("df in a container", () => {
  test("the root first, no binds of files, nothing masked; all of them with -a", () => {
    const container = startContainer();
    const rows = container.output("procg", "df").trim().split("\n").slice(1);
    const targets = rows.map((row) => row.split(/\s+/)[5]);
    expect(targets[0]).toBe("/");
    for (const hidden of [
      "/etc/hosts",
      "/etc/hostname",
      "/etc/resolv.conf",
      "/proc/kcore",
      "/sys/firmware",
    ]) {
      expect(targets).not.toContain(hidden);
    }
    const all = container.output("procg", "df", "-a");
    expect(all).toMatch(/ \/etc\/hosts$/m);
    expect(container.output("procg", "df", "/etc/hosts")).toMatch(/ \/etc\/hosts$/m);
  });

  test("the numbers of the root are busybox's and the kernel's", () => {
    const container = startContainer();
    const ours = container.output("procg", "df", "-P", "/").trim().split("\n")[1]?.split(/\s+/) ?? [];
    const busybox = container.output("df", "-P", "-k", "/").trim().split("\n")[1]?.split(/\s+/) ?? [];
    expect([ours[0], ours[1], ours[5]]).toEqual([busybox[0], busybox[1], busybox[5]]);
  });

  test("Avail of a tmpfs is no more than the memory that is left, Size stays", async () => {
    const container = startContainer({
      flags: ["--memory", "96m", "--memory-swap", "96m", "--shm-size", "1g"],
    });
    const shm = () => {
      const { filesystems } = container.json("procg", "df", "--json", "/dev/shm");
      return (filesystems as Record<string, unknown>[])[0] ?? {};
    };
    const empty = shm();
    expect(empty.sizeBytes).toBe(1024 * MIB);
    expect(empty.availableBytes).toBeLessThanOrEqual(96 * MIB);
    expect(empty.availableBoundBy).toBe("memory");
    await container.load("-s", "40");
    const filled = shm();
    expect(filled.usedBytes).toBe(40 * MIB);
    expect(filled.availableBytes).toBeLessThanOrEqual(57 * MIB);
    expect(container.output("procg", "df", "-h", "/dev/shm")).toMatch(/^shm +1\.0G +40M /m);
    expect(container.output("procg", "df", "--explain", "/dev/shm")).toContain(
      "the pages of a tmpfs are its memory",
    );
  });

  test("a volume is shown, under the device that it is on", () => {
    const volume = mkdtempSync(join(folder, "volume-"));
    const container = startContainer({ flags: ["-v", `${volume}:/data`] });
    const { filesystems } = container.json("procg", "df", "--json");
    const data = (filesystems as Record<string, unknown>[]).find((one) => one.target === "/data");
    const [, blocks = ""] = execFileSync("df", ["-P", "-B1", volume], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/)[1] ?? "");
    expect(data?.sizeBytes).toBe(Number(blocks));
  });

  test("exit codes", () => {
    expect(runOnce([], "procg", "df", "/nonexistent")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("/nonexistent: No such file or directory"),
    });
    expect(runOnce([], "procg", "df", "-t", "nosuch").status).toBe(1);
  });
});
