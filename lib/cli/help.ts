/** Usage text from a tool's declaration, in the layout of its family. */
import { sharedOptionSpecs } from "./shared_options.ts";
import type { OptionSpec, ToolDeclaration } from "./tool.ts";

/** What --help prints and what follows a mistake; procps' begins with an empty line. `name` as in messages. */
export function usageText(tool: ToolDeclaration, name: string): string {
  const procps = tool.family === "procps";
  const indent = procps ? " " : "  ";
  const called = name === tool.name ? calledAs(tool) : name;
  const usage = tool.usage === "" ? called : `${called} ${tool.usage.trim()}`;
  const { own, shared, last } = optionGroups(tool);
  const groups = [own, shared, last].map((specs) => specs.map((spec) => optionLabel(spec, procps)));
  const width = Math.max(0, ...groups.map((labels) => Math.max(0, ...labels.map((label) => label.length))));
  const lines = (specs: readonly OptionSpec[]): string =>
    specs.map((spec) => `${indent}${optionLabel(spec, procps).padEnd(width)}  ${spec.help}\n`).join("");
  const common = `Options of every tool of procg:\n${lines(shared)}`;

  if (procps) {
    const blank = own.length > 0 ? "\n" : "";
    return `\nUsage:\n ${usage}\n\nOptions:\n${lines(own)}${blank}${lines(last)}\n${common}\nFor more details see ${tool.name}(${tool.section}).\n`;
  }
  const commands = commandLines(tool);
  if (tool.family === "sysstat") {
    return `Usage: ${usage}\nOptions are:\n${lines(own)}${lines(last)}\n${common}`;
  }
  return `Usage: ${usage}\n${sentence(tool.summary)}\n${commands}\n${lines(own)}${lines(last)}\n${common}`;
}

/** Called by its own name too; "install" alone is another program. */
export function isLinked(tool: ToolDeclaration): boolean {
  return tool.linked ?? tool.family !== "procg";
}

/** What is typed where `procg install` has made its links: "free", but "procg doctor". */
export function calledAs(tool: ToolDeclaration): string {
  return isLinked(tool) ? tool.name : `procg ${tool.name}`;
}

/** The tool's own options, the shared ones that it does not declare itself, and help with version; hidden ones left out. */
export function optionGroups(tool: Pick<ToolDeclaration, "options" | "family">): {
  readonly own: readonly OptionSpec[];
  readonly shared: readonly OptionSpec[];
  readonly last: readonly OptionSpec[];
} {
  const isLast = (spec: OptionSpec): boolean => spec.key === "help" || spec.key === "version";
  const visible = tool.options.filter((spec) => spec.hidden !== true);
  const missing = sharedOptionSpecs.filter((spec) => !tool.options.some((known) => known.key === spec.key));
  return {
    own: visible.filter((spec) => !isLast(spec)),
    shared: missing.filter((spec) => !isLast(spec)),
    last: [...visible.filter(isLast), ...missing.filter(isLast)],
  };
}

/** "-s, --seconds N"; GNU: "--ignore=N"; without a short letter indented, so that long names stand below each other. */
export function optionLabel(spec: OptionSpec, procps: boolean): string {
  const argument = spec.argument ?? "";
  if (spec.long === undefined) return `-${spec.short}${argumentText(argument, spec, " ")}`;
  const short = spec.short === undefined ? "    " : `-${spec.short}, `;
  return `${short}--${spec.long}${argumentText(argument, spec, procps ? " " : "=")}`;
}

function argumentText(argument: string, spec: OptionSpec, separator: string): string {
  if (argument === "") return "";
  if (spec.optionalArgument !== true) return `${separator}${argument}`;
  return spec.long === undefined ? `[${argument}]` : `[=${argument}]`;
}

function commandLines(tool: ToolDeclaration): string {
  if (tool.commands === undefined) return "";
  const width = Math.max(0, ...tool.commands.map((command) => command.name.length));
  const lines = tool.commands
    .map((command) => `  ${command.name.padEnd(width)}  ${command.summary}\n`)
    .join("");
  return `\nCommands:\n${lines}`;
}

export function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return begun.endsWith(".") ? begun : `${begun}.`;
}
