/** Pressure: the share of the interval in which some, or all, of the container's tasks waited. v2 only; v1 has no such figures. */
import { type PressureKind, readPressure } from "../../../container/pressure.ts";
import type { Module, RawItem, RawValue } from "../../module.ts";
import { eachItem, moved, percent } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "cpusom", help: "% of the time in which some task waited for CPU", merge: "mean" },
  { name: "cpuful", help: "% in which all did", merge: "mean" },
  { name: "memsom", help: "% in which some task waited for memory", merge: "mean" },
  { name: "memful", help: "% in which all did", merge: "mean" },
  { name: "iosom", help: "% in which some task waited for IO", merge: "mean" },
  { name: "ioful", help: "% in which all did", merge: "mean" },
] as const;

const KINDS: readonly PressureKind[] = ["cpu", "memory", "io"];

function read(context: ReadContext): RawItem[] {
  const values: RawValue[] = [];
  for (const kind of KINDS) {
    const pressure = readPressure(context.container, kind).value;
    values.push(pressure?.some?.totalUsec ?? null, pressure?.full?.totalUsec ?? null);
  }
  return [{ name: "", values }];
}

export const psiModule: Module = {
  name: "psi",
  summary: "pressure stall: waiting for CPU, memory, IO",
  columns,
  group: {
    name: "psi",
    fields: ["cpuSomeUsec", "cpuFullUsec", "memorySomeUsec", "memoryFullUsec", "ioSomeUsec", "ioFullUsec"],
    read,
  },
  hasItems: false,
  compute: eachItem((before, after, seconds) =>
    columns.map((_, field) => percent(moved(before, after, field), seconds * 1e6)),
  ),
};
