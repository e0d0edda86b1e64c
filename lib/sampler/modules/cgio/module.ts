/** What the container itself reads and writes, by device, in bytes. */
import type { Module } from "../../module.ts";
import { eachItem, moved, perSecond } from "../../rate.ts";
import { ioGroup } from "../io/module.ts";

const columns = [
  { name: "rbytes", help: "bytes read per second" },
  { name: "wbytes", help: "bytes written per second" },
  { name: "rios", help: "reads per second" },
  { name: "wios", help: "writes per second" },
] as const;

export const cgioModule: Module = {
  name: "cgio",
  summary: "the container's own block IO in bytes",
  columns,
  group: ioGroup,
  hasItems: true,
  compute: eachItem((before, after, seconds) =>
    columns.map((_, field) => perSecond(moved(before, after, field), seconds)),
  ),
};
