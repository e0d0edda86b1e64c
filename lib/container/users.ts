/** Users that are logged in, by utmp(5): few containers have any, and many have no utmp. */
import { parseUtmp } from "../procfs/utmp.ts";
import { ENOENT } from "../system/errno.ts";
import type { System } from "../system/system.ts";

export interface UserCount {
  readonly path: string;
  /** false: there is no utmp, so nobody has logged in by a program that keeps one. */
  readonly exists: boolean;
  /** null: there is one, but it cannot be read. */
  readonly count: number | null;
}

export function countUsers(system: System): UserCount {
  const path = "/run/utmp";
  const records = system.readBytes(path);
  if (records === ENOENT) return { path, exists: false, count: 0 };
  if (typeof records === "number") return { path, exists: true, count: null };
  return { path, exists: true, count: parseUtmp(records, path).users };
}
