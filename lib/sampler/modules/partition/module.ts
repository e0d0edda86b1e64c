/** Room in the container's local file systems, by mount point; a disk quota of the root file system counts. Percent as df's, not one too high. */
import { readLocalFileSystems } from "../../../container/filesystems.ts";
import type { Module, RawItem } from "../../module.ts";
import { eachItem, percent, sum, whole } from "../../rate.ts";
import { orNull, type ReadContext } from "../../read_context.ts";

const columns = [
  { name: "bfree", help: "bytes that are left for others than root" },
  { name: "bused", help: "bytes used" },
  { name: "btotl", help: "bytes in all" },
  { name: "util", help: "used * 100 / (used + free)", merge: "mean" },
  { name: "ifree", help: "inodes left" },
  { name: "itotl", help: "inodes in all" },
  {
    name: "iutil",
    help: "used inodes * 100 / all; unknown where the file system has no such number",
    merge: "mean",
  },
] as const;

function read({ container }: ReadContext): RawItem[] {
  const found = orNull(() => readLocalFileSystems(container)) ?? [];
  return found.map((one) => ({
    name: one.target,
    values: [one.availableBytes, one.usedBytes, one.sizeBytes, one.inodesFree, one.inodes].map((value) =>
      whole(value),
    ),
  }));
}

export const partitionModule: Module = {
  name: "partition",
  summary: "room in the file systems",
  columns,
  group: { name: "partition", fields: ["available", "used", "size", "inodesFree", "inodes"], read },
  hasItems: true,
  compute: eachItem((_, [free = null, used = null, size = null, ifree = null, itotal = null]) => {
    const inodesUsed = itotal === null || ifree === null ? null : itotal - ifree;
    return [free, used, size, percent(used, sum(used, free)), ifree, itotal, percent(inodesUsed, itotal)];
  }),
};
