/**
 * The numbers of file systems in columns: a host has thousands of mounts, and an object for each costs more than asking
 * for its numbers does. fileSystemAt() gives a row as an object.
 */
import type { Errno, FileSystemStatus } from "../system/system.ts";
import type { MountEntry } from "./mount_list.ts";

/** A row. Bytes and counts; null: not known. */
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

type Named = Pick<MountEntry, "source" | "fsType" | "target">;

/** As many rows as `names`; the columns may be longer. NaN: not known. */
export interface FileSystemTable {
  readonly names: Named[];
  /** The operand that asked for the row. */
  readonly files: (string | null)[];
  readonly sizeBytes: Float64Array;
  readonly usedBytes: Float64Array;
  readonly freeBytes: Float64Array;
  readonly availableBytes: Float64Array;
  readonly inodes: Float64Array;
  readonly inodesUsed: Float64Array;
  readonly inodesFree: Float64Array;
  /** By row, where it is not plain statvfs. */
  readonly origins: Map<number, Pick<FileSystem, "sizeSource" | "availableBoundBy">>;
  /** What statvfs said of the next row: MountTables.statvfsInto(). */
  readonly status: Float64Array;
}

/** An empty table with room for `most` rows. */
export function fileSystemTable(most: number): FileSystemTable {
  const column = () => new Float64Array(most);
  return {
    names: [],
    files: [],
    sizeBytes: column(),
    usedBytes: column(),
    freeBytes: column(),
    availableBytes: column(),
    inodes: column(),
    inodesUsed: column(),
    inodesFree: column(),
    origins: new Map(),
    status: new Float64Array(7),
  };
}

/** As MountTables.statvfsInto() does it. */
export function putStatus(into: Float64Array, status: FileSystemStatus): Errno {
  const { blockBytes, fragmentBytes, blocks, blocksFree, blocksAvailable, inodes, inodesFree } = status;
  into.set([blockBytes, fragmentBytes]);
  into.set([blocks, blocksFree, blocksAvailable, inodes, inodesFree].map(known), 2);
  return 0;
}

/** All ones (or -1, where it is signed) is a file system's way to say that it does not know. */
function known(count: number): number {
  return count === -1 || count >= ALL_ONES ? Number.NaN : count;
}

/** True when `status` tells of no blocks. */
export function isWithoutBlocks({ status }: FileSystemTable): boolean {
  return status[2] === 0;
}

/** Makes a row of `status`, in bytes and bounded by what the container can really get. */
export function addRow(
  table: FileSystemTable,
  entry: Named,
  bounds: FileSystemBounds,
  file: string | null,
): void {
  const { status } = table;
  const row = table.names.length;
  const fragment = status[1] as number;
  const unit = fragment > 0 ? fragment : (status[0] as number);
  const blocks = status[2] as number;
  const free = status[3] as number;
  const inodes = status[5] as number;
  const inodesFree = status[6] as number;
  table.sizeBytes[row] = blocks * unit;
  table.usedBytes[row] = (blocks - free) * unit;
  table.freeBytes[row] = free * unit;
  table.availableBytes[row] = (status[4] as number) * unit;
  table.inodes[row] = inodes;
  table.inodesUsed[row] = inodes - inodesFree;
  table.inodesFree[row] = inodesFree;
  if (bounds.rootfsQuotaBytes !== null && entry.target === "/") applyQuota(table, bounds.rootfsQuotaBytes);
  else if (bounds.memoryBytes !== null && entry.fsType === "tmpfs") applyHeadroom(table, bounds.memoryBytes);
  table.names.push(entry);
  table.files.push(file);
}

/** A row of which nothing is known. */
export function addUnknownRow(table: FileSystemTable, entry: Named): void {
  table.status.fill(Number.NaN);
  addRow(table, entry, NO_BOUNDS, null);
}

export function fileSystemAt(table: FileSystemTable, row: number): FileSystem {
  const { source, fsType, target } = table.names[row] as Named;
  const number = (column: Float64Array): number | null => {
    const value = column[row] as number;
    return Number.isNaN(value) ? null : value;
  };
  const sizeBytes = number(table.sizeBytes);
  const plain = { sizeSource: sizeBytes === null ? null : "statvfs", availableBoundBy: null } as const;
  return {
    source,
    fsType,
    target,
    file: table.files[row] as string | null,
    sizeBytes,
    usedBytes: number(table.usedBytes),
    freeBytes: number(table.freeBytes),
    availableBytes: number(table.availableBytes),
    inodes: number(table.inodes),
    inodesUsed: number(table.inodesUsed),
    inodesFree: number(table.inodesFree),
    ...(table.origins.get(row) ?? plain),
  };
}

/** A quota that statvfs shows is not above what statvfs says; else Size is the quota, and what is used of it cannot be known. */
function applyQuota(table: FileSystemTable, quotaBytes: number): void {
  const row = table.names.length;
  // False also where Size is not known.
  if (!((table.sizeBytes[row] as number) > quotaBytes)) return;
  const isBound = (table.availableBytes[row] as number) > quotaBytes;
  table.sizeBytes[row] = quotaBytes;
  table.usedBytes[row] = Number.NaN;
  table.freeBytes[row] = Number.NaN;
  if (isBound) table.availableBytes[row] = quotaBytes;
  table.origins.set(row, { sizeSource: "registration", availableBoundBy: isBound ? "registration" : null });
}

function applyHeadroom(table: FileSystemTable, memoryBytes: number): void {
  const row = table.names.length;
  if (!((table.availableBytes[row] as number) > memoryBytes)) return;
  table.availableBytes[row] = memoryBytes;
  const sizeSource = Number.isNaN(table.sizeBytes[row] as number) ? null : "statvfs";
  table.origins.set(row, { sizeSource, availableBoundBy: "memory" });
}

/** 2^64 - 1 as a double. */
const ALL_ONES = 2 ** 64;
