/** What stat says a file is. */
import type { FileStatus } from "./system.ts";

/** S_ISDIR of inode(7). */
export function isDirectory({ mode }: Pick<FileStatus, "mode">): boolean {
  return (mode & 0o170000) === 0o040000;
}
