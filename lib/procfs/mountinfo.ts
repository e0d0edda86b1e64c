/**
 * /proc/PID/mountinfo: the mounts of a process's mount namespace, in the order of mounting.
 *
 * Since 2.6.26. Space, tab, newline, backslash and # in names are octal escapes. See proc(5) and Documentation/filesystems/proc.rst, section 3.5.
 */
import { quote, requireCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface Mount {
  readonly id: number;
  readonly parentId: number;
  /** Of the file system's st_dev. */
  readonly major: number;
  readonly minor: number;
  /** The directory of the file system that is mounted, unescaped. */
  readonly root: string;
  /** Relative to the process's root, unescaped. */
  readonly mountPoint: string;
  /** Of this mount: "rw,nosuid,relatime". */
  readonly options: string;
  /** "shared:1", "master:2", "propagate_from:3", "unbindable"; may be empty. */
  readonly optionalFields: readonly string[];
  readonly fsType: string;
  /** Unescaped; may be empty. */
  readonly source: string;
  /** Of the file system, separated by commas, escapes kept: "rw,memory". */
  readonly superOptions: string;
}

export const mountinfo: KernelFile<readonly Mount[]> = { name: "mountinfo", parse: parseMountinfo };

/** Linear in the text: a host has thousands of mounts. */
export function parseMountinfo(text: string, path: string): Mount[] {
  return requireLines(text, path).map((line, index) => parseMountLine(line, path, index + 1));
}

/** One line, for readers that need only a few of them. Throws ParseError. */
export function parseMountLine(line: string, path: string, number: number): Mount {
  const fields = line.split(" ");
  const separator = fields.indexOf("-", 6);
  const [id, parentId, device, root, mountPoint, options] = fields;
  const fsType = fields[separator + 1];
  const source = fields[separator + 2];
  if (
    separator < 0 ||
    id === undefined ||
    parentId === undefined ||
    device === undefined ||
    root === undefined ||
    mountPoint === undefined ||
    options === undefined ||
    fsType === undefined ||
    source === undefined ||
    fields.length < separator + 4
  ) {
    throw new ParseError(path, number, `not a mount: ${quote(line)}`);
  }
  const colon = device.indexOf(":");
  return {
    id: requireCount(id, path, number),
    parentId: requireCount(parentId, path, number),
    major: requireCount(device.slice(0, Math.max(colon, 0)), path, number),
    minor: requireCount(device.slice(colon + 1), path, number),
    root: unescapeOctal(root),
    mountPoint: unescapeOctal(mountPoint),
    options,
    optionalFields: fields.slice(6, separator),
    fsType: unescapeOctal(fsType),
    source: unescapeOctal(source),
    // Some file systems print their options without escaping a space.
    superOptions: fields.slice(separator + 3).join(" "),
  };
}

/** Undoes the kernel's mangling (seq_escape): \040 is a space. Anything else after a backslash stays as it is. */
export function unescapeOctal(text: string): string {
  if (!text.includes("\\")) return text;
  const [first = "", ...rest] = text.split("\\");
  let result = first;
  for (const part of rest) {
    const code = octal(part);
    result += code < 0 ? `\\${part}` : String.fromCharCode(code) + part.slice(3);
  }
  return result;
}

/** The ASCII code of three leading octal digits; -1 where there are none. */
function octal(text: string): number {
  if (text.length < 3) return -1;
  let code = 0;
  for (let i = 0; i < 3; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 7) return -1;
    code = code * 8 + digit;
  }
  return code < 128 ? code : -1;
}
