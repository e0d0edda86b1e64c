/**
 * The mounts that a person means by "the file systems": coreutils' rules for what is a pseudo file system, what is remote, and which
 * of several mounts of one device is shown; in a container also without binds of single files and masked paths.
 */
import { ReadError } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { unescapeOctal } from "../procfs/mountinfo.ts";
import { isDirectory } from "../system/file_type.ts";
import { mountTables } from "../system/mount_tables.ts";
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
  /**
   * Asking it may never come back, when the server or the program behind it is gone. The root is not counted: this program was
   * read from it.
   */
  readonly mayHang: boolean;
  /** A later mount lies on the target or above it, so that the target shows something else; null: not known. */
  readonly isCovered: boolean | null;
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
  const { system } = container;
  const path = `${container.selfDirectory}/mountinfo`;
  const tables = mountTables(system);
  if (tables !== null && container.kind === "machine") {
    const table = tables.readMounts(path);
    if (typeof table !== "number") return fromTable(table);
  }
  // A container looks for its cgroups in the same text, which the kernel writes slowly.
  const text = container.mountinfo?.() ?? system.readText(path);
  if (typeof text === "number") throw new ReadError(path, text);
  const table = tables?.splitMounts(text);
  if (typeof table === "object") return fromTable(table);
  return parseMountList(text, path);
}

/** Seven values for each mount: lib/system/quickjs/sys.d.ts. */
function fromTable(table: readonly (string | number | boolean)[]): MountEntry[] {
  const entries: MountEntry[] = [];
  let lastType = "";
  let lastSource = "";
  let isPseudo = false;
  let remote = false;
  let hangs = false;
  for (let at = 0; at < table.length; at += 7) {
    const source = table[at] as string;
    const fsType = table[at + 1] as string;
    if (fsType !== lastType || source !== lastSource) {
      lastType = fsType;
      lastSource = source;
      isPseudo = isOneOf(PSEUDO_TYPES, fsType);
      remote = isRemote(source, fsType);
      hangs = remote || isHangingType(fsType);
    }
    const target = table[at + 2] as string;
    entries.push({
      source,
      fsType,
      target,
      root: table[at + 3] as string,
      major: table[at + 4] as number,
      minor: table[at + 5] as number,
      isRemote: remote,
      isPseudo,
      mayHang: hangs && target !== "/",
      isCovered: table[at + 6] as boolean,
    });
  }
  return entries;
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
    const point = unescapeOctal(target);
    const remote = isRemote(name, type);
    entries.push({
      source: name,
      fsType: type,
      target: point,
      root: unescapeOctal(root),
      major,
      minor,
      isRemote: remote,
      isPseudo: isOneOf(PSEUDO_TYPES, type),
      mayHang: point !== "/" && (remote || isHangingType(type)),
      isCovered: null,
    });
  }
  return entries;
}

/** Words between blanks: cheaper at every start than a set. */
const PSEUDO_TYPES =
  " autofs proc subfs debugfs devpts fusectl fuse.portal mqueue rpc_pipefs sysfs devfs kernfs ignore none ";

const REMOTE_TYPES = " acfs afs coda auristorfs fhgfs gpfs ibrix ocfs2 vxfs ";

function isOneOf(words: string, type: string): boolean {
  return words.includes(` ${type} `);
}

function isRemote(source: string, type: string): boolean {
  if (source.includes(":") || source === "-hosts") return true;
  if (source.startsWith("//") && (type === "smbfs" || type === "smb3" || type === "cifs")) return true;
  return isOneOf(REMOTE_TYPES, type);
}

const HANGING_TYPES =
  " nfs nfs4 cifs smb3 smbfs 9p ceph afs autofs glusterfs lustre virtiofs beegfs orangefs ncpfs coda gpfs acfs auristorfs fhgfs " +
  "ibrix ocfs2 vxfs ";

function isHangingType(fsType: string): boolean {
  return isOneOf(HANGING_TYPES, fsType) || fsType.startsWith("fuse");
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
  if (status !== null) return !isDirectory(status);
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
  const isRoot = system.uid === 0;
  const isReplay = system.source === "replay";
  // By index: an iterator costs each of thousands of mounts as much as the rest.
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as MountEntry;
    if (!isChosen(entry, choice, false)) continue;
    const isBlind = isReplay || entry.mayHang;
    let status = isBlind || (isRoot && isAsListed(entry)) ? null : system.stat(entry.target);
    let device = deviceKey(entry.major, entry.minor);
    if (status !== null) {
      if (typeof status === "number") {
        if (!hidePlumbing || !isPlumbing(entry, null, system)) kept.push(entry);
        continue;
      }
      device = deviceKey(status.devMajor, status.devMinor);
    }
    const place = places.get(device);
    const seen = place === undefined ? undefined : kept[place];
    const isBeside = seen !== undefined && isOtherServer(entry, seen, choice);
    if (seen !== undefined && !isBeside && !winsOver(entry, seen)) continue;
    if (hidePlumbing) {
      // The bind of a file is found by looking; a mount's root is a directory.
      if (status === null && !isBlind && entry.root !== "/") status = system.stat(entry.target);
      if (isPlumbing(entry, typeof status === "number" ? null : status, system)) continue;
    }
    if (place === undefined || isBeside) {
      if (place === undefined) places.set(device, kept.length);
      kept.push(entry);
    } else {
      kept[place] = entry;
    }
  }
  return { kept, places };
}

/** A look at the target can only give the device that the kernel lists, which spares thousands of calls. */
function isAsListed(entry: MountEntry): boolean {
  // A subvolume has a number of its own.
  return entry.isCovered === false && entry.fsType !== "btrfs";
}

/** Two names of a remote device are two file systems, unless a grand total is wanted. */
function isOtherServer(entry: MountEntry, seen: MountEntry, { foldRemote }: MountChoice): boolean {
  return !foldRemote && entry.isRemote && seen.isRemote && entry.source !== seen.source;
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
