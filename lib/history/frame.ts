/**
 * A frame of the store, little endian: magic u32, payload length u32, CRC-32 u32 of all that follows, type u8, wall clock ms i64,
 * monotonic ms u64, payload. A frame is written with one write(2) and read only when its CRC fits.
 */
import type { FileHost } from "../system/file_host.ts";
import { type ByteWriter, byteWriter, putByte, putBytes, putI64, putU32 } from "./bytes.ts";
import type { FrameSource } from "./frame_source.ts";

export const FRAME = {
  key: 1,
  delta: 2,
  start: 3,
  stop: 4,
  limitChanged: 5,
  clockStep: 6,
  /** Many samples, compressed: a closed day. */
  block: 7,
  /** What compressing could not read. */
  lost: 8,
} as const;

export const HEADER_BYTES = 29;
const LARGEST_PAYLOAD = 1 << 24;
/** No text, no small number: unlikely in payloads. */
const MAGIC = [0x70, 0xf1, 0x67, 0x9a] as const;
const MAGIC_U32 = 0x9a67f170;

export interface Frame {
  readonly type: number;
  readonly realtimeMs: number;
  readonly monotonicMs: number;
  /** Offsets of the frame and its payload in the buffer. */
  readonly start: number;
  readonly payload: number;
  readonly end: number;
  readonly crc: number;
}

export function buildFrame(
  host: FileHost,
  type: number,
  realtimeMs: number,
  monotonicMs: number,
  payload: ByteWriter,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly length: number; readonly crc: number } {
  const frame = byteWriter(HEADER_BYTES + payload.length);
  putU32(frame, MAGIC_U32);
  putU32(frame, payload.length);
  putU32(frame, 0);
  putByte(frame, type);
  putI64(frame, realtimeMs);
  putI64(frame, monotonicMs);
  putBytes(frame, payload.bytes, 0, payload.length);
  const crc = host.crc32(frame.bytes.buffer, 12, frame.length - 12, 0) >>> 0;
  new DataView(frame.bytes.buffer).setUint32(8, crc, true);
  return { bytes: frame.bytes, length: frame.length, crc };
}

/** The frame at `at`, or null: damaged, or none. */
export function frameAt(host: FileHost, view: DataView<ArrayBuffer>, at: number, end: number): Frame | null {
  if (at + HEADER_BYTES > end || view.getUint32(at, true) !== MAGIC_U32) return null;
  const length = view.getUint32(at + 4, true);
  if (length > LARGEST_PAYLOAD || at + HEADER_BYTES + length > end) return null;
  const crc = view.getUint32(at + 8, true);
  if (host.crc32(view.buffer, at + 12, HEADER_BYTES - 12 + length, 0) >>> 0 !== crc) return null;
  // Signed: a clock that was set back may be before 1970.
  const i64 = (from: number): number => view.getUint32(from, true) + view.getInt32(from + 4, true) * 2 ** 32;
  return {
    type: view.getUint8(at + 12),
    realtimeMs: i64(at + 13),
    monotonicMs: i64(at + 21),
    start: at,
    payload: at + HEADER_BYTES,
    end: at + HEADER_BYTES + length,
    crc,
  };
}

/** Where the next magic begins at or after `at`; `end` where there is none. */
export function nextMagic(bytes: Uint8Array<ArrayBuffer>, at: number, end: number): number {
  for (let i = bytes.indexOf(MAGIC[0], at); i >= 0 && i + 4 <= end; i = bytes.indexOf(MAGIC[0], i + 1)) {
    if (bytes[i + 1] === MAGIC[1] && bytes[i + 2] === MAGIC[2] && bytes[i + 3] === MAGIC[3]) return i;
  }
  return end;
}

/** How many bytes were skipped, and in how many places. */
export interface Damage {
  bytes: number;
  places: number;
}

/**
 * Every good frame of the source, in order; what is not one is counted. A frame's offsets are of `source.bytes`, and hold until the next
 * one is asked for.
 */
export function* framesOf(host: FileHost, source: FrameSource, damage: Damage): Generator<Frame> {
  let isDamaged = false;
  while (source.at < source.end || source.more()) {
    const frame = frameHere(host, source);
    if (frame !== null) {
      isDamaged = false;
      source.at = frame.end;
      yield frame;
      continue;
    }
    // Several tries in one damaged stretch are one place.
    if (!isDamaged) damage.places++;
    isDamaged = true;
    damage.bytes += skipToMagic(source);
  }
}

/** The frame at the source's place, brought in as a whole; null: damaged, or none. */
function frameHere(host: FileHost, source: FrameSource): Frame | null {
  while (isCut(source) && source.more()) {
    // until it is whole
  }
  return frameAt(host, new DataView(source.bytes.buffer), source.at, source.end);
}

function isCut({ bytes, at, end }: FrameSource): boolean {
  if (end - at < HEADER_BYTES) return true;
  const view = new DataView(bytes.buffer);
  const length = view.getUint32(at + 4, true);
  return (
    view.getUint32(at, true) === MAGIC_U32 && length <= LARGEST_PAYLOAD && at + HEADER_BYTES + length > end
  );
}

/** At least a byte further, to what may be a frame; gives the bytes passed over. */
function skipToMagic(source: FrameSource): number {
  let skipped = 1;
  source.at++;
  for (;;) {
    const found = nextMagic(source.bytes, source.at, source.end);
    // The last three bytes may be a magic's first.
    const at = found < source.end ? found : Math.max(source.at, source.end - 3);
    skipped += at - source.at;
    source.at = at;
    if (found < source.end) return skipped;
    if (source.more()) continue;
    skipped += source.end - source.at;
    source.at = source.end;
    return skipped;
  }
}
