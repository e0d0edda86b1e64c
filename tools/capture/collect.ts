/** One look of capture: which files are copied, and how. */
import type { Controller } from "../../lib/cgroupfs/locate.ts";
import { ToolError } from "../../lib/cli/tool.ts";
import type { Container } from "../../lib/container/container.ts";
import { type MountEntry, readMountList } from "../../lib/container/mount_list.ts";
import { runDirectory, USUAL_RUN_DIRECTORY } from "../../lib/container/registration.ts";
import { ReadError } from "../../lib/kernfile/kernel_file.ts";
import { ParseError } from "../../lib/kernfile/parse_error.ts";
import { ENOENT, ESRCH, errnoName, errnoText } from "../../lib/system/errno.ts";
import type { System } from "../../lib/system/system.ts";

export interface StepSummary {
  readonly files: number;
  readonly unreadable: number;
}

const PROC_FILES =
  "meminfo stat cpuinfo loadavg uptime diskstats swaps vmstat cgroups filesystems partitions version slabinfo " +
  "net/dev net/snmp net/netstat net/sockstat pressure/cpu pressure/memory pressure/io sys/kernel/osrelease " +
  "sys/kernel/pid_max sys/kernel/threads-max sys/kernel/hostname sys/kernel/random/boot_id sys/vm/swappiness " +
  "sys/vm/overcommit_memory sys/net/netfilter/nf_conntrack_count sys/net/netfilter/nf_conntrack_max";

const PROCESS_FILES = "stat statm status comm cgroup io oom_score oom_score_adj";

/** /proc/self is the capturing program itself: a real directory in the capture, as it saw itself. */
const SELF_FILES = "stat statm status comm cgroup mountinfo";

const NAMESPACES = "pid mnt cgroup net uts ipc user";

const OTHER_FILES =
  "/etc/hostname /etc/passwd /.dockerenv /run/.containerenv /sys/devices/system/cpu/online " +
  "/sys/devices/system/cpu/possible /sys/devices/system/cpu/present /sys/kernel/mm/transparent_hugepage/enabled";

const CONTROLLERS: readonly Controller[] = [
  "memory",
  "cpu",
  "cpuacct",
  "cpuset",
  "io",
  "pids",
  "freezer",
  "hugetlb",
  "unified",
];

/** Reading these does something, or always fails. */
const WRITE_ONLY =
  "cgroup.kill memory.reclaim memory.force_empty memory.pressure_level cgroup.event_control devices.allow devices.deny " +
  "blkio.reset_stats";

const RUN_FILES = ["host/instance.json", "loadavg"];

/** Directory depth below the container's cgroup that is copied. */
const DEPTH_MOST = 12;

/** Copies into `target`, which must not exist. Throws ToolError when a file cannot be written. */
export function captureStep(container: Container, target: string, cmdlines: boolean): StepSummary {
  const copier = createCopier(container.system, target);
  for (const name of PROC_FILES.split(" ")) copier.file(`/proc/${name}`);
  for (const path of OTHER_FILES.split(" ")) copier.file(path);
  copyCgroups(container, copier);
  copySelf(copier);
  copyProcesses(container.system, copier, cmdlines);
  copyBlockDevices(container.system, copier);
  const run = runDirectory(container.system);
  // At the usual place, where a replay looks for them.
  for (const name of RUN_FILES) copier.file(`${run}/${name}`, `${USUAL_RUN_DIRECTORY}/${name}`);
  copier.write("/statvfs.json", `${JSON.stringify(fileSystems(container), null, 1)}\n`);
  // Login records name people: left out, and said so, instead of seeming to be none.
  if (typeof container.system.stat("/run/utmp") !== "number") copier.refused["/run/utmp"] = "EACCES";
  copier.write("/unreadable.json", `${JSON.stringify(copier.refused, null, 1)}\n`);
  return { files: copier.count(), unreadable: Object.keys(copier.refused).length };
}

interface Copier {
  readonly refused: Record<string, string>;
  /** Copies a file, a link as a link. Absent: nothing. */
  readonly file: (path: string, as?: string) => void;
  readonly link: (path: string) => void;
  readonly directory: (path: string) => void;
  readonly write: (path: string, text: string) => void;
  readonly count: () => number;
}

function createCopier(system: System, target: string): Copier {
  const made = new Set<string>();
  const copied = new Set<string>();
  const refused: Record<string, string> = {};
  const check = (path: string, result: number): void => {
    if (result < 0) throw new ToolError(`${path}: ${errnoText(result)}`);
  };
  const directory = (path: string): void => {
    if (made.has(path)) return;
    if (path !== "") directory(path.slice(0, path.lastIndexOf("/")));
    made.add(path);
    check(target + path, system.makeDirectory(target + path, 0o755));
  };
  const parent = (path: string): void => directory(path.slice(0, path.lastIndexOf("/")));
  const write = (path: string, text: string, latin1 = false): void => {
    parent(path);
    check(target + path, system.createFile(target + path, text, 0o644, latin1));
  };
  return {
    refused,
    directory,
    write,
    count: () => copied.size,
    file: (path, as = path) => {
      if (copied.has(path)) return;
      const bytes = system.readBytes(path);
      if (typeof bytes === "number") {
        // A process that ended, a file that this kernel does not have.
        if (bytes !== ENOENT && bytes !== ESRCH) refused[path] = errnoName(bytes);
        return;
      }
      copied.add(path);
      write(as, bytes, true);
    },
    link: (path) => {
      const to = system.readLink(path);
      if (typeof to === "number") {
        if (to !== ENOENT) refused[path] = errnoName(to);
        return;
      }
      copied.add(path);
      parent(path);
      check(target + path, system.symlink(to, target + path));
    },
  };
}

/** The container's directories and all below them; of the visible parents their own files. */
function copyCgroups(container: Container, copier: Copier): void {
  const below = new Set<string>();
  for (const controller of CONTROLLERS) {
    const location = container.location(controller);
    if (location === null) continue;
    below.add(location.directory);
    for (const directory of location.chain) copyInterfaceFiles(container.system, copier, directory, 0);
  }
  for (const directory of below) copyInterfaceFiles(container.system, copier, directory, DEPTH_MOST);
}

function copyInterfaceFiles(system: System, copier: Copier, directory: string, depth: number): void {
  const names = system.readDirectory(directory);
  if (typeof names === "number") return;
  copier.directory(directory);
  for (const name of names) {
    const path = `${directory}/${name}`;
    const status = system.lstat(path);
    if (typeof status === "number") continue;
    const type = status.mode & 0o170000;
    if (type === 0o100000 && !WRITE_ONLY.split(" ").includes(name)) copier.file(path);
    else if (type === 0o040000 && depth > 0) copyInterfaceFiles(system, copier, path, depth - 1);
  }
}

function copySelf(copier: Copier): void {
  for (const name of SELF_FILES.split(" ")) copier.file(`/proc/self/${name}`);
  copier.file("/proc/1/mountinfo");
  for (const name of NAMESPACES.split(" ")) {
    copier.link(`/proc/self/ns/${name}`);
    copier.link(`/proc/1/ns/${name}`);
  }
}

function copyProcesses(system: System, copier: Copier, cmdlines: boolean): void {
  const names = system.readDirectory("/proc");
  if (typeof names === "number") throw new ToolError(`/proc: ${errnoText(names)}`);
  const files = PROCESS_FILES.split(" ");
  for (const pid of names) {
    if (!isNumber(pid)) continue;
    for (const name of files) copier.file(`/proc/${pid}/${name}`);
    if (cmdlines) copier.file(`/proc/${pid}/cmdline`);
    const threads = system.readDirectory(`/proc/${pid}/task`);
    if (typeof threads === "number") continue;
    for (const thread of threads) copyThread(system, copier, `/proc/${pid}/task/${thread}`);
  }
}

/** Of a thread in D where it waits, too. */
function copyThread(system: System, copier: Copier, directory: string): void {
  for (const name of ["stat", "schedstat"]) copier.file(`${directory}/${name}`);
  const stat = system.readText(`${directory}/stat`);
  if (typeof stat === "number" || stat.slice(stat.lastIndexOf(")"), stat.lastIndexOf(")") + 3) !== ") D")
    return;
  for (const name of ["status", "wchan"]) copier.file(`${directory}/${name}`);
}

function copyBlockDevices(system: System, copier: Copier): void {
  const devices = system.readDirectory("/sys/block");
  for (const name of typeof devices === "number" ? [] : devices) {
    for (const file of ["dev", "stat", "size", "dm/name"]) copier.file(`/sys/block/${name}/${file}`);
  }
  const numbers = system.readDirectory("/sys/dev/block");
  for (const number of typeof numbers === "number" ? [] : numbers) copier.link(`/sys/dev/block/${number}`);
}

/** Those that may hang for ever are not asked. */
function fileSystems(container: Container): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const mount of mountsOf(container)) {
    if (mount.mayHang) continue;
    const status = container.system.statvfs(mount.target);
    if (typeof status !== "number") result[mount.target] = status;
  }
  return result;
}

function mountsOf(container: Container): readonly MountEntry[] {
  try {
    return readMountList(container);
  } catch (error) {
    // mountinfo is among what is copied, or among what could not be.
    if (error instanceof ReadError || error instanceof ParseError) return [];
    throw error;
  }
}

function isNumber(name: string): boolean {
  return name >= "1" && name < ":";
}
