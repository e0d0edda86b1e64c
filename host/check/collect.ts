/**
 * The pits of the field (docs/host.md lists them): each is one small reader that gives one finding. Nothing is changed, nothing is
 * asked of the network, and nothing that can hang is opened.
 */
import { cgroupControllers } from "../../lib/cgroupfs/v2/cgroup_controllers.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import type { System } from "../../lib/system/system.ts";
import type { Finding, FindingStatus } from "./report.ts";

/** What the engine says of itself: GET /info; {} without one. */
export type EngineInfo = Readonly<Record<string, unknown>>;

export interface CheckInput {
  readonly system: System;
  readonly info: EngineInfo | null;
  /** Sum of the pids limits of the running containers; "max": one has none. */
  readonly pidsLimitSum: number | "max" | null;
}

type Check = (input: CheckInput) => Finding | Finding[] | Promise<Finding | Finding[]>;

export async function examineHost(input: CheckInput): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    const found = await check(input);
    findings.push(...(Array.isArray(found) ? found : [found]));
  }
  return findings;
}

function finding(id: string, value: string | number | null, status: FindingStatus, text = ""): Finding {
  return { id, status: value === null ? "unknown" : status, value: value === null ? null : `${value}`, text };
}

function read(system: System, path: string): string | null {
  const text = system.readText(path);
  return typeof text === "number" ? null : text.trim();
}

function number(system: System, path: string): number | null {
  const text = read(system, path);
  return text !== null && /^-?[0-9]+$/.test(text) ? Number(text) : null;
}

const kernel: Check = ({ system }) => finding("kernel", system.names().release, "ok");

const controllers: Check = ({ system }) => {
  const mounts = read(system, "/proc/self/mountinfo") ?? "";
  const v2 = / - cgroup2 /.test(mounts);
  const v1 = / - cgroup /.test(mounts);
  const mode = v1 && v2 ? "hybrid" : v1 ? "v1" : v2 ? "v2" : "none";
  const findings = [
    finding(
      "cgroup.mode",
      mode,
      mode === "none" ? "warn" : mode === "hybrid" ? "note" : "ok",
      mode === "hybrid" ? "controllers are on v1 and v2 at once" : "",
    ),
  ];
  const table = read(system, "/proc/cgroups");
  const enabled = new Map<string, boolean>();
  for (const line of table?.split("\n") ?? []) {
    const fields = line.split(/\s+/);
    if (!line.startsWith("#") && fields.length >= 4) enabled.set(fields[0] ?? "", fields[3] === "1");
  }
  const shown = new Set(attempt(system, "/sys/fs/cgroup", cgroupControllers).value ?? []);
  for (const name of ["memory", "cpu", "cpuacct", "cpuset", "pids", "blkio"]) {
    if (name === "cpuacct" && mode === "v2") continue;
    const on = shown.has(name === "blkio" ? "io" : name) || enabled.get(name);
    const text =
      name === "memory"
        ? "cgroup_enable=memory on the kernel's command line"
        : "no limits and no figures for it";
    findings.push(
      finding(
        `cgroup.${name}`,
        on === undefined && table === null ? null : on === true ? "on" : "missing",
        on === true ? "ok" : "warn",
        text,
      ),
    );
  }
  return findings;
};

const swapAccounting: Check = ({ system }) => {
  const mounts = read(system, "/proc/self/mountinfo") ?? "";
  const point = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .find(
      (fields) =>
        fields.includes("cgroup") && (fields[fields.length - 1] ?? "").split(",").includes("memory"),
    )?.[4];
  const swap = /^SwapTotal:\s+([0-9]+)/m.exec(read(system, "/proc/meminfo") ?? "")?.[1];
  if (point === undefined) return finding("cgroup.swap", "v2", "ok");
  const has = typeof system.stat(`${point}/memory.memsw.limit_in_bytes`) !== "number";
  return finding(
    "cgroup.swap",
    has ? "accounted" : "not accounted",
    has || swap === "0" ? "ok" : "warn",
    "swapaccount=1: without it containers swap without a limit",
  );
};

const pidMax: Check = ({ system, pidsLimitSum }) => {
  const most = number(system, "/proc/sys/kernel/pid_max");
  const threads = number(system, "/proc/sys/kernel/threads-max");
  const used = Number(
    /^\S+ \S+ \S+ [0-9]+\/([0-9]+)/.exec(read(system, "/proc/loadavg") ?? "")?.[1] ?? Number.NaN,
  );
  const least = most === null || threads === null ? null : Math.min(most, threads);
  const over = typeof pidsLimitSum === "number" && least !== null && pidsLimitSum > least;
  const status = over ? "warn" : pidsLimitSum === "max" ? "note" : "ok";
  const text = over
    ? "together the containers may use more than there are: fork fails on the host"
    : "a container without a pids limit can use all of them";
  return [
    finding("pid_max", most, "ok"),
    finding("threads_max", threads, "ok"),
    finding(
      "threads.used",
      Number.isNaN(used) ? null : used,
      least !== null && used > 0.8 * least ? "warn" : "ok",
      "80 % of pid_max or threads-max are in use",
    ),
    finding("pids.limits", pidsLimitSum, status, text),
  ];
};

const conntrack: Check = ({ system }) => {
  const most = number(system, "/proc/sys/net/netfilter/nf_conntrack_max");
  const now = number(system, "/proc/sys/net/netfilter/nf_conntrack_count");
  if (most === null) return finding("conntrack.max", "not loaded", "ok");
  const full = now !== null && now > 0.8 * most;
  return [
    finding("conntrack.max", most, "ok"),
    finding(
      "conntrack.entries",
      now,
      full ? "warn" : "ok",
      "80 % of nf_conntrack_max: packets will be dropped",
    ),
  ];
};

const forwarding: Check = ({ system }) => {
  const value = number(system, "/proc/sys/net/ipv4/ip_forward");
  return finding(
    "net.ip_forward",
    value,
    value === 1 ? "note" : "ok",
    "with a promiscuous interface this answers for others' packets",
  );
};

const IFF_PROMISC = 0x100;

const interfaces: Check = ({ system }) => {
  const names = system.readDirectory("/sys/class/net");
  if (typeof names === "number") return finding("net.promiscuous", null, "unknown");
  const promiscuous: string[] = [];
  const findings: Finding[] = [];
  for (const name of [...names].sort()) {
    const folder = `/sys/class/net/${name}`;
    const isMember =
      typeof system.lstat(`${folder}/brport`) !== "number" ||
      typeof system.lstat(`${folder}/master`) !== "number";
    if (((Number(read(system, `${folder}/flags`) ?? 0) | 0) & IFF_PROMISC) !== 0 && !isMember)
      promiscuous.push(name);
    if (typeof system.stat(`${folder}/bridge`) === "number") continue;
    const members = system.readDirectory(`${folder}/brif`);
    const own = read(system, `${folder}/address`);
    // 3: set by hand (NET_ADDR_SET), so that it stays when members come and go.
    const isFixed = number(system, `${folder}/addr_assign_type`) === 3;
    const lowest = (typeof members === "number" ? [] : members)
      .map((each) => read(system, `/sys/class/net/${each}/address`) ?? "")
      .sort()[0];
    const wanders = !isFixed && own !== null && own === lowest;
    findings.push(
      finding(
        `net.bridge.${name}`,
        wanders ? "address of a member" : isFixed ? "fixed" : "own",
        wanders ? "warn" : "ok",
        "the bridge takes its lowest member's address and changes it: set one by hand",
      ),
    );
  }
  findings.unshift(
    finding(
      "net.promiscuous",
      promiscuous.join(",") || "none",
      promiscuous.length > 0 ? "warn" : "ok",
      "it takes packets that are for others",
    ),
  );
  return findings;
};

const storage: Check = ({ info }) => {
  if (info === null) return finding("engine", null, "unknown", "no engine answers");
  const driver = typeof info.Driver === "string" ? info.Driver : null;
  const cgroupDriver = typeof info.CgroupDriver === "string" ? info.CgroupDriver : null;
  const status = JSON.stringify(info.DriverStatus ?? []);
  const isLoop = /loop file/i.test(status);
  const space = /Data Space (Used|Total)/.test(status);
  const systemd = cgroupDriver === "systemd";
  const findings = [
    finding("engine.version", typeof info.ServerVersion === "string" ? info.ServerVersion : null, "ok"),
    finding(
      "engine.cgroup_driver",
      cgroupDriver,
      systemd ? "note" : "ok",
      "a reload of systemd may overwrite what is written directly to a cgroup file",
    ),
    finding(
      "engine.storage",
      isLoop ? `${driver} on loop files` : driver,
      isLoop || driver === "vfs" ? "warn" : "ok",
      isLoop
        ? "slow, and removing takes seconds: use a block device or overlay2"
        : "every layer is a full copy",
    ),
    finding("engine.live_restore", info.LiveRestoreEnabled === true ? "on" : "off", "ok"),
    finding("engine.log_driver", typeof info.LoggingDriver === "string" ? info.LoggingDriver : null, "ok"),
  ];
  if (space)
    findings.push(finding("engine.thin_pool", status.slice(0, 200), "note", "look at its fill level"));
  return findings;
};

/** The largest json logs. */
const logs: Check = ({ system, info }) => {
  const root = typeof info?.DockerRootDir === "string" ? info.DockerRootDir : null;
  if (root === null) return [];
  const ids = system.readDirectory(`${root}/containers`);
  if (typeof ids === "number") return finding("docker.logs", null, "unknown");
  let total = 0;
  let largest = 0;
  for (const id of ids) {
    const status = system.stat(`${root}/containers/${id}/${id}-json.log`);
    if (typeof status === "number") continue;
    total += status.sizeBytes;
    largest = Math.max(largest, status.sizeBytes);
  }
  const mib = (bytes: number): number => Math.round(bytes / 1048576);
  return finding(
    "docker.logs",
    `${mib(total)} MiB, largest ${mib(largest)} MiB`,
    largest > 1 << 30 ? "warn" : "ok",
    "a log of more than 1 GiB: set max-size for json-file",
  );
};

/** dm-thin crashed kernels on discard. */
const discard: Check = ({ system }) => {
  const mounts = read(system, "/proc/self/mounts") ?? "";
  const found = mounts
    .split("\n")
    .filter((line) => line.startsWith("/dev/mapper/") && /[ ,]discard[ ,]/.test(line));
  return finding(
    "dm.discard",
    found.length === 0 ? "off" : `${found.length} mounts`,
    found.length === 0 ? "ok" : "warn",
    "discard on device mapper: nodiscard, and blkdiscard=false for a thin pool",
  );
};

const resolver: Check = ({ system }) => {
  const text = read(system, "/etc/resolv.conf");
  if (text === null) return finding("resolv.conf", null, "unknown");
  const servers = text.match(/^\s*nameserver\s+\S+/gm)?.length ?? 0;
  const search = /^\s*search\s+(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  const local = /^\s*nameserver\s+127\./m.test(text);
  const problem =
    servers === 0
      ? "no nameserver"
      : local
        ? "a nameserver on loopback cannot be reached from containers"
        : search.length > 3
          ? "each search domain is asked in turn: names take that much longer"
          : "";
  return finding(
    "resolv.conf",
    `${servers} nameservers, search ${search.join(" ") || "-"}`,
    problem === "" ? "ok" : "note",
    problem,
  );
};

/** Global ones concern all containers when one of them changes it; namespaced ones are each container's own. */
const GLOBAL_SYSCTLS: readonly string[] = [
  "vm.swappiness",
  "vm.overcommit_memory",
  "vm.panic_on_oom",
  "kernel.panic",
  "fs.file-max",
  "fs.inotify.max_user_watches",
  "fs.inotify.max_user_instances",
  "kernel.keys.maxkeys",
];
const NAMESPACED_SYSCTLS: readonly string[] = [
  "net.core.somaxconn",
  "net.ipv4.tcp_tw_reuse",
  "net.ipv4.ip_local_port_range",
  "kernel.shmmax",
  "kernel.msgmax",
];

const sysctls: Check = ({ system }) => {
  const findings: Finding[] = [];
  for (const [kind, names] of [
    ["global", GLOBAL_SYSCTLS],
    ["namespaced", NAMESPACED_SYSCTLS],
  ] as const) {
    for (const name of names) {
      const value = read(system, `/proc/sys/${name.replace(/\./g, "/")}`)?.replace(/\s+/g, " ") ?? null;
      const bad = name === "vm.panic_on_oom" && value !== null && value !== "0";
      if (value !== null)
        findings.push(
          finding(
            `sysctl.${name}`,
            value,
            bad ? "warn" : "ok",
            `${kind}: a container's own OOM would stop the host`,
          ),
        );
    }
  }
  return findings;
};

const clock: Check = ({ system }) => {
  const source = read(system, "/sys/devices/system/clocksource/clocksource0/current_clocksource");
  const slow = source !== null && !/tsc|kvm|hyperv|arch_sys_counter|xen/.test(source);
  const year = new Date(system.realtimeSeconds() * 1000).getUTCFullYear();
  return [
    finding("clock.source", source, slow ? "note" : "ok", "reading the clock is a system call with it"),
    finding(
      "clock.year",
      year < 2024 ? year : "plausible",
      year < 2024 ? "warn" : "ok",
      "the clock is not set",
    ),
  ];
};

const hugePages: Check = ({ system }) => {
  const text =
    /\[([a-z]+)\]/.exec(read(system, "/sys/kernel/mm/transparent_hugepage/enabled") ?? "")?.[1] ?? null;
  return finding(
    "thp",
    text,
    text === "always" ? "note" : "ok",
    "memory of a container can be larger than what it asked for",
  );
};

const daemon: Check = ({ system }) => {
  const pid = read(system, "/var/run/docker.pid");
  if (pid === null || !/^[0-9]+$/.test(pid)) return [];
  const rss = /^VmRSS:\s+([0-9]+) kB$/m.exec(read(system, `/proc/${pid}/status`) ?? "")?.[1];
  if (rss === undefined) return [];
  const mib = Math.round(Number(rss) / 1024);
  return finding(
    "daemon.rss",
    `${mib} MiB`,
    mib > 1024 ? "warn" : "ok",
    "the engine's daemon has grown: only a restart helps",
  );
};

const CHECKS: readonly Check[] = [
  kernel,
  controllers,
  swapAccounting,
  pidMax,
  conntrack,
  forwarding,
  interfaces,
  storage,
  logs,
  discard,
  resolver,
  sysctls,
  clock,
  hugePages,
  daemon,
];
