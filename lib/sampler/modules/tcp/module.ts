/** TCP of the container's network namespace, from net/snmp. */
import type { Module, RawItem } from "../../module.ts";
import { eachItem, moved, percent, perSecond } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "active", help: "connections opened per second (ActiveOpens)" },
  { name: "pasive", help: "connections accepted per second (PassiveOpens)" },
  { name: "iseg", help: "segments received per second (InSegs)" },
  { name: "outseg", help: "segments sent per second (OutSegs)" },
  { name: "EstReset", help: "established connections reset per second (EstabResets)" },
  { name: "AtmpFail", help: "attempts that failed per second (AttemptFails)" },
  { name: "CurrEstab", help: "connections now (CurrEstab)" },
  {
    name: "retran",
    help: "RetransSegs * 100 / OutSegs, at most 100; unknown when nothing was sent",
    show: "summary",
    merge: "mean",
  },
] as const;

const FIELDS = [
  "ActiveOpens",
  "PassiveOpens",
  "InSegs",
  "OutSegs",
  "EstabResets",
  "AttemptFails",
  "CurrEstab",
  "RetransSegs",
] as const;

function read(context: ReadContext): RawItem[] {
  const counters = context.snmp()?.Tcp;
  return counters === undefined ? [] : [{ name: "", values: FIELDS.map((key) => counters[key] ?? null) }];
}

export const tcpModule: Module = {
  name: "tcp",
  summary: "TCP connections and segments",
  columns,
  group: { name: "tcp", fields: FIELDS, read },
  hasItems: false,
  compute: eachItem((before, after, seconds) => {
    const rates = [0, 1, 2, 3, 4, 5].map((field) => perSecond(moved(before, after, field), seconds));
    const retransmitted = percent(moved(before, after, 7), moved(before, after, 3));
    return [...rates, after[6] ?? null, retransmitted === null ? null : Math.min(100, retransmitted)];
  }),
};
