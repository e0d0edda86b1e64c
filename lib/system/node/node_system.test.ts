import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { createFsFromVolume, Volume } from "memfs";
import { afterAll, describe, expect, test } from "vitest";
import { makeDirectories } from "../make_directories.ts";
import { type NodeFsLike, nodeSystem } from "./node_system.ts";

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "procg-node-system-"));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

function memorySystem(files: Record<string, string | null>) {
  return nodeSystem({ fs: createFsFromVolume(Volume.fromJSON(files)) as unknown as NodeFsLike });
}

describe("over memfs", () => {
  test("text, latin1, directory, missing, through a file", () => {
    const system = memorySystem({ "/proc/1/comm": "caf\u00e9\n", "/proc/loadavg": "" });
    expect(system.readText("/proc/1/comm")).toBe("caf\u00e9\n");
    expect(system.readBytes("/proc/1/comm")).toBe("caf\u00c3\u00a9\n");
    expect(system.readText("/proc/loadavg")).toBe("");
    expect(system.readText("/proc")).toBe(-21);
    expect(system.readText("/nope")).toBe(-2);
    expect(system.readText("/proc/loadavg/x")).toBeLessThan(0);
    expect(system.readDirectory("/proc")).toEqual(["1", "loadavg"]);
    expect(system.readDirectory("/nope")).toBe(-2);
    expect(system.statvfs("/nope")).toBeLessThan(0);
    expect(system.affinity()).toBeNull();
  });

  test("links", () => {
    const system = memorySystem({ "/a/file": "text" });
    expect(system.symlink("file", "/a/link")).toBe(0);
    expect(system.symlink("file", "/a/link")).toBe(-17);
    expect(system.readLink("/a/link")).toBe("file");
    expect(system.readLink("/a/file")).toBe(-22);
    expect(system.readText("/a/link")).toBe("text");
    expect(system.lstat("/a/link")).toMatchObject({ mode: expect.any(Number) });
    expect((system.lstat("/a/link") as { mode: number }).mode & 0o170000).toBe(0o120000);
    expect((system.stat("/a/link") as { sizeBytes: number }).sizeBytes).toBe(4);
  });

  test("atomic write, directories, removing", () => {
    const system = memorySystem({ "/run/old": "old" });
    expect(system.writeFileAtomic("/run/old", "new\u20ac", 0o600)).toBe(0);
    expect(system.readText("/run/old")).toBe("new\u20ac");
    expect(system.readDirectory("/run")).toEqual(["old"]);
    expect(system.writeFileAtomic("/no/file", "", 0o600)).toBe(-2);
    expect(system.makeDirectory("/run/sub", 0o755)).toBe(0);
    expect(system.makeDirectory("/run/sub", 0o755)).toBe(-17);
    expect(system.remove("/run/sub")).toBe(0);
    expect(system.remove("/run/old")).toBe(0);
    expect(system.remove("/run/old")).toBe(-2);
  });

  test("directories with their parents", () => {
    const system = memorySystem({ "/run/old": "old" });
    expect(makeDirectories(system, "/run/a/b", 0o755)).toBe(0);
    expect(makeDirectories(system, "/run/a/b", 0o755)).toBe(0);
    expect(system.readDirectory("/run/a/b")).toEqual([]);
    expect(makeDirectories(system, "/run/old/b", 0o755)).toBe(-20);
    expect(makeDirectories(system, "/run/old", 0o755)).toBe(-20);
  });

  test("16 MiB are read, one byte more is EFBIG", () => {
    const limit = 16 * 1024 * 1024;
    const system = memorySystem({ "/exact": "x".repeat(limit), "/more": "x".repeat(limit + 1) });
    expect((system.readText("/exact") as string).length).toBe(limit);
    expect(system.readText("/more")).toBe(-27);
  });
});

describe("on this machine", () => {
  const system = nodeSystem();

  test("files of the kernel, whose size is 0", () => {
    expect(system.readText("/proc/self/status")).toMatch(/^Name:/);
    expect(system.readText("/proc/self/stat")).toMatch(/^\d+ \(/);
  });

  test("invalid bytes become U+FFFD, all 256 values survive in latin1", () => {
    const file = path.join(scratch, "bytes");
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    fs.writeFileSync(file, bytes);
    expect(system.readBytes(file)).toBe(String.fromCharCode(...bytes));
    expect((system.readText(file) as string).slice(126, 130)).toBe("~\x7f\ufffd\ufffd");
  });

  test("a FIFO, a device and a socket are never opened for reading", () => {
    const fifo = path.join(scratch, "fifo");
    execFileSync("mkfifo", [fifo]);
    expect(system.readText(fifo)).toBe(-1001);
    expect(system.readText("/dev/null")).toBe(-1001);
  });

  test("device numbers, mode, statvfs", () => {
    expect(system.stat("/dev/null")).toMatchObject({ rdevMajor: 1, rdevMinor: 3, mode: 0o020666 });
    const proc = system.statvfs("/proc");
    expect(proc).toMatchObject({ blocks: 0, nameMax: 255 });
    expect(system.stat("/nope")).toBe(-2);
  });

  test("write tells the errno", () => {
    const full = fs.openSync("/dev/full", "w");
    expect(system.write(full, "text")).toBe(-28);
    expect(system.write(full, "")).toBe(0);
    fs.closeSync(full);
    expect(system.write(full, "text")).toBe(-9);
  });

  test("clocks, affinity, policy, names", async () => {
    const before = system.monotonicSeconds();
    await system.sleep(0.02);
    expect(system.monotonicSeconds() - before).toBeGreaterThan(0.015);
    expect(Math.abs(system.realtimeSeconds() - Date.now() / 1000)).toBeLessThan(1);
    expect(system.boottimeSeconds()).toBeGreaterThan(0);
    expect(system.affinity()?.length).toBe(os.availableParallelism());
    expect(system.schedulingPolicy()).toBe(0);
    expect(system.names().release).toBe(os.release());
    expect(system.pid).toBe(process.pid);
  });
});

test("own argv, environment, output and clocks", async () => {
  let out = "";
  const system = nodeSystem({
    argv: ["free", "-m"],
    env: { TZ: "UTC", EMPTY: "" },
    stdout: (text) => {
      out += text;
      return 0;
    },
    stderr: () => -32,
    clock: {
      monotonicSeconds: () => 5,
      realtimeSeconds: () => 6,
      boottimeSeconds: () => 7,
      sleep: async () => {},
    },
  });
  expect(system.argv).toEqual(["free", "-m"]);
  expect([system.env("TZ"), system.env("EMPTY"), system.env("NO")]).toEqual(["UTC", "", undefined]);
  expect([system.write(1, "a"), system.write(2, "b"), out]).toEqual([0, -32, "a"]);
  await system.sleep(1000);
  expect([system.monotonicSeconds(), system.realtimeSeconds(), system.boottimeSeconds()]).toEqual([5, 6, 7]);
  expect(system.isTerminal(1)).toBe(false);
  expect(system.windowSize(1)).toBeNull();
});

test("an error that is none of the file system is thrown on", () => {
  const broken = {
    ...fs,
    statSync: () => {
      throw new TypeError("broken");
    },
  } as unknown as NodeFsLike;
  expect(() => nodeSystem({ fs: broken }).readText("/x")).toThrow(TypeError);
});
