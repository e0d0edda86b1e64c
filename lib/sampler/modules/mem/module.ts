/** Memory of the container: what it holds and cannot give back, against what it may have. Meanings: docs/adr/0003-what-used-means.md. */
import { type Figure, UNKNOWN } from "../../../container/figure.ts";
import type { Module, RawItem } from "../../module.ts";
import { eachItem, percent, whole } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "free", help: "bytes that nobody uses, below every limit that applies" },
  { name: "used", help: "bytes held that cannot be given back: usage - reclaimable" },
  { name: "buff", help: "bytes of buffers; 0 in a cgroup, which counts them as page cache" },
  { name: "cach", help: "bytes of page cache and reclaimable slab" },
  { name: "total", help: "bytes: the smallest limit, or the machine's memory" },
  { name: "util", help: "used * 100 / total", show: "summary", merge: "mean" },
  { name: "avail", help: "bytes that can still be had before something is killed", show: "hidden" },
  { name: "wset", help: "bytes of the working set: usage - inactive_file", show: "hidden" },
  { name: "wsutil", help: "working set * 100 / total", show: "hidden", merge: "mean" },
] as const;

function read(context: ReadContext): RawItem[] {
  const model = context.memory();
  if (model === null) return [];
  const { freeBytes, usedBytes, buffersBytes, cacheBytes, totalBytes, availableBytes, workingSetBytes } =
    model;
  // Upper bounds may be the host's figures: in a table and in a history nothing would tell them from the container's.
  const bounded = (one: Figure): Figure => (model.upperBoundsOnly ? UNKNOWN : one);
  const figures = [
    bounded(freeBytes),
    usedBytes,
    buffersBytes,
    cacheBytes,
    bounded(totalBytes),
    bounded(availableBytes),
    workingSetBytes,
  ];
  return [{ name: "", values: [...figures.map((one) => whole(one.value)), whole(model.limit.value)] }];
}

export const memModule: Module = {
  name: "mem",
  summary: "memory of the container's limit",
  columns,
  group: {
    name: "mem",
    fields: ["free", "used", "buffers", "cache", "total", "available", "workingSet", "limit"],
    read,
  },
  hasItems: false,
  compute: eachItem(
    (_, [free = null, used = null, buff = null, cache = null, total = null, avail = null, wset = null]) => [
      free,
      used,
      buff,
      cache,
      total,
      percent(used, total),
      avail,
      wset,
      percent(wset, total),
    ],
  ),
};
