/**
 * What a System may offer on top, because a host has thousands of mounts: their list in one call, and a table as text. The C host
 * does (build/quickjs/host_mounts.c); where it is not there, JavaScript does the same. Contract of both calls: quickjs/sys.d.ts.
 */
import type { Errno, System } from "./system.ts";

export interface MountTables {
  readMounts(path: string): readonly (string | number | boolean)[] | Errno;
  splitMounts(text: string): readonly (string | number | boolean)[] | Errno;
  alignTable(cells: string[], widths: number[], left: number): string | null;
}

export function mountTables(system: System): MountTables | null {
  return "readMounts" in system && "alignTable" in system ? (system as System & MountTables) : null;
}
