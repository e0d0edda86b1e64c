/** CPU time by CPU, with the real numbers of the cpuset. A cgroup of v2 is not counted by CPU: unknown there. */
import type { Module, RawItem, RawValue } from "../../module.ts";
import { eachItem, whole } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";
import { TICK_FIELDS, tickShares, tickValues, usageShares } from "../cpu/module.ts";

const columns = [
  { name: "user", help: "% of this CPU in user mode, without nice", merge: "mean" },
  { name: "sys", help: "% of this CPU in the kernel", merge: "mean" },
  { name: "wait", help: "% waiting for IO; unknown in a cgroup", merge: "mean" },
  { name: "hirq", help: "% in hardware interrupts; unknown in a cgroup", merge: "mean" },
  { name: "sirq", help: "% in soft interrupts; unknown in a cgroup", merge: "mean" },
  { name: "util", help: "% of this CPU used", show: "summary", merge: "mean" },
  { name: "nice", help: "% at low priority", show: "hidden", merge: "mean" },
  { name: "steal", help: "% taken by the hypervisor; unknown in a cgroup", show: "hidden", merge: "mean" },
  { name: "guest", help: "% running guests", show: "hidden", merge: "mean" },
] as const;

const NO_TICKS: readonly RawValue[] = TICK_FIELDS.map(() => null);

function read(context: ReadContext): RawItem[] {
  const sample = context.cpu();
  if (sample === null) return [];
  if (sample.cgroup === null) {
    return (sample.proc?.value?.cpus ?? []).map((ticks) => ({
      name: `cpu${ticks.cpu}`,
      values: [null, null, null, null, null, ...tickValues(ticks)],
    }));
  }
  const { usage, limit } = sample.cgroup;
  const cpus = limit.cpus ?? usage.percpu?.map((one) => one.cpu) ?? [];
  return cpus.map((cpu) => {
    const used = usage.percpu?.find((one) => one.cpu === cpu);
    const times = [used?.usageUsec, used?.userUsec, used?.systemUsec].map((one) => whole(one));
    return { name: `cpu${cpu}`, values: [...times, null, null, ...NO_TICKS] };
  });
}

export const percpuModule: Module = {
  name: "percpu",
  summary: "CPU share by CPU",
  columns,
  group: {
    name: "percpu",
    fields: ["usageUsec", "userUsec", "systemUsec", "niceUsec", "reserved", ...TICK_FIELDS],
    read,
  },
  hasItems: true,
  compute: eachItem((before, after, seconds) => {
    if ((after[5] ?? null) !== null) {
      const shares = tickShares(before, after);
      const share = (index: number): RawValue => shares[index] ?? null;
      const idle = share(8);
      const rest = idle === null ? null : idle + (share(2) ?? 0) + (share(6) ?? 0);
      const util = rest === null ? null : 100 - rest;
      return [share(0), share(1), share(2), share(3), share(4), util, share(5), share(6), share(7)];
    }
    const [user = null, sys = null, nice = null, all = null] = usageShares(before, after, seconds, 1);
    return [user, sys, null, null, null, all, nice, null, null];
  }),
};
