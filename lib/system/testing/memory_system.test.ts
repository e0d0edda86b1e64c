import { expect, test } from "vitest";
import { memorySystem, utcTime } from "./memory_system.ts";

test("files, errnos, links, directories that are only in the way", () => {
  const system = memorySystem({
    "/proc/1/cgroup": "0::/\n",
    "/proc/1/environ": { errno: "EACCES" },
    "/proc/self": { link: "1" },
    "/abs": { link: "/proc/self/cgroup" },
    "/loop": { link: "loop" },
    "/empty": { directory: true },
  });
  expect(system.readText("/proc/1/cgroup")).toBe("0::/\n");
  expect(system.readText("/proc/self/cgroup")).toBe("0::/\n");
  expect(system.readText("/abs")).toBe("0::/\n");
  expect(system.readText("/proc/1/environ")).toBe(-13);
  expect(system.readText("/loop")).toBe(-40);
  expect(system.readText("/proc/2/stat")).toBe(-2);
  expect(system.readText("/proc/1/cgroup/x")).toBe(-20);
  expect(system.readText("/proc")).toBe(-21);
  expect(system.readLink("/proc/self")).toBe("1");
  expect(system.readLink("/proc/1")).toBe(-22);
  expect(system.readDirectory("/proc")).toEqual(["1", "self"]);
  expect(system.readDirectory("/")).toEqual(["proc", "abs", "loop", "empty"]);
  expect(system.readDirectory("/empty")).toEqual([]);
  expect(system.readDirectory("/abs")).toBe(-20);
  expect(system.stat("/proc")).toMatchObject({ mode: 0o040755 });
  expect(system.lstat("/abs")).toMatchObject({ mode: 0o120777 });
  expect(system.stat("/abs")).toMatchObject({ mode: 0o100644, sizeBytes: 5 });
  expect(system.readText("/proc/../proc/./1/cgroup")).toBe("0::/\n");
});

test("clocks move together; sleep may change files", async () => {
  const system = memorySystem(
    { "/x": "0" },
    {
      monotonicSeconds: 10,
      realtimeSeconds: 100,
      onSleep: (self, seconds) => self.files.set("/x", String(seconds)),
    },
  );
  await system.sleep(2.5);
  expect([system.monotonicSeconds(), system.boottimeSeconds(), system.realtimeSeconds()]).toEqual([
    12.5, 12.5, 102.5,
  ]);
  expect(system.readText("/x")).toBe("2.5");
});

test("output, statvfs, writing", () => {
  const system = memorySystem({ "/run/x": "" }, { statvfs: { "/": { blocks: 5 } } });
  expect([system.write(1, "out"), system.write(2, "err")]).toEqual([0, 0]);
  expect([system.stdout, system.stderr]).toEqual(["out", "err"]);
  expect(system.statvfs("/")).toMatchObject({ blocks: 5, blockBytes: 4096 });
  expect(system.statvfs("/run")).toBe(-2);
  expect(system.writeFileAtomic("/run/state", "1", 0o600)).toBe(0);
  expect(system.writeFileAtomic("/no/state", "1", 0o600)).toBe(-2);
  expect(system.makeDirectory("/run/sub", 0o700)).toBe(0);
  expect(system.makeDirectory("/run/sub", 0o700)).toBe(-17);
  expect(system.remove("/run/sub")).toBe(0);
  expect(system.remove("/run/sub")).toBe(-2);
  expect(memorySystem({}, { writeResult: -28 }).write(1, "x")).toBe(-28);
});

test("UTC", () => {
  expect(utcTime(1_700_000_000.9)).toEqual({
    year: 2023,
    month: 11,
    day: 14,
    hour: 22,
    minute: 13,
    second: 20,
    offsetSeconds: 0,
    zone: "UTC",
  });
});
