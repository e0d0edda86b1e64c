/** The lines of a kernel file. */
import { ParseError } from "./parse_error.ts";

/** Lines without the empty string after the last newline. Empty text is an error. */
export function requireLines(text: string, path: string): string[] {
  const lines = splitLines(text);
  if (lines.length === 0) throw new ParseError(path, 0, "empty");
  return lines;
}

/** The same for files that the kernel may leave empty (io.stat, cgroup.procs). */
export function splitLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

/** Columns of a line that the kernel aligns with spaces or tabs. */
export function columnsOf(line: string): string[] {
  const spaced = line.includes("\t") ? line.split("\t").join(" ") : line;
  return spaced.split(" ").filter((column) => column !== "");
}
