import { describe, expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import {
  type ProcShape,
  procFiles,
  statLine,
  type Tree,
  V2_PRIVATE,
  v1Mount,
  v2Core,
} from "./testing/container_tree.ts";
import { readInitAge, readIoCountersAge, readUptime } from "./uptime.ts";

const TOP = "/sys/fs/cgroup";

function open(tree: Tree = {}, proc: ProcShape = {}, cgroup: string | null = null) {
  const system = memorySystem({ ...procFiles(proc), ...v2Core(TOP), ...tree });
  return openContainer(system, { host: false, cgroup });
}

test("uptime - start of init", () => {
  expect(readUptime(open())).toMatchObject({ value: 100 });
});

test("ticks and hundredths: no noise behind the point", () => {
  expect(readUptime(open({ "/proc/1/stat": statLine(1, "init", 490_010) })).value).toBe(99.9);
});

test("started within this tick: 0, not negative", () => {
  expect(readUptime(open({ "/proc/1/stat": statLine(1, "init", 500_001) })).value).toBe(0);
});

test("init cannot be read: not known, and said why", () => {
  const figure = readUptime(open({ "/proc/1/stat": { errno: "EACCES" } }));
  expect(figure.value).toBeNull();
  expect(figure.from.at(-1)).toMatchObject({ path: "/proc/1/stat", missing: "Permission denied" });
});

test("no /proc/uptime: an error that names it", () => {
  const files = procFiles();
  delete files["/proc/uptime"];
  const container = openContainer(memorySystem(files), { host: false, cgroup: null });
  expect(() => readUptime(container)).toThrow("/proc/uptime: No such file or directory");
});

describe("pid 1 is somebody else's: the cgroup's oldest process", () => {
  const processes = {
    [`${TOP}/cgroup.procs`]: "0\n700\n",
    [`${TOP}/sub/cgroup.procs`]: "800\n",
    "/proc/700/stat": statLine(700, "a", 495_000),
    "/proc/800/stat": statLine(800, "b", 494_000),
  };

  test.each([
    [
      "--pid host",
      {
        pidNamespace: "pid:[4026531836]",
        initMount: "mnt:[1]",
        initCgroup: "0::/../x\n",
        selfCgroup: "0::/\n",
      },
    ],
    ["a pod's shared pid namespace", { initCgroup: "0::/../pause\n", selfCgroup: "0::/\n" }],
  ])("%s", (_name, proc) => {
    const figure = readUptime(open(processes, proc));
    expect(figure.value).toBe(60);
    expect(figure.from.at(-1)?.path).toBe("/proc/800/stat");
  });

  test("--cgroup PATH", () => {
    expect(readUptime(open(processes, {}, "/sub")).value).toBe(60);
  });

  test("--cgroup PATH without a process: not known", () => {
    expect(readUptime(open({ ...processes, [`${TOP}/sub/cgroup.procs`]: "" }, {}, "/sub")).value).toBeNull();
  });
});

describe("the machine", () => {
  const host = { pidNamespace: "pid:[4026531836]" };

  test("seconds since boot", () => {
    expect(readUptime(open({}, host)).value).toBe(5000);
  });

  test("-c: the age of process 1", () => {
    expect(readInitAge(open({}, host)).value).toBe(100);
  });
});

describe("lxcfs serves /proc/uptime", () => {
  const mounts = [V2_PRIVATE, "90 30 0:60 /proc/uptime /proc/uptime rw - fuse.lxcfs lxcfs rw"];
  const served = open({ "/proc/uptime": "100.00 90.00\n" }, { mounts });

  test("it is the container's already", () => {
    expect(readUptime(served).value).toBe(100);
  });

  test("-c: the same; starttime is still counted from the host's boot", () => {
    expect(readInitAge(served).value).toBe(100);
  });
});

describe("what the counters of block IO account for", () => {
  const blkio = (initCgroup: string) =>
    open({ [`${TOP}/blkio/release_agent`]: "" }, { initCgroup, mounts: [v1Mount("blkio")] });

  test("a cgroup of the container's own: the container's age", () => {
    expect(readIoCountersAge(blkio("9:blkio:/docker/c\n")).value).toBe(100);
  });

  test("the root cgroup: since boot, however young the container is", () => {
    expect(readIoCountersAge(blkio("9:blkio:/\n")).value).toBe(5000);
  });
});
