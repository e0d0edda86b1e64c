import type { Errno, System } from "./system.ts";

/** Makes a directory and the parents of it that are missing, as `mkdir -p`. 0, also where it is there already, or an errno. */
export function makeDirectories(system: System, path: string, mode: number): Errno {
  let result: Errno = 0;
  for (let end = path.indexOf("/", 1); ; end = path.indexOf("/", end + 1)) {
    const part = end < 0 ? path : path.slice(0, end);
    // A parent that is there may be one that we may not write to: only what is missing is made.
    if (typeof system.stat(part) === "number") result = system.makeDirectory(part, mode);
    if (end < 0 || result < 0) return result;
  }
}
