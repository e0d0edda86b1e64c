/** procg exec: runs a program that is told the container's limits in the variables that its runtime reads. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { changesOf, readRuntimeEnvironment } from "../../lib/runtime_environment/environment.ts";
import { readSelection, selectionOptions } from "../../lib/runtime_environment/selection.ts";
import { shellQuoted } from "../../lib/runtime_environment/text.ts";
import { ENOENT, errnoText } from "../../lib/system/errno.ts";
import { programHost } from "../../lib/system/program_host.ts";

/** As env(1). */
const OWN_FAILURE = 125;
const CANNOT_RUN = 126;
const NOT_FOUND = 127;

export const tool: ToolDeclaration = {
  name: "exec",
  summary: "run a program that is told this container's limits in the variables that its runtime reads",
  family: "procg",
  section: 1,
  linked: false,
  usage: "[options] [--] COMMAND [ARG...]",
  stopsAtOperand: true,
  failureCode: OWN_FAILURE,
  exitStatus:
    "That of COMMAND; 125 when procg itself fails, 126 when COMMAND is found and cannot be run, 127 when it is not found",
  options: [
    {
      key: "dry-run",
      short: "n",
      long: "dry-run",
      help: "print the command as it would be run, and run nothing",
    },
    ...selectionOptions,
    { key: "help", short: "h", long: "help", help: "display this help and exit", immediate: true },
    { key: "version", short: "V", long: "version", help: "display the version and exit", immediate: true },
  ],
  description: [
    "Sets GOMAXPROCS, GOMEMLIMIT, OMP_NUM_THREADS, JAVA_TOOL_OPTIONS, NODE_OPTIONS and their like from the container's CPU quota and memory " +
      "limit, and becomes COMMAND: same process id, signals and open files as without it. A variable that is set already, be it empty, is left " +
      "as it is; options are added to JAVA_TOOL_OPTIONS, NODE_OPTIONS and MAKEFLAGS where they are not there. Where there is no limit, or it " +
      "is not known, nothing is set.",
    "With --json and --explain the variables are printed with their reasons, and nothing is run.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print } = context;
  const command = commandLine.operands;
  const isDry = commandLine.options.some(({ key }) => key === "dry-run") || shared.json || shared.explain;
  if (command.length === 0 && !isDry) throw new UsageError("a command is needed");
  const host = programHost(system);
  if (!isDry && host === null) throw new ToolError("only on the live system, else --dry-run", OWN_FAILURE);
  const container = openContainer(system, shared);
  const wanted = readSelection(commandLine.options);
  const environment = readRuntimeEnvironment(container, wanted, command[0] ?? null);
  if (shared.json || shared.explain) {
    const { environmentText } = await import("../../lib/runtime_environment/document.ts");
    print(environmentText(container, environment, shared));
    return 0;
  }
  const changes = changesOf(environment);
  if (isDry || host === null) {
    const words = ["env", ...changes.map(([name, value]) => `${name}=${value}`), ...command];
    print(`${words.map(shellQuoted).join(" ")}\n`);
    return 0;
  }
  const errno = host.becomeProgram(command, changes);
  const text = `${command[0]}: ${errnoText(errno)}`;
  throw new ToolError(text, errno === ENOENT ? NOT_FOUND : CANNOT_RUN);
}
