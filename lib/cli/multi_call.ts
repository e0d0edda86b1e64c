/** `procg` under its own name, without a tool: lists, help, version, and what packagers need (man pages, completions). */
import { EPIPE, errnoText } from "../system/errno.ts";
import type { System } from "../system/system.ts";
import type { CompletedTool } from "./completions.ts";
import type { ToolDeclaration } from "./tool.ts";

export type ToolLoaders = Readonly<Record<string, () => Promise<{ readonly tool: ToolDeclaration }>>>;

const USAGE = `Usage: procg TOOL [arguments]
   or: procg --list | --help | --version
   or: procg --man TOOL | --completions bash|zsh|fish
`;

export async function runMultiCall(
  system: System,
  loaders: ToolLoaders,
  args: readonly string[],
): Promise<number> {
  const names = Object.keys(loaders).sort();
  switch (args[0]) {
    case undefined:
      system.write(2, USAGE);
      return 1;
    case "--list":
      return print(system, names.map((name) => `${name}\n`).join(""));
    case "-h":
    case "--help":
      return print(system, await suiteHelp(loaders, names));
    case "-V":
    case "--version": {
      const { suiteVersionText } = await import("./version.ts");
      return print(system, suiteVersionText());
    }
    case "--man": {
      const name = args[1];
      if (name === undefined) return complain(system, "--man needs the name of a tool; see procg --list");
      if (name === "procg") {
        const { suitePage } = await import("./man.ts");
        return print(system, suitePage(await loadAll(loaders, names)));
      }
      const load = names.includes(name) ? loaders[name] : undefined;
      if (load === undefined) return unknownTool(system, name);
      const { manPage } = await import("./man.ts");
      const { tool } = await load();
      return print(system, manPage(tool, await commandsOf(tool)));
    }
    case "--completions": {
      const { completionScript } = await import("./completions.ts");
      const tools: CompletedTool[] = [];
      for (const tool of await loadAll(loaders, names))
        tools.push({ tool, commands: await commandsOf(tool) });
      const script = completionScript(args[1] ?? "", tools);
      if (script !== null) return print(system, script);
      return complain(system, `no completions for '${args[1] ?? ""}'; there are bash, zsh and fish`);
    }
    default:
      return unknownTool(system, args[0]);
  }
}

async function suiteHelp(loaders: ToolLoaders, names: readonly string[]): Promise<string> {
  const tools = await loadAll(loaders, names);
  const width = names.reduce((longest, name) => Math.max(longest, name.length), 0);
  const lines = tools.map((tool) => `  ${tool.name.padEnd(width)}  ${tool.summary}\n`).join("");
  return `${USAGE}\nTools that tell the truth inside a container:\n${lines}\nA link to procg with a tool's name runs that tool; procg install DIR makes the links.\n`;
}

async function loadAll(loaders: ToolLoaders, names: readonly string[]): Promise<ToolDeclaration[]> {
  const tools: ToolDeclaration[] = [];
  for (const name of names) {
    const load = loaders[name];
    if (load !== undefined) tools.push((await load()).tool);
  }
  return tools;
}

async function commandsOf(tool: ToolDeclaration): Promise<ToolDeclaration[]> {
  const commands: ToolDeclaration[] = [];
  for (const command of tool.commands ?? []) commands.push((await command.load()).tool);
  return commands;
}

function unknownTool(system: System, name: string): number {
  return complain(
    system,
    name.startsWith("-")
      ? `unknown option '${name}'; see procg --help`
      : `'${name}' is not a tool; see procg --list`,
  );
}

function complain(system: System, text: string): number {
  system.write(2, `procg: ${text}\n`);
  return 1;
}

function print(system: System, text: string): number {
  const result = system.write(1, text);
  if (result >= 0) return 0;
  if (result === EPIPE) return 141;
  return complain(system, `write error: ${errnoText(result)}`);
}
