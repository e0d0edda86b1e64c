/**
 * The files of a store: one per UTC day (more when a day grows too large), YYYYMMDD-NN.log as it is written, .pack when it is closed and
 * compressed. A name says everything that is needed to find, order and drop them.
 */
import type { FileHost } from "../system/file_host.ts";
import type { Errno, System } from "../system/system.ts";

export interface Segment {
  /** UTC midnight of its day, ms. */
  readonly dayMs: number;
  readonly number: number;
  readonly packed: boolean;
  readonly path: string;
}

export const DAY_MS = 86_400_000;
const NAME = /^(\d{4})(\d\d)(\d\d)-(\d\d)\.(log|pack)$/;

/** In order of time. A .log beside the .pack of the same name is a leftover and is not listed. */
export function listSegments(system: System, directory: string): Segment[] | Errno {
  const names = system.readDirectory(directory);
  if (typeof names === "number") return names;
  const segments: Segment[] = [];
  for (const name of [...names].sort()) {
    const segment = segmentOf(name, names, directory);
    if (segment !== null) segments.push(segment);
  }
  return segments;
}

/** null: no segment's name, or a leftover among `names`. */
export function segmentOf(name: string, names: readonly string[], directory = ""): Segment | null {
  const match = NAME.exec(name);
  if (match === null) return null;
  const packed = match[5] === "pack";
  if (!packed && names.includes(name.replace(".log", ".pack"))) return null;
  return {
    dayMs: Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])),
    number: Number(match[4]),
    packed,
    path: `${directory}/${name}`,
  };
}

export function segmentPath(directory: string, dayMs: number, number: number): string {
  const day = new Date(dayMs).toISOString().slice(0, 10).replace(/-/g, "");
  return `${directory}/${day}-${String(number).padStart(2, "0")}.log`;
}

export function dayOf(realtimeMs: number): number {
  return Math.floor(realtimeMs / DAY_MS) * DAY_MS;
}

/** Longest that is read; the writer begins another long before. */
const LARGEST_FILE = 1 << 28;

/** A whole file as bytes. */
export function readBytes(host: FileHost, system: System, path: string): Uint8Array<ArrayBuffer> | Errno {
  const status = system.stat(path);
  if (typeof status === "number") return status;
  const fd = host.open(path, "read", 0);
  if (fd < 0) return fd;
  const bytes = new Uint8Array(Math.min(status.sizeBytes, LARGEST_FILE));
  let length = 0;
  while (length < bytes.length) {
    const count = host.read(fd, bytes.buffer, length, bytes.length - length);
    if (count < 0) {
      host.close(fd);
      return count;
    }
    if (count === 0) break;
    length += count;
  }
  host.close(fd);
  return length === bytes.length ? bytes : bytes.slice(0, length);
}
