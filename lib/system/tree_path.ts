/**
 * Paths below a directory that need not be trusted (a container's files seen from outside, somebody's capture): links are resolved
 * component by component, so that an absolute one stays inside the tree and ".." stops at its top.
 *
 * Not proof against a tree that is changed between looking and opening; what is on procfs cannot be.
 */
import { ENOENT, ENOTDIR } from "./errno.ts";
import type { Errno, System } from "./system.ts";

export interface TreePath {
  /** The path inside the tree without any link, "" for the top; or an errno. `follow`: also where the last component is a link. */
  resolve(path: string, follow: boolean): string | Errno;
  /** The same, as a path of the base system. */
  locate(path: string, follow: boolean): string | Errno;
}

export function treePath(base: System, dir: string): TreePath {
  const top = dir.replace(/\/+$/, "");
  /** Directories of the tree that are known to be directories, not links. */
  const directories = new Set<string>();

  const resolve = (path: string, follow: boolean): string | Errno => {
    const quick = knownParent(directories, path);
    const todo = quick === null ? path.split("/").reverse() : [path.slice(quick.length + 1)];
    let current = quick ?? "";
    let links = 0;
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      if (name === "" || name === ".") continue;
      if (name === "..") {
        current = current.slice(0, Math.max(0, current.lastIndexOf("/")));
        continue;
      }
      const next = `${current}/${name}`;
      const isLast = todo.length === 0;
      if (directories.has(next)) {
        current = next;
        continue;
      }
      const status = base.lstat(top + next);
      if (typeof status === "number") return isLast && status === ENOENT ? next : status;
      const type = status.mode & S_IFMT;
      if (type === S_IFLNK && (follow || !isLast)) {
        const target = base.readLink(top + next);
        if (typeof target === "number") return target;
        if (++links > MAX_LINKS) return ELOOP;
        if (target.startsWith("/")) current = "";
        todo.push(...target.split("/").reverse());
        continue;
      }
      if (type === S_IFDIR) {
        if (directories.size >= MAX_DIRECTORIES) directories.clear();
        directories.add(next);
      } else if (!isLast) {
        return ENOTDIR;
      }
      current = next;
    }
    return current;
  };

  return {
    resolve,
    locate(path, follow) {
      const inside = resolve(path, follow);
      if (typeof inside === "number") return inside;
      return top + inside || "/";
    },
  };
}

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFLNK = 0o120000;
const ELOOP = -40;
/** As in the kernel (MAXSYMLINKS). */
const MAX_LINKS = 40;
/** Process directories come and go; a daemon must not collect them for ever. */
const MAX_DIRECTORIES = 4096;

/** The parent of `path` if it was resolved before and holds nothing to resolve: then only the last name is looked at. */
function knownParent(directories: ReadonlySet<string>, path: string): string | null {
  const slash = path.lastIndexOf("/");
  const parent = path.slice(0, Math.max(0, slash));
  return slash < path.length - 1 && directories.has(parent) ? parent : null;
}
