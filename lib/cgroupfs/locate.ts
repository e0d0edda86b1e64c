/**
 * Which directory shows a cgroup, for which controller.
 *
 * Input: lines of /proc/PID/cgroup (cgroups(7), "/proc files") and the cgroup mounts of /proc/PID/mountinfo (proc(5)).
 * The rules are those of docs/cgroup-location.md; each is there because a real container broke a simpler one.
 */
import { isAbsent } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import type { CgroupLine } from "../procfs/cgroup.ts";
import { type Mount, parseMountLine } from "../procfs/mountinfo.ts";
import type { System } from "../system/system.ts";

/** v1 names; `unified` is the v2 core: cgroup.*, cpu.stat and *.pressure exist there without any controller. */
export type Controller =
  | "memory"
  | "cpu"
  | "cpuacct"
  | "cpuset"
  | "io"
  | "pids"
  | "freezer"
  | "hugetlb"
  | "unified";

/** Where one controller of one cgroup can be read. */
export interface CgroupLocation {
  readonly controller: Controller;
  readonly version: 1 | 2;
  /** The kernel's path of `own`, as in /proc/PID/cgroup. */
  readonly path: string;
  /** The process's own directory. */
  readonly own: string;
  /** The container's directory: where usage is read and limits start to climb. */
  readonly directory: string;
  /** `directory`, its parent, ... up to the topmost directory that the mount shows. */
  readonly chain: readonly string[];
  /** The chain ends at the real root of the hierarchy: no ancestor is hidden. */
  readonly complete: boolean;
}

/** Lines of /proc/PID/mountinfo, all of cgroup and cgroup2 mounts among them, in order. Parsed only where they can matter. */
export interface MountLines {
  readonly path: string;
  readonly lines: readonly string[];
}

/** v1 calls the io controller blkio. */
const V1_NAME: Readonly<Partial<Record<Controller, string>>> = { io: "blkio" };

/**
 * Finds the directory of the cgroup whose /proc/PID/cgroup lines are given. null: no mount shows it, so nothing is known.
 *
 * @param exact the cgroup itself is meant (--cgroup PATH), not the container around it
 */
export function locate(
  system: System,
  controller: Controller,
  lines: readonly CgroupLine[],
  mounts: MountLines,
  exact: boolean,
): CgroupLocation | null {
  const line = lineOf(controller, lines);
  if (line === null || isOutsideNamespace(line.path)) return null;
  const version = line.controllers.length === 0 ? 2 : 1;
  const shown = bestMount(system, mountsOf(controller, version, mounts), line.path);
  if (shown === null) return null;
  const { mount, relative } = shown;
  const top = mount.mountPoint;
  const own = top + relative;
  const topIsRoot = isRealRoot(system, top, version);
  const directory = exact ? own : containerDirectory(mount, relative, topIsRoot);
  return {
    controller,
    version,
    path: line.path,
    own,
    directory,
    chain: climb(directory, top),
    complete: topIsRoot,
  };
}

/** The v1 line that lists the controller, else the v2 line "0::PATH". */
export function lineOf(controller: Controller, lines: readonly CgroupLine[]): CgroupLine | null {
  const name = V1_NAME[controller] ?? controller;
  let unified: CgroupLine | null = null;
  for (const line of lines) {
    if (line.controllers.includes(name)) return line;
    if (line.hierarchyId === 0 && line.controllers.length === 0) unified = line;
  }
  return unified;
}

/** "/../x": above the cgroup namespace of whoever reads. Unusable, and no mistake to repair. */
export function isOutsideNamespace(path: string): boolean {
  return path === "/.." || path.startsWith("/../");
}

/**
 * PATH as seen below a mount whose root field is ROOT: "" for the mount point itself, "/a/b" below it, null where the mount does not
 * show it. Whole components only: /docker/ab is not above /docker/abc.
 */
export function subtractRoot(path: string, root: string): string | null {
  if (root === "/") return path === "/" ? "" : path;
  if (path === root) return "";
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null;
}

function mountsOf(controller: Controller, version: 1 | 2, mounts: MountLines): Mount[] {
  const name = V1_NAME[controller] ?? controller;
  const found: Mount[] = [];
  for (const line of mounts.lines) {
    if (version === 2 ? !line.includes(" - cgroup2 ") : !line.includes(name)) continue;
    const mount = tryMountLine(line, mounts.path);
    if (mount === null) continue;
    // A root that begins with "/..": names below it do not tell which directory is ours.
    if (isOutsideNamespace(mount.root)) continue;
    const shows =
      version === 2
        ? mount.fsType === "cgroup2"
        : mount.fsType === "cgroup" && mount.superOptions.split(",").includes(name);
    if (shows) found.push(mount);
  }
  return found;
}

/** null: not a mount. One odd line hides one mount, not all of them. */
export function tryMountLine(line: string, path: string): Mount | null {
  try {
    return parseMountLine(line, path, 0);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

/** The mount that shows most ancestors; of equals the later, which hides an earlier one on the same point. */
function bestMount(
  system: System,
  mounts: readonly Mount[],
  path: string,
): { readonly mount: Mount; readonly relative: string } | null {
  let best: { mount: Mount; relative: string } | null = null;
  for (const mount of mounts) {
    const relative = subtractRoot(path, mount.root);
    if (relative === null) continue;
    if (best !== null && relative.length < best.relative.length) continue;
    if (!isDirectory(system, mount.mountPoint + relative)) continue;
    best = { mount, relative };
  }
  return best;
}

/**
 * Where init was moved into a child (systemd, Docker in Docker) the container is the parent: the namespace's root when that
 * is what the mount shows, else without a trailing /init.scope.
 */
function containerDirectory(mount: Mount, relative: string, topIsRoot: boolean): string {
  if (relative === "") return mount.mountPoint;
  if (mount.root === "/" && !topIsRoot && relative.indexOf("/", 1) < 0) return mount.mountPoint;
  const suffix = "/init.scope";
  const rest = relative.endsWith(suffix) ? relative.slice(0, -suffix.length) : relative;
  return mount.mountPoint + rest;
}

function climb(directory: string, top: string): string[] {
  const chain = [directory];
  let current = directory;
  while (current.length > top.length) {
    current = current.slice(0, current.lastIndexOf("/"));
    chain.push(current);
  }
  return chain;
}

/**
 * The real root of the hierarchy on the host. v2: every other cgroup has cgroup.type (since 4.14) or cgroup.events;
 * v1: only the root has release_agent (CFTYPE_ONLY_ON_ROOT, kernel/cgroup/cgroup-v1.c).
 */
function isRealRoot(system: System, directory: string, version: 1 | 2): boolean {
  if (version === 1) return exists(system, `${directory}/release_agent`);
  if (exists(system, `${directory}/cgroup.type`)) return false;
  if (exists(system, `${directory}/cgroup.events`)) return false;
  return exists(system, `${directory}/cgroup.procs`);
}

function exists(system: System, path: string): boolean {
  const status = system.stat(path);
  return typeof status !== "number" || !isAbsent(status);
}

/** What is there and cannot be looked at counts: its files then say why they are not known, and nobody's numbers take their place. */
function isDirectory(system: System, path: string): boolean {
  const status = system.stat(path);
  return typeof status === "number" ? !isAbsent(status) : (status.mode & 0o170000) === 0o040000;
}
