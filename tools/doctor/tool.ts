/** procg doctor: what was found of this container, what is missing, and what to do about it. */
import { type ToolContext, type ToolDeclaration, UsageError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { examine } from "./collect.ts";
import { renderChecks } from "./render.ts";

export const tool: ToolDeclaration = {
  name: "doctor",
  summary: "say what can be known in this container, what is missing, and what to do about it",
  family: "procg",
  section: 1,
  usage: "[options]",
  options: [],
  description: [
    "One line for each thing looked at: ok, note (worth knowing; nothing is wrong), or gap (a number cannot be known, or may be " +
      "wrong), with what to do about it. Exit status: 0 no gap, 1 at least one gap.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, shared, print, commandLine } = context;
  const [extra] = commandLine.operands;
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  const checks = await examine(openContainer(system, shared));
  print(shared.json ? `${JSON.stringify({ schema: "procg.doctor/v1", checks })}\n` : renderChecks(checks));
  return checks.some((check) => check.status === "gap") ? 1 : 0;
}
