/**
 * Command lines of the suite's own commands (family "procg"), read by commander from the same declaration. The only
 * importer of commander; loaded only for those commands.
 */
import { Command, CommanderError, Option } from "commander";
import type { System } from "../system/system.ts";
import type { CommandLine } from "./getopt.ts";
import { type OptionSpec, type ParsedOption, type ToolDeclaration, UsageError } from "./tool.ts";

/** Throws UsageError in one line, and what an option's `check` throws. -h and -V are help and version unless taken. */
export function parseWithCommander(
  tool: Pick<ToolDeclaration, "name" | "options">,
  sharedSpecs: readonly OptionSpec[],
  args: readonly string[],
  system: System,
): CommandLine {
  const options: ParsedOption[] = [];
  const shared: ParsedOption[] = [];
  let endedBy: string | null = null;

  const program = new Command(tool.name)
    .exitOverride()
    .helpOption(false)
    .allowExcessArguments(true)
    .configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} });
  const add = (spec: OptionSpec, into: ParsedOption[]): void => {
    const option = new Option(commanderFlags(spec), spec.help);
    program.addOption(option);
    program.on(`option:${option.name()}`, (given: string | null | undefined) => {
      if (endedBy !== null) return;
      const found = { key: spec.key, name: option.long ?? option.short ?? "", value: given ?? null };
      if (into === options) spec.check?.(found, options, system);
      into.push(found);
      if (spec.immediate === true || spec.key === "help" || spec.key === "version") endedBy = spec.key;
    });
  };
  for (const spec of tool.options) add(spec, options);
  for (const spec of sharedSpecs) {
    if (tool.options.some((own) => own.key === spec.key || own.long === spec.long)) continue;
    const letter = spec.key === "help" ? "h" : spec.key === "version" ? "V" : null;
    const free = letter !== null && !tool.options.some((own) => own.short === letter);
    add(free ? { ...spec, short: letter } : spec, shared);
  }

  let operands: readonly string[];
  try {
    operands = program.parse(args, { from: "user" }).args;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (endedBy === null) throw new UsageError(oneLine(error));
    operands = [];
  }
  return { options, shared, operands: endedBy === null ? operands : [], endedBy };
}

function commanderFlags(spec: OptionSpec): string {
  const names: string[] = [];
  if (spec.short !== undefined) names.push(`-${spec.short}`);
  if (spec.long !== undefined) names.push(`--${spec.long}`);
  const argument = spec.argument ?? "";
  const suffix = argument === "" ? "" : spec.optionalArgument === true ? ` [${argument}]` : ` <${argument}>`;
  return names.join(", ") + suffix;
}

/** Commander's message without its "error: ", its suggestion on the same line. */
function oneLine(error: CommanderError): string {
  if (error.code === "commander.optionMissingArgument") {
    const flags = /'([^']*)'/.exec(error.message)?.[1] ?? "";
    const name = /--[^ ,<[]+/.exec(flags)?.[0] ?? flags.slice(0, 2);
    return `option '${name}' requires an argument`;
  }
  return error.message.replace(/^error: /, "").replace(/\n/g, " ");
}
