import { describe, expect, test } from "vitest";
import { parseCgroup } from "../procfs/cgroup.ts";
import { memorySystem } from "../system/testing/memory_system.ts";
import { type Controller, isOutsideNamespace, lineOf, locate, subtractRoot } from "./locate.ts";

const ID = "/docker/0123456789ab";

interface Shape {
  readonly cgroup: string;
  readonly mounts: readonly string[];
  /** Directories that are there, with a file each; those named in `roots` are the hierarchy's real root. */
  readonly directories: readonly string[];
  readonly roots?: readonly string[];
  readonly exact?: boolean;
}

/** v1 and v2 alike: a child has cgroup.type (v2), the root has cgroup.procs and release_agent (v1). */
function find(controller: Controller, shape: Shape) {
  const files: Record<string, string> = {};
  for (const directory of shape.directories) {
    files[`${directory}/cgroup.procs`] = "";
    if (shape.roots?.includes(directory) === true) files[`${directory}/release_agent`] = "";
    else files[`${directory}/cgroup.type`] = "domain\n";
  }
  const mounts = { path: "/proc/self/mountinfo", lines: shape.mounts };
  return locate(
    memorySystem(files),
    controller,
    parseCgroup(shape.cgroup, "c"),
    mounts,
    shape.exact ?? false,
  );
}

const v2 = (root = "/", point = "/sys/fs/cgroup"): string =>
  `30 20 0:26 ${root} ${point} ro,nosuid,nodev - cgroup2 cgroup rw,nsdelegate`;
const v1 = (options: string, root: string, point: string): string =>
  `31 20 0:27 ${root} ${point} ro,nosuid master:9 propagate_from:2 - cgroup cgroup rw,${options}`;

describe("the shapes of reader-traps section 2", () => {
  const rows: readonly (readonly [string, Controller, Shape, string, boolean])[] = [
    [
      "private namespace, v2",
      "memory",
      { cgroup: "0::/\n", mounts: [v2()], directories: ["/sys/fs/cgroup"] },
      "/sys/fs/cgroup",
      false,
    ],
    [
      "trap 1: host namespace, whole v2 tree: the mount point is the host's root",
      "memory",
      {
        cgroup: `0::${ID}\n`,
        mounts: [v2()],
        directories: ["/sys/fs/cgroup", "/sys/fs/cgroup/docker", `/sys/fs/cgroup${ID}`],
        roots: ["/sys/fs/cgroup"],
      },
      `/sys/fs/cgroup${ID}`,
      true,
    ],
    [
      "trap 2: host namespace, the own directory is the mount point",
      "memory",
      {
        cgroup: `7:memory:${ID}\n0::/\n`,
        mounts: [v1("memory", ID, "/sys/fs/cgroup/memory")],
        directories: ["/sys/fs/cgroup/memory"],
      },
      "/sys/fs/cgroup/memory",
      false,
    ],
    [
      "trap 3: init was moved to a child: the container is the namespace's root",
      "memory",
      { cgroup: "0::/init\n", mounts: [v2()], directories: ["/sys/fs/cgroup", "/sys/fs/cgroup/init"] },
      "/sys/fs/cgroup",
      false,
    ],
    [
      "trap 4: a bind of the whole v1 tree",
      "memory",
      {
        cgroup: "7:memory:/memgrp/x\n4:cpu,cpuacct:/cpugrp/y\n",
        mounts: [v1("memory", "/", "/cg/memory"), v1("cpu,cpuacct", "/", "/cg/cpu")],
        directories: [
          "/cg/memory",
          "/cg/memory/memgrp",
          "/cg/memory/memgrp/x",
          "/cg/cpu",
          "/cg/cpu/cpugrp/y",
        ],
        roots: ["/cg/memory", "/cg/cpu"],
      },
      "/cg/memory/memgrp/x",
      true,
    ],
    [
      "trap 8: another path for each v1 controller",
      "cpu",
      {
        cgroup: "7:memory:/memgrp/x\n4:cpu,cpuacct:/cpugrp/y\n",
        mounts: [v1("memory", "/", "/cg/memory"), v1("cpu,cpuacct", "/", "/cg/cpu")],
        directories: ["/cg/memory/memgrp/x", "/cg/cpu", "/cg/cpu/cpugrp/y"],
        roots: ["/cg/cpu"],
      },
      "/cg/cpu/cpugrp/y",
      true,
    ],
    [
      "trap 9: cpu and cpuacct in two hierarchies",
      "cpuacct",
      {
        cgroup: "5:cpuacct:/a\n4:cpu:/b\n",
        mounts: [v1("cpu", "/", "/cg/cpu"), v1("cpuacct", "/", "/cg/cpuacct")],
        directories: ["/cg/cpu/b", "/cg/cpuacct", "/cg/cpuacct/a"],
        roots: ["/cg/cpuacct"],
      },
      "/cg/cpuacct/a",
      true,
    ],
    [
      "trap 7: the mount point is '/cg group'",
      "memory",
      { cgroup: "0::/\n", mounts: [v2("/", "/cg\\040group")], directories: ["/cg group"] },
      "/cg group",
      false,
    ],
    [
      "io is blkio on v1",
      "io",
      {
        cgroup: "3:blkio:/x\n",
        mounts: [v1("blkio", "/x", "/sys/fs/cgroup/blkio")],
        directories: ["/sys/fs/cgroup/blkio"],
      },
      "/sys/fs/cgroup/blkio",
      false,
    ],
    [
      "below a bind of the own directory: a trailing /init.scope is removed",
      "memory",
      {
        cgroup: `0::${ID}/init.scope\n`,
        mounts: [v2(ID)],
        directories: ["/sys/fs/cgroup", "/sys/fs/cgroup/init.scope"],
      },
      "/sys/fs/cgroup",
      false,
    ],
    [
      "two levels below the namespace root: the own directory",
      "memory",
      {
        cgroup: "0::/a/b\n",
        mounts: [v2()],
        directories: ["/sys/fs/cgroup", "/sys/fs/cgroup/a", "/sys/fs/cgroup/a/b"],
      },
      "/sys/fs/cgroup/a/b",
      false,
    ],
  ];
  test.each(rows)("%s", (_name, controller, shape, directory, complete) => {
    expect(find(controller, shape)).toMatchObject({ directory, complete });
  });
});

describe("nothing is found, which is not 'no limit'", () => {
  const rows: readonly (readonly [string, Controller, Shape])[] = [
    ["trap 15: nothing mounted", "memory", { cgroup: "0::/\n", mounts: [], directories: [] }],
    [
      "trap 5: the path lies outside the namespace",
      "memory",
      {
        cgroup: "0::/../../init.scope\n",
        mounts: [v2()],
        directories: ["/sys/fs/cgroup", "/sys/fs/cgroup/init.scope"],
      },
    ],
    [
      "trap 11: 0:: on a v1 host without a cgroup2 mount",
      "memory",
      {
        cgroup: "0::/\n",
        mounts: [v1("memory", "/", "/sys/fs/cgroup/memory")],
        directories: ["/sys/fs/cgroup/memory"],
      },
    ],
    [
      "trap 13: the controller is on v1, and only v2 is mounted",
      "memory",
      { cgroup: `7:memory:${ID}\n0::/\n`, mounts: [v2()], directories: ["/sys/fs/cgroup"] },
    ],
    [
      "trap 6: the only mount shows a tree from above the namespace",
      "memory",
      { cgroup: "0::/\n", mounts: [v2("/../..")], directories: ["/sys/fs/cgroup"] },
    ],
    [
      "/docker/ab is not above /docker/abc",
      "memory",
      {
        cgroup: "0::/docker/abc\n",
        mounts: [v2("/docker/ab")],
        directories: ["/sys/fs/cgroup", "/sys/fs/cgroup/c"],
      },
    ],
    [
      "the directory is gone",
      "memory",
      { cgroup: `0::${ID} (deleted)\n`, mounts: [v2()], directories: ["/sys/fs/cgroup"] },
    ],
    [
      "trap 10: neither the source field nor a directory's name tells the controller",
      "memory",
      {
        cgroup: "7:memory:/\n",
        mounts: ["31 20 0:27 / /sys/fs/cgroup/memory ro - cgroup memory rw,cpuset"],
        directories: ["/sys/fs/cgroup/memory"],
      },
    ],
    [
      "per-mount options do not tell it either",
      "memory",
      {
        cgroup: "7:memory:/\n",
        mounts: ["31 20 0:27 / /cg ro,memory - cgroup cgroup rw,cpuset"],
        directories: ["/cg"],
      },
    ],
    ["no line at all", "memory", { cgroup: "", mounts: [v2()], directories: ["/sys/fs/cgroup"] }],
    [
      "trap 14: no 0:: line, and the controller on no v1 line",
      "pids",
      { cgroup: "7:memory:/\n", mounts: [v2()], directories: ["/sys/fs/cgroup"] },
    ],
    [
      "a line of mountinfo that is no mount",
      "memory",
      { cgroup: "0::/\n", mounts: ["31 - cgroup2 garbage"], directories: ["/sys/fs/cgroup"] },
    ],
  ];
  test.each(rows)("%s", (_name, controller, shape) => {
    expect(find(controller, shape)).toBeNull();
  });
});

describe("several mounts fit", () => {
  const tree = {
    cgroup: `7:memory:${ID}\n`,
    directories: ["/sys/fs/cgroup/memory", "/cgroup", "/cgroup/docker", `/cgroup${ID}`],
    roots: ["/cgroup"],
  };
  const own = v1("memory", ID, "/sys/fs/cgroup/memory");
  const whole = v1("memory", "/", "/cgroup");

  test.each([[[own, whole]], [[whole, own]]])(
    "trap 6: the one that shows most ancestors wins, whatever the order",
    (mounts) => {
      expect(find("memory", { ...tree, mounts })).toMatchObject({
        chain: [`/cgroup${ID}`, "/cgroup/docker", "/cgroup"],
        complete: true,
      });
    },
  );

  test("of equals the later line", () => {
    const mounts = [own, v1("memory", ID, "/later")];
    const directories = [...tree.directories, "/later"];
    expect(find("memory", { ...tree, directories, mounts })?.own).toBe("/later");
  });

  test("one that is broken does not hide the other", () => {
    const mounts = ["x y z - cgroup cgroup rw,memory", own];
    expect(find("memory", { ...tree, mounts })?.own).toBe("/sys/fs/cgroup/memory");
  });
});

describe("--cgroup PATH: the cgroup itself", () => {
  const shape: Shape = {
    cgroup: "0::/init\n",
    mounts: [v2()],
    directories: ["/sys/fs/cgroup", "/sys/fs/cgroup/init"],
    exact: true,
  };

  test("not the container around it", () => {
    expect(find("memory", shape)).toMatchObject({
      directory: "/sys/fs/cgroup/init",
      chain: ["/sys/fs/cgroup/init", "/sys/fs/cgroup"],
      path: "/init",
      version: 2,
    });
  });
});

describe("the real root", () => {
  test("v2 before 4.14 has no cgroup.type: cgroup.events tells", () => {
    const files = {
      "/sys/fs/cgroup/cgroup.procs": "",
      "/sys/fs/cgroup/cgroup.events": "populated 1\n",
    };
    const mounts = { path: "m", lines: [v2()] };
    const found = locate(memorySystem(files), "memory", parseCgroup("0::/\n", "c"), mounts, false);
    expect(found?.complete).toBe(false);
  });

  test("a directory that is no cgroup is no root", () => {
    const mounts = { path: "m", lines: [v2()] };
    const system = memorySystem({ "/sys/fs/cgroup": { directory: true } });
    expect(locate(system, "memory", parseCgroup("0::/\n", "c"), mounts, false)?.complete).toBe(false);
  });

  test("at the root itself the chain has one directory", () => {
    const found = find("memory", {
      cgroup: "0::/init.scope\n",
      mounts: [v2()],
      directories: ["/sys/fs/cgroup", "/sys/fs/cgroup/init.scope"],
      roots: ["/sys/fs/cgroup"],
    });
    expect(found).toMatchObject({ chain: ["/sys/fs/cgroup"], complete: true });
  });
});

test.each([
  ["/", "/", ""],
  ["/a", "/", "/a"],
  ["/a", "/a", ""],
  ["/a/b", "/a", "/b"],
  ["/ab", "/a", null],
  ["/", "/a", null],
  ["/a", "/a/b", null],
])("subtractRoot(%j, %j) is %j", (path, root, relative) => {
  expect(subtractRoot(path, root)).toBe(relative);
});

test.each([
  ["/..", true],
  ["/../x", true],
  ["/..x", false],
  ["/", false],
  ["/a/..", false],
])("isOutsideNamespace(%j) is %j", (path, outside) => {
  expect(isOutsideNamespace(path)).toBe(outside);
});

test("a v1 line with the controller comes before 0::, name=systemd is no controller", () => {
  const lines = parseCgroup("0::/u\n1:name=systemd:/s\n4:cpu,cpuacct:/c\n", "c");
  expect(lineOf("cpuacct", lines)?.path).toBe("/c");
  expect(lineOf("memory", lines)?.path).toBe("/u");
  expect(lineOf("unified", lines)?.path).toBe("/u");
  expect(lineOf("memory", parseCgroup("1:name=memory:/s\n", "c"))).toBeNull();
});
