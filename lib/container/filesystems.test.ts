import { describe, expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import {
  addRow,
  type FileSystem,
  type FileSystemBounds,
  fileSystemAt,
  fileSystemTable,
  NO_BOUNDS,
  putStatus,
} from "./filesystem_table.ts";
import { readLocalFileSystems, statvfsAsker, usedRatio } from "./filesystems.ts";
import { collectMemory, computeMemory } from "./memory.ts";
import { type MountEntry, parseMountList } from "./mount_list.ts";
import { MIB, memoryV2, procFiles, V2_PRIVATE } from "./testing/container_tree.ts";

const ENTRY = { source: "tmpfs", fsType: "tmpfs", target: "/run" };

function status(blocks: number, free: number, available = free, inodes = 10, inodesFree = 4) {
  return {
    blockBytes: 4096,
    fragmentBytes: 1024,
    blocks,
    blocksFree: free,
    blocksAvailable: available,
    inodes,
    inodesFree,
    inodesAvailable: inodesFree,
    flags: 0,
    nameMax: 255,
  };
}

/** The row that comes of it, behind another one. */
function computeFileSystem(
  entry: Pick<MountEntry, "source" | "fsType" | "target">,
  found: ReturnType<typeof status>,
  bounds: FileSystemBounds,
): FileSystem {
  const table = fileSystemTable(2);
  for (const each of [status(1, 1), found]) {
    putStatus(table.status, each);
    addRow(table, entry, bounds, null);
  }
  return fileSystemAt(table, 1);
}

describe("sizes", () => {
  test("counts are in fragments", () => {
    expect(computeFileSystem(ENTRY, status(100, 40, 30), NO_BOUNDS)).toMatchObject({
      sizeBytes: 102_400,
      usedBytes: 61_440,
      availableBytes: 30_720,
      inodesUsed: 6,
      sizeSource: "statvfs",
      availableBoundBy: null,
    });
  });

  test("all ones is not known, less than nothing is a number", () => {
    const odd = computeFileSystem(ENTRY, status(2 ** 64, 2 ** 64, -1), NO_BOUNDS);
    expect([odd.sizeBytes, odd.usedBytes, odd.availableBytes, odd.sizeSource]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(usedRatio(odd)).toBeNull();
    const full = computeFileSystem(ENTRY, status(100, 1, -9), NO_BOUNDS);
    expect(full.availableBytes).toBe(-9216);
    expect(usedRatio(full)).toBeCloseTo(1.1, 10);
    expect(usedRatio(computeFileSystem(ENTRY, status(0, 0), NO_BOUNDS))).toBeNull();
  });

  test("memory bounds Avail of a tmpfs, never Size, and no other type", () => {
    const bounds = { memoryBytes: 10_240, rootfsQuotaBytes: null };
    expect(computeFileSystem(ENTRY, status(100, 40), bounds)).toMatchObject({
      sizeBytes: 102_400,
      availableBytes: 10_240,
      availableBoundBy: "memory",
    });
    expect(computeFileSystem(ENTRY, status(100, 5), bounds)).toMatchObject({
      availableBytes: 5120,
      availableBoundBy: null,
    });
    expect(computeFileSystem({ ...ENTRY, fsType: "ext4" }, status(100, 40), bounds).availableBytes).toBe(
      40_960,
    );
  });

  test("a root quota that statvfs does not show replaces Size, and Used is not known", () => {
    const root = { source: "overlay", fsType: "overlay", target: "/" };
    const bounds = { memoryBytes: null, rootfsQuotaBytes: 51_200 };
    expect(computeFileSystem(root, status(100, 80), bounds)).toMatchObject({
      sizeBytes: 51_200,
      usedBytes: null,
      availableBytes: 51_200,
      sizeSource: "registration",
      availableBoundBy: "registration",
    });
    expect(computeFileSystem(root, status(50, 20), bounds)).toMatchObject({
      sizeBytes: 51_200,
      usedBytes: 30_720,
      sizeSource: "statvfs",
    });
    expect(computeFileSystem(ENTRY, status(100, 80), bounds).sizeSource).toBe("statvfs");
  });
});

describe("asking", () => {
  const [dead, second, other] = parseMountList(
    "1 0 0:1 / /a rw - nfs4 one:/x rw\n2 0 0:2 / /b rw - nfs4 one:/y rw\n3 0 0:3 / /c rw - nfs4 two:/x rw\n",
    "mountinfo",
  );

  test("a server that did not answer is not asked again, another is", () => {
    const asked: string[] = [];
    const system = memorySystem({}, { statvfs: { "/a": "ETIMEDOUT", "/b": {}, "/c": { blocks: 3 } } });
    const statvfsTimed = system.statvfsTimed.bind(system);
    system.statvfsTimed = (path, seconds) => {
      asked.push(path);
      system.advance(seconds);
      return statvfsTimed(path, seconds);
    };
    const asker = statvfsAsker(system);
    if (dead === undefined || second === undefined || other === undefined) throw new Error("three mounts");
    const numbers = new Float64Array(7);
    expect(asker.ask(dead, "/a", numbers)).toBe(-110);
    expect(asker.ask(second, "/b", numbers)).toBe(-110);
    expect(asker.ask(other, "/c", numbers)).toBe(0);
    expect(numbers[2]).toBe(3);
    expect(asked).toEqual(["/a", "/c"]);
  });

  test("local file systems: nothing that could hang is asked, empty and refused ones are left out", () => {
    const system = memorySystem(
      {
        "/proc/self/mountinfo":
          "1 0 8:1 / / rw - ext4 /dev/x rw\n2 0 0:2 / /dead rw - fuse.x x rw\n3 0 0:3 / /none rw - tmpfs t rw\n4 0 0:4 / /no rw - tmpfs t rw\n",
      },
      {
        source: "replay",
        statvfs: { "/": { blocks: 7 }, "/dead": "ETIMEDOUT", "/none": {}, "/no": "EACCES" },
      },
    );
    const container = openContainer(system, { host: true, cgroup: null });
    expect(readLocalFileSystems(container).map((one) => one.target)).toEqual(["/"]);
  });

  test("a tmpfs has no more room than the container has memory and swap; on a machine that is not asked", () => {
    const mounts = [V2_PRIVATE, "40 20 0:41 / /t rw - tmpfs tmpfs rw"];
    const system = memorySystem(
      { ...procFiles({ mounts, swapTotalBytes: 64 * MIB }), ...memoryV2("/sys/fs/cgroup") },
      {
        status: { "/": { devMajor: 0, devMinor: 20 }, "/t": { devMajor: 0, devMinor: 41 } },
        statvfs: {
          "/": { fragmentBytes: MIB, blocks: 9, blocksFree: 9, blocksAvailable: 9 },
          "/t": { fragmentBytes: MIB, blocks: 1024, blocksFree: 1024, blocksAvailable: 1024 },
        },
      },
    );
    const tmpfs = (host: boolean) => readLocalFileSystems(openContainer(system, { host, cgroup: null }))[1];
    const container = openContainer(system, { host: false, cgroup: null });
    const memory = computeMemory(collectMemory(container));
    const most = (memory.availableBytes.value ?? 0) + (memory.swap.freeBytes.value ?? 64 * MIB);
    expect(most).toBeLessThan(1024 * MIB);
    expect(tmpfs(false)).toMatchObject({ availableBytes: most, availableBoundBy: "memory" });
    expect(tmpfs(true)).toMatchObject({ availableBytes: 1024 * MIB, availableBoundBy: null });
  });
});
