/**
 * /proc/version: "Linux version RELEASE (BUILDER) (COMPILER) #N FLAGS DATE". The host kernel's, in a container too; gVisor writes its own. See proc(5).
 */
import { quote } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { parseLine } from "../kernfile/text_line.ts";

export interface Version {
  /** "6.1.0-56-cloud-amd64". */
  readonly release: string;
  /** The whole line. */
  readonly text: string;
}

export const version: KernelFile<Version> = { name: "version", parse: parseVersion };

function parseVersion(text: string, path: string): Version {
  const line = parseLine(text, path);
  const [system, word, release] = line.split(" ");
  if (system === undefined || word !== "version" || release === undefined || release === "") {
    throw new ParseError(path, 1, `not "Linux version RELEASE": ${quote(line)}`);
  }
  return { release, text: line };
}
