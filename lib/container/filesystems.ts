/**
 * How much room the container's file systems have: statvfs(3) of each mount. A quota of the file system shows there by itself; one
 * that only the runtime knows comes from the registration; a tmpfs takes its pages from the container's memory.
 */
import { ETIMEDOUT } from "../system/errno.ts";
import { mountTables } from "../system/mount_tables.ts";
import type { Errno, System } from "../system/system.ts";
import type { Container } from "./container.ts";
import {
  addRow,
  type FileSystem,
  type FileSystemBounds,
  fileSystemAt,
  fileSystemTable,
  isWithoutBlocks,
  NO_BOUNDS,
  putStatus,
} from "./filesystem_table.ts";
import { readMemoryHeadroom } from "./memory_headroom.ts";
import { foldMounts, type MountChoice, type MountEntry, readMountList, USUAL_CHOICE } from "./mount_list.ts";

/** Asks a mount; one that may hang is asked in a child. Keeps account of the time lost, so that many dead mounts do not add up. */
export interface StatvfsAsker {
  /** Puts what statvfs gives into `status` (FileSystemTable). */
  readonly ask: (entry: MountEntry, path: string, status: Float64Array) => Errno;
}

/** Longest for one mount, and for all together. */
export const DEADLINE_SECONDS = 3;
const PATIENCE_SECONDS = 9;

export function statvfsAsker(system: System): StatvfsAsker {
  const dead = new Set<string>();
  const tables = mountTables(system);
  let patience = PATIENCE_SECONDS;
  return {
    ask(entry, path, status) {
      if (!entry.mayHang) {
        if (tables !== null) return tables.statvfsInto(path, status);
        const found = system.statvfs(path);
        return typeof found === "number" ? found : putStatus(status, found);
      }
      const server = serverOf(entry);
      if (dead.has(server) || patience <= 0) return ETIMEDOUT;
      const started = system.monotonicSeconds();
      const result = system.statvfsTimed(path, Math.min(DEADLINE_SECONDS, patience));
      if (result === ETIMEDOUT) {
        dead.add(server);
        patience -= system.monotonicSeconds() - started;
      }
      return typeof result === "number" ? result : putStatus(status, result);
    },
  };
}

/** "nfs4 server" for server:/export. */
function serverOf(entry: MountEntry): string {
  const colon = entry.source.lastIndexOf(":/");
  return `${entry.fsType} ${colon < 0 ? entry.source : entry.source.slice(0, colon)}`;
}

/** used / (used + available), as Use%; null where df prints "-". */
export function usedRatio({ usedBytes, availableBytes }: FileSystem): number | null {
  if (usedBytes === null || availableBytes === null || usedBytes + availableBytes === 0) return null;
  return usedBytes / (usedBytes + availableBytes);
}

/**
 * The container's local file systems with room in them, with the numbers that df shows; nothing is asked that could hang.
 * Throws ReadError or ParseError for mountinfo.
 */
export function readLocalFileSystems(container: Container): FileSystem[] {
  const { system } = container;
  const choice: MountChoice = { ...USUAL_CHOICE, localOnly: true };
  const entries = foldMounts(system, readMountList(container), choice, container.kind === "container");
  const bounds = boundsOf(container, entries);
  const asker = statvfsAsker(system);
  const table = fileSystemTable(entries.length);
  for (const entry of entries) {
    if (entry.mayHang || asker.ask(entry, entry.target, table.status) < 0) continue;
    if (!isWithoutBlocks(table)) addRow(table, entry, bounds, null);
  }
  return table.names.map((_, row) => fileSystemAt(table, row));
}

/** None on a machine, whose memory bounds its tmpfs by itself. */
function boundsOf(container: Container, entries: readonly MountEntry[]): FileSystemBounds {
  if (container.kind === "machine") return NO_BOUNDS;
  const hasTmpfs = entries.some((entry) => entry.fsType === "tmpfs");
  return {
    memoryBytes: hasTmpfs ? readMemoryHeadroom(container) : null,
    rootfsQuotaBytes: container.registration().registration?.rootfsQuotaBytes ?? null,
  };
}
