/** The options that every tool has and what they change: which System is read, what is printed. */
import type { System } from "../system/system.ts";
import { type OptionSpec, type ParsedOption, type SharedOptions, ToolError } from "./tool.ts";

export const sharedOptionSpecs: readonly OptionSpec[] = [
  { key: "root", long: "root", argument: "DIR", help: "read /proc and /sys below DIR" },
  {
    key: "replay",
    long: "replay",
    argument: "DIR",
    help: "read the capture in DIR instead of the live system",
  },
  { key: "json", long: "json", help: "print JSON, one document per report" },
  { key: "explain", long: "explain", help: "say for each number where it comes from" },
  { key: "cgroup", long: "cgroup", argument: "PATH", help: "report on the cgroup PATH" },
  { key: "host", long: "host", help: "report on the host, as the classic tool does" },
  { key: "help", long: "help", help: "display this help and exit", immediate: true },
  { key: "version", long: "version", help: "display the version and exit", immediate: true },
];

/** `found` wins over PROCG_ROOT and PROCG_HOST=1. Of two equal options the last counts. */
export function readSharedOptions(found: readonly ParsedOption[], system: System): SharedOptions {
  let root: string | null = null;
  let replay: string | null = null;
  let cgroup: string | null = null;
  let json = false;
  let explain = false;
  let host = false;
  for (const { key, value } of found) {
    if (key === "json") json = true;
    else if (key === "explain") explain = true;
    else if (key === "host") host = true;
    else if (key === "root") root = value;
    else if (key === "replay") replay = value;
    else if (key === "cgroup") cgroup = value;
  }
  if (root !== null && replay !== null) throw new ToolError("--root and --replay exclude each other");
  if (host && cgroup !== null) throw new ToolError("--host and --cgroup exclude each other");
  if (root === "" || replay === "" || cgroup === "") {
    throw new ToolError(`${root === "" ? "--root" : replay === "" ? "--replay" : "--cgroup"} needs a path`);
  }
  if (root === null && replay === null) root = system.env("PROCG_ROOT") || null;
  if (!host && cgroup === null) host = system.env("PROCG_HOST") === "1";
  return { json, explain, host, cgroup, root, replay };
}
