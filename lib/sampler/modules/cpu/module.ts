/**
 * CPU time as a share of what the container may use (cpuset and quota); on a machine of all CPUs, from /proc/stat.
 *
 * The kernel counts waiting for IO, interrupts and stolen time for no cgroup: unknown there. Upstream tsar counts guest twice; this does not.
 */
import type { CpuTicks } from "../../../procfs/stat.ts";
import type { Module, RawItem, RawValue } from "../../module.ts";
import { eachItem, moved, percent, sum, type Values, whole } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "user", help: "% of capacity in user mode, without nice", merge: "mean" },
  { name: "sys", help: "% of capacity in the kernel", merge: "mean" },
  { name: "wait", help: "% waiting for IO; unknown in a cgroup", merge: "mean" },
  { name: "hirq", help: "% in hardware interrupts; unknown in a cgroup", merge: "mean" },
  { name: "sirq", help: "% in soft interrupts; unknown in a cgroup", merge: "mean" },
  {
    name: "util",
    help: "% of capacity used; on a machine 100 - idle - wait - steal",
    show: "summary",
    merge: "mean",
  },
  { name: "nice", help: "% at low priority", show: "hidden", merge: "mean" },
  { name: "steal", help: "% taken by the hypervisor; unknown in a cgroup", show: "hidden", merge: "mean" },
  { name: "guest", help: "% running guests, contained in user", show: "hidden", merge: "mean" },
  { name: "ncpu", help: "capacity in CPUs", show: "hidden", merge: "mean" },
] as const;

export const TICK_FIELDS = [
  "user_ticks",
  "nice_ticks",
  "system_ticks",
  "idle_ticks",
  "iowait_ticks",
  "irq_ticks",
  "softirq_ticks",
  "steal_ticks",
  "guest_ticks",
] as const;

/** Of a group with the fields usageUsec, userUsec, systemUsec, niceUsec, capacityMicroCores, then TICK_FIELDS. */
const [USAGE, USER, SYSTEM, NICE, CAPACITY, TICKS] = [0, 1, 2, 3, 4, 5];

export function tickValues(ticks: CpuTicks): RawValue[] {
  const { user, nice, system, idle, iowait, irq, softirq, steal, guest } = ticks;
  return [user, nice, system, idle, iowait, irq, softirq, steal, guest];
}

const NO_TICKS: readonly RawValue[] = TICK_FIELDS.map(() => null);

function read(context: ReadContext): RawItem[] {
  const sample = context.cpu();
  if (sample === null) return [];
  if (sample.cgroup !== null) {
    const { usage, limit } = sample.cgroup;
    const capacity = whole(limit.capacityCores.value, 1e6);
    const times = [usage.usageUsec, usage.userUsec, usage.systemUsec, usage.niceUsec].map((one) =>
      whole(one),
    );
    return [{ name: "", values: [...times, capacity, ...NO_TICKS] }];
  }
  const stat = sample.proc?.value ?? null;
  if (stat === null) return [];
  const capacity = stat.cpus.length * 1e6;
  return [{ name: "", values: [null, null, null, null, capacity, ...tickValues(stat.total)] }];
}

/** [user, sys, wait, hirq, sirq, nice, steal, guest, idle] in percent, from ticks. */
export function tickShares(before: Values | null, after: Values): RawValue[] {
  const parts = TICK_FIELDS.map((_, index) => {
    const now = after[TICKS + index] ?? null;
    const last = before?.[TICKS + index] ?? null;
    // iowait and idle may go back by a tick.
    return now === null || last === null ? null : Math.max(0, now - last);
  });
  const [user, nice, system, idle, iowait, irq, softirq, steal, guest] = parts as [RawValue, ...RawValue[]];
  const [n = null, s = null, d = null, w = null, h = null, q = null, t = null, g = null] = [
    nice,
    system,
    idle,
    iowait,
    irq,
    softirq,
    steal,
    guest,
  ];
  const total = sum(user, n, s, d, w, h, q, t);
  return [user, s, w, h, q, n, t, g, d].map((part) => percent(part, total));
}

/** [user, sys, nice, all] in percent of `cores` CPUs. user and system only say how to divide the usage, which alone is exact. */
export function usageShares(
  before: Values | null,
  after: Values,
  seconds: number,
  cores: RawValue,
): RawValue[] {
  const used = moved(before, after, USAGE) ?? sum(moved(before, after, USER), moved(before, after, SYSTEM));
  const all = cores === null || seconds <= 0 ? null : percent(used, cores * seconds * 1e6);
  const [user, system] = [moved(before, after, USER), moved(before, after, SYSTEM)];
  const sampled = sum(user, system);
  if (all === null || sampled === null || user === null) return [null, null, null, all];
  const userShare = sampled === 0 ? all : (all * user) / sampled;
  const nice = cores === null ? null : percent(moved(before, after, NICE), cores * seconds * 1e6);
  return [userShare - Math.min(nice ?? 0, userShare), all - userShare, nice, all];
}

export const cpuModule: Module = {
  name: "cpu",
  summary: "CPU share of the container's capacity",
  columns,
  group: {
    name: "cpu",
    fields: ["usageUsec", "userUsec", "systemUsec", "niceUsec", "capacityMicroCores", ...TICK_FIELDS],
    read,
  },
  hasItems: false,
  compute: eachItem((before, after, seconds) => {
    const capacity = after[CAPACITY] ?? null;
    const cores = capacity === null ? null : capacity / 1e6;
    if ((after[TICKS] ?? null) !== null) {
      const [user, sys, wait, hirq, sirq, nice, steal, guest, idle] = tickShares(before, after) as [
        ...RawValue[],
      ];
      const rest = sum(idle ?? null, wait ?? null, steal ?? null);
      const util = rest === null ? null : 100 - rest;
      return [user, sys, wait, hirq, sirq, util, nice, steal, guest, cores].map((one) => one ?? null);
    }
    const [user = null, sys = null, nice = null, all = null] = usageShares(before, after, seconds, cores);
    return [user, sys, null, null, null, all, nice, null, null, cores];
  }),
};
