import { expect, test } from "vitest";
import { ToolError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { memoryV2, procFiles, type Tree } from "../../lib/container/testing/container_tree.ts";
import {
  type MemoryOptions,
  type MemorySystem,
  memorySystem,
} from "../../lib/system/testing/memory_system.ts";
import { captureStep } from "./collect.ts";

const TOP = "/sys/fs/cgroup";

function capture(tree: Tree, cmdlines = true, options: MemoryOptions = {}): MemorySystem {
  const system = memorySystem(
    { ...procFiles(), ...memoryV2(TOP), ...tree, "/out": { directory: true } },
    options,
  );
  captureStep(openContainer(system, { host: false, cgroup: null }), "/out/t0", cmdlines);
  return system;
}

const unreadable = (system: MemorySystem): unknown =>
  JSON.parse(String(system.files.get("/out/t0/unreadable.json")));

test("files as they are, links as links", () => {
  const { files } = capture({});
  expect(files.get("/out/t0/proc/meminfo")).toBe(files.get("/proc/meminfo"));
  expect(files.get(`/out/t0${TOP}/memory.max`)).toBe(files.get(`${TOP}/memory.max`));
  expect(files.get("/out/t0/proc/1/ns/mnt")).toEqual(files.get("/proc/1/ns/mnt"));
  expect(files.get("/out/t0/proc/self/cgroup")).toBe("0::/\n");
});

test("trap 47: what acts when it is read, or always fails, is not read", () => {
  const writeOnly = ["cgroup.kill", "memory.reclaim", "memory.pressure_level"];
  const system = capture(
    Object.fromEntries(writeOnly.map((name) => [`${TOP}/${name}`, { errno: "EINVAL" }])),
  );
  expect(unreadable(system)).toEqual({});
});

test("trap 48: what is refused is listed, not invented", () => {
  const system = capture({ "/proc/slabinfo": { errno: "EACCES" }, [`${TOP}/io.stat`]: { errno: "EIO" } });
  expect(unreadable(system)).toEqual({ "/proc/slabinfo": "EACCES", [`${TOP}/io.stat`]: "EIO" });
  expect(system.files.has("/out/t0/proc/slabinfo")).toBe(false);
});

test("file systems are asked for their room, but not those that may hang", () => {
  const mounts = [
    "22 20 0:41 / /t rw - tmpfs tmpfs rw",
    "23 20 0:42 / /shared rw - virtiofs share rw",
    "24 20 0:43 / /disk rw - ext4 filer:/x rw",
    "25 20 0:44 / /fuse rw - fuse.sshfs sshfs rw",
  ];
  const statvfs = Object.fromEntries(
    ["/", "/t", "/shared", "/disk", "/fuse"].map((at) => [at, { blocks: 1 }]),
  );
  const { files } = capture(procFiles({ mounts }), true, { statvfs });
  expect(Object.keys(JSON.parse(String(files.get("/out/t0/statvfs.json"))))).toEqual(["/", "/t"]);
});

test("login records are left out and said so; command lines only when wanted", () => {
  const tree = { "/run/utmp": "secret", "/proc/1/cmdline": "mysqld\0--password=x\0" };
  const system = capture(tree, false);
  expect(unreadable(system)).toEqual({ "/run/utmp": "EACCES" });
  expect([...system.files.keys()].filter((path) => /^\/out.*(cmdline|utmp)/.test(path))).toEqual([]);
  expect(capture(tree).files.get("/out/t0/proc/1/cmdline")).toBe("mysqld\0--password=x\0");
});

test("children of the container's cgroup, and the visible parents' own files", () => {
  const system = capture({ [`${TOP}/child/memory.max`]: "max\n" });
  expect(system.files.get(`/out/t0${TOP}/child/memory.max`)).toBe("max\n");
});

test("PROCG_RUN's files come to the usual place, where a replay looks", () => {
  const tree = { "/x/loadavg": "0.1 0.2 0.3 1/2 3\n", "/x/host/instance.json": "{}" };
  const { files } = capture(tree, true, { env: { PROCG_RUN: "/x" } });
  expect(files.get("/out/t0/run/procg/loadavg")).toBe("0.1 0.2 0.3 1/2 3\n");
  expect(files.get("/out/t0/run/procg/host/instance.json")).toBe("{}");
});

test("a file that cannot be written ends it, with the file's name", () => {
  const system = memorySystem({ ...procFiles(), ...memoryV2(TOP) });
  system.createFile = () => -28;
  const container = openContainer(system, { host: false, cgroup: null });
  system.files.set("/out", { directory: true });
  expect(() => captureStep(container, "/out/t0", true)).toThrow(ToolError);
  expect(() => captureStep(container, "/out/t1", true)).toThrow(
    /^\/out\/t1\/proc\/.*: No space left on device$/,
  );
});
