/** Files of one line that hold words: cgroup.controllers ("cpuset cpu io memory pids"), cgroup.type, freezer.state. */
import { quote, withoutNewline } from "./count.ts";
import { ParseError } from "./parse_error.ts";

/** Words separated by single spaces; none for empty text. Throws ParseError. */
export function parseWords(text: string, path: string): string[] {
  const line = withoutNewline(text);
  if (line === "") return [];
  const words = line.split(" ");
  if (words.includes("") || line.includes("\n")) throw new ParseError(path, 0, `not words: ${quote(line)}`);
  return words;
}

/** The one of `words` that the file holds. Throws ParseError. */
export function parseWord<T extends string>(text: string, path: string, words: readonly T[]): T {
  const line = withoutNewline(text);
  const word = words.find((one) => one === line);
  if (word === undefined) throw new ParseError(path, 0, `none of ${words.join(", ")}: ${quote(line)}`);
  return word;
}
