/**
 * What a tool declares, once, as data: name, options, how to run. The multi-call table, the parser, help, man page,
 * completions and README's table are made from it.
 */
import type { System } from "../system/system.ts";

/**
 * One option. `short` and `long` without dashes; at least one of them.
 *
 * Order counts: getopt lists candidates for an ambiguous prefix in it, help shows it. The keys "help" and "version" are the
 * runner's: a tool declares them only to say where they stand and which short letter they have.
 */
export interface OptionSpec {
  /** Key of the parsed value. Two specs with one key and the same kind of argument are one option in two spellings. */
  readonly key: string;
  readonly short?: string;
  readonly long?: string;
  /** Name of the argument in help ("N", "DIR"); absent: a flag. */
  readonly argument?: string;
  /** The argument may be left out (then only joined: --width=N, -w80). */
  readonly optionalArgument?: boolean;
  /** One line for help and man page. */
  readonly help: string;
  /** Accepted, but not shown in help. */
  readonly hidden?: boolean;
  /** Acts at once: nothing after it is looked at, not even for errors (uptime -s, help, version). Operands are dropped. */
  readonly immediate?: boolean;
  /**
   * Called as the option is found, with the options before it; throws ToolError. For values that the classic tool
   * checks while it reads its command line, so that of two mistakes the same one is reported.
   */
  readonly check?: (option: ParsedOption, before: readonly ParsedOption[], system: System) => void;
}

/** An option as found on the command line, in order; `name` in full ("-m"; "--mebi", also for "--meb"). */
export interface ParsedOption {
  readonly key: string;
  readonly name: string;
  readonly value: string | null;
}

export interface ParsedCommandLine {
  readonly options: readonly ParsedOption[];
  readonly operands: readonly string[];
}

/** Whose manners a tool has: error wording, help layout, exit codes (docs/reference: cli-compat). */
export type ToolFamily = "procps" | "coreutils" | "sysstat" | "procg";

export interface ToolDeclaration {
  readonly name: string;
  /** One line: what it does. */
  readonly summary: string;
  readonly family: ToolFamily;
  /** Man page section of the tool that it stands for: free(1), vmstat(8). */
  readonly section: number;
  /** "[options]" or "[options] [delay [count]]": after the name in usage. */
  readonly usage: string;
  /** The tool's own options; those that every tool has (sharedOptions) are added. */
  readonly options: readonly OptionSpec[];
  /** false: a mistake on the command line gives its one line without the family's tail (top). */
  readonly usageOnError?: boolean;
  /**
   * Parses in place of getopt, for a tool that never used it (iostat). Gets the words without the shared options.
   * Mistakes: UsageError.
   */
  readonly parse?: (args: readonly string[]) => ParsedCommandLine;
  /** The first operand ends the options, for a tool that runs another program; read by getopt whatever the family. */
  readonly stopsAtOperand?: boolean;
  /** Exit code of failures of its own where they are not 1 (env(1) and its like: 125). */
  readonly failureCode?: number;
  /** For the man page, where it is more than "0 when all went well, otherwise 1". */
  readonly exitStatus?: string;
  /** Family "procg": commands of the tool, each a declaration of its own (`procg host list`). */
  readonly commands?: readonly CommandSpec[];
  /**
   * `procg install` makes a link of this name. Default: for the classic names, not for family "procg". Said to be false: not with --all
   * either, because scripts mean another program by the name.
   */
  readonly linked?: boolean;
  /** Compatible with, for --version: "procps-ng 4.0". */
  readonly compatibleWith?: string;
  /** Paragraphs for the man page. */
  readonly description?: readonly string[];
  /**
   * Runs; returns the exit code. Output goes through `output`, errors are one line each.
   * `options` have been parsed; for family "procg" by commander, else by lib/cli/getopt.ts.
   */
  readonly run: (context: ToolContext) => Promise<number> | number;
}

/** A command of a tool: loaded only when it is called, or for help. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly tool: ToolDeclaration }>;
}

export interface ToolContext {
  readonly system: System;
  readonly tool: ToolDeclaration;
  /** The name in messages: the tool's; for coreutils argv[0] as typed, as they do; "procg host list" for a command. */
  readonly name: string;
  readonly commandLine: ParsedCommandLine;
  readonly shared: SharedOptions;
  /** Collected text is written at once per report; a write error ends the tool with the family's message. */
  readonly print: (text: string) => void;
  /** One line on stderr: "TOOL: text". */
  readonly warn: (text: string) => void;
}

/** The options that every tool has. */
export interface SharedOptions {
  readonly json: boolean;
  readonly explain: boolean;
  readonly host: boolean;
  readonly cgroup: string | null;
  readonly root: string | null;
  readonly replay: string | null;
}

/** Ends the tool: one line on stderr unless empty, then the exit code. */
export class ToolError extends Error {
  readonly exitCode: number;
  /** Printed after the message (usage text, or coreutils' "Try ..." line). */
  readonly tail: string;

  constructor(message: string, exitCode = 1, tail = "") {
    super(message);
    this.name = "ToolError";
    this.exitCode = exitCode;
    this.tail = tail;
  }
}

/**
 * A mistake on the command line. The runner adds the family's tail: whole usage (procps, sysstat), "Try ..." (coreutils).
 * An empty message (procps: an extra operand) gives the tail alone.
 */
export class UsageError extends ToolError {
  /** getopt's own messages begin with argv[0] as typed, the tool's with its name. */
  readonly fromParser: boolean;

  constructor(message: string, fromParser = false) {
    super(message);
    this.name = "UsageError";
    this.fromParser = fromParser;
  }
}

/** Standard output could not be written. `errno` is negative. */
export class OutputError extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super("write error");
    this.name = "OutputError";
    this.errno = errno;
  }
}
