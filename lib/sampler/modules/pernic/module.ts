/** Bytes and packets by interface, loopback too; only those that have received something. From net/dev. */
import type { Module } from "../../module.ts";
import { eachItem, moved, perSecond } from "../../rate.ts";
import { netGroup } from "../traffic/module.ts";

const columns = [
  { name: "bytin", help: "bytes received per second", show: "summary" },
  { name: "bytout", help: "bytes sent per second", show: "summary" },
  { name: "pktin", help: "packets received per second" },
  { name: "pktout", help: "packets sent per second" },
] as const;

const compute = eachItem((before, after, seconds) =>
  columns.map((_, field) => perSecond(moved(before, after, field), seconds)),
);

export const pernicModule: Module = {
  name: "pernic",
  summary: "network traffic by interface",
  columns,
  group: netGroup,
  hasItems: true,
  compute: (before, after, seconds) =>
    compute(
      before,
      after.filter((item) => item.values[0] !== 0),
      seconds,
    ),
};
