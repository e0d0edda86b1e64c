/**
 * /proc/meminfo. The kernel's kB (1024 bytes) become bytes.
 *
 * The host's numbers, unless something is mounted over the file. MemAvailable: since 3.14; Shmem, SReclaimable: since 2.6.32 and 2.6.19;
 * CommitLimit, Committed_AS: since 2.6. See proc(5) and Documentation/filesystems/proc.rst, "meminfo".
 */
import { toCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
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
  /** Any line by the kernel's name ("Committed_AS", "Active(anon)"): bytes, or a count where it has no unit (HugePages_Total). Malformed: null. */
  readonly lookup: (name: string) => number | null;
}

export const meminfo: KernelFile<Meminfo> = { name: "meminfo", parse: parseMeminfo };

/** Finds the lines that are asked for; the other 45 are not looked at: `free` runs thousands of times. Throws ParseError. */
export function parseMeminfo(text: string, path: string): Meminfo {
  const lookup = (name: string): number | null => {
    const value = lineValue(text, name);
    if (value === MALFORMED) throw new ParseError(path, 0, `not "${name}: COUNT kB"`);
    return value;
  };
  const memTotalBytes = lookup("MemTotal");
  const memFreeBytes = lookup("MemFree");
  if (memTotalBytes === null || memFreeBytes === null) throw new ParseError(path, 0, "no MemTotal, MemFree");
  return {
    memTotalBytes,
    memFreeBytes,
    memAvailableBytes: lookup("MemAvailable"),
    buffersBytes: lookup("Buffers"),
    cachedBytes: lookup("Cached"),
    shmemBytes: lookup("Shmem"),
    sReclaimableBytes: lookup("SReclaimable"),
    swapTotalBytes: lookup("SwapTotal"),
    swapFreeBytes: lookup("SwapFree"),
    lookup: (name) => {
      try {
        return lookup(name);
      } catch {
        return null;
      }
    },
  };
}

const MALFORMED = -1;

/** Bytes, or a count where the line has no unit; null: no such line. */
function lineValue(text: string, name: string): number | null {
  const key = `${name}:`;
  const start = text.startsWith(key) ? 0 : text.indexOf(`\n${key}`) + 1;
  if (!text.startsWith(key, start)) return null;
  const newline = text.indexOf("\n", start);
  const end = newline < 0 ? text.length : newline;
  const isKib = text.endsWith(" kB", end);
  const value = toCount(text.slice(start + key.length, isKib ? end - 3 : end).trim());
  if (value < 0 || (!isKib && !name.startsWith("HugePages"))) return MALFORMED;
  return isKib ? value * 1024 : value;
}
