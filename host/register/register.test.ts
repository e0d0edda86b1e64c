/** The registration's content from a host's files; which binds are ours. */
import { describe, expect, test } from "vitest";
import { parseRegistration } from "../../lib/container/registration.ts";
import { memorySystem } from "../../lib/system/testing/memory_system.ts";
import type { ContainerFacts } from "../engine/engine.ts";
import { openHostView, readCgroups, readHiddenLimits } from "./host_view.ts";
import { buildInstance, instanceText, uuidOf } from "./instance.ts";
import { bindName } from "./ways.ts";

const ID = "0123456789abcdef".repeat(4);
const STAT = `50 (sleep) S 1 50 50 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0${" 0".repeat(28)}\n`;

const facts: ContainerFacts = {
  id: ID,
  name: "web",
  image: "i",
  runtime: "docker",
  state: "running",
  pid: 50,
  startedAt: null,
  labels: {},
  hostname: null,
  networkMode: "none",
  mounts: [],
  rootfsQuotaBytes: null,
  runDirectory: null,
};

const PROC = {
  "/proc/50/stat": STAT,
  "/proc/50/status": "Name:\tsleep\nNSpid:\t50\t1\n",
  "/proc/sys/kernel/random/boot_id": "e7ec8cba-6fa5-4056-a9d6-0aa8f787b60f\n",
  "/proc/diskstats": "   8       0 sda 1 0 8 0 1 0 8 0 0 0 0\n",
};

const V2 = {
  ...PROC,
  "/proc/self/mountinfo": "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
  "/proc/50/cgroup": `0::/kubepods/pod1/${ID}/init\n`,
  "/sys/fs/cgroup/cgroup.procs": "",
  "/sys/fs/cgroup/kubepods/memory.max": "max\n",
  "/sys/fs/cgroup/kubepods/cpu.max": "150000 100000\n",
  "/sys/fs/cgroup/kubepods/pids.max": "500\n",
  "/sys/fs/cgroup/kubepods/memory.swap.max": "0\n",
  "/sys/fs/cgroup/kubepods/pod1/memory.max": "104857600\n",
  "/sys/fs/cgroup/kubepods/pod1/cpu.max": "max 100000\n",
  "/sys/fs/cgroup/kubepods/pod1/pids.max": "max\n",
  [`/sys/fs/cgroup/kubepods/pod1/${ID}/memory.max`]: "1048576\n",
  [`/sys/fs/cgroup/kubepods/pod1/${ID}/cpuset.cpus.effective`]: "0-1\n",
  [`/sys/fs/cgroup/kubepods/pod1/${ID}/init/memory.max`]: "4096\n",
};

describe("hidden limits", () => {
  test("v2: of the ancestors alone, an init in a child counts for its container", () => {
    const system = memorySystem(V2);
    const view = openHostView(system);
    const cgroups = readCgroups(view, 50, ID);
    if (cgroups === null) throw new Error("no cgroups");
    expect(readHiddenLimits(view, cgroups)).toEqual({
      memoryBytes: 104857600,
      swapBytes: 0,
      cpuCores: 1.5,
      pids: 500,
    });
  });

  test("one view reads a parent once", () => {
    const system = memorySystem(V2);
    const view = openHostView(system);
    const cgroups = readCgroups(view, 50, ID);
    if (cgroups === null) throw new Error("no cgroups");
    readHiddenLimits(view, cgroups);
    system.files.set("/sys/fs/cgroup/kubepods/pids.max", "7\n");
    expect(readHiddenLimits(view, cgroups).pids).toBe(500);
    expect(readHiddenLimits(openHostView(system), cgroups).pids).toBe(7);
  });

  test("a host whose cgroups cannot be seen: not known, never no limit", () => {
    const system = memorySystem({
      ...PROC,
      "/proc/self/mountinfo": "",
      "/proc/50/cgroup": `0::/docker/${ID}\n`,
    });
    const view = openHostView(system);
    const cgroups = readCgroups(view, 50, ID);
    if (cgroups === null) throw new Error("no cgroups");
    expect(readHiddenLimits(view, cgroups)).toEqual({
      memoryBytes: null,
      swapBytes: null,
      cpuCores: null,
      pids: null,
    });
  });
});

describe("the registration", () => {
  test("is what the readers inside take; the fingerprint changes with what stands in it", () => {
    const system = memorySystem(V2);
    const instance = buildInstance(openHostView(system), facts);
    if (instance === null) throw new Error("no instance");
    const read = parseRegistration(instanceText(instance.registration, 0));
    expect(read).toMatchObject({ id: ID, initStartTicks: 777, cpuset: "0-1", devices: { "8:0": "sda" } });
    const again = buildInstance(openHostView(system), facts);
    expect(again?.fingerprint).toBe(instance.fingerprint);
    expect(buildInstance(openHostView(system), { ...facts, name: "other" })?.fingerprint).not.toBe(
      instance.fingerprint,
    );
    system.files.delete("/proc/50/stat");
    expect(buildInstance(openHostView(system), facts)).toBe(null);
  });

  test("uuid: a label's, else the same for the same id", () => {
    expect(uuidOf({ id: ID, labels: { "procg.uuid": "u" } })).toBe("u");
    expect(uuidOf({ id: ID, labels: {} })).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(uuidOf({ id: "pid-7", labels: {} })).toBe(null);
  });

  test("with the host's pid namespace it is the host's init that a reader sees", () => {
    const system = memorySystem({
      ...V2,
      "/proc/50/status": "NSpid:\t50\n",
      "/proc/50/ns/pid": { link: "pid:[4026531836]" },
      "/proc/1/stat": STAT.replace(" 777 ", " 3 "),
    });
    const instance = buildInstance(openHostView(system), facts);
    expect(instance).toMatchObject({ ownStartTicks: 777, registration: { initStartTicks: 3 } });
  });
});

describe("bindName", () => {
  test.for([
    ["/run/procg/containers/web-1", "web-1"],
    ["/run/procg/containers/web-1/", "web-1"],
    ["/run/procg/containers", null],
    ["/run/procg/containers/", null],
    ["/run/procg/containers/..", null],
    ["/run/procg/containers/../x", null],
    ["/run/procg/containers/a/b", null],
    ["/run/procg/containersx/a", null],
    ["/etc", null],
    ["", null],
  ] as const)("%s", ([source, name]) => expect(bindName(source, "/run/procg/containers")).toBe(name));
});
