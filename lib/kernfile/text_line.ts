/** A file that holds one line of text: osrelease, boot_id, version. */
import { quote, withoutNewline } from "./count.ts";
import { ParseError } from "./parse_error.ts";

/** The line without its newline. Empty text and a second line are errors. Throws ParseError. */
export function parseLine(text: string, path: string): string {
  const line = withoutNewline(text);
  if (line === "" || line.includes("\n") || line.includes("\0")) {
    throw new ParseError(path, 0, `not one line: ${quote(text)}`);
  }
  return line;
}
