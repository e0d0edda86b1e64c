/** mkdir -p on a System. */
import { ENOTDIR } from "./errno.ts";
import { isDirectory } from "./file_type.ts";
import type { Errno, System } from "./system.ts";

/** Makes a directory and the parents of it that are missing. 0, also where it is there already, or an errno: ENOTDIR where a file is in the way. */
export function makeDirectories(system: System, path: string, mode: number): Errno {
  for (let end = path.indexOf("/", 1); ; end = path.indexOf("/", end + 1)) {
    const part = end < 0 ? path : path.slice(0, end);
    const status = system.stat(part);
    // A parent that is there may be one that we may not write to: only what is missing is made.
    const result =
      typeof status === "number" ? system.makeDirectory(part, mode) : isDirectory(status) ? 0 : ENOTDIR;
    if (end < 0 || result < 0) return result;
  }
}
