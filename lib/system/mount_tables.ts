/**
 * What a System may offer on top, because a host has thousands of mounts: their list in one call, their numbers without an
 * object for each, and a table as text. The C host
 * does (build/quickjs/host_mounts.c); where it is not there, JavaScript does the same. Contract of the calls: quickjs/sys.d.ts.
 */
import type { Errno, System } from "./system.ts";

export interface MountTables {
  readMounts(path: string): readonly (string | number | boolean)[] | Errno;
  /** A text whose bytes that are no UTF-8 survive as in paths. */
  readNames(path: string): string | Errno;
  splitMounts(text: string): readonly (string | number | boolean)[] | Errno;
  linesWith(text: string, words: readonly string[]): string[];
  statvfsInto(path: string, numbers: Float64Array): Errno;
  alignTable(
    headings: readonly string[],
    columns: readonly (readonly string[] | Float64Array)[],
    suffixes: readonly string[],
    widths: readonly number[],
    left: number,
  ): string | null;
}

export function mountTables(system: System): MountTables | null {
  return "readMounts" in system && "alignTable" in system ? (system as System & MountTables) : null;
}
