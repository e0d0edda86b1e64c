/**
 * Command lines as getopt_long(3) of glibc reads them: permutation, bundles, joined values, unique prefixes, and its
 * messages word for word. Differences are additions only: the shared options are looked up when no option of the tool
 * begins with the name, so that every prefix that works in the classic tool keeps its meaning.
 */
import type { System } from "../system/system.ts";
import {
  type OptionSpec,
  type ParsedCommandLine,
  type ParsedOption,
  type ToolDeclaration,
  UsageError,
} from "./tool.ts";

export interface CommandLine extends ParsedCommandLine {
  /** Those of `options` that every tool has, in order. */
  readonly shared: readonly ParsedOption[];
  /** Key of the immediate option that ended the reading ("help", "version", uptime's "since"), or null. */
  readonly endedBy: string | null;
}

/**
 * Reads `args` (argv without the name). With POSIXLY_CORRECT in the environment the first operand ends the options, and always
 * for a tool that says so.
 * `sharedSpecs` null: gives null as soon as a word needs them, so that a usual start does not load their table.
 * Throws UsageError, and what an option's `check` throws.
 */
export function parseCommandLine(
  tool: Pick<ToolDeclaration, "options" | "stopsAtOperand">,
  sharedSpecs: readonly OptionSpec[],
  args: readonly string[],
  system: System,
): CommandLine;
export function parseCommandLine(
  tool: Pick<ToolDeclaration, "options" | "stopsAtOperand">,
  sharedSpecs: readonly OptionSpec[] | null,
  args: readonly string[],
  system: System,
): CommandLine | null;
export function parseCommandLine(
  tool: Pick<ToolDeclaration, "options" | "stopsAtOperand">,
  sharedSpecs: readonly OptionSpec[] | null,
  args: readonly string[],
  system: System,
): CommandLine | null {
  const stops = tool.stopsAtOperand === true || system.env("POSIXLY_CORRECT") !== undefined;
  const options: ParsedOption[] = [];
  const shared: ParsedOption[] = [];
  const operands: string[] = [];
  let index = 0;
  let needsShared = false;

  /** True when the reading is over. */
  function accept(spec: OptionSpec, name: string, value: string | null, own: boolean): boolean {
    const option = { key: spec.key, name, value };
    if (own) {
      spec.check?.(option, options, system);
      options.push(option);
    } else {
      shared.push(option);
    }
    return spec.immediate === true || spec.key === "help" || spec.key === "version";
  }

  function acceptLong(word: string): string | null {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    let own = true;
    let spec = resolveLong(tool.options, name, word);
    if (spec === null) {
      if (sharedSpecs === null) {
        needsShared = true;
        return null;
      }
      own = false;
      spec = resolveLong(sharedSpecs, name, word);
    }
    if (spec === null) throw mistake(`unrecognized option '${word}'`);
    const full = `--${spec.long}`;
    let value: string | null = null;
    if (equals >= 0) {
      if (spec.argument === undefined) throw mistake(`option '${full}' doesn't allow an argument`);
      value = word.slice(equals + 1);
    } else if (spec.argument !== undefined && spec.optionalArgument !== true) {
      if (index >= args.length) throw mistake(`option '${full}' requires an argument`);
      value = args[index++] as string;
    }
    return accept(spec, full, value, own) ? spec.key : null;
  }

  function acceptBundle(word: string): string | null {
    for (let at = 1; at < word.length; at++) {
      const letter = word.charAt(at);
      const spec = tool.options.find((candidate) => candidate.short === letter);
      if (spec === undefined) throw mistake(`invalid option -- '${wholeCharacter(word, at)}'`);
      let value: string | null = null;
      if (spec.argument !== undefined) {
        if (at + 1 < word.length) {
          value = word.slice(at + 1);
          at = word.length;
        } else if (spec.optionalArgument !== true) {
          if (index >= args.length) throw mistake(`option requires an argument -- '${letter}'`);
          value = args[index++] as string;
        }
      }
      if (accept(spec, `-${letter}`, value, true)) return spec.key;
    }
    return null;
  }

  while (index < args.length) {
    const word = args[index++] as string;
    if (word.charCodeAt(0) !== 45 || word.length === 1) {
      operands.push(word);
      if (stops) break;
      continue;
    }
    if (word === "--") break;
    const endedBy = word.charCodeAt(1) === 45 ? acceptLong(word) : acceptBundle(word);
    if (needsShared) return null;
    if (endedBy === null) continue;
    if (endedBy !== "help" && endedBy !== "version") {
      const rest = args.slice(index);
      if (sharedSpecs !== null) shared.push(...sharedAfter(sharedSpecs, rest));
      else if (rest.some((one) => one.startsWith("--"))) return null;
    }
    return { options, shared, operands: [], endedBy };
  }
  while (index < args.length) operands.push(args[index++] as string);
  return { options, shared, operands, endedBy: null };
}

/** The spec with exactly this name, else the only one that begins with it; null: none. */
function resolveLong(specs: readonly OptionSpec[], name: string, word: string): OptionSpec | null {
  let found: OptionSpec | null = null;
  const others: OptionSpec[] = [];
  for (const spec of specs) {
    if (spec.long === undefined) continue;
    if (spec.long === name) return spec;
    if (!spec.long.startsWith(name)) continue;
    if (found === null) found = spec;
    else if (!sameTarget(found, spec)) others.push(spec);
  }
  if (found === null || others.length === 0) return found;
  const names = [found, ...others].map((spec) => ` '--${spec.long}'`).join("");
  throw mistake(`option '${word}' is ambiguous; possibilities:${names}`);
}

function sameTarget(one: OptionSpec, other: OptionSpec): boolean {
  return (
    one.key === other.key &&
    (one.argument === undefined) === (other.argument === undefined) &&
    (one.optionalArgument === true) === (other.optionalArgument === true)
  );
}

function wholeCharacter(word: string, at: number): string {
  return String.fromCodePoint(word.codePointAt(at) ?? 0xfffd);
}

/**
 * Shared options behind an immediate one of the tool (uptime -s --root DIR): where the numbers come from must not depend on the
 * order. In full only; all other words are passed over, as the classic tool does.
 */
function sharedAfter(specs: readonly OptionSpec[], words: readonly string[]): ParsedOption[] {
  const found: ParsedOption[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (word === "--") break;
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const spec = specs.find((one) => name === `--${one.long}` && one.immediate !== true);
    if (spec === undefined) continue;
    let value: string | null = null;
    if (spec.argument !== undefined) {
      value = equals < 0 ? (words[++index] ?? null) : word.slice(equals + 1);
      if (value === null) throw mistake(`option '${name}' requires an argument`);
    }
    found.push({ key: spec.key, name, value });
  }
  return found;
}

function mistake(message: string): UsageError {
  return new UsageError(message, true);
}
