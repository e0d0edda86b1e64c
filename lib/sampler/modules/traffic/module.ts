/** Bytes and packets of the container's network namespace, summed over its interfaces without loopback; from net/dev. */
import { netDev } from "../../../procfs/net_dev.ts";
import type { Module, RawGroup, RawItem, RawValue } from "../../module.ts";
import { moved, perSecond } from "../../rate.ts";
import { type ReadContext, readNet } from "../../read_context.ts";

const columns = [
  { name: "bytin", help: "bytes received per second", show: "summary" },
  { name: "bytout", help: "bytes sent per second", show: "summary" },
  { name: "pktin", help: "packets received per second" },
  { name: "pktout", help: "packets sent per second" },
  { name: "pkterr", help: "errors per second, both ways" },
  { name: "pktdrp", help: "packets dropped per second, both ways" },
] as const;

function read(context: ReadContext): RawItem[] {
  const interfaces = readNet(context.container, netDev) ?? [];
  return interfaces.map((one) => ({
    name: one.name,
    values: [
      one.rxBytes,
      one.txBytes,
      one.rxPackets,
      one.txPackets,
      one.rxErrors + one.txErrors,
      one.rxDropped + one.txDropped,
    ],
  }));
}

/** One item per interface; pernic shows them, traffic adds them up. */
export const netGroup: RawGroup = {
  name: "net",
  fields: ["rxBytes", "txBytes", "rxPackets", "txPackets", "errors", "dropped"],
  read,
};

export const trafficModule: Module = {
  name: "traffic",
  summary: "network traffic without loopback",
  columns,
  group: netGroup,
  hasItems: false,
  compute(before, after, seconds) {
    const totals: RawValue[] = columns.map(() => (before === null ? null : 0));
    let some = false;
    for (const item of after) {
      if (item.name === "lo") continue;
      some = true;
      const last = before?.find((one) => one.name === item.name)?.values ?? null;
      // An interface that is new, or one whose counters began anew, has no rate yet: nor has the sum.
      for (let i = 0; i < totals.length; i++) {
        const rate = perSecond(moved(last, item.values, i), seconds);
        const total = totals[i] ?? null;
        totals[i] = total === null || rate === null ? null : total + rate;
      }
    }
    return after.length === 0
      ? []
      : [{ name: "", values: some ? totals : columns.map(() => (before === null ? null : 0)) }];
  },
};
