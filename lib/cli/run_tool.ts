/** One run of one tool: command line, shared options, the System it reads, its exit code. */
import type { System } from "../system/system.ts";
import { type CommandLine, parseCommandLine } from "./getopt.ts";
import { OutputError, type SharedOptions, type ToolDeclaration } from "./tool.ts";

/** `argv0` as typed. Gives the exit code; never throws: every failure is one line on stderr. */
export async function runTool(
  system: System,
  tool: ToolDeclaration,
  argv0: string,
  args: readonly string[],
): Promise<number> {
  const name = tool.family === "coreutils" ? argv0 : tool.name;
  const print = (text: string): void => {
    const result = system.write(1, text);
    if (result < 0) throw new OutputError(result);
  };
  let root = "";
  try {
    if (tool.commands !== undefined) {
      const { runCommand } = await import("./run_command.ts");
      const code = await runCommand(system, tool, argv0, args);
      if (code !== null) return code;
    }
    const line = await parse(system, tool, args);
    if (line.endedBy === "help") {
      const { usageText } = await import("./help.ts");
      const usage = usageText(tool, name);
      if (tool.family !== "sysstat") print(usage);
      else system.write(2, usage);
      return tool.family === "sysstat" ? 1 : 0;
    }
    if (line.endedBy === "version") {
      const { versionText } = await import("./version.ts");
      print(versionText(tool));
      return 0;
    }
    const shared = await sharedOptions(system, line);
    root = shared.root ?? "";
    const code = tool.run({
      system: shared.root === null && shared.replay === null ? system : await narrowed(system, shared),
      tool,
      name,
      commandLine: line,
      shared,
      print,
      warn: (text) => {
        system.write(2, `${name}: ${text}\n`);
      },
    });
    return typeof code === "number" ? code : await code;
  } catch (error) {
    const { reportFailure } = await import("./failure.ts");
    return reportFailure(system, tool, name, argv0, error, root);
  }
}

async function parse(system: System, tool: ToolDeclaration, args: readonly string[]): Promise<CommandLine> {
  const byCommander = tool.family === "procg" && tool.stopsAtOperand !== true;
  if (!byCommander && tool.parse === undefined) {
    const line = parseCommandLine(tool, null, args, system);
    if (line !== null) return line;
  }
  // Nothing to parse: commander is as large as many a tool, and loadcalc stays for months.
  if (byCommander && args.length === 0) {
    return { options: [], operands: [], shared: [], endedBy: null };
  }
  const { sharedOptionSpecs } = await import("./shared_options.ts");
  if (byCommander) {
    const { parseWithCommander } = await import("./commander_program.ts");
    return parseWithCommander(tool, sharedOptionSpecs, args, system);
  }
  if (tool.parse !== undefined) {
    const { parseWithOwnParser } = await import("./own_parser.ts");
    return parseWithOwnParser(tool.parse, sharedOptionSpecs, args);
  }
  return parseCommandLine(tool, sharedOptionSpecs, args, system);
}

async function sharedOptions(system: System, line: CommandLine): Promise<SharedOptions> {
  if (line.shared.length === 0 && !system.env("PROCG_ROOT") && !system.env("PROCG_HOST"))
    return NO_SHARED_OPTIONS;
  const { readSharedOptions } = await import("./shared_options.ts");
  return readSharedOptions(line.shared, system);
}

const NO_SHARED_OPTIONS: SharedOptions = {
  json: false,
  explain: false,
  host: false,
  cgroup: null,
  root: null,
  replay: null,
};

async function narrowed(system: System, shared: SharedOptions): Promise<System> {
  if (shared.replay !== null) {
    const { replaySystem } = await import("../system/replay.ts");
    return replaySystem(system, shared.replay);
  }
  const { rootedSystem } = await import("../system/rooted.ts");
  return rootedSystem(system, shared.root ?? "/");
}
