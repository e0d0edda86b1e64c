/** procg env: the variables that `procg exec` would set, for a shell, a file or a program. */
import { type ToolContext, type ToolDeclaration, UsageError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { changesOf, readRuntimeEnvironment } from "../../lib/runtime_environment/environment.ts";
import { readSelection, selectionOptions } from "../../lib/runtime_environment/selection.ts";
import { dotenvQuoted, shellQuoted } from "../../lib/runtime_environment/text.ts";

export const tool: ToolDeclaration = {
  name: "env",
  summary: "print the variables that tell unmodified programs this container's limits",
  family: "procg",
  section: 1,
  linked: false,
  usage: "[options]",
  options: [
    { key: "shell", long: "shell", help: 'as export lines for a POSIX shell: eval "$(procg env --shell)"' },
    { key: "dotenv", long: "dotenv", help: "as a .env file, values quoted where they need it" },
    ...selectionOptions,
  ],
  description: [
    "NAME=VALUE, a line each, as env(1) prints them: those that procg exec would set, and no others. --explain and --json also have those " +
      "that are left as they are, each with the reason.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print } = context;
  const [operand] = commandLine.operands;
  if (operand !== undefined)
    throw new UsageError(`extra operand '${operand}'; programs are run by procg exec`);
  const forms = commandLine.options
    .map(({ key }) => key)
    .filter((key) => key === "shell" || key === "dotenv");
  if (new Set(forms).size + (shared.json ? 1 : 0) > 1)
    throw new UsageError("--shell, --dotenv and --json exclude each other");
  const container = openContainer(system, shared);
  const environment = readRuntimeEnvironment(container, readSelection(commandLine.options), null);
  if (shared.json || shared.explain) {
    const { environmentText } = await import("../../lib/runtime_environment/document.ts");
    print(environmentText(container, environment, shared));
    return 0;
  }
  const line = (name: string, value: string): string =>
    forms[0] === "shell"
      ? `export ${name}=${shellQuoted(value)}\n`
      : `${name}=${forms[0] === "dotenv" ? dotenvQuoted(value) : value}\n`;
  print(
    changesOf(environment)
      .map(([name, value]) => line(name, value))
      .join(""),
  );
  return 0;
}
