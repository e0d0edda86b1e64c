/** Every pit: what is well, what is found, what cannot be known. */
import { describe, expect, test } from "vitest";
import { memorySystem } from "../../lib/system/testing/memory_system.ts";
import { examineHost } from "./collect.ts";
import type { CheckInput, EngineInfo } from "./finding.ts";

type MemoryTree = Parameters<typeof memorySystem>[0];

const V1_MOUNTS = "31 24 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
const V2_MOUNTS = "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

/** "status value" by id. */
async function examine(
  tree: MemoryTree,
  more: Partial<Omit<CheckInput, "system">> = {},
): Promise<Record<string, string>> {
  const system = memorySystem(tree);
  const findings = await examineHost({ system, info: null, pidsLimitSum: null, ...more });
  return Object.fromEntries(findings.map(({ id, status, value }) => [id, `${status} ${value}`]));
}

const PROC_CGROUPS = `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${[
  "cpuset",
  "cpu",
  "cpuacct",
  "blkio",
  "pids",
]
  .map((name) => `${name}\t1\t1\t1\n`)
  .join("")}`;
const BRIDGE = {
  "/sys/class/net/br0/bridge/bridge_id": "8000\n",
  "/sys/class/net/br0/brif/veth1/port_id": "1\n",
  "/sys/class/net/br0/flags": "0x1003\n",
  "/sys/class/net/veth1/address": "02:00:00:00:00:01\n",
  "/sys/class/net/veth1/flags": "0x1103\n",
  "/sys/class/net/veth1/brport/port_id": "1\n",
};

describe.each<[string, MemoryTree, Record<string, string | undefined>]>([
  [
    "cgroup v2 with all controllers",
    {
      "/proc/self/mountinfo": V2_MOUNTS,
      "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
      "/proc/cgroups": PROC_CGROUPS,
    },
    {
      "cgroup.mode": "ok v2",
      "cgroup.memory": "ok on",
      "cgroup.blkio": "ok on",
      "cgroup.cpuacct": undefined,
    },
  ],
  [
    "v1: no memory controller, no swap accounting",
    {
      "/proc/self/mountinfo": V1_MOUNTS,
      "/proc/cgroups": `${PROC_CGROUPS}memory\t0\t1\t0\n`,
      "/proc/meminfo": "SwapTotal: 1024 kB\n",
    },
    { "cgroup.mode": "ok v1", "cgroup.memory": "warn missing", "cgroup.swap": "warn not accounted" },
  ],
  [
    "v1: swap is accounted, or there is none",
    { "/proc/self/mountinfo": V1_MOUNTS, "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes": "1\n" },
    { "cgroup.swap": "ok accounted" },
  ],
  [
    "v1: no swap",
    { "/proc/self/mountinfo": V1_MOUNTS, "/proc/meminfo": "SwapTotal: 0 kB\n" },
    { "cgroup.swap": "ok not accounted" },
  ],
  ["hybrid", { "/proc/self/mountinfo": V1_MOUNTS + V2_MOUNTS }, { "cgroup.mode": "note hybrid" }],
  ["no cgroups, nothing readable", {}, { "cgroup.mode": "warn none", "cgroup.pids": "unknown null" }],
  [
    "tasks: few, and too many",
    {
      "/proc/sys/kernel/pid_max": "1000\n",
      "/proc/sys/kernel/threads-max": "900\n",
      "/proc/loadavg": "0.00 0.00 0.00 1/721 5\n",
    },
    { pid_max: "ok 1000", threads_max: "ok 900", "threads.used": "warn 721", "pids.limits": "unknown null" },
  ],
  [
    "tasks: not readable",
    {},
    { pid_max: "unknown null", threads_max: "unknown null", "threads.used": "unknown null" },
  ],
  [
    "connection tracking: nearly full",
    {
      "/proc/sys/net/netfilter/nf_conntrack_max": "10\n",
      "/proc/sys/net/netfilter/nf_conntrack_count": "9\n",
    },
    { "conntrack.max": "ok 10", "conntrack.entries": "warn 9" },
  ],
  [
    "connection tracking: room",
    {
      "/proc/sys/net/netfilter/nf_conntrack_max": "10\n",
      "/proc/sys/net/netfilter/nf_conntrack_count": "0\n",
    },
    { "conntrack.entries": "ok 0" },
  ],
  [
    "connection tracking: no module",
    {},
    { "conntrack.max": "ok not loaded", "conntrack.entries": undefined },
  ],
  ["forwarding", { "/proc/sys/net/ipv4/ip_forward": "1\n" }, { "net.ip_forward": "note 1" }],
  ["no forwarding", { "/proc/sys/net/ipv4/ip_forward": "0\n" }, { "net.ip_forward": "ok 0" }],
  ["forwarding: not readable", {}, { "net.ip_forward": "unknown null", "net.promiscuous": "unknown null" }],
  [
    "a promiscuous interface; a bridge's member is one by nature",
    { ...BRIDGE, "/sys/class/net/eth0/flags": "0x1103\n", "/sys/class/net/eth1/flags": "0x1003\n" },
    { "net.promiscuous": "warn eth0" },
  ],
  [
    "a bridge with its lowest member's address",
    {
      ...BRIDGE,
      "/sys/class/net/br0/address": "02:00:00:00:00:01\n",
      "/sys/class/net/br0/addr_assign_type": "1\n",
    },
    { "net.promiscuous": "ok none", "net.bridge.br0": "warn address of a member" },
  ],
  [
    "the same, set by hand",
    {
      ...BRIDGE,
      "/sys/class/net/br0/address": "02:00:00:00:00:01\n",
      "/sys/class/net/br0/addr_assign_type": "3\n",
    },
    { "net.bridge.br0": "ok fixed" },
  ],
  [
    "a bridge with an address of its own",
    {
      ...BRIDGE,
      "/sys/class/net/br0/address": "02:aa:00:00:00:01\n",
      "/sys/class/net/br0/addr_assign_type": "0\n",
    },
    { "net.bridge.br0": "ok own" },
  ],
  [
    "discard",
    { "/proc/self/mounts": "/dev/mapper/pool / ext4 rw,discard 0 0\n" },
    { "dm.discard": "warn 1 mounts" },
  ],
  [
    "discard elsewhere",
    { "/proc/self/mounts": "/dev/sda1 / ext4 rw,discard 0 0\n" },
    { "dm.discard": "ok off" },
  ],
  [
    "names: a server on loopback",
    { "/etc/resolv.conf": "nameserver 127.0.0.53\nsearch a b\n" },
    { "resolv.conf": "note 1 nameservers, search a b" },
  ],
  ["names: none", { "/etc/resolv.conf": "" }, { "resolv.conf": "note 0 nameservers, search -" }],
  [
    "names: as they should be",
    { "/etc/resolv.conf": "nameserver 10.0.0.1\n" },
    { "resolv.conf": "ok 1 nameservers, search -" },
  ],
  ["names: not readable", {}, { "resolv.conf": "unknown null" }],
  [
    "sysctls: an OOM stops the host; what the kernel does not have is left out",
    { "/proc/sys/vm/panic_on_oom": "1\n", "/proc/sys/net/ipv4/ip_local_port_range": "32768\t60999\n" },
    {
      "sysctl.vm.panic_on_oom": "warn 1",
      "sysctl.net.ipv4.ip_local_port_range": "ok 32768 60999",
      "sysctl.fs.file-max": undefined,
    },
  ],
  ["sysctls: well", { "/proc/sys/vm/panic_on_oom": "0\n" }, { "sysctl.vm.panic_on_oom": "ok 0" }],
  [
    "clock: slow",
    { "/sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet\n" },
    { "clock.source": "note hpet" },
  ],
  [
    "clock: fast",
    { "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n" },
    { "clock.source": "ok tsc" },
  ],
  ["clock: not readable", {}, { "clock.source": "unknown null" }],
  [
    "huge pages",
    { "/sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never\n" },
    { thp: "note always" },
  ],
  [
    "huge pages on demand",
    { "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n" },
    { thp: "ok madvise" },
  ],
  ["huge pages: not built in", {}, { thp: "unknown null" }],
  [
    "the daemon has grown",
    { "/var/run/docker.pid": "77", "/proc/77/status": "Name:\tdockerd\nVmRSS:\t2097152 kB\n" },
    { "daemon.rss": "warn 2048 MiB" },
  ],
  [
    "the daemon as it should be",
    { "/var/run/docker.pid": "77\n", "/proc/77/status": "VmRSS:\t81920 kB\n" },
    { "daemon.rss": "ok 80 MiB" },
  ],
  ["no daemon", { "/var/run/docker.pid": "x\n" }, { "daemon.rss": undefined }],
])("%s", (_what, tree, expected) => {
  test("is found", async () => {
    const found = await examine(tree);
    for (const id of Object.keys(expected)) expect([id, found[id]]).toEqual([id, expected[id]]);
  });
});

test.each<[number | "max" | null, string]>([
  [1000, "ok 1000"],
  [1001, "warn 1001"],
  ["max", "note max"],
  [null, "unknown null"],
])("pids limits that make %s together", async (pidsLimitSum, expected) => {
  const tree = { "/proc/sys/kernel/pid_max": "1000\n", "/proc/sys/kernel/threads-max": "2000\n" };
  expect((await examine(tree, { pidsLimitSum }))["pids.limits"]).toBe(expected);
});

describe("the engine", () => {
  const well: EngineInfo = {
    ...{ ServerVersion: "20.10", CgroupDriver: "cgroupfs", Driver: "overlay2", LoggingDriver: "json-file" },
    ...{ LiveRestoreEnabled: true, DriverStatus: [["Backing Filesystem", "extfs"]] },
  };

  test("none answers", async () => {
    const found = await examine({});
    expect(found.engine).toBe("unknown null");
    expect(found["docker.logs"]).toBeUndefined();
  });

  test("as it should be; an answer without anything in it is not known", async () => {
    expect(await examine({}, { info: well })).toMatchObject({
      ...{
        "engine.version": "ok 20.10",
        "engine.cgroup_driver": "ok cgroupfs",
        "engine.storage": "ok overlay2",
      },
      ...{ "engine.live_restore": "ok on", "engine.log_driver": "ok json-file" },
    });
    expect(await examine({}, { info: {} })).toMatchObject({
      ...{ "engine.version": "unknown null", "engine.storage": "unknown null" },
    });
  });

  test("loop files, full copies, a pool, systemd", async () => {
    const status = [
      ["Data loop file", "/var/lib/docker/devicemapper/data"],
      ["Data Space Used", "90 GB"],
    ];
    const info = { ...well, Driver: "devicemapper", DriverStatus: status, CgroupDriver: "systemd" };
    const found = await examine({}, { info });
    expect(found["engine.storage"]).toBe("warn devicemapper on loop files");
    expect(found["engine.cgroup_driver"]).toBe("note systemd");
    expect(found["engine.thin_pool"]).toMatch(/^note .*90 GB/);
    expect((await examine({}, { info: { ...well, Driver: "vfs" } }))["engine.storage"]).toBe("warn vfs");
  });

  test("logs: their sum and the largest; a folder that cannot be read", async () => {
    const info = { ...well, DockerRootDir: "/docker" };
    const tree = { "/docker/containers/a/a-json.log": "x".repeat(3 << 20), "/docker/containers/b/other": "" };
    expect((await examine(tree, { info }))["docker.logs"]).toBe("ok 3 MiB, largest 3 MiB");
    expect((await examine({}, { info }))["docker.logs"]).toBe("unknown null");
  });
});
