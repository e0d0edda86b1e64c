/** How often memory ran out: v2 memory.events; v1 has oom_kill of memory.oom_control only (since 4.13), for the cgroup alone. */
import { memoryOomControl } from "../../../cgroupfs/v1/memory_oom_control.ts";
import { memoryEvents } from "../../../cgroupfs/v2/memory_events.ts";
import { attempt } from "../../../kernfile/kernel_file.ts";
import { vmstat } from "../../../procfs/vmstat.ts";
import type { Module, RawItem, RawValue } from "../../module.ts";
import { eachItem, moved } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "kill", help: "processes killed in the interval (oom_kill)" },
  { name: "oom", help: "times that an allocation was about to fail (oom)" },
  { name: "max", help: "times that usage was about to exceed memory.max (max)" },
  { name: "high", help: "times that memory.high slowed the container down (high)" },
] as const;

function read({ container, system }: ReadContext): RawItem[] {
  const none: RawValue[] = [null, null, null, null];
  const item = (values: RawValue[]): RawItem[] => [{ name: "", values }];
  if (container.kind === "machine") {
    return item([attempt(system, "/proc", vmstat).value?.oom_kill ?? null, null, null, null]);
  }
  const memory = container.location("memory");
  if (memory === null) return item(none);
  if (memory.version === 1) {
    return item([
      attempt(system, memory.directory, memoryOomControl).value?.oom_kill ?? null,
      null,
      null,
      null,
    ]);
  }
  const events = attempt(system, memory.directory, memoryEvents).value;
  return item([events?.oom_kill ?? null, events?.oom ?? null, events?.max ?? null, events?.high ?? null]);
}

export const oomModule: Module = {
  name: "oom",
  summary: "out of memory: kills and near misses",
  columns,
  group: { name: "oom", fields: ["oom_kill", "oom", "max", "high"], read },
  hasItems: false,
  compute: eachItem((before, after) => columns.map((_, field) => moved(before, after, field))),
};
