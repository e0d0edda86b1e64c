/**
 * More of TCP, from net/netstat and net/snmp, by the names of the columns there.
 *
 * Upstream fills only lisove, cnest, edrop, rdrop, and those by position. What the kernel has no counter for stays unknown.
 */
import type { Module, RawItem, RawValue } from "../../module.ts";
import { eachItem, moved, perSecond } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "recvq", help: "unknown: the kernel has no such counter" },
  { name: "sendq", help: "unknown: the kernel has no such counter" },
  { name: "est", help: "connections now (CurrEstab)" },
  { name: "twait", help: "sockets put to TIME-WAIT per second (TW)" },
  { name: "fwait1", help: "unknown: the kernel has no such counter" },
  { name: "fwait2", help: "unknown: the kernel has no such counter" },
  { name: "lisq", help: "unknown: the kernel has no such counter" },
  { name: "lising", help: "unknown: the kernel has no such counter" },
  { name: "lisove", help: "listen queue overflows per second (ListenOverflows)" },
  { name: "cnest", help: "connections made per second (ActiveOpens + PassiveOpens)" },
  { name: "ndrop", help: "unknown: the kernel has no such counter" },
  { name: "edrop", help: "SYNs to embryonic sockets dropped per second (EmbryonicRsts)" },
  { name: "rdrop", help: "connections dropped by listening sockets per second (ListenDrops)" },
  { name: "pdrop", help: "packets pruned from receive queues per second (PruneCalled)" },
  { name: "kdrop", help: "packets dropped for a full backlog per second (TCPBacklogDrop)" },
] as const;

const EXTENDED = ["ListenOverflows", "EmbryonicRsts", "ListenDrops", "PruneCalled", "TCPBacklogDrop", "TW"];

function read(context: ReadContext): RawItem[] {
  const extended = context.netstat()?.TcpExt;
  const tcp = context.snmp()?.Tcp;
  if (extended === undefined && tcp === undefined) return [];
  const made: RawValue =
    tcp?.ActiveOpens === undefined || tcp.PassiveOpens === undefined
      ? null
      : tcp.ActiveOpens + tcp.PassiveOpens;
  const values = EXTENDED.map((key) => extended?.[key] ?? null);
  return [{ name: "", values: [...values, tcp?.CurrEstab ?? null, made] }];
}

export const tcpxModule: Module = {
  name: "tcpx",
  summary: "TCP drops, overflows and states",
  columns,
  group: { name: "tcpx", fields: [...EXTENDED, "CurrEstab", "opens"], read },
  hasItems: false,
  compute: eachItem((before, after, seconds) => {
    const rate = (field: number) => perSecond(moved(before, after, field), seconds);
    const [overflows, embryonic, drops, pruned, backlog, waits, opens] = [0, 1, 2, 3, 4, 5, 7].map(rate);
    const known = (value: RawValue | undefined) => value ?? null;
    return [
      ...[null, null, after[6] ?? null, known(waits), null, null, null, null],
      ...[
        known(overflows),
        known(opens),
        null,
        known(embryonic),
        known(drops),
        known(pruned),
        known(backlog),
      ],
    ];
  }),
};
