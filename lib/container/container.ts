/**
 * The container that a tool reports on: which cgroup, for each controller; or the machine itself.
 *
 * A plain host or VM is no container: there every figure is /proc's, whatever slice the shell sits in.
 */
import {
  type CgroupLocation,
  type Controller,
  isOutsideNamespace,
  lineOf,
  locate,
  type MountLines,
  tryMountLine,
} from "../cgroupfs/locate.ts";
import { attempt, attemptText, ReadError } from "../kernfile/kernel_file.ts";
import { type CgroupLine, procCgroup } from "../procfs/cgroup.ts";
import { pidStat } from "../procfs/pid_stat.ts";
import { ENOENT } from "../system/errno.ts";
import { mountTables } from "../system/mount_tables.ts";
import type { System } from "../system/system.ts";
import { initDirectory } from "./init.ts";
import { type RegistrationReading, readRegistration } from "./registration.ts";

export interface Container {
  readonly system: System;
  /** "machine": the numbers are those of /proc, uncorrected. */
  readonly kind: "machine" | "container";
  /** How that was decided, for --explain and doctor. */
  readonly because: string;
  /** /proc as seen by whoever reads: "/proc/self", or "/proc/1" below --root. */
  readonly selfDirectory: string;
  /** The pid namespace is the host's or another container's: processes are those of the cgroup. */
  readonly sharedPidNamespace: boolean;
  /** Whose /proc/PID/cgroup names the cgroup: "/proc/1/cgroup", "/proc/self/cgroup" or "--cgroup". */
  readonly linesFrom: string;
  readonly lines: readonly CgroupLine[];
  /** Text of whoever reads' mountinfo, or the errno of reading it. Kept after the first call; absent for a container seen from outside. */
  readonly mountinfo?: () => string | number;
  /** Files of /proc that another program serves (lxcfs, sysbox) and are the container's already; or gVisor's kernel. */
  readonly virtual: VirtualProc | null;
  /** null: no mount shows the cgroup for this controller. Kept after the first call. */
  readonly location: (controller: Controller) => CgroupLocation | null;
  readonly registration: () => RegistrationReading;
}

export interface VirtualProc {
  readonly by: "lxcfs" | "gvisor" | "fuse";
  /** Mount points below /proc and /sys; empty for gVisor, whose whole /proc is its own. */
  readonly paths: readonly string[];
}

/** What `--host` and `--cgroup` chose. */
export interface ContainerChoice {
  readonly host: boolean;
  /** A kernel path as in /proc/PID/cgroup, "self", or null for the container's own. */
  readonly cgroup: string | null;
}

/** inode of the initial pid namespace: PROC_PID_INIT_INO, include/linux/proc_ns.h. */
const HOST_PID_NAMESPACE = "pid:[4026531836]";

/** inode of the initial mount namespace since Linux 6.17: MNT_NS_INIT_INO, include/uapi/linux/nsfs.h. */
const HOST_MOUNT_NAMESPACE = "mnt:[4026531832]";

const CONTAINER_PATH = /[0-9a-f]{64}|kubepods|libpod|lxc|crio|containerd/;

/**
 * Reads nothing that a machine's report does not need: mounts and cgroup paths are read when they are first asked for. Throws
 * ReadError when the cgroup that was chosen is nowhere to be seen.
 */
export function openContainer(system: System, choice: ContainerChoice): Container {
  const self = selfDirectory(system);
  const pidNamespace = choice.host ? HOST_PID_NAMESPACE : system.readLink(`${self}/ns/pid`);
  const shared = isHostPidNamespace(system, pidNamespace);
  const kind = machineOrContainer(system, choice, self, shared);
  const exact = choice.cgroup !== null;
  const lines = once(() => chooseLines(system, choice, self, shared));
  const mountinfo = once(() => (mountTables(system)?.readNames ?? system.readText)(`${self}/mountinfo`));
  const mounts = once(() => cgroupMounts(system, mountinfo(), `${self}/mountinfo`));
  // What lxcfs serves is this container's, not another cgroup's.
  const virtual = once(() =>
    kind.kind === "machine" || exact ? null : virtualProc(system, mounts(), pidNamespace),
  );
  const registration = once(
    (): RegistrationReading =>
      exact
        ? { path: "", registration: null, problem: "--cgroup asks for another cgroup" }
        : readRegistration(
            system,
            () => attempt(system, initDirectory(container), pidStat).value?.starttime ?? null,
          ),
  );
  const found = new Map<Controller, CgroupLocation | null>();
  const container: Container = {
    system,
    kind: kind.kind,
    because: kind.because,
    selfDirectory: self,
    mountinfo,
    get sharedPidNamespace() {
      return shared || lines().isInitApart;
    },
    get linesFrom() {
      return lines().from;
    },
    get lines() {
      return lines().lines;
    },
    get virtual() {
      return virtual();
    },
    location: (controller) => {
      let result = found.get(controller);
      if (result === undefined) {
        result = locate(system, controller, lines().lines, mounts(), exact);
        found.set(controller, result);
      }
      return result;
    },
    registration,
  };
  if (exact && choice.cgroup !== "self" && !ANY.some((one) => container.location(one) !== null)) {
    throw new ReadError(`cgroup ${choice.cgroup}`, ENOENT);
  }
  return container;
}

const ANY: readonly Controller[] = [
  "memory",
  "cpu",
  "cpuacct",
  "cpuset",
  "pids",
  "io",
  "freezer",
  "hugetlb",
  "unified",
];

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** true when `path` ("/proc/meminfo") is served by lxcfs or its like: its numbers are the container's already. */
export function isVirtual(container: Container, path: string): boolean {
  const { virtual } = container;
  return (
    virtual !== null && (virtual.by === "gvisor" || virtual.paths.some((above) => contains(above, path)))
  );
}

/**
 * true when a file that another program serves is the answer. Where the controller's own files can be seen they are, and not lxcfs' file, which
 * repeats the machine's in parts (docs/adr/0009-lxcfs-and-the-cgroup.md).
 */
export function isServedAnswer(container: Container, path: string, controller: Controller): boolean {
  if (!isVirtual(container, path)) return false;
  return container.virtual?.by !== "lxcfs" || container.location(controller) === null;
}

/** Below --root it is process 1's view that counts; a capture holds the capturing process as /proc/self, where it has one. */
function selfDirectory(system: System): string {
  if (system.source === "live") return "/proc/self";
  return system.source === "replay" && typeof system.stat("/proc/self") !== "number"
    ? "/proc/self"
    : "/proc/1";
}

function isHostPidNamespace(system: System, link: string | number): boolean {
  if (typeof link === "string") return link === HOST_PID_NAMESPACE;
  const second = attempt(system, "/proc/2", pidStat).value;
  return second !== null && second.comm === "kthreadd" && second.ppid === 0;
}

interface Kind {
  readonly kind: "machine" | "container";
  readonly because: string;
}

function machineOrContainer(system: System, choice: ContainerChoice, self: string, shared: boolean): Kind {
  if (choice.host) return { kind: "machine", because: "--host" };
  if (choice.cgroup !== null) return { kind: "container", because: `--cgroup ${choice.cgroup}` };
  if (!shared) return { kind: "container", because: "a pid namespace of its own" };
  const own = system.readLink(`${self}/ns/mnt`);
  const init = own === HOST_MOUNT_NAMESPACE ? own : system.readLink("/proc/1/ns/mnt");
  if (typeof init === "string" && typeof own === "string") {
    return init === own
      ? { kind: "machine", because: "the host's pid namespace and init's mount namespace" }
      : { kind: "container", because: "a mount namespace of its own in the host's pid namespace" };
  }
  const marker = containerMarker(system, self);
  return marker === null
    ? { kind: "machine", because: "the host's pid namespace and no container marker" }
    : { kind: "container", because: marker };
}

function containerMarker(system: System, self: string): string | null {
  for (const path of ["/.dockerenv", "/run/.containerenv"]) {
    if (typeof system.stat(path) !== "number") return path;
  }
  const lines = attempt(system, self, procCgroup).value ?? [];
  const line = lines.find((one) => CONTAINER_PATH.test(one.path));
  return line === undefined ? null : `the cgroup path ${line.path}`;
}

interface ChosenLines {
  readonly lines: readonly CgroupLine[];
  readonly from: string;
  /** pid 1 belongs to another container. */
  readonly isInitApart: boolean;
}

/**
 * init's lines: pid 1 is the container's, wherever the reader sits. Self's where pid 1 is the host's, cannot be read,
 * lies outside the cgroup namespace, or belongs to another container that shares its pid namespace with us.
 */
function chooseLines(system: System, choice: ContainerChoice, self: string, shared: boolean): ChosenLines {
  const initText = system.readText("/proc/1/cgroup");
  const initLines = attemptText(initText, "/proc/1/cgroup", procCgroup).value;
  if (choice.cgroup !== null && choice.cgroup !== "self") {
    const known = initLines ?? attempt(system, self, procCgroup).value ?? [];
    return { lines: elsewhere(known, choice.cgroup), from: "--cgroup", isInitApart: false };
  }
  const init = { lines: initLines ?? [], from: "/proc/1/cgroup", isInitApart: false };
  if (self === "/proc/1") return init;
  const selfText = system.readText(`${self}/cgroup`);
  // The usual case, parsed once.
  if (selfText === initText && initLines !== null && !shared && choice.cgroup === null) return init;
  const selfLines = attemptText(selfText, `${self}/cgroup`, procCgroup).value;
  const own = { lines: selfLines ?? [], from: `${self}/cgroup`, isInitApart: false };
  if (selfLines === null) return init;
  if (choice.cgroup === "self" || shared || initLines === null) return own;
  if (anyOutside(initLines)) return { ...own, isInitApart: true };
  if (areApart(initLines, selfLines)) {
    const initMount = system.readLink("/proc/1/ns/mnt");
    const ownMount = system.readLink(`${self}/ns/mnt`);
    if (typeof initMount === "string" && typeof ownMount === "string" && initMount !== ownMount)
      return { ...own, isInitApart: true };
  }
  return init;
}

/** Every hierarchy's line with PATH in place of its own. */
function elsewhere(lines: readonly CgroupLine[], path: string): CgroupLine[] {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  // A path that climbs names no cgroup: no mount would show where it ends.
  if (names.includes("..")) return [];
  return lines.map((line) => ({ ...line, path: `/${names.join("/")}` }));
}

function anyOutside(lines: readonly CgroupLine[]): boolean {
  return lines.some((line) => isOutsideNamespace(line.path));
}

/** Both paths visible, and neither contains the other, in some hierarchy. */
function areApart(init: readonly CgroupLine[], self: readonly CgroupLine[]): boolean {
  return init.some((line) => {
    const other = self.find((one) => one.hierarchyId === line.hierarchyId);
    if (other === undefined || isOutsideNamespace(other.path)) return false;
    return !contains(line.path, other.path) && !contains(other.path, line.path);
  });
}

function contains(above: string, below: string): boolean {
  return above === below || above === "/" || below.startsWith(`${above}/`);
}

/** Lines of cgroup and FUSE mounts, not parsed yet: a container has dozens of mounts, and a tool starts thousands of times. */
function cgroupMounts(system: System, text: string | number, path: string): MountLines {
  if (typeof text === "number") return { path, lines: [] };
  const words = [" - cgroup", " - fuse"];
  const fast = mountTables(system)?.linesWith(text, words);
  return {
    path,
    lines: fast ?? text.split("\n").filter((line) => words.some((word) => line.includes(word))),
  };
}

function virtualProc(system: System, mounts: MountLines, pidNamespace: string | number): VirtualProc | null {
  const over = mounts.lines
    .filter((line) => line.includes(" - fuse"))
    .map((line) => tryMountLine(line, mounts.path))
    .filter((mount) => mount !== null)
    .filter((mount) => mount.mountPoint.startsWith("/proc/") || mount.mountPoint.startsWith("/sys/"));
  if (over.length > 0) {
    const lxcfs = over.some((mount) => mount.fsType === "fuse.lxcfs" || mount.source === "lxcfs");
    return { by: lxcfs ? "lxcfs" : "fuse", paths: over.map((mount) => mount.mountPoint) };
  }
  // Linux numbers namespaces from 0xEFFFFFF8 upwards; gVisor's kernel does not.
  if (typeof pidNamespace === "string" && pidNamespace.startsWith("pid:[40265")) return null;
  // gVisor's kernel reports this build date whatever its release (pkg/sentry/syscalls/linux, "LinuxVersion").
  const version = system.readText("/proc/version");
  if (typeof version === "string" && version.includes("Sun Jan 10 15:06:54 PST 2016")) {
    return { by: "gvisor", paths: [] };
  }
  return null;
}

/** The controller's line in use, for doctor. */
export function lineFor(container: Container, controller: Controller): CgroupLine | null {
  return lineOf(controller, container.lines);
}
