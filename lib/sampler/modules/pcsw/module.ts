/** Context switches and forks: the kernel counts them for the whole machine only. Unknown in a container. */
import type { Module, RawItem } from "../../module.ts";
import { eachItem, moved, perSecond } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "cswch", help: "context switches per second; unknown in a container" },
  { name: "proc", help: "forks per second; unknown in a container" },
] as const;

function read(context: ReadContext): RawItem[] {
  const stat = context.container.kind === "machine" ? (context.cpu()?.proc?.value ?? null) : null;
  return [{ name: "", values: [stat?.ctxt ?? null, stat?.processes ?? null] }];
}

export const pcswModule: Module = {
  name: "pcsw",
  summary: "context switches and forks",
  columns,
  group: { name: "pcsw", fields: ["ctxt", "processes"], read },
  hasItems: false,
  compute: eachItem((before, after, seconds) => [
    perSecond(moved(before, after, 0), seconds),
    perSecond(moved(before, after, 1), seconds),
  ]),
};
