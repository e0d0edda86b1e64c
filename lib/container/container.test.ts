import { describe, expect, test } from "vitest";
import { ReadError } from "../kernfile/kernel_file.ts";
import { type MemoryOptions, memorySystem } from "../system/testing/memory_system.ts";
import { isVirtual, openContainer } from "./container.ts";
import {
  memoryV2,
  type ProcShape,
  procFiles,
  statLine,
  type Tree,
  V2_PRIVATE,
  v1Mount,
  v2Core,
  v2RealRoot,
} from "./testing/container_tree.ts";

const TOP = "/sys/fs/cgroup";
const OWN = { host: false, cgroup: null };
const HOST_PID = "pid:[4026531836]";
const ID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

function open(
  tree: Tree,
  proc: ProcShape = {},
  choice: { host: boolean; cgroup: string | null } = OWN,
  options: MemoryOptions = {},
) {
  return openContainer(memorySystem({ ...procFiles(proc), ...tree }, options), choice);
}

describe("machine or container", () => {
  const rows: readonly (readonly [string, ProcShape, Tree, "machine" | "container", RegExp])[] = [
    ["a pid namespace of its own", {}, {}, "container", /^a pid namespace of its own$/],
    [
      "no ns links (before 3.8), pid 2 is kthreadd: the host's pid namespace",
      { pidNamespace: null, selfMount: null },
      { "/proc/2/stat": statLine(2, "kthreadd", 1) },
      "machine",
      /no container marker/,
    ],
    [
      "no ns links, pid 2 is something else called kthreadd",
      { pidNamespace: null, selfMount: null },
      { "/proc/2/stat": statLine(2, "kthreadd", 1, 1) },
      "container",
      /own/,
    ],
    ["no ns links, no pid 2", { pidNamespace: null, selfMount: null }, {}, "container", /own/],
    [
      "host's pid namespace, init's mount namespace",
      { pidNamespace: HOST_PID },
      {},
      "machine",
      /init's mount namespace/,
    ],
    [
      "the initial mount namespace by its number (6.17), init's link refused, a stray marker",
      { pidNamespace: HOST_PID, selfMount: "mnt:[4026531832]", initMount: null },
      { "/.dockerenv": "" },
      "machine",
      /init's mount namespace/,
    ],
    [
      "docker run --pid host: another mount namespace",
      { pidNamespace: HOST_PID, initMount: "mnt:[4026531840]" },
      {},
      "container",
      /mount namespace of its own/,
    ],
    [
      "init's link refused, no marker",
      { pidNamespace: HOST_PID, initMount: null },
      {},
      "machine",
      /no container marker/,
    ],
    [
      "init's link refused, /.dockerenv",
      { pidNamespace: HOST_PID, initMount: null },
      { "/.dockerenv": "" },
      "container",
      /^\/\.dockerenv$/,
    ],
    [
      "init's link refused, /run/.containerenv",
      { pidNamespace: HOST_PID, initMount: null },
      { "/run/.containerenv": "" },
      "container",
      /containerenv/,
    ],
    ...[
      `/docker/${ID}`,
      "/kubepods/x",
      "/machine.slice/libpod-1.scope",
      "/lxc/a",
      "/crio-1",
      "/system.slice/containerd",
    ].map(
      (path) =>
        [
          `init's link refused, the cgroup path ${path}`,
          { pidNamespace: HOST_PID, initMount: null, initCgroup: "0::/\n", selfCgroup: `0::${path}\n` },
          {},
          "container",
          /^the cgroup path/,
        ] as const,
    ),
    [
      "init's link refused, a user slice is no marker",
      { pidNamespace: HOST_PID, initMount: null, selfCgroup: "0::/user.slice/user-1000.slice\n" },
      {},
      "machine",
      /no container marker/,
    ],
  ];
  test.each(rows)("%s", (_name, proc, tree, kind, because) => {
    const container = open(tree, proc);
    expect(container.kind).toBe(kind);
    expect(container.because).toMatch(because);
  });

  test("--host and PROCG_HOST", () => {
    expect(open({}, {}, { host: true, cgroup: null })).toMatchObject({ kind: "machine", because: "--host" });
  });

  test("--cgroup on a plain host is a container", () => {
    expect(open(v2RealRoot(TOP), { pidNamespace: HOST_PID }, { host: false, cgroup: "self" }).kind).toBe(
      "container",
    );
  });
});

describe("whose line", () => {
  test("init's, wherever the reader sits", () => {
    const container = open(v2Core(TOP), { initCgroup: "0::/\n", selfCgroup: "0::/sub\n" });
    expect(container).toMatchObject({ linesFrom: "/proc/1/cgroup", sharedPidNamespace: false });
  });

  test("trap 5: the reader is outside the namespace: init's, about the container", () => {
    const container = open(memoryV2(TOP), { selfCgroup: "0::/../../init.scope\n" });
    expect(container.linesFrom).toBe("/proc/1/cgroup");
    expect(container.location("memory")?.own).toBe(TOP);
  });

  test("the host's pid namespace: self's", () => {
    const proc = {
      pidNamespace: HOST_PID,
      initMount: "mnt:[1]",
      initCgroup: "0::/init.scope\n",
      selfCgroup: "0::/c\n",
    };
    expect(open(v2Core(`${TOP}/c`), proc)).toMatchObject({
      linesFrom: "/proc/self/cgroup",
      sharedPidNamespace: true,
    });
  });

  test("/proc/1/cgroup cannot be read: self's; whose pid 1 is, is not known", () => {
    const container = open(
      { ...v2Core(TOP), "/proc/1/cgroup": { errno: "EACCES" } },
      { selfCgroup: "0::/\n" },
    );
    expect(container).toMatchObject({ linesFrom: "/proc/self/cgroup", sharedPidNamespace: false });
  });

  test("another container's pid namespace (shareProcessNamespace): self's, and its processes are the cgroup's", () => {
    const container = open(v2Core(TOP), { initCgroup: "0::/../pause\n", selfCgroup: "0::/\n" });
    expect(container).toMatchObject({ linesFrom: "/proc/self/cgroup", sharedPidNamespace: true });
  });

  test("both outside: unknown, not repaired", () => {
    const container = open(v2Core(TOP), { initCgroup: "0::/../a\n", selfCgroup: "0::/../b\n" });
    expect(container.location("memory")).toBeNull();
  });

  const apart = { initCgroup: "0::/pod/pause\n", selfCgroup: "0::/pod/app\n" };

  test("both visible, neither contains the other, other mount namespaces: self's", () => {
    const container = open(v2RealRoot(TOP), { ...apart, initMount: "mnt:[1]", selfMount: "mnt:[2]" });
    expect(container).toMatchObject({ linesFrom: "/proc/self/cgroup", sharedPidNamespace: true });
  });

  test.each([
    ["the same mount namespace (docker exec into a sub-cgroup)", { ...apart }],
    [
      "one contains the other",
      { initCgroup: "0::/pod\n", selfCgroup: "0::/pod/app\n", initMount: "mnt:[1]" },
    ],
    ["init's mount namespace is refused", { ...apart, initMount: null }],
  ])("%s: init's", (_name, proc) => {
    expect(open(v2RealRoot(TOP), proc).linesFrom).toBe("/proc/1/cgroup");
  });

  test("below --root it is process 1's, also for mounts", () => {
    const container = open(memoryV2(TOP), { selfCgroup: "0::/elsewhere\n" }, OWN, { source: "root" });
    expect(container).toMatchObject({ selfDirectory: "/proc/1", linesFrom: "/proc/1/cgroup" });
    expect(container.location("memory")?.own).toBe(TOP);
  });

  test("a replay has the capturing process as self, where it has one", () => {
    expect(open({}, {}, OWN, { source: "replay" }).selfDirectory).toBe("/proc/self");
    const container = openContainer(memorySystem({ "/proc/1/cgroup": "0::/\n" }, { source: "replay" }), OWN);
    expect(container.selfDirectory).toBe("/proc/1");
  });
});

describe("--cgroup", () => {
  const tree = {
    ...v2RealRoot(TOP),
    ...memoryV2(`${TOP}/a`),
    ...memoryV2(`${TOP}/a/b`),
    ...memoryV2(`${TOP}/own`),
  };
  const proc = { initCgroup: "0::/own\n", selfCgroup: "0::/own/me\n" };
  const choose = (cgroup: string) =>
    open({ ...tree, ...v2Core(`${TOP}/own/me`) }, proc, { host: false, cgroup });

  test.each(["/a/b", "a/b", "/a/b/", "//a/./b"])("%s", (path) => {
    const container = choose(path);
    expect(container).toMatchObject({ kind: "container", linesFrom: "--cgroup" });
    expect(container.location("memory")?.chain).toEqual([`${TOP}/a/b`, `${TOP}/a`, TOP]);
  });

  test("self: the reader's own, not the container around it", () => {
    expect(choose("self").location("memory")?.directory).toBe(`${TOP}/own/me`);
  });

  test("/: the root", () => {
    expect(choose("/").location("memory")?.chain).toEqual([TOP]);
  });

  test.each(["/typo", "/../a", "/a/../../../proc", "/a/../a"])(
    "%s is nowhere: one error, not the host's numbers",
    (path) => {
      expect(() => choose(path)).toThrow(ReadError);
      expect(() => choose(path)).toThrow(`cgroup ${path}: No such file or directory`);
    },
  );

  test("found in one hierarchy of several", () => {
    const files = { [`${TOP}/cpu/x/cgroup.procs`]: "", [`${TOP}/memory/cgroup.procs`]: "" };
    const v1 = { initCgroup: "7:memory:/\n4:cpu:/\n", mounts: [v1Mount("memory"), v1Mount("cpu")] };
    const container = open(files, v1, { host: false, cgroup: "/x" });
    expect(container.location("memory")).toBeNull();
    expect(container.location("cpu")?.own).toBe(`${TOP}/cpu/x`);
  });

  test("the registration is about the container, not about this cgroup", () => {
    expect(choose("/a").registration().problem).toBe("--cgroup asks for another cgroup");
  });

  test("/proc/1/cgroup cannot be read: the hierarchies are self's", () => {
    const files: Tree = { ...tree, "/proc/1/cgroup": { errno: "EACCES" } };
    const container = open(files, proc, { host: false, cgroup: "/a" });
    expect(container.location("memory")?.own).toBe(`${TOP}/a`);
  });
});

describe("/proc served by somebody", () => {
  const fuse = (path: string, type = "fuse.lxcfs", source = "lxcfs"): string =>
    `90 30 0:60 ${path} ${path} rw,nosuid - ${type} ${source} rw,user_id=0`;
  const served = (mounts: readonly string[]) => open(memoryV2(TOP), { mounts: [V2_PRIVATE, ...mounts] });

  test("lxcfs: file by file", () => {
    const container = served([fuse("/proc/meminfo"), fuse("/proc/stat")]);
    expect(container.virtual).toEqual({ by: "lxcfs", paths: ["/proc/meminfo", "/proc/stat"] });
    expect(isVirtual(container, "/proc/meminfo")).toBe(true);
    expect(isVirtual(container, "/proc/uptime")).toBe(false);
  });

  test("a directory is served with all that is in it", () => {
    const container = served([fuse("/sys/devices/system/cpu")]);
    expect(isVirtual(container, "/sys/devices/system/cpu/online")).toBe(true);
    expect(isVirtual(container, "/sys/devices/system/cpux")).toBe(false);
  });

  test("another FUSE program (sysbox)", () => {
    expect(served([fuse("/proc/uptime", "fuse", "sysboxfs")]).virtual).toEqual({
      by: "fuse",
      paths: ["/proc/uptime"],
    });
  });

  test("FUSE elsewhere serves data, not /proc", () => {
    expect(served([fuse("/data")]).virtual).toBeNull();
  });

  test("a FUSE line that is no mount is left out", () => {
    expect(served(["x - fuse.lxcfs"]).virtual).toBeNull();
  });

  test("gVisor", () => {
    const tree = { "/proc/version": "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n" };
    const container = open(tree, { mounts: [], pidNamespace: "pid:[1]" });
    expect(container.virtual).toEqual({ by: "gvisor", paths: [] });
    expect(isVirtual(container, "/proc/anything")).toBe(true);
  });

  test("the machine is never served, nor is another cgroup", () => {
    const mounts = [V2_PRIVATE, fuse("/proc/meminfo")];
    expect(open(memoryV2(TOP), { mounts }, { host: true, cgroup: null }).virtual).toBeNull();
    expect(open(memoryV2(TOP), { mounts }, { host: false, cgroup: "/" }).virtual).toBeNull();
  });
});

test("mountinfo that cannot be read: nothing is found, nothing throws", () => {
  const container = open({ ...memoryV2(TOP), "/proc/self/mountinfo": { errno: "EACCES" } });
  expect(container.location("memory")).toBeNull();
  expect(container.virtual).toBeNull();
});

test("a location is looked for once", () => {
  const container = open(memoryV2(TOP));
  expect(container.location("memory")).toBe(container.location("memory"));
});
