/** Tasks (threads) of the container against its limit. */
import { readPids } from "../../../container/pids.ts";
import { type Module, NO_LIMIT, type RawItem } from "../../module.ts";
import { eachItem, percent, whole } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "cur", help: "tasks now (pids.current)" },
  { name: "max", help: "tasks allowed (pids.max); unknown where there is no limit" },
  { name: "util", help: "tasks * 100 / limit", merge: "mean" },
] as const;

function read(context: ReadContext): RawItem[] {
  const { current, limit } = readPids(context.container);
  return [{ name: "", values: [whole(current.value), whole(limit.value)] }];
}

export const pidsModule: Module = {
  name: "pids",
  summary: "tasks against their limit",
  columns,
  group: { name: "pids", fields: ["current", "limit"], read },
  hasItems: false,
  compute: eachItem((_, [current = null, most = null]) => {
    const limit = most === NO_LIMIT ? null : most;
    return [current, limit, percent(current, limit)];
  }),
};
