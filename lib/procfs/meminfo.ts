/**
 * /proc/meminfo. The kernel's kB (1024 bytes) become bytes.
 *
 * The host's numbers, unless something is mounted over the file. MemAvailable: since 3.14; Shmem, SReclaimable: since 2.6.32 and 2.6.19;
 * CommitLimit, Committed_AS: since 2.6. See proc(5) and Documentation/filesystems/proc.rst, "meminfo".
 */
import { quote, toCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

/** null: this kernel does not have the line. */
export interface Meminfo {
  readonly memTotalBytes: number;
  readonly memFreeBytes: number;
  readonly memAvailableBytes: number | null;
  readonly buffersBytes: number | null;
  readonly cachedBytes: number | null;
  readonly shmemBytes: number | null;
  readonly sReclaimableBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapFreeBytes: number | null;
  readonly commitLimitBytes: number | null;
  readonly committedAsBytes: number | null;
  /** Any line by the kernel's name ("Committed_AS", "Active(anon)"): bytes, or a count where it has no unit (HugePages_Total). */
  readonly lookup: (name: string) => number | null;
}

export const meminfo: KernelFile<Meminfo> = { name: "meminfo", parse: parseMeminfo };

export function parseMeminfo(text: string, path: string): Meminfo {
  const record: Record<string, number> = Object.create(null);
  let number = 0;
  for (const line of requireLines(text, path)) {
    number++;
    const colon = line.indexOf(":");
    const isKib = line.endsWith(" kB");
    const value = toCount((isKib ? line.slice(colon + 1, -3) : line.slice(colon + 1)).trim());
    if (colon <= 0 || value < 0) throw new ParseError(path, number, `not "NAME: COUNT kB": ${quote(line)}`);
    record[line.slice(0, colon)] = isKib ? value * 1024 : value;
  }
  const { MemTotal, MemFree } = record;
  if (MemTotal === undefined || MemFree === undefined) throw new ParseError(path, 0, "no MemTotal, MemFree");
  return {
    memTotalBytes: MemTotal,
    memFreeBytes: MemFree,
    memAvailableBytes: record.MemAvailable ?? null,
    buffersBytes: record.Buffers ?? null,
    cachedBytes: record.Cached ?? null,
    shmemBytes: record.Shmem ?? null,
    sReclaimableBytes: record.SReclaimable ?? null,
    swapTotalBytes: record.SwapTotal ?? null,
    swapFreeBytes: record.SwapFree ?? null,
    commitLimitBytes: record.CommitLimit ?? null,
    committedAsBytes: record.Committed_AS ?? null,
    lookup: (name) => record[name] ?? null,
  };
}
