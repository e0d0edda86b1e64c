/**
 * What a tool declares, once, as data: name, options, how to run. The multi-call table, the parser, help, man page,
 * completions and README's table are made from it.
 */
import type { System } from "../system/system.ts";

/** One option. `short` and `long` without dashes; at least one of them. */
export interface OptionSpec {
  /** Key of the parsed value. */
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
}

/** An option as found on the command line, in order; `name` as typed ("-m", "--mebi"). */
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
  /** " [options]" or " [options] [delay [count]]": after the name in usage. */
  readonly usage: string;
  /** The tool's own options; those that every tool has (sharedOptions) are added. */
  readonly options: readonly OptionSpec[];
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

export interface ToolContext {
  readonly system: System;
  readonly tool: ToolDeclaration;
  /** The name in messages: the tool's. */
  readonly name: string;
  readonly commandLine: ParsedCommandLine;
  readonly shared: SharedOptions;
  /** Collected text is written at once per report; a write error ends the tool with the family's message. */
  readonly print: (text: string) => void;
  /** One line on stderr: "TOOL: text". */
  readonly warn: (text: string) => void;
}

/** DESIGN section 4. */
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
