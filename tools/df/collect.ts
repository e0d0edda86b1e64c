/** Which file systems df shows, and their numbers. */
import type { Container } from "../../lib/container/container.ts";
import {
  computeFileSystem,
  DEADLINE_SECONDS,
  type FileSystem,
  type FileSystemBounds,
  NO_BOUNDS,
  type StatvfsAsker,
  statvfsAsker,
} from "../../lib/container/filesystems.ts";
import {
  deviceKey,
  deviceWinners,
  foldMounts,
  isChosen,
  type MountChoice,
  type MountEntry,
} from "../../lib/container/mount_list.ts";
import { EACCES, ENOENT, ETIMEDOUT, errnoText } from "../../lib/system/errno.ts";
import type { Errno, FileSystemStatus, System } from "../../lib/system/system.ts";

/** A line of the table. */
export type DfRow = FileSystem;

/** What could not be asked: one line on stderr each, and exit code 1. */
export interface DfProblem {
  /** Quoted in the message where it needs it; null: the text stands alone. */
  readonly path: string | null;
  readonly text: string;
}

export interface DfCollector {
  readonly system: System;
  readonly choice: MountChoice;
  readonly asker: StatvfsAsker;
  readonly bounds: (entry: Pick<MountEntry, "target">) => FileSystemBounds;
  readonly rows: DfRow[];
  readonly problems: DfProblem[];
}

/** @param memoryBytes what the container can still get: bounds a tmpfs; null: no bound */
export function dfCollector(
  container: Container,
  choice: MountChoice,
  memoryBytes: number | null,
): DfCollector {
  const isMachine = container.kind === "machine";
  const others: FileSystemBounds = isMachine ? NO_BOUNDS : { memoryBytes, rootfsQuotaBytes: null };
  const rootBounds = (): FileSystemBounds => {
    if (isMachine) return NO_BOUNDS;
    return { memoryBytes, rootfsQuotaBytes: container.registration().registration?.rootfsQuotaBytes ?? null };
  };
  return {
    system: container.system,
    choice,
    asker: statvfsAsker(container.system),
    bounds: (entry) => (entry.target === "/" ? rootBounds() : others),
    rows: [],
    problems: [],
  };
}

/** Without operands: every mount that the choice leaves. */
export function collectAll(
  collector: DfCollector,
  entries: readonly MountEntry[],
  hidePlumbing: boolean,
): void {
  const { system, choice } = collector;
  const winners = choice.all ? deviceWinners(system, entries, choice) : null;
  for (const entry of foldMounts(system, entries, choice, hidePlumbing)) {
    // Relative mount points are those of network namespaces in /proc/mounts.
    if ((choice.all && !isChosen(entry, choice, false)) || !entry.target.startsWith("/")) continue;
    const status = collector.asker.ask(entry, entry.target);
    if (typeof status === "number") {
      if (status !== EACCES && status !== ENOENT) collector.problems.push(whyNot(entry.target, status));
      else if (choice.all) addUnknown(collector, entry);
    } else if (winners !== null && isEclipsed(system, winners, entry)) {
      addUnknown(collector, entry);
    } else if (status.blocks > 0 || choice.all) {
      addRow(collector, entry, status, null);
    }
  }
}

export function addRow(
  collector: DfCollector,
  entry: MountEntry,
  status: FileSystemStatus,
  file: string | null,
): void {
  collector.rows.push(computeFileSystem(entry, status, collector.bounds(entry), file));
}

export function whyNot(path: string, errno: Errno): DfProblem {
  const text = errno === ETIMEDOUT ? `no answer within ${DEADLINE_SECONDS} s, skipped` : errnoText(errno);
  return { path, text };
}

/** The mount is hidden below another one: its numbers cannot be asked for. */
function isEclipsed(system: System, winners: ReadonlyMap<number, MountEntry>, entry: MountEntry): boolean {
  if (entry.mayHang) return false;
  const status = system.source === "replay" ? null : system.stat(entry.target);
  if (typeof status === "number") return false;
  const key =
    status === null ? deviceKey(entry.major, entry.minor) : deviceKey(status.devMajor, status.devMinor);
  const winner = winners.get(key);
  return winner !== undefined && winner.source !== entry.source && !(winner.isRemote && entry.isRemote);
}

function addUnknown(collector: DfCollector, entry: MountEntry): void {
  const unknown = computeFileSystem(entry, null, NO_BOUNDS);
  collector.rows.push({ ...unknown, fsType: "-" });
}

/** The last row of --total: sums of what is known. */
export function totalRow(rows: readonly DfRow[], hasSource: boolean): DfRow {
  const sum = (key: "sizeBytes" | "freeBytes" | "availableBytes" | "inodes" | "inodesFree"): number => {
    let total = 0;
    for (const row of rows) total += row[key] ?? 0;
    return total;
  };
  const sizeBytes = sum("sizeBytes");
  const freeBytes = sum("freeBytes");
  const inodes = sum("inodes");
  const inodesFree = sum("inodesFree");
  return {
    source: "total",
    fsType: "-",
    target: hasSource ? "-" : "total",
    file: null,
    sizeBytes,
    usedBytes: sizeBytes - freeBytes,
    freeBytes,
    availableBytes: sum("availableBytes"),
    inodes,
    inodesUsed: inodes - inodesFree,
    inodesFree,
    sizeSource: null,
    availableBoundBy: null,
  };
}
