/**
 * The way in: which tool is meant, and its run. What a usual start does not need (help, errors, wrappers of the System,
 * commander) is loaded when it is.
 */
import { toolLoaders } from "procg:tools";
import type { System } from "../system/system.ts";
import { runTool } from "./run_tool.ts";

/** Runs the tool that argv names; gives the exit code. Never throws. */
export async function runMain(system: System): Promise<number> {
  const argv0 = system.argv[0] ?? "procg";
  const args = system.argv.slice(1);
  const load = loaderOf(argv0.slice(argv0.lastIndexOf("/") + 1));
  if (load !== undefined) return runTool(system, (await load()).tool, argv0, args);
  const named = args[0] ?? "";
  const loadNamed = loaderOf(named);
  if (loadNamed !== undefined) return runTool(system, (await loadNamed()).tool, named, args.slice(1));
  const { runMultiCall } = await import("./multi_call.ts");
  return runMultiCall(system, toolLoaders, args);
}

/** Own keys only: no tool is named "constructor". */
function loaderOf(name: string): (typeof toolLoaders)[string] | undefined {
  return Object.keys(toolLoaders).includes(name) ? toolLoaders[name] : undefined;
}
