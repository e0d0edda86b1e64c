/** What a run that failed prints, and its exit code: in the words of the family that the tool belongs to. */

import { ReadError } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { EPIPE, errnoText } from "../system/errno.ts";
import type { System } from "../system/system.ts";
import { OutputError, type ToolDeclaration, ToolError, UsageError } from "./tool.ts";

/** As a shell reports death by SIGPIPE. The C host dies by the signal itself; this is the same for Node. */
const KILLED_BY_SIGPIPE = 141;

/** Writes to stderr; gives the exit code. `name` as in messages, `argv0` as typed; `root` of --root, below which paths were meant. */
export async function reportFailure(
  system: System,
  tool: ToolDeclaration,
  name: string,
  argv0: string,
  error: unknown,
  root = "",
): Promise<number> {
  if (error instanceof OutputError) return reportOutputError(system, tool, name, error.errno);
  if (error instanceof UsageError) {
    system.write(2, await usageErrorText(tool, name, argv0, error));
    return tool.failureCode ?? error.exitCode;
  }
  if (error instanceof ToolError) {
    const line = error.message === "" ? "" : `${name}: ${error.message}\n`;
    system.write(2, `${line}${error.tail}`);
    return error.exitCode === 1 ? (tool.failureCode ?? 1) : error.exitCode;
  }
  system.write(2, `${name}: ${firstLine(describe(error, root))}\n`);
  return tool.failureCode ?? 1;
}

function reportOutputError(system: System, tool: ToolDeclaration, name: string, errno: number): number {
  if (errno === EPIPE) return KILLED_BY_SIGPIPE;
  if (tool.family === "sysstat") {
    system.write(2, `stdout: ${errnoText(errno)}\n`);
    return 6;
  }
  system.write(2, `${name}: write error: ${errnoText(errno)}\n`);
  return tool.failureCode ?? 1;
}

async function usageErrorText(
  tool: ToolDeclaration,
  name: string,
  argv0: string,
  error: UsageError,
): Promise<string> {
  const by = error.fromParser && tool.family !== "procg" ? argv0 : name;
  const line = error.message === "" || tool.family === "sysstat" ? "" : `${by}: ${error.message}\n`;
  if (tool.usageOnError === false) return line;
  // Their messages say enough; where there is none, nothing at all would be left.
  if (tool.family === "procg" && line !== "") return line;
  if (tool.family === "coreutils") return `${line}Try '${name} --help' for more information.\n`;
  const { calledAs, usageText } = await import("./help.ts");
  if (tool.family === "procg") {
    const called = name === tool.name ? calledAs(tool) : name;
    return `Try '${called} --help' for more information.\n`;
  }
  return line + usageText(tool, name);
}

function describe(error: unknown, root: string): string {
  // What QuickJS throws when there is no memory for the error itself.
  if (error === null) return "out of memory";
  const prefix = root.replace(/\/+$/, "");
  if (error instanceof ReadError) {
    const path = error.path.startsWith("/") ? prefix + error.path : error.path;
    return `cannot read ${path}: ${errnoText(error.errno)}`;
  }
  if (error instanceof ParseError) return prefix + error.message;
  // QuickJS' own, when a file is too large for the memory that a tool may have, and under a small `ulimit -s`.
  if (error instanceof Error && /^(?:out of memory|stack overflow)/.test(error.message)) return error.message;
  // By name: the class would bring the replay into every message.
  if (error instanceof Error && error.name === "ReplayError") return error.message;
  if (error instanceof Error) return `internal error: ${error.name}: ${error.message}`;
  return `internal error: ${String(error)}`;
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? text : text.slice(0, end);
}
