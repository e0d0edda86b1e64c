/**
 * /proc/diskstats: IO of block devices since boot. The kernel's sectors (512 bytes) become bytes, its milliseconds microseconds.
 *
 * The host's in every container; there may be no device at all. Discards: since 4.18; flushes: since 5.5. Before 2.6.25 a partition had only
 * reads, read sectors, writes and written sectors. See Documentation/admin-guide/iostats.rst and Documentation/ABI/testing/procfs-diskstats.
 */
import { quote, requireCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { columnsOf, splitLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

/** null: this kernel does not have the column. */
export interface Diskstat {
  readonly major: number;
  readonly minor: number;
  readonly name: string;
  readonly reads: number;
  readonly readsMerged: number | null;
  readonly readBytes: number;
  readonly readUsec: number | null;
  readonly writes: number;
  readonly writesMerged: number | null;
  readonly writtenBytes: number;
  readonly writeUsec: number | null;
  /** Requests now at the device. */
  readonly inFlight: number | null;
  /** io_ticks: time with a request in flight. */
  readonly busyUsec: number | null;
  /** time_in_queue: the same, times the requests in flight. */
  readonly queueUsec: number | null;
  readonly discards: number | null;
  readonly discardsMerged: number | null;
  readonly discardedBytes: number | null;
  readonly discardUsec: number | null;
  readonly flushes: number | null;
  readonly flushUsec: number | null;
}

export const diskstats: KernelFile<readonly Diskstat[]> = { name: "diskstats", parse: parseDiskstats };

const SECTOR_BYTES = 512;
const USEC_PER_MS = 1000;

/** Columns with the three that name the device: partition before 2.6.25, 2.6, 4.18, 5.5. Later ones are ignored. */
const PARTITION_COLUMNS = 7;
const LEAST_COLUMNS = 14;

function parseDiskstats(text: string, path: string): Diskstat[] {
  return splitLines(text).map((line, index) => {
    const columns = columnsOf(line);
    const [major = "", minor = "", name = ""] = columns;
    if (columns.length !== PARTITION_COLUMNS && columns.length < LEAST_COLUMNS) {
      throw new ParseError(path, index + 1, `${columns.length} columns: ${quote(line)}`);
    }
    const counts = columns.slice(3).map((column) => requireCount(column, path, index + 1));
    const device = {
      major: requireCount(major, path, index + 1),
      minor: requireCount(minor, path, index + 1),
      name,
    };
    return {
      ...device,
      ...(columns.length === PARTITION_COLUMNS ? oldPartition(counts) : wholeLine(counts)),
    };
  });
}

export type DiskCounters = Omit<Diskstat, "major" | "minor" | "name">;

/** /sys/block/DEVICE/stat: one line, the columns of /proc/diskstats behind the name. See Documentation/block/stat.rst. */
export const blockStat: KernelFile<DiskCounters> = { name: "stat", parse: parseBlockStat };

function parseBlockStat(text: string, path: string): DiskCounters {
  const columns = columnsOf(text.trim());
  if (columns.length < LEAST_COLUMNS - 3) {
    throw new ParseError(path, 1, `${columns.length} columns: ${quote(text)}`);
  }
  return wholeLine(columns.map((column) => requireCount(column, path, 1)));
}

function wholeLine(counts: readonly number[]): DiskCounters {
  const required = (index: number): number => counts[index] as number;
  const optional = (index: number, unit: number): number | null => {
    const count = counts[index];
    return count === undefined ? null : count * unit;
  };
  return {
    reads: required(0),
    readsMerged: required(1),
    readBytes: required(2) * SECTOR_BYTES,
    readUsec: required(3) * USEC_PER_MS,
    writes: required(4),
    writesMerged: required(5),
    writtenBytes: required(6) * SECTOR_BYTES,
    writeUsec: required(7) * USEC_PER_MS,
    inFlight: required(8),
    busyUsec: required(9) * USEC_PER_MS,
    queueUsec: required(10) * USEC_PER_MS,
    discards: optional(11, 1),
    discardsMerged: optional(12, 1),
    discardedBytes: optional(13, SECTOR_BYTES),
    discardUsec: optional(14, USEC_PER_MS),
    flushes: optional(15, 1),
    flushUsec: optional(16, USEC_PER_MS),
  };
}

function oldPartition(counts: readonly number[]): DiskCounters {
  const [reads, readSectors, writes, writtenSectors] = counts as [number, number, number, number];
  return {
    reads,
    readsMerged: null,
    readBytes: readSectors * SECTOR_BYTES,
    readUsec: null,
    writes,
    writesMerged: null,
    writtenBytes: writtenSectors * SECTOR_BYTES,
    writeUsec: null,
    inFlight: null,
    busyUsec: null,
    queueUsec: null,
    discards: null,
    discardsMerged: null,
    discardedBytes: null,
    discardUsec: null,
    flushes: null,
    flushUsec: null,
  };
}
