/** The container's load averages, as loadcalc keeps them; unknown without it. */
import type { Module, RawItem, RawValue } from "../../module.ts";
import { eachItem, whole } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "load1", help: "load average over 1 minute", show: "summary", merge: "mean" },
  { name: "load5", help: "load average over 5 minutes", merge: "mean" },
  { name: "load15", help: "load average over 15 minutes", merge: "mean" },
  { name: "runq", help: "threads that can run", merge: "mean" },
  { name: "plit", help: "threads", merge: "mean" },
] as const;

function read(context: ReadContext): RawItem[] {
  const load = context.load().load;
  const averages = [load?.load1, load?.load5, load?.load15].map((one) => whole(one, 100));
  return [{ name: "", values: [...averages, load?.runnable ?? null, load?.total ?? null] }];
}

export const loadModule: Module = {
  name: "load",
  summary: "load averages of the container",
  columns,
  group: { name: "load", fields: ["load1x100", "load5x100", "load15x100", "runnable", "threads"], read },
  hasItems: false,
  compute: eachItem((_, after) => {
    const average = (field: number): RawValue => {
      const value = after[field] ?? null;
      return value === null ? null : value / 100;
    };
    return [average(0), average(1), average(2), after[3] ?? null, after[4] ?? null];
  }),
};
