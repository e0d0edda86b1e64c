/** UDP of the container's network namespace, from net/snmp. */
import type { Module, RawItem } from "../../module.ts";
import { eachItem, moved, perSecond } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "idgm", help: "datagrams received per second (InDatagrams)" },
  { name: "odgm", help: "datagrams sent per second (OutDatagrams)" },
  { name: "noport", help: "datagrams to a port that nobody has per second (NoPorts)" },
  { name: "idmerr", help: "datagrams lost on receipt per second (InErrors)" },
] as const;

const FIELDS = ["InDatagrams", "OutDatagrams", "NoPorts", "InErrors"] as const;

function read(context: ReadContext): RawItem[] {
  const counters = context.snmp()?.Udp;
  return counters === undefined ? [] : [{ name: "", values: FIELDS.map((key) => counters[key] ?? null) }];
}

export const udpModule: Module = {
  name: "udp",
  summary: "UDP datagrams",
  columns,
  group: { name: "udp", fields: FIELDS, read },
  hasItems: false,
  compute: eachItem((before, after, seconds) =>
    FIELDS.map((_, field) => perSecond(moved(before, after, field), seconds)),
  ),
};
