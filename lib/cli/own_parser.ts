/** For a tool that reads its command line itself: the shared options are taken out first, by their full names. */
import type { CommandLine } from "./getopt.ts";
import { type OptionSpec, type ParsedCommandLine, type ParsedOption, UsageError } from "./tool.ts";

/** `--name VALUE` and `--name=VALUE`. Throws UsageError, and what the tool's parser throws. */
export function parseWithOwnParser(
  parse: (args: readonly string[]) => ParsedCommandLine,
  sharedSpecs: readonly OptionSpec[],
  args: readonly string[],
): CommandLine {
  const shared: ParsedOption[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index] as string;
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const spec = sharedSpecs.find((candidate) => name === `--${candidate.long}`);
    if (spec === undefined) {
      rest.push(word);
      continue;
    }
    let value: string | null = null;
    if (spec.argument !== undefined) {
      value = equals < 0 ? (args[++index] ?? null) : word.slice(equals + 1);
      if (value === null) throw new UsageError(`option '${name}' requires an argument`, true);
    } else if (equals >= 0) {
      throw new UsageError(`option '${name}' doesn't allow an argument`, true);
    }
    shared.push({ key: spec.key, name, value });
    if (spec.immediate === true) return { options: [], operands: [], shared, endedBy: spec.key };
  }
  const line = parse(rest);
  const last = line.options[line.options.length - 1]?.key;
  return { ...line, shared, endedBy: last === "help" || last === "version" ? last : null };
}
