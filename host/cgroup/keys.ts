/**
 * Which cgroup files may be read and changed, by their names on v1 and v2, and what a name means on the other. Pure.
 *
 * Everything else is refused: cgroup.procs, tasks, devices.*, release_agent and notify_on_release above all.
 */
import type { Controller } from "../../lib/cgroupfs/locate.ts";

export type ValueKind =
  | "bytes"
  | "count"
  | "microseconds"
  | "cpus"
  | "cpuMax"
  | "weight"
  | "shares"
  | "switch"
  | "text";

export interface CgroupKey {
  readonly name: string;
  readonly controller: Controller;
  readonly version: 1 | 2;
  readonly kind: ValueKind;
  readonly readOnly: boolean;
  /** The same thing on the other version, and how its value is translated. */
  readonly other: Translation | null;
  /** Field of `docker update`, where there is one. */
  readonly update: string | null;
}

export interface Translation {
  readonly name: string;
  readonly how: "same" | "shares" | "memsw" | "quota" | "period";
}

type Row = readonly [
  name: string,
  controller: Controller,
  version: 1 | 2,
  kind: ValueKind,
  other?: Translation | null,
  update?: string,
];

const same = (name: string): Translation => ({ name, how: "same" });

const WRITABLE: readonly Row[] = [
  ["memory.limit_in_bytes", "memory", 1, "bytes", same("memory.max"), "Memory"],
  [
    "memory.memsw.limit_in_bytes",
    "memory",
    1,
    "bytes",
    { name: "memory.swap.max", how: "memsw" },
    "MemorySwap",
  ],
  ["memory.soft_limit_in_bytes", "memory", 1, "bytes", same("memory.low"), "MemoryReservation"],
  ["memory.swappiness", "memory", 1, "count"],
  ["cpuset.cpus", "cpuset", 1, "cpus", same("cpuset.cpus"), "CpusetCpus"],
  ["cpuset.mems", "cpuset", 1, "cpus", same("cpuset.mems"), "CpusetMems"],
  ["cpu.cfs_quota_us", "cpu", 1, "microseconds", { name: "cpu.max", how: "quota" }, "CpuQuota"],
  ["cpu.cfs_period_us", "cpu", 1, "microseconds", { name: "cpu.max", how: "period" }, "CpuPeriod"],
  ["cpu.shares", "cpu", 1, "shares", { name: "cpu.weight", how: "shares" }, "CpuShares"],
  ["pids.max", "pids", 1, "count", same("pids.max"), "PidsLimit"],
  ["blkio.weight", "io", 1, "weight", null, "BlkioWeight"],
  ["freezer.state", "freezer", 1, "text"],
  ["memory.max", "memory", 2, "bytes", same("memory.limit_in_bytes"), "Memory"],
  ["memory.high", "memory", 2, "bytes"],
  ["memory.low", "memory", 2, "bytes", same("memory.soft_limit_in_bytes"), "MemoryReservation"],
  ["memory.min", "memory", 2, "bytes"],
  ["memory.swap.max", "memory", 2, "bytes"],
  ["cpuset.cpus", "cpuset", 2, "cpus", same("cpuset.cpus"), "CpusetCpus"],
  ["cpuset.mems", "cpuset", 2, "cpus", same("cpuset.mems"), "CpusetMems"],
  ["cpu.max", "cpu", 2, "cpuMax"],
  ["cpu.weight", "cpu", 2, "weight"],
  ["pids.max", "pids", 2, "count", same("pids.max"), "PidsLimit"],
  ["io.weight", "io", 2, "weight"],
];

const READABLE: readonly (readonly [Controller, 1 | 2, readonly string[]])[] = [
  [
    "memory",
    1,
    [
      ...[
        "memory.usage_in_bytes",
        "memory.max_usage_in_bytes",
        "memory.failcnt",
        "memory.stat",
        "memory.oom_control",
      ],
      ...["memory.memsw.usage_in_bytes", "memory.use_hierarchy", "memory.kmem.usage_in_bytes"],
    ],
  ],
  ["cpu", 1, ["cpu.stat"]],
  ["cpuacct", 1, ["cpuacct.usage", "cpuacct.usage_percpu", "cpuacct.stat"]],
  ["cpuset", 1, ["cpuset.effective_cpus", "cpuset.effective_mems"]],
  ["pids", 1, ["pids.current", "pids.events", "pids.peak"]],
  ["io", 1, ["blkio.throttle.io_service_bytes", "blkio.throttle.io_serviced"]],
  [
    "memory",
    2,
    [
      "memory.current",
      "memory.peak",
      "memory.stat",
      "memory.events",
      "memory.swap.current",
      "memory.pressure",
    ],
  ],
  ["unified", 2, ["cpu.stat", "cpu.pressure", "cgroup.events", "cgroup.stat"]],
  ["cpuset", 2, ["cpuset.cpus.effective", "cpuset.mems.effective"]],
  ["pids", 2, ["pids.current", "pids.events", "pids.peak"]],
  ["io", 2, ["io.stat", "io.max", "io.pressure"]],
];

export const CGROUP_KEYS: readonly CgroupKey[] = [
  ...WRITABLE.map(([name, controller, version, kind, other, update]) => ({
    name,
    controller,
    version,
    kind,
    readOnly: false,
    other: other ?? null,
    update: update ?? null,
  })),
  ...READABLE.flatMap(([controller, version, names]) =>
    names.map((name) => ({
      name,
      controller,
      version,
      kind: "text" as const,
      readOnly: true,
      other: null,
      update: null,
    })),
  ),
];

/** null: not a file that may be asked. */
export function findKey(name: string, version: 1 | 2): CgroupKey | null {
  return CGROUP_KEYS.find((key) => key.name === name && key.version === version) ?? null;
}

/** By either version's name. */
export function isKnownKey(name: string): boolean {
  return CGROUP_KEYS.some((key) => key.name === name);
}

/** Controller of a name, to ask which version it is on here. */
export function controllerOf(name: string): Controller | null {
  return CGROUP_KEYS.find((key) => key.name === name)?.controller ?? null;
}
