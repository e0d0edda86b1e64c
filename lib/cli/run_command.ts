/** Commands of a tool (`procg host list`): the first word picks a declaration of its own. */
import type { System } from "../system/system.ts";
import { runTool } from "./run_tool.ts";
import type { ToolDeclaration } from "./tool.ts";

/** The command's exit code; null when the first word names no command, so that the tool itself answers. */
export async function runCommand(
  system: System,
  tool: ToolDeclaration,
  argv0: string,
  args: readonly string[],
): Promise<number | null> {
  const command = tool.commands?.find((candidate) => candidate.name === args[0]);
  if (command === undefined) return null;
  const loaded = (await command.load()).tool;
  const name = `${tool.name === "host" ? "procg host" : tool.name} ${command.name}`;
  return runTool(system, { ...loaded, name }, argv0, args.slice(1));
}
