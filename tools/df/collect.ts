/** Which file systems df shows, and their numbers. */
import type { Container } from "../../lib/container/container.ts";
import {
  addRow,
  addUnknownRow,
  type FileSystemBounds,
  type FileSystemTable,
  fileSystemTable,
  isWithoutBlocks,
  NO_BOUNDS,
} from "../../lib/container/filesystem_table.ts";
import { DEADLINE_SECONDS, type StatvfsAsker, statvfsAsker } from "../../lib/container/filesystems.ts";
import {
  deviceKey,
  deviceWinners,
  foldMounts,
  isChosen,
  type MountChoice,
  type MountEntry,
} from "../../lib/container/mount_list.ts";
import { EACCES, ENOENT, ETIMEDOUT, errnoText } from "../../lib/system/errno.ts";
import type { Errno, System } from "../../lib/system/system.ts";

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
  readonly rows: FileSystemTable;
  readonly problems: DfProblem[];
}

/**
 * @param memoryBytes what the container can still get: bounds a tmpfs; null: no bound
 * @param most how many rows there can be
 */
export function dfCollector(
  container: Container,
  choice: MountChoice,
  memoryBytes: number | null,
  most: number,
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
    // One more for the total.
    rows: fileSystemTable(most + 1),
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
  const { asker, rows } = collector;
  const kept = foldMounts(system, entries, choice, hidePlumbing);
  for (let i = 0; i < kept.length; i++) {
    const entry = kept[i] as MountEntry;
    // Relative mount points are those of network namespaces in /proc/mounts.
    if ((choice.all && !isChosen(entry, choice, false)) || !entry.target.startsWith("/")) continue;
    const errno = asker.ask(entry, entry.target, rows.status);
    if (errno < 0) {
      if (errno !== EACCES && errno !== ENOENT) collector.problems.push(whyNot(entry.target, errno));
      else if (choice.all) addUnknown(collector, entry);
    } else if (winners !== null && isEclipsed(system, winners, entry)) {
      addUnknown(collector, entry);
    } else if (choice.all || !isWithoutBlocks(rows)) {
      addRow(rows, entry, collector.bounds(entry), null);
    }
  }
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

function addUnknown({ rows }: DfCollector, { source, target }: MountEntry): void {
  addUnknownRow(rows, { source, target, fsType: "-" });
}

/** The last row of --total: sums of what is known. Under a quota that only the host knows Used is not, and so is its sum. */
export function addTotal(rows: FileSystemTable, hasSource: boolean): void {
  const row = rows.names.length;
  for (const column of [rows.sizeBytes, rows.freeBytes, rows.availableBytes, rows.inodes, rows.inodesFree]) {
    let total = 0;
    for (let i = 0; i < row; i++) total += column[i] || 0;
    column[row] = total;
  }
  for (let i = 0; i < row; i++) {
    const isHalfKnown = !Number.isNaN(rows.sizeBytes[i]) && Number.isNaN(rows.freeBytes[i]);
    if (isHalfKnown) rows.freeBytes[row] = Number.NaN;
  }
  rows.usedBytes[row] = (rows.sizeBytes[row] as number) - (rows.freeBytes[row] as number);
  rows.inodesUsed[row] = (rows.inodes[row] as number) - (rows.inodesFree[row] as number);
  rows.origins.set(row, { sizeSource: null, availableBoundBy: null });
  rows.names.push({ source: "total", fsType: "-", target: hasSource ? "-" : "total" });
  rows.files.push(null);
}
