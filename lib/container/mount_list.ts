/**
 * The mounts that a person means by "the file systems": coreutils' rules for what is a pseudo file system, what is remote, and which
 * of several mounts of one device is shown; in a container also without binds of single files and masked paths.
 */
import { ReadError } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { unescapeOctal } from "../procfs/mountinfo.ts";
import type { FileStatus, System } from "../system/system.ts";
import type { Container } from "./container.ts";

export interface MountEntry {
  /** The device, server or word that was mounted: "/dev/sda1", "server:/export", "tmpfs". */
  readonly source: string;
  readonly fsType: string;
  readonly target: string;
  /** The directory of the file system that is mounted. */
  readonly root: string;
  readonly major: number;
  readonly minor: number;
  /** Served by another machine, as coreutils tells it. */
  readonly isRemote: boolean;
  /** Holds no files of its own (proc, sysfs, ...). */
  readonly isPseudo: boolean;
}

export interface MountChoice {
  /** Pseudo, duplicate and unreadable ones too. */
  readonly all: boolean;
  readonly localOnly: boolean;
  /** Types; empty: every type. */
  readonly selected: readonly string[];
  readonly excluded: readonly string[];
  /** Remote mounts of one device under different names are one file system (a grand total is wanted). */
  readonly foldRemote: boolean;
}

export const USUAL_CHOICE: MountChoice = {
  all: false,
  localOnly: false,
  selected: [],
  excluded: [],
  foldRemote: false,
};

/** Every mount that whoever reads can see, in mount order. Throws ReadError or ParseError. */
export function readMountList(container: Container): MountEntry[] {
  const path = `${container.selfDirectory}/mountinfo`;
  const text = container.system.readText(path);
  if (typeof text === "number") throw new ReadError(path, text);
  return parseMountList(text, path);
}

/**
 * Only what is needed: a host has thousands of mounts, and this is the greater part of listing them. Field 3 is MAJOR:MINOR, 4 the root,
 * 5 the mount point; behind " - " type and source. See lib/procfs/mountinfo.ts.
 */
export function parseMountList(text: string, path: string): MountEntry[] {
  const entries: MountEntry[] = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    if (line === "" && index === lines.length - 1) break;
    const [, , device = "", root, target] = line.split(" ", 5);
    const dash = line.indexOf(" - ");
    const [fsType = "", source] = dash < 0 ? [] : line.slice(dash + 3).split(" ", 2);
    const colon = device.indexOf(":");
    const major = Number(device.slice(0, colon));
    const minor = Number(device.slice(colon + 1));
    if (root === undefined || target === undefined || source === undefined || !(major >= 0 && minor >= 0)) {
      throw new ParseError(path, index + 1, "not a mount");
    }
    const name = unescapeOctal(source);
    const type = unescapeOctal(fsType);
    entries.push({
      source: name,
      fsType: type,
      target: unescapeOctal(target),
      root: unescapeOctal(root),
      major,
      minor,
      isRemote: isRemote(name, type),
      isPseudo: PSEUDO_TYPES.has(type),
    });
  }
  return entries;
}

const PSEUDO_TYPES: ReadonlySet<string> = new Set(
  (
    "autofs proc subfs debugfs devpts fusectl fuse.portal mqueue rpc_pipefs sysfs devfs kernfs " +
    "ignore none"
  ).split(" "),
);

const REMOTE_TYPES: ReadonlySet<string> = new Set(
  "acfs afs coda auristorfs fhgfs gpfs ibrix ocfs2 vxfs".split(" "),
);

function isRemote(source: string, type: string): boolean {
  if (source.includes(":") || source === "-hosts") return true;
  if (source.startsWith("//") && (type === "smbfs" || type === "smb3" || type === "cifs")) return true;
  return REMOTE_TYPES.has(type);
}

const HANGING_TYPES: ReadonlySet<string> = new Set(
  (
    "nfs nfs4 cifs smb3 smbfs 9p ceph afs autofs glusterfs lustre virtiofs beegfs orangefs ncpfs coda gpfs " +
    "acfs auristorfs fhgfs ibrix ocfs2 vxfs"
  ).split(" "),
);

/**
 * Asking it may never come back, when the server or the program behind it is gone. The root is not counted: this program was
 * read from it.
 */
export function mayHang(entry: MountEntry): boolean {
  if (entry.target === "/") return false;
  return entry.isRemote || HANGING_TYPES.has(entry.fsType) || entry.fsType.startsWith("fuse");
}

/** False for what the choice leaves out whatever its size is. */
export function isChosen(entry: MountEntry, choice: MountChoice, listed: boolean): boolean {
  if (entry.isRemote && choice.localOnly) return false;
  if (entry.isPseudo && !choice.all && !listed) return false;
  return isChosenType(entry.fsType, choice);
}

export function isChosenType(fsType: string, { selected, excluded }: MountChoice): boolean {
  return (selected.length === 0 || selected.includes(fsType)) && !excluded.includes(fsType);
}

/** What a container's mount list has and nobody means: binds of single files, and what hides parts of /proc and /sys. */
export function isPlumbing(entry: MountEntry, status: FileStatus | null, system: System): boolean {
  const { target } = entry;
  if (target.startsWith("/proc/")) return true;
  if (target.startsWith("/sys/") && entry.fsType === "tmpfs" && !target.startsWith("/sys/fs/")) return true;
  if (status !== null) return (status.mode & 0o170000) !== 0o040000;
  // A capture does not hold what was mounted: the files that every engine binds are known by name.
  return system.source === "replay" && BOUND_FILES.includes(target);
}

const BOUND_FILES = ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/run/.containerenv", "/dev/console"];

/**
 * The entries to ask, one per device: a source with a slash wins over a word, then the mount nearer to the root, then the one that lies
 * on top. In the place of the device's first mount. With `choice.all` the list as it is.
 *
 * @param hidePlumbing leave out what isPlumbing() tells; the root comes first then
 */
export function foldMounts(
  system: System,
  entries: readonly MountEntry[],
  choice: MountChoice,
  hidePlumbing: boolean,
): MountEntry[] {
  if (choice.all) return [...entries];
  const { kept } = fold(system, entries, choice, hidePlumbing);
  if (!hidePlumbing) return kept;
  const root = kept.findIndex((entry) => entry.target === "/");
  return root <= 0 ? kept : [kept[root] as MountEntry, ...kept.filter((_, index) => index !== root)];
}

/** By deviceKey(): the mount that stands for the device, pseudo ones included. */
export function deviceWinners(
  system: System,
  entries: readonly MountEntry[],
  choice: MountChoice,
): ReadonlyMap<number, MountEntry> {
  const { kept, places } = fold(system, entries, choice, false);
  const winners = new Map<number, MountEntry>();
  for (const [device, place] of places) winners.set(device, kept[place] as MountEntry);
  return winners;
}

/** What the choice leaves out is dropped; a mount that cannot be asked for its device stays, whatever its device. */
function fold(
  system: System,
  entries: readonly MountEntry[],
  choice: MountChoice,
  hidePlumbing: boolean,
): { readonly kept: MountEntry[]; readonly places: ReadonlyMap<number, number> } {
  const kept: MountEntry[] = [];
  const places = new Map<number, number>();
  for (const entry of entries) {
    if (!isChosen(entry, choice, false)) continue;
    // Asking a dead server for its directory hangs as well: there the kernel's own number has to do.
    const status = system.source === "replay" || mayHang(entry) ? null : system.stat(entry.target);
    if (hidePlumbing && isPlumbing(entry, typeof status === "number" ? null : status, system)) continue;
    if (typeof status === "number") {
      kept.push(entry);
      continue;
    }
    const device =
      status === null ? deviceKey(entry.major, entry.minor) : deviceKey(status.devMajor, status.devMinor);
    const place = places.get(device);
    const seen = place === undefined ? undefined : kept[place];
    if (place === undefined || seen === undefined) {
      places.set(device, kept.length);
      kept.push(entry);
    } else if (!choice.foldRemote && entry.isRemote && seen.isRemote && entry.source !== seen.source) {
      kept.push(entry);
    } else if (winsOver(entry, seen)) {
      kept[place] = entry;
    }
  }
  return { kept, places };
}

function winsOver(entry: MountEntry, seen: MountEntry): boolean {
  if (entry.source.includes("/") && !seen.source.includes("/")) return true;
  const isNearer = seen.target.length > entry.target.length;
  const isBelow = seen.root.length < entry.root.length;
  if (isNearer && !isBelow) return true;
  return entry.source !== seen.source && entry.target === seen.target;
}

/** A number that two devices share only when they are one. Minor numbers have 20 bits. */
export function deviceKey(major: number, minor: number): number {
  return major * 0x100000 + minor;
}
