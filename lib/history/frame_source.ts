/**
 * Where frames are read from: a buffer that holds all, or a file a piece at a time. A daemon that packs a day, or finds where another has
 * stopped, has that piece in memory, not the day.
 */
import type { FileHost } from "../system/file_host.ts";
import type { Errno } from "../system/system.ts";

export interface FrameSource {
  bytes: Uint8Array<ArrayBuffer>;
  /** What was not read yet lies between the two. */
  at: number;
  end: number;
  /** Brings in bytes behind `end`, and may move those in front of it; false: there are no more. */
  readonly more: () => boolean;
}

export interface FileSource extends FrameSource {
  /** Of the read that failed; 0: none has. */
  error: Errno;
}

export function wholeSource(bytes: Uint8Array<ArrayBuffer>): FrameSource {
  return { bytes, at: 0, end: bytes.length, more: () => false };
}

const PIECE_BYTES = 8192;

/** `fd` stays the caller's. The buffer grows where a frame is longer than it. */
export function fileSource(host: FileHost, fd: number): FileSource {
  const source = {
    bytes: new Uint8Array(PIECE_BYTES),
    at: 0,
    end: 0,
    error: 0,
    more(): boolean {
      if (source.at > 0) source.bytes.copyWithin(0, source.at, source.end);
      source.end -= source.at;
      source.at = 0;
      if (source.end === source.bytes.length) {
        const larger = new Uint8Array(2 * source.bytes.length);
        larger.set(source.bytes);
        source.bytes = larger;
      }
      const count = host.read(fd, source.bytes.buffer, source.end, source.bytes.length - source.end);
      if (count < 0) source.error = count;
      else source.end += count;
      return count > 0;
    },
  };
  return source;
}
