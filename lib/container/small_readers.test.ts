/** users, pids, processes, explain: what is too small for a file of tests of its own. */
import { describe, expect, test } from "vitest";
import { type MemoryEntry, memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { explainContainer, explainFigures } from "./explain.ts";
import { figure } from "./figure.ts";
import { readPids } from "./pids.ts";
import { cgroupPids, oldestProcess } from "./processes.ts";
import {
  memoryV2,
  type ProcShape,
  procFiles,
  statLine,
  type Tree,
  v1Mount,
  v2Core,
  v2RealRoot,
} from "./testing/container_tree.ts";
import { countUsers } from "./users.ts";

const TOP = "/sys/fs/cgroup";

function open(tree: Tree, proc: ProcShape = {}) {
  return openContainer(memorySystem({ ...procFiles(proc), ...tree }), { host: false, cgroup: null });
}

describe("users", () => {
  const login = (type: number, name: string): string =>
    `${String.fromCharCode(type, 0)}${"\0".repeat(42)}${name.padEnd(340, "\0")}`;
  const count = (files: Record<string, MemoryEntry>) => countUsers(memorySystem(files));

  test.each([
    ["no utmp, as in most containers: nobody", {}, false, 0],
    ["empty", { "/run/utmp": "" }, true, 0],
    [
      "two logins and a boot record",
      { "/run/utmp": login(7, "ann") + login(2, "reboot") + login(7, "bob") },
      true,
      2,
    ],
    ["refused: not known", { "/run/utmp": { errno: "EACCES" } }, true, null],
    ["not utmp records: not known, and no error", { "/run/utmp": "garbage" }, true, null],
    ["/var/run that is no link (CentOS 6)", { "/var/run/utmp": login(7, "ann") }, true, 1],
  ] as const)("%s", (_name, files, exists, users) => {
    expect(count(files)).toMatchObject({ exists, count: users });
  });
});

describe("pids", () => {
  const own = (files: Tree): Tree => ({ ...v2Core(TOP), ...files });

  test.each([
    ["a limit", { "pids.max": "50\n", "pids.current": "7\n" }, 50, 7],
    ["max", { "pids.max": "max\n", "pids.current": "7\n" }, "max", 7],
    ["no controller: not known", {}, null, null],
    ["refused: not known", { "pids.max": { errno: "EACCES" } as const, "pids.current": "7\n" }, null, 7],
  ])("v2: %s", (_name, files, limit, current) => {
    const tree = own(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`${TOP}/${name}`, text])),
    );
    const pids = readPids(open(tree));
    expect([pids.limit.value, pids.limit.complete, pids.current.value]).toEqual([limit, false, current]);
  });

  test("v1 writes max, too; complete only up to the real root", () => {
    const proc = { initCgroup: "9:pids:/docker/c\n", mounts: [v1Mount("pids")] };
    const tree = {
      [`${TOP}/pids/release_agent`]: "",
      [`${TOP}/pids/docker/pids.max`]: "max\n",
      [`${TOP}/pids/docker/c/pids.max`]: "20\n",
      [`${TOP}/pids/docker/c/pids.current`]: "3\n",
    };
    expect(readPids(open(tree, proc)).limit).toMatchObject({ value: 20, complete: true });
  });

  test("nothing mounted: not known", () => {
    expect(readPids(open({}, { mounts: [] }))).toMatchObject({
      current: { value: null },
      limit: { value: null },
    });
  });
});

describe("processes of the cgroup", () => {
  test("trap 49: at any depth, without the zeros of other pid namespaces", () => {
    const tree = {
      [`${TOP}/cgroup.procs`]: "0\n5\n",
      [`${TOP}/a/b/cgroup.procs`]: "6\n0\n7\n",
      [`${TOP}/a/cgroup.procs`]: "",
    };
    expect(cgroupPids(open(tree))).toEqual([5, 6, 7]);
  });

  test("trap 51: cgroup.procs of a threaded cgroup refuses: what lies below still counts", () => {
    const tree: Tree = { [`${TOP}/cgroup.procs`]: { errno: "EOPNOTSUPP" }, [`${TOP}/a/cgroup.procs`]: "6\n" };
    expect(cgroupPids(open(tree))).toEqual([6]);
  });

  test("a threaded cgroup was empty for top: its threads tell their processes, each once", () => {
    const status = (tgid: number, pid: number): string =>
      `Name:\tx\nState:\tR\nTgid:\t${tgid}\nPid:\t${pid}\nPPid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t2\n`;
    const tree: Tree = {
      [`${TOP}/cgroup.procs`]: "5\n",
      [`${TOP}/a/cgroup.procs`]: { errno: "EOPNOTSUPP" },
      [`${TOP}/a/cgroup.threads`]: "6\n8\n9\n",
      "/proc/6/status": status(5, 6),
      "/proc/8/status": status(8, 8),
      "/proc/9/status": status(8, 9),
    };
    expect(cgroupPids(open(tree))).toEqual([5, 8]);
  });

  test("links are not followed", () => {
    const tree: Tree = { [`${TOP}/cgroup.procs`]: "5\n", [`${TOP}/loop`]: { link: "." } };
    expect(cgroupPids(open(tree))).toEqual([5]);
  });

  test("no cgroup directory: not known", () => {
    expect(cgroupPids(open({}, { mounts: [] }))).toBeNull();
  });

  const hidden = "one that is still listed and cannot be seen (hidepid) may be the oldest: not known";
  test.each([
    ["the oldest, without those that have ended", false, 7],
    [hidden, true, null],
  ])("%s", (_name, stays, expected) => {
    const tree = {
      [`${TOP}/cgroup.procs`]: "5\n6\n7\n",
      "/proc/6/stat": statLine(6, "b", 20),
      "/proc/7/stat": statLine(7, "c", 10),
    };
    const container = open(tree);
    const { system } = container as unknown as { system: ReturnType<typeof memorySystem> };
    const { readText } = system;
    let reads = 0;
    system.readText = (path) => {
      if (path === `${TOP}/cgroup.procs` && ++reads === 2 && !stays) return "6\n7\n";
      return readText(path);
    };
    expect(oldestProcess(container)).toBe(expected);
  });
});

describe("explain", () => {
  test("a value, a note, its formula, its files, what is missing", () => {
    const from = [
      { path: "/a", key: "k", value: 3, missing: null },
      { path: "/b", key: null, value: null, missing: "absent (ENOENT)" },
    ];
    expect(explainFigures("memory", [["used", figure(0, "a - b", from), "a note"]])).toBe(
      "memory\nused = 0 (a note)\n    a - b\n    /a k: 3\n    /b: absent (ENOENT)\n",
    );
    expect(explainFigures("x", [["y", figure(null, "z", [])]])).toBe("x\ny = -\n    z\n");
  });

  test("a container: directories, what is hidden, the registration", () => {
    const tree = { ...v2RealRoot(TOP), ...memoryV2(`${TOP}/c`) };
    const text = explainContainer(open(tree, { initCgroup: "0::/c\n" }));
    expect(text).toContain(`memory: v2 ${TOP}/c\n`);
    expect(text).toContain("registration /run/procg/host/instance.json: none\n");
    expect(explainContainer(open(memoryV2(TOP)))).toContain(`memory: v2 ${TOP} (ancestors hidden)\n`);
    expect(explainContainer(open({}, { mounts: [] }))).toContain("memory: no mount shows it\n");
  });

  test("the machine has no cgroup lines", () => {
    expect(explainContainer(open({}, { pidNamespace: "pid:[4026531836]" }))).toBe(
      "machine: the host's pid namespace and init's mount namespace\n",
    );
  });
});
