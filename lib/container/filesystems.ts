/**
 * How much room the container's file systems have: statvfs(3) of each mount. A quota of the file system shows there by itself; one
 * that only the runtime knows comes from the registration; a tmpfs takes its pages from the container's memory.
 */
import { ETIMEDOUT } from "../system/errno.ts";
import type { Errno, FileSystemStatus, System } from "../system/system.ts";
import type { Container } from "./container.ts";
import { foldMounts, type MountChoice, type MountEntry, readMountList, USUAL_CHOICE } from "./mount_list.ts";

/** Bytes and counts. null: not known. */
export interface FileSystem {
  readonly source: string;
  readonly fsType: string;
  readonly target: string;
  /** The operand that asked for it, for df FILE; else null. */
  readonly file: string | null;
  readonly sizeBytes: number | null;
  readonly usedBytes: number | null;
  /** Free for root: size - used where statvfs gives both. */
  readonly freeBytes: number | null;
  /** Free for others than root; may be negative. */
  readonly availableBytes: number | null;
  readonly inodes: number | null;
  readonly inodesUsed: number | null;
  readonly inodesFree: number | null;
  /** "registration": the quota of the root file system that the host told; then Used is not known. */
  readonly sizeSource: "statvfs" | "registration" | null;
  /** "memory": a tmpfs whose pages the container cannot get any more; "registration": the quota. */
  readonly availableBoundBy: "memory" | "registration" | null;
}

export interface FileSystemBounds {
  /** Memory that the container can still get; null: not known, or no bound. */
  readonly memoryBytes: number | null;
  readonly rootfsQuotaBytes: number | null;
}

export const NO_BOUNDS: FileSystemBounds = { memoryBytes: null, rootfsQuotaBytes: null };

/** Asks a mount; one that may hang is asked in a child. Keeps account of the time lost, so that many dead mounts do not add up. */
export interface StatvfsAsker {
  readonly ask: (entry: MountEntry, path: string) => FileSystemStatus | Errno;
}

/** Longest for one mount, and for all together. */
export const DEADLINE_SECONDS = 3;
const PATIENCE_SECONDS = 9;

export function statvfsAsker(system: System): StatvfsAsker {
  const dead = new Set<string>();
  let patience = PATIENCE_SECONDS;
  return {
    ask(entry, path) {
      if (!entry.mayHang) return system.statvfs(path);
      const server = serverOf(entry);
      if (dead.has(server) || patience <= 0) return ETIMEDOUT;
      const started = system.monotonicSeconds();
      const result = system.statvfsTimed(path, Math.min(DEADLINE_SECONDS, patience));
      if (result === ETIMEDOUT) {
        dead.add(server);
        patience -= system.monotonicSeconds() - started;
      }
      return result;
    },
  };
}

/** "nfs4 server" for server:/export. */
function serverOf(entry: MountEntry): string {
  const colon = entry.source.lastIndexOf(":/");
  return `${entry.fsType} ${colon < 0 ? entry.source : entry.source.slice(0, colon)}`;
}

/** statvfs's numbers in bytes, bounded by what the container can really get. Pure. */
export function computeFileSystem(
  entry: Pick<MountEntry, "source" | "fsType" | "target">,
  status: FileSystemStatus | null,
  bounds: FileSystemBounds,
  file: string | null = null,
): FileSystem {
  const unit = status === null ? 0 : status.fragmentBytes > 0 ? status.fragmentBytes : status.blockBytes;
  const blocks = status === null ? null : known(status.blocks);
  const blocksFree = status === null ? null : known(status.blocksFree);
  const blocksAvailable = status === null ? null : known(status.blocksAvailable);
  const inodes = status === null ? null : known(status.inodes);
  const inodesFree = status === null ? null : known(status.inodesFree);
  const measured: FileSystem = {
    source: entry.source,
    fsType: entry.fsType,
    target: entry.target,
    file,
    sizeBytes: blocks === null ? null : blocks * unit,
    usedBytes: blocks === null || blocksFree === null ? null : (blocks - blocksFree) * unit,
    freeBytes: blocksFree === null ? null : blocksFree * unit,
    availableBytes: blocksAvailable === null ? null : blocksAvailable * unit,
    inodes,
    inodesUsed: inodes === null || inodesFree === null ? null : inodes - inodesFree,
    inodesFree,
    sizeSource: blocks === null ? null : "statvfs",
    availableBoundBy: null,
  };
  if (bounds.rootfsQuotaBytes !== null && entry.target === "/") {
    return withQuota(measured, bounds.rootfsQuotaBytes);
  }
  return bounds.memoryBytes !== null && entry.fsType === "tmpfs"
    ? withHeadroom(measured, bounds.memoryBytes)
    : measured;
}

/** used / (used + available), as Use%; null where df prints "-". */
export function usedRatio({ usedBytes, availableBytes }: FileSystem): number | null {
  if (usedBytes === null || availableBytes === null || usedBytes + availableBytes === 0) return null;
  return usedBytes / (usedBytes + availableBytes);
}

/**
 * The container's local file systems with room in them, as df shows them; nothing is asked that could hang.
 * Throws ReadError or ParseError for mountinfo.
 */
export function readLocalFileSystems(container: Container, bounds: FileSystemBounds): FileSystem[] {
  const { system } = container;
  const choice: MountChoice = { ...USUAL_CHOICE, localOnly: true };
  const entries = foldMounts(system, readMountList(container), choice, container.kind === "container");
  const result: FileSystem[] = [];
  for (const entry of entries) {
    if (entry.mayHang) continue;
    const status = system.statvfs(entry.target);
    if (typeof status === "number" || status.blocks === 0) continue;
    result.push(computeFileSystem(entry, status, bounds));
  }
  return result;
}

/** A quota that statvfs shows is not above what statvfs says; else Size is the quota, and what is used of it cannot be known. */
function withQuota(measured: FileSystem, quotaBytes: number): FileSystem {
  const { sizeBytes, availableBytes } = measured;
  if (sizeBytes === null || sizeBytes <= quotaBytes) return measured;
  const isBound = availableBytes !== null && availableBytes > quotaBytes;
  return {
    ...measured,
    sizeBytes: quotaBytes,
    usedBytes: null,
    freeBytes: null,
    availableBytes: isBound ? quotaBytes : availableBytes,
    sizeSource: "registration",
    availableBoundBy: isBound ? "registration" : null,
  };
}

function withHeadroom(measured: FileSystem, memoryBytes: number): FileSystem {
  const { availableBytes } = measured;
  if (availableBytes === null || availableBytes <= memoryBytes) return measured;
  return { ...measured, availableBytes: memoryBytes, availableBoundBy: "memory" };
}

/** 2^64 - 1 as a double. */
const ALL_ONES = 2 ** 64;

/** All ones (or -1, where it is signed) is a file system's way to say that it does not know. */
function known(count: number): number | null {
  return count === -1 || count >= ALL_ONES ? null : count;
}
