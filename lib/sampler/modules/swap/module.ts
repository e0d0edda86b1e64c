/** Swap that the container may use, and pages that went in and out: only the machine, and kernels that count them per cgroup, know those. */
import { memoryStat } from "../../../cgroupfs/v2/memory_stat.ts";
import { attempt } from "../../../kernfile/kernel_file.ts";
import { vmstat } from "../../../procfs/vmstat.ts";
import type { Module, RawItem, RawValue } from "../../module.ts";
import { eachItem, moved, percent, perSecond, whole } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "swpin", help: "pages read from swap per second" },
  { name: "swpout", help: "pages written to swap per second" },
  { name: "total", help: "bytes of swap that the container may use" },
  { name: "util", help: "used * 100 / total; 0 without swap", merge: "mean" },
] as const;

function read(context: ReadContext): RawItem[] {
  const swap = context.memory()?.swap;
  const [pagesIn, pagesOut] = pages(context);
  const [total, used] = [whole(swap?.totalBytes.value), whole(swap?.usedBytes.value)];
  return [{ name: "", values: [pagesIn, pagesOut, total, used] }];
}

function pages({ container, system }: ReadContext): [RawValue, RawValue] {
  if (container.kind === "machine") {
    const counters = attempt(system, "/proc", vmstat).value;
    return [counters?.pswpin ?? null, counters?.pswpout ?? null];
  }
  const memory = container.location("memory");
  if (memory?.version !== 2) return [null, null];
  // In memory.stat since Linux 6.13.
  const counters = attempt(system, memory.directory, memoryStat).value;
  return [counters?.pswpin ?? null, counters?.pswpout ?? null];
}

export const swapModule: Module = {
  name: "swap",
  summary: "swap of the container",
  columns,
  group: { name: "swap", fields: ["pswpin", "pswpout", "total", "used"], read },
  hasItems: false,
  compute: eachItem((before, after, seconds) => [
    perSecond(moved(before, after, 0), seconds),
    perSecond(moved(before, after, 1), seconds),
    after[2] ?? null,
    percent(after[3] ?? null, after[2] ?? null, 0),
  ]),
};
