import { describe, expect, test } from "vitest";
import { type MemoryEntry, memorySystem } from "../system/testing/memory_system.ts";
import { blockDeviceNames } from "./block_devices.ts";
import { openContainer } from "./container.ts";
import { ioRate, ioTotal, readIo } from "./io.ts";
import { ioLimitOf, readIoLimits } from "./io_limit.ts";

const V2 = "510 502 0:30 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
const V1 = "511 502 0:31 /docker/x /sys/fs/cgroup/blkio ro - cgroup cgroup rw,blkio\n";

function container(files: Readonly<Record<string, MemoryEntry>>, version: 1 | 2 = 2) {
  const system = memorySystem({
    "/proc/self/stat": "1",
    "/proc/self/mountinfo": version === 2 ? V2 : V1,
    "/proc/1/cgroup": version === 2 ? "0::/\n" : "3:blkio:/docker/x\n",
    "/proc/self/cgroup": version === 2 ? "0::/\n" : "3:blkio:/docker/x\n",
    "/proc/self/ns/pid": { link: "pid:[4026532401]" },
    ...(version === 2 ? { "/sys/fs/cgroup/cgroup.type": "domain\n" } : {}),
    ...files,
  });
  return { system, container: openContainer(system, { host: false, cgroup: null }) };
}

describe("v2", () => {
  test("io.stat by device; a device without counters was not used", () => {
    const made = container({
      "/sys/fs/cgroup/io.stat":
        "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=3 dios=4\n259:0 \n8:16 rbytes=1 wbytes=0 rios=1 wios=0\n",
    });
    const sample = readIo(made.container);
    expect(sample.source).toBe("io.stat");
    expect([...sample.devices.keys()]).toEqual(["8:0", "8:16"]);
    expect(sample.devices.get("8:16")?.discardedBytes).toBeNull();
    expect([ioTotal(sample, "readBytes"), ioTotal(sample, "discards")]).toEqual([11, null]);
  });

  test("an empty file is no IO, a missing one is not known", () => {
    const empty = readIo(container({ "/sys/fs/cgroup/io.stat": "" }).container);
    expect([empty.source, empty.devices.size, ioTotal(empty, "readBytes")]).toEqual(["io.stat", 0, 0]);
    const missing = readIo(container({}).container);
    expect([missing.source, ioTotal(missing, "readBytes")]).toEqual([null, null]);
    expect(missing.problems[0]).toContain("io.stat: absent");
    const malformed = readIo(container({ "/sys/fs/cgroup/io.stat": "8:0 rbytes=x\n" }).container);
    expect(malformed.source).toBeNull();
  });

  test("rates over the measured time; backwards is not known, a new device counts from 0", () => {
    const made = container({ "/sys/fs/cgroup/io.stat": "8:0 rbytes=1000 wbytes=500 rios=1 wios=2\n" });
    const before = readIo(made.container);
    made.system.advance(2);
    made.system.files.set(
      "/sys/fs/cgroup/io.stat",
      "8:0 rbytes=3000 wbytes=100 rios=5 wios=2\n8:16 rbytes=8 wbytes=0 rios=1 wios=0\n",
    );
    const after = readIo(made.container);
    expect(ioRate(before, after, "8:0")).toMatchObject({
      readBytesPerSec: 1000,
      readsPerSec: 2,
      writtenBytesPerSec: null,
      writesPerSec: 0,
      discardsPerSec: null,
    });
    expect(ioRate(before, after, "8:16").readBytesPerSec).toBe(4);
    expect(ioRate(before, { ...after, inode: 99 }, "8:0").readBytesPerSec).toBeNull();
    expect(ioRate(before, before, "8:0").readBytesPerSec).toBeNull();
  });

  test("io.max: the tightest of the chain; max where no line is", () => {
    const made = container({ "/sys/fs/cgroup/io.max": "8:0 rbps=1000 wbps=max riops=max wiops=7\n" });
    const limits = readIoLimits(made.container);
    expect(ioLimitOf(limits, "8:0", "readBytesPerSec")).toBe(1000);
    expect(ioLimitOf(limits, "8:0", "writtenBytesPerSec")).toBe("max");
    expect(ioLimitOf(limits, "9:9", "readBytesPerSec")).toBe("max");
    expect(limits.complete).toBe(false);
    const none = readIoLimits(container({}).container);
    expect(ioLimitOf(none, "8:0", "readBytesPerSec")).toBeNull();
  });
});

describe("v1", () => {
  const own = "/sys/fs/cgroup/blkio";
  const table = (device: string, read: number) =>
    `${device} Read ${read}\n${device} Write 0\n${device} Total ${read}\n`;

  test("the recursive files are preferred", () => {
    const sample = readIo(
      container(
        {
          [`${own}/blkio.throttle.io_service_bytes`]: table("8:0", 1),
          [`${own}/blkio.throttle.io_service_bytes_recursive`]: table("8:0", 5),
          [`${own}/blkio.throttle.io_serviced_recursive`]: table("8:0", 2),
        },
        1,
      ).container,
    );
    expect([sample.source, sample.addedUp]).toEqual(["blkio.throttle", false]);
    expect(sample.devices.get("8:0")).toMatchObject({ readBytes: 5, reads: 2, discards: null });
  });

  test("without them the cgroups below are added up", () => {
    const sample = readIo(
      container(
        {
          [`${own}/blkio.throttle.io_service_bytes`]: table("8:0", 1),
          [`${own}/a/blkio.throttle.io_service_bytes`]: table("8:0", 2),
          [`${own}/a/b/blkio.throttle.io_service_bytes`]: table("8:0", 4),
        },
        1,
      ).container,
    );
    expect([sample.addedUp, sample.devices.get("8:0")?.readBytes, sample.devices.get("8:0")?.reads]).toEqual([
      true,
      7,
      null,
    ]);
  });

  test("a device that throttling does not count is taken from BFQ", () => {
    const sample = readIo(
      container(
        {
          [`${own}/blkio.throttle.io_service_bytes_recursive`]: table("7:0", 3),
          [`${own}/blkio.bfq.io_service_bytes_recursive`]: table("8:0", 9) + table("7:0", 1),
        },
        1,
      ).container,
    );
    expect(sample.source).toBe("blkio.throttle");
    expect([sample.devices.get("7:0")?.readBytes, sample.devices.get("8:0")?.readBytes]).toEqual([3, 9]);
    const only = readIo(
      container(
        {
          [`${own}/blkio.throttle.io_service_bytes_recursive`]: "Total 0\n",
          [`${own}/blkio.bfq.io_service_bytes_recursive`]: table("8:0", 9),
        },
        1,
      ).container,
    );
    expect([only.source, only.devices.size]).toEqual(["blkio.bfq", 1]);
  });

  test("limits are the own directory's: an ancestor's do not bind on v1", () => {
    const { container: made } = container({ [`${own}/blkio.throttle.write_bps_device`]: "8:0 4096\n" }, 1);
    const limits = readIoLimits(made);
    expect([ioLimitOf(limits, "8:0", "writtenBytesPerSec"), limits.complete]).toEqual([4096, true]);
  });
});

describe("names", () => {
  test("the link of /sys, the device mapper, diskstats, else the number", () => {
    const { container: made } = container({
      "/sys/dev/block/259:0": { link: "../../devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1" },
      "/sys/dev/block/253:1": { link: "../../devices/virtual/block/dm-1" },
      "/sys/block/dm-1/dm/name": "vg0-home\n",
      "/sys/dev/block/104:0": { link: "../../devices/x/block/cciss!c0d0" },
      "/proc/diskstats": "   8       0 sda 5000 100 400000 3000 7000 200 560000 9000 0 8000 12000\n",
      "/proc/partitions": "major minor  #blocks  name\n\n   9        3       1024 md3\n",
    });
    const name = blockDeviceNames(made);
    expect(name("259:0")).toMatchObject({ name: "nvme0n1", mapperName: null });
    expect(name("253:1")).toMatchObject({ name: "dm-1", mapperName: "vg0-home" });
    expect(name("104:0").name).toBe("cciss/c0d0");
    expect(name("8:0")).toMatchObject({ name: "sda", from: "/proc/diskstats" });
    expect(name("9:3")).toMatchObject({ name: "md3", from: "/proc/partitions" });
    expect(name("240:7")).toEqual({ name: "240:7", mapperName: null, from: null });
  });
});
