import { describe, expect, test } from "vitest";
import { type MemoryEntry, memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { readThreadLoad } from "./thread_load.ts";

const stat = (pid: number, state: string, threads = 1) =>
  `${pid} (x) ${state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 ${threads} 0 5 0 0\n`;

function read(entries: Record<string, MemoryEntry>, cgroup: string | null = null) {
  const system = memorySystem(
    { "/proc/self": { link: "42" }, "/proc/42/stat": stat(42, "R"), ...entries },
    { pid: 42 },
  );
  return readThreadLoad(openContainer(system, { host: false, cgroup }));
}

const V2 = {
  "/proc/42/mountinfo": "30 24 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
  "/sys/fs/cgroup/cgroup.type": "domain\n",
  "/sys/fs/cgroup/cgroup.procs": "1\n42\n",
};
const OWN_PIDS = {
  "/proc/42/ns/pid": { link: "pid:[4026532001]" },
  "/proc/1/cgroup": "0::/\n",
  "/proc/42/cgroup": "0::/\n",
};
const HOST_PIDS = {
  "/proc/42/ns/pid": { link: "pid:[4026531836]" },
  "/.dockerenv": "",
  "/proc/42/cgroup": "0::/\n",
};

test("a pid namespace of its own: all threads but ours", () => {
  const load = read({
    ...V2,
    ...OWN_PIDS,
    "/proc/1/stat": stat(1, "S"),
    "/proc/5/stat": stat(5, "R"),
    "/proc/7/stat": stat(7, "S", 3),
    "/proc/7/task/7/stat": stat(7, "S"),
    "/proc/7/task/8/stat": stat(8, "R"),
    "/proc/7/task/9/stat": stat(9, "D"),
    "/proc/12/stat": { errno: "ESRCH" },
  });
  expect(load).toEqual({ runnable: 2, uninterruptible: 1, frozen: 0, threads: 5, processes: 3, lastPid: 9 });
});

test("the host's pid namespace: the threads of the cgroup and everything below, as deep as it goes", () => {
  const deep = "/sys/fs/cgroup/a.slice/b/c/d/e/f/docker-1.scope";
  const load = read({
    ...V2,
    ...HOST_PIDS,
    "/proc/1/stat": stat(1, "R"),
    "/proc/5/stat": stat(5, "R"),
    "/proc/70/stat": stat(70, "R"),
    "/proc/71/stat": stat(71, "D"),
    "/sys/fs/cgroup/cgroup.procs": "70\n42\n",
    [`${deep}/cgroup.procs`]: "71\n",
  });
  expect(load).toMatchObject({ runnable: 1, uninterruptible: 1, threads: 2, lastPid: 71 });
});

test("our number is the one in the /proc that is read", () => {
  const load = read({ ...V2, ...OWN_PIDS, "/proc/self": { link: "43" }, "/proc/43/stat": stat(43, "R") });
  expect(load).toMatchObject({ runnable: 1, lastPid: 42 });
});

describe("frozen", () => {
  test("v2, the whole container: nothing is active", () => {
    const load = read({
      ...V2,
      ...OWN_PIDS,
      "/sys/fs/cgroup/cgroup.events": "populated 1\nfrozen 1\n",
      "/proc/5/stat": stat(5, "R"),
      "/proc/6/stat": stat(6, "D"),
    });
    expect(load).toMatchObject({ runnable: 0, uninterruptible: 0, frozen: 2, threads: 2 });
  });

  const V1 = {
    "/proc/42/ns/pid": { link: "pid:[4026532001]" },
    "/proc/1/cgroup": "4:freezer:/\n3:pids:/\n",
    "/proc/42/cgroup": "4:freezer:/\n3:pids:/\n",
    "/proc/42/mountinfo":
      "31 30 0:28 / /sys/fs/cgroup/freezer ro - cgroup cgroup rw,freezer\n32 30 0:29 / /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n",
    "/sys/fs/cgroup/pids/cgroup.procs": "1\n",
    "/sys/fs/cgroup/freezer/cgroup.procs": "1\n",
    "/proc/5/stat": stat(5, "D"),
    "/proc/6/stat": stat(6, "D"),
  };

  test("v1, the whole container", () => {
    const load = read({ ...V1, "/sys/fs/cgroup/freezer/freezer.state": "FROZEN\n" });
    expect(load).toMatchObject({ uninterruptible: 0, frozen: 2 });
  });

  test("v1, a container in the container: its threads show D and do not count", () => {
    const load = read({
      ...V1,
      "/sys/fs/cgroup/freezer/freezer.state": "THAWED\n",
      "/sys/fs/cgroup/freezer/docker/ab/freezer.state": "FROZEN\n",
      "/sys/fs/cgroup/freezer/docker/ab/cgroup.procs": "6\n",
    });
    expect(load).toMatchObject({ uninterruptible: 1, frozen: 1, threads: 2 });
  });
});

test("/proc that cannot be listed is an errno", () => {
  expect(read({ ...V2, ...OWN_PIDS, "/proc": { errno: "EACCES" } })).toBeLessThan(0);
});

test("a /proc that shows not even this process: not known, and not 0", () => {
  const system = memorySystem({ "/proc": { directory: true } });
  expect(readThreadLoad(openContainer(system, { host: false, cgroup: null }))).toBe(-2);
  const alone = memorySystem({ "/proc/self": { link: "7" }, "/proc/7/stat": stat(7, "R") }, { pid: 7 });
  expect(readThreadLoad(openContainer(alone, { host: false, cgroup: null }))).toMatchObject({ threads: 0 });
});
