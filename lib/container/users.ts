/** Users that are logged in, by utmp(5): few containers have any, and many have no utmp. */
import { ParseError } from "../kernfile/parse_error.ts";
import { parseUtmp } from "../procfs/utmp.ts";
import { ENOENT, ENOTDIR } from "../system/errno.ts";
import type { System } from "../system/system.ts";

export interface UserCount {
  readonly path: string;
  /** false: there is no utmp, so nobody has logged in by a program that keeps one. */
  readonly exists: boolean;
  /** null: there is one, but it cannot be read. */
  readonly count: number | null;
}

export function countUsers(system: System): UserCount {
  let path = "/run/utmp";
  let records = system.readBytes(path);
  // /var/run is a link to /run, but for images from before 2011 (CentOS 6).
  if (records === ENOENT) {
    const old = system.readBytes("/var/run/utmp");
    if (old === ENOENT || old === ENOTDIR) return { path, exists: false, count: 0 };
    path = "/var/run/utmp";
    records = old;
  }
  if (typeof records === "number") return { path, exists: true, count: null };
  try {
    return { path, exists: true, count: parseUtmp(records, path).users };
  } catch (error) {
    if (error instanceof ParseError) return { path, exists: true, count: null };
    throw error;
  }
}
