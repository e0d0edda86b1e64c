/**
 * What only a look below a container's root tells: the load averages that its loadcalc keeps, the room in its file systems, its
 * network interfaces. A child looks (HostAccess.probeBelow), so a container that hangs costs a deadline, and is left alone for a while.
 *
 * What stands in a container is its own word: it is bounded and parsed, and says nothing about anything but that container.
 */
import { readFiles, readFilesystems } from "../../lib/container/collect_document.ts";
import type { Container } from "../../lib/container/container.ts";
import type {
  DocumentError,
  FilesSection,
  FilesystemEntry,
  LoadSection,
} from "../../lib/container/document.ts";
import { putStatus } from "../../lib/container/filesystem_table.ts";
import { STALE_SECONDS } from "../../lib/container/load.ts";
import { loadSection } from "../../lib/container/load_section.ts";
import { readMountList } from "../../lib/container/mount_list.ts";
import { type InterfaceStates, interfaceStates } from "../../lib/container/network.ts";
import { attempt, ReadError } from "../../lib/kernfile/kernel_file.ts";
import { ParseError } from "../../lib/kernfile/parse_error.ts";
import { parseLoadavg } from "../../lib/procfs/loadavg.ts";
import { netDev } from "../../lib/procfs/net_dev.ts";
import { ENOENT, ETIMEDOUT, errnoName, errnoText } from "../../lib/system/errno.ts";
import type { BelowAnswer, BelowQuestion, HostAccess } from "../../lib/system/host_access.ts";
import type { Errno, System } from "../../lib/system/system.ts";
import type { HostContainer } from "./host_container.ts";

export interface Inside {
  /** null: loadcalc does not run there, or does not answer. */
  readonly load: LoadSection | null;
  readonly filesystems: readonly FilesystemEntry[] | null;
  readonly files: FilesSection;
  readonly interfaces: InterfaceStates;
  readonly errors: readonly DocumentError[];
}

export const NOTHING_INSIDE: Inside = {
  load: null,
  filesystems: null,
  files: { open: null, limit: null },
  interfaces: () => ({ operState: null, mtu: null }),
  errors: [],
};

export interface InsideReader {
  /** One for each container, in order. `everything`: file systems, interfaces and open files too, not only the load. */
  read(containers: readonly HostContainer[], everything: boolean): Promise<Inside[]>;
}

/** For one look: names are in the kernel's memory, so that an answer is a matter of microseconds. */
const ANSWER_SECONDS = 1;
/** One that has not answered is asked again after this, and then later and later: each time a child may stay behind in the kernel. */
const LEAVE_ALONE_SECONDS = 60;
const LEAVE_ALONE_MOST_SECONDS = 3600;
const MOUNTS_MOST = 64;
const INTERFACES_MOST = 64;
const SYSFS_MAGIC = 0x62656572;
const IFREG_MASK = 0o170000;
/** No load is above this: the kernel has fewer threads (PID_MAX_LIMIT). */
const LOAD_MOST = 4_194_304;

type Answers = ReadonlyMap<string, BelowAnswer | Errno>;

export function openInsideReader(system: System, access: HostAccess): InsideReader {
  /** Until when, and for how long, by id and start. */
  const leftAlone = new Map<string, { readonly until: number; readonly seconds: number }>();
  return {
    async read(containers, everything) {
      const now = system.monotonicSeconds();
      const questions: BelowQuestion[] = [];
      const ends: number[] = [];
      for (const each of containers) {
        if ((leftAlone.get(keyOf(each))?.until ?? 0) <= now) ask(each, everything, questions);
        ends.push(questions.length);
      }
      const answers = questions.length === 0 ? [] : await access.probeBelow(questions, ANSWER_SECONDS);
      if (leftAlone.size > containers.length) {
        const keys = new Set(containers.map(keyOf));
        for (const key of [...leftAlone.keys()]) if (!keys.has(key)) leftAlone.delete(key);
      }
      const hostSysfs = everything ? sysfsDevices(system) : new Set<string>();
      return containers.map((each, index) => {
        const first = index === 0 ? 0 : (ends[index - 1] ?? 0);
        const found = new Map<string, BelowAnswer | Errno>();
        for (let at = first; at < (ends[index] ?? 0); at++)
          found.set(questions[at]?.path ?? "", answers[at] ?? ENOENT);
        const key = keyOf(each);
        const hangs = found.size === 0 || [...found.values()].includes(ETIMEDOUT);
        if (!hangs) leftAlone.delete(key);
        else if (found.size > 0) {
          const before = leftAlone.get(key)?.seconds ?? LEAVE_ALONE_SECONDS / 2;
          const seconds = Math.min(LEAVE_ALONE_MOST_SECONDS, 2 * before);
          leftAlone.set(key, { until: now + seconds, seconds });
        }
        return insideOf(each, everything, found, hangs, hostSysfs, system);
      });
    },
  };
}

function keyOf({ facts, instance }: HostContainer): string {
  return `${facts.id} ${instance.ownStartTicks}`;
}

function loadPath({ facts }: HostContainer): string {
  return `${(facts.runDirectory ?? "/run/procg").replace(/^\/+|\/+$/g, "")}/loadavg`;
}

/** The load first: what hangs is a file system. */
function ask(each: HostContainer, everything: boolean, questions: BelowQuestion[]): void {
  const { container, facts, instance } = each;
  const put = (path: string, wantsText: boolean): void => {
    questions.push({ pid: facts.pid, startTicks: instance.ownStartTicks, path, wantsText });
  };
  put(loadPath(each), true);
  if (!everything) return;
  if (!sharesOurNetwork(container)) {
    for (const { name } of attempt(container.system, container.selfDirectory, netDev).value?.slice(
      0,
      INTERFACES_MOST,
    ) ?? []) {
      for (const file of ["operstate", "mtu"]) put(interfacePath(name, file), true);
    }
  }
  for (const target of mountTargets(container)) put(target.slice(1), false);
}

/** A virtual interface (veth, macvlan, lo) has no link on the way. */
function interfacePath(name: string, file: string): string {
  return `sys/devices/virtual/net/${name}/${file}`;
}

/** Of local file systems; what may hang by its kind is not asked at all. */
function mountTargets(container: Container): string[] {
  try {
    const targets = readMountList(container)
      .filter((each) => !each.mayHang && !each.isPseudo && !/^\/(proc|sys\/(?!fs\/))/.test(each.target))
      .map((each) => each.target);
    return [...new Set(targets)].slice(0, MOUNTS_MOST);
  } catch (error) {
    // Told when the file systems are read.
    if (error instanceof ReadError || error instanceof ParseError) return [];
    throw error;
  }
}

function insideOf(
  each: HostContainer,
  everything: boolean,
  answers: Answers,
  hangs: boolean,
  hostSysfs: ReadonlySet<string>,
  system: System,
): Inside {
  const { container } = each;
  const errors: DocumentError[] = [];
  if (hangs) {
    const message = "a file system of the container does not answer";
    errors.push({ section: "filesystems", code: errnoName(ETIMEDOUT), message });
  }
  const load = readLoad(answers.get(loadPath(each)) ?? ENOENT, system.realtimeSeconds());
  if (!everything) return { ...NOTHING_INSIDE, load, errors };
  let filesystems: readonly FilesystemEntry[] | null = null;
  const root = answers.get("") ?? ENOENT;
  if (typeof root !== "number") filesystems = filesystemsOf(container, answers, errors);
  else if (!hangs) errors.push({ section: "filesystems", code: errnoName(root), message: errnoText(root) });
  return {
    load,
    filesystems,
    files: readFiles(container, true),
    interfaces: sharesOurNetwork(container)
      ? interfaceStates({ ...container, system })
      : (name) => ({
          operState: interfaceText(answers.get(interfacePath(name, "operstate")), hostSysfs, /^[a-z]{1,20}$/),
          mtu: numberOrNull(interfaceText(answers.get(interfacePath(name, "mtu")), hostSysfs, /^\d{1,9}$/)),
        }),
    errors,
  };
}

function filesystemsOf(
  container: Container,
  answers: Answers,
  errors: DocumentError[],
): readonly FilesystemEntry[] | null {
  const answerOf = (path: string): BelowAnswer | Errno => answers.get(path.slice(1)) ?? ENOENT;
  const system = new Proxy(container.system, {
    get(target, key) {
      if (key === "stat" || key === "lstat") return (path: string) => fileStatus(answerOf(path));
      if (key === "statvfsInto") {
        return (path: string, into: Float64Array) => {
          const answer = answerOf(path);
          return typeof answer === "number" ? answer : putStatus(into, answer.status);
        };
      }
      if (key !== "statvfs") return target[key as keyof System];
      return (path: string) => {
        const answer = answerOf(path);
        return typeof answer === "number" ? answer : answer.status;
      };
    },
  });
  try {
    return readFilesystems({ ...container, system });
  } catch (error) {
    if (!(error instanceof ReadError || error instanceof ParseError)) throw error;
    errors.push({ section: "filesystems", code: "ENODATA", message: error.message });
    return null;
  }
}

/** What the list of file systems looks at: the kind and the device. */
function fileStatus(answer: BelowAnswer | Errno): ReturnType<System["stat"]> {
  if (typeof answer === "number") return answer;
  const { mode, devMajor, devMinor, mtimeSeconds } = answer;
  return {
    ...{ mode, devMajor, devMinor, mtimeSeconds },
    ...{ dev: 0, ino: 0, uid: 0, gid: 0, sizeBytes: 0, rdevMajor: 0, rdevMinor: 0 },
  };
}

/** null: not there, not fresh, or not what loadcalc writes. */
export function readLoad(answer: BelowAnswer | Errno, realtimeSeconds: number): LoadSection | null {
  if (typeof answer === "number" || (answer.mode & IFREG_MASK) !== 0o100000) return null;
  const age = realtimeSeconds - answer.mtimeSeconds;
  if (age > STALE_SECONDS || age < -STALE_SECONDS) return null;
  try {
    const load = parseLoadavg(answer.text, "loadavg");
    const figures = [load.load1, load.load5, load.load15, load.runnable, load.total, load.lastPid];
    return figures.every((value) => value <= LOAD_MOST) ? loadSection(load, "loadcalc") : null;
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

/** Of a sysfs that was mounted in the container's network namespace: the host's own shows the host's interfaces. */
function interfaceText(
  answer: BelowAnswer | Errno | undefined,
  hostSysfs: ReadonlySet<string>,
  grammar: RegExp,
): string | null {
  if (answer === undefined || typeof answer === "number" || answer.fsMagic !== SYSFS_MAGIC) return null;
  if (hostSysfs.has(`${answer.devMajor}:${answer.devMinor}`)) return null;
  const text = answer.text.replace(/\n$/, "");
  return grammar.test(text) ? text : null;
}

function numberOrNull(text: string | null): number | null {
  return text === null ? null : Number(text);
}

export function sharesOurNetwork({ system, selfDirectory }: Container): boolean {
  const its = system.readLink(`${selfDirectory}/ns/net`);
  return typeof its === "string" && its === system.readLink("/proc/self/ns/net");
}

/** MAJOR:MINOR of every sysfs that this process sees. */
function sysfsDevices(system: System): ReadonlySet<string> {
  const text = system.readText("/proc/self/mountinfo");
  const devices = new Set<string>();
  for (const line of typeof text === "number" ? [] : text.split("\n"))
    if (line.includes(" - sysfs ")) devices.add(line.split(" ")[2] ?? "");
  return devices;
}
