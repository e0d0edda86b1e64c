/** Files of a small container for memorySystem: /proc, one cgroup mount, and what a test adds or takes away. */
import type { MemoryEntry } from "../../system/testing/memory_system.ts";

export type Tree = Record<string, MemoryEntry>;

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** "No limit" of v1's memory files with 4 KiB pages. */
export const V1_MAX = "9223372036854771712";

export const V2_PRIVATE = "30 20 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate";

/** Everything under one v1 hierarchy's usual name, with the mount's root field `root`. */
export function v1Mount(name: string, root = "/", point = `/sys/fs/cgroup/${name}`): string {
  return `31 20 0:27 ${root} ${point} ro,nosuid - cgroup cgroup rw,${name}`;
}

export interface ProcShape {
  readonly initCgroup?: string | null;
  readonly selfCgroup?: string | null;
  readonly mounts?: readonly string[];
  readonly pidNamespace?: string | null;
  readonly selfMount?: string | null;
  readonly initMount?: string | null;
  readonly memTotalBytes?: number;
  readonly memFreeBytes?: number;
  readonly memAvailableBytes?: number | null;
  readonly swapTotalBytes?: number;
  readonly swapFreeBytes?: number;
  /** CPU list of /sys/devices/system/cpu/online. */
  readonly online?: string;
}

/** /proc of a container in a pid namespace of its own, on a machine of 8 GiB without swap and 4 CPUs. */
export function procFiles(shape: ProcShape = {}): Tree {
  const init = shape.initCgroup === undefined ? "0::/\n" : shape.initCgroup;
  const self = shape.selfCgroup === undefined ? init : shape.selfCgroup;
  const kib = (bytes: number): string => `${Math.round(bytes / KIB)} kB`;
  const available = shape.memAvailableBytes === undefined ? 6 * 1024 * MIB : shape.memAvailableBytes;
  const pid = shape.pidNamespace === undefined ? "pid:[4026532222]" : shape.pidNamespace;
  const selfMount = shape.selfMount === undefined ? "mnt:[4026532220]" : shape.selfMount;
  const initMount = shape.initMount === undefined ? selfMount : shape.initMount;
  const mountinfo = `${["20 1 0:20 / / rw - overlay overlay rw", ...(shape.mounts ?? [V2_PRIVATE])].join("\n")}\n`;
  return {
    "/proc/meminfo": [
      `MemTotal: ${kib(shape.memTotalBytes ?? 8 * 1024 * MIB)}`,
      `MemFree: ${kib(shape.memFreeBytes ?? 5 * 1024 * MIB)}`,
      ...(available === null ? [] : [`MemAvailable: ${kib(available)}`]),
      "Buffers: 1024 kB",
      "Cached: 1048576 kB",
      `SwapTotal: ${kib(shape.swapTotalBytes ?? 0)}`,
      `SwapFree: ${kib(shape.swapFreeBytes ?? shape.swapTotalBytes ?? 0)}`,
      "Shmem: 2048 kB",
      "SReclaimable: 4096 kB",
      "",
    ].join("\n"),
    "/proc/uptime": "5000.00 9000.00\n",
    "/proc/stat": "cpu  1 2 3 4 5 6 7 8 9 0\ncpu0 1 2 3 4 5 6 7 8 9 0\nbtime 1700000000\n",
    "/proc/loadavg": "3.00 2.00 1.00 1/100 42\n",
    "/proc/version": "Linux version 6.1.0 (build@host)\n",
    "/proc/sys/kernel/random/boot_id": "11111111-2222-4333-8444-555555555555\n",
    "/proc/1/stat": statLine(1, "init", 490_000),
    "/proc/1/mountinfo": mountinfo,
    "/proc/self/mountinfo": mountinfo,
    "/proc/self/stat": statLine(42, "procg", 499_000),
    "/proc/self/status":
      "Name:\tprocg\nState:\tR (running)\nTgid:\t42\nPid:\t42\nPPid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\nCpus_allowed_list:\t0-3\n",
    ...(init === null ? {} : { "/proc/1/cgroup": init }),
    ...(self === null ? {} : { "/proc/self/cgroup": self }),
    ...(pid === null ? {} : { "/proc/self/ns/pid": { link: pid }, "/proc/1/ns/pid": { link: pid } }),
    ...(selfMount === null ? {} : { "/proc/self/ns/mnt": { link: selfMount } }),
    ...(initMount === null ? {} : { "/proc/1/ns/mnt": { link: initMount } }),
    "/sys/devices/system/cpu/online": `${shape.online ?? "0-3"}\n`,
  };
}

/** /proc/PID/stat with what the tests look at: comm, state, ppid, starttime. */
export function statLine(pid: number, comm: string, startTicks: number, ppid = 0): string {
  const zeros = (count: number): string => Array(count).fill("0").join(" ");
  return `${pid} (${comm}) S ${ppid} ${zeros(17)} ${startTicks} ${zeros(30)}\n`;
}

export interface MemoryShape {
  readonly max?: string;
  readonly current?: number;
  readonly anon?: number;
  readonly activeFile?: number;
  readonly inactiveFile?: number;
  readonly slabReclaimable?: number;
  readonly shmem?: number;
  readonly swapMax?: string;
  readonly swapCurrent?: number;
}

/** memory.* of a v2 directory that is not the real root. `current` is the sum of the parts unless given. */
export function memoryV2(directory: string, shape: MemoryShape = {}): Tree {
  const anon = shape.anon ?? 80 * MIB;
  const active = shape.activeFile ?? 10 * MIB;
  const inactive = shape.inactiveFile ?? 20 * MIB;
  const slab = shape.slabReclaimable ?? 2 * MIB;
  const shmem = shape.shmem ?? 0;
  return {
    ...v2Core(directory),
    [`${directory}/memory.max`]: `${shape.max ?? 256 * MIB}\n`,
    [`${directory}/memory.current`]: `${shape.current ?? anon + active + inactive + slab + shmem}\n`,
    [`${directory}/memory.stat`]:
      `anon ${anon}\nfile ${active + inactive + shmem}\nshmem ${shmem}\ninactive_file ${inactive}\n` +
      `active_file ${active}\nslab_reclaimable ${slab}\n`,
    ...(shape.swapMax === undefined ? {} : { [`${directory}/memory.swap.max`]: `${shape.swapMax}\n` }),
    ...(shape.swapCurrent === undefined
      ? {}
      : { [`${directory}/memory.swap.current`]: `${shape.swapCurrent}\n` }),
  };
}

/** What every v2 cgroup but the real root has. */
export function v2Core(directory: string): Tree {
  return {
    [`${directory}/cgroup.procs`]: "",
    [`${directory}/cgroup.type`]: "domain\n",
    [`${directory}/cgroup.events`]: "populated 1\nfrozen 0\n",
  };
}

/** The root of the v2 hierarchy on the host. */
export function v2RealRoot(directory: string): Tree {
  return { [`${directory}/cgroup.procs`]: "1\n", [`${directory}/cgroup.controllers`]: "cpu memory pids\n" };
}

export interface MemoryShapeV1 {
  readonly limit?: string;
  readonly usage?: number;
  readonly rss?: number;
  readonly activeFile?: number;
  readonly inactiveFile?: number;
  readonly swap?: number;
  readonly useHierarchy?: boolean;
  /** hierarchical_memory_limit; null: not in memory.stat. */
  readonly hierarchical?: string | null;
  readonly hierarchicalSwap?: string | null;
}

/** memory.* of a v1 directory. */
export function memoryV1(directory: string, shape: MemoryShapeV1 = {}): Tree {
  const rss = shape.rss ?? 80 * MIB;
  const active = shape.activeFile ?? 10 * MIB;
  const inactive = shape.inactiveFile ?? 20 * MIB;
  const limit = shape.limit ?? String(256 * MIB);
  const key = shape.hierarchical === undefined ? limit : shape.hierarchical;
  const plain = [
    ["cache", active + inactive],
    ["rss", rss],
    ["swap", shape.swap ?? 0],
    ["inactive_file", inactive],
    ["active_file", active],
    ["shmem", 0],
  ] as const;
  return {
    [`${directory}/cgroup.procs`]: "1\n",
    [`${directory}/memory.use_hierarchy`]: shape.useHierarchy === false ? "0\n" : "1\n",
    [`${directory}/memory.limit_in_bytes`]: `${limit}\n`,
    [`${directory}/memory.usage_in_bytes`]: `${shape.usage ?? rss + active + inactive}\n`,
    [`${directory}/memory.stat`]:
      plain.map(([name, value]) => `${name} ${value}\n`).join("") +
      (key === null ? "" : `hierarchical_memory_limit ${key}\n`) +
      (shape.hierarchicalSwap == null ? "" : `hierarchical_memsw_limit ${shape.hierarchicalSwap}\n`) +
      plain.map(([name, value]) => `total_${name} ${value}\n`).join(""),
  };
}
