/** How often, and how long, the CPU quota kept the container's threads from running. Unknown without a quota. */
import type { Module, RawItem } from "../../module.ts";
import { eachItem, moved, percent, perSecond, whole } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "period", help: "quota periods per second in which something ran (nr_periods)" },
  { name: "thrtld", help: "throttled periods per second (nr_throttled)" },
  { name: "ratio", help: "throttled periods * 100 / periods", merge: "mean" },
  { name: "time", help: "ms per second that threads were kept from running, summed over CPUs" },
] as const;

function read(context: ReadContext): RawItem[] {
  const usage = context.cpu()?.cgroup?.usage;
  return [
    {
      name: "",
      values: [usage?.periods, usage?.throttledPeriods, usage?.throttledUsec].map((one) => whole(one)),
    },
  ];
}

export const throttleModule: Module = {
  name: "throttle",
  summary: "CPU quota: throttled periods and time",
  columns,
  group: { name: "throttle", fields: ["periods", "throttledPeriods", "throttledUsec"], read },
  hasItems: false,
  compute: eachItem((before, after, seconds) => {
    const [periods, throttled, time] = [0, 1, 2].map((field) => moved(before, after, field));
    const kept = perSecond(time ?? null, seconds);
    return [
      perSecond(periods ?? null, seconds),
      perSecond(throttled ?? null, seconds),
      percent(throttled ?? null, periods ?? null, 0),
      kept === null ? null : kept / 1000,
    ];
  }),
};
