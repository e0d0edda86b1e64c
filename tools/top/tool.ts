/** top: the tasks of this container, and what they use of it. Replaces procps-ng's top(1). */
import { type ToolContext, type ToolDeclaration, ToolError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { readOptions, topOptions } from "./options.ts";
import { FIELDS } from "./render_fields.ts";
import { startSettings } from "./settings.ts";

export const tool: ToolDeclaration = {
  name: "top",
  summary: "show the tasks of this container and what they use of it",
  family: "procps",
  section: 1,
  usage: "[options]",
  usageOnError: false,
  compatibleWith: "procps-ng 4.0",
  options: topOptions,
  description: [
    "The summary is the container's: uptime of its first process, its load as loadcalc keeps it, its tasks, CPU time in shares of what " +
      "its quota and its CPUs allow, memory of its limit. A number that is not known prints as -.",
    "In batch mode the lines and columns are those of procps-ng, so that scripts go on; --container adds three lines with limits, " +
      "throttling, stalls and the host's figures. On a terminal these are shown by default.",
    "h shows all keys. W writes ~/.config/procg/toprc; a toprc of procps-ng is read where that does not exist, and never changed.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, shared, commandLine } = context;
  if (commandLine.options.some((option) => option.key === "list")) {
    context.print(FIELDS.map((field) => `${field.name}\n`).join(""));
    return 0;
  }
  const options = readOptions(context);
  const settings = await startSettings(system, options);
  const container = openContainer(system, shared);
  if (options.batch || shared.json || shared.explain || system.source === "replay") {
    const { runBatch } = await import("./batch.ts");
    return runBatch(context, container, options, settings);
  }
  if (!system.isTerminal(0)) throw new ToolError("failed tty get");
  const { runInteractive } = await import("./interactive.ts");
  return runInteractive(context, container, options, settings);
}
