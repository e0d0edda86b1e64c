/**
 * Compresses a closed file: samples become blocks, events stay as they are, and what was lost is written down. Done in steps, so that a
 * daemon does a little at a time; the compressed file appears under its name only when it is whole and on the disk.
 *
 * A daemon keeps whatever memory it has once used, so there is never more of a day in it than the frames of one block and the numbers of one
 * group in them.
 */
import type { FileHost } from "../system/file_host.ts";
import type { Errno, System } from "../system/system.ts";
import { BLOCK_SAMPLES, type BlockRows, putBlock } from "./block.ts";
import {
  type ByteReader,
  type ByteWriter,
  byteReader,
  byteWriter,
  DamageError,
  putBytes,
  putText,
  putVarint,
  takeVarint,
} from "./bytes.ts";
import { takeDelta } from "./delta.ts";
import { buildFrame, type Damage, FRAME, type Frame, framesOf } from "./frame.ts";
import { fileSource } from "./frame_source.ts";
import { type Flat, type Layout, sameLayout, takeKey } from "./layout.ts";

/** Yields after each block. Returns 0 or an errno; the .log is gone only when the .pack is there. */
export function* packSegment(system: System, host: FileHost, path: string): Generator<void, Errno> {
  const input = host.open(path, "read", 0);
  if (input < 0) return input;
  const target = path.replace(/\.log$/, ".pack");
  const temporary = `${target}.tmp`;
  const output = host.open(temporary, "create", 0o644);
  if (output < 0) {
    host.close(input);
    return output;
  }
  let result = yield* packFrames(host, input, output);
  host.close(input);
  if (result >= 0) result = host.fsync(output);
  const closed = host.close(output);
  if (result >= 0) result = closed;
  if (result >= 0) result = host.rename(temporary, target);
  if (result < 0) {
    system.remove(temporary);
    return result;
  }
  return Math.min(0, system.remove(path));
}

function* packFrames(host: FileHost, input: number, output: number): Generator<void, Errno> {
  let result: Errno = 0;
  const write = (type: number, realtimeMs: number, monotonicMs: number, payload: ByteWriter): void => {
    if (result < 0) return;
    const frame = buildFrame(host, type, realtimeMs, monotonicMs, payload);
    result = host.write(output, frame.bytes.buffer, 0, frame.length);
  };
  let pending: Pending | null = null;
  const flush = (): void => {
    if (pending === null) return;
    const payload = byteWriter();
    putBlock(payload, rowsOf(pending));
    write(FRAME.block, pending.realtimeMs[0] ?? 0, pending.monotonicMs[0] ?? 0, payload);
    pending = null;
  };
  const damage: Damage = { bytes: 0, places: 0 };
  let orphans = 0;
  let key: Key | null = null;
  const source = fileSource(host, input);
  for (const frame of framesOf(host, source, damage)) {
    const reader = byteReader(source.bytes, frame.payload, frame.end);
    try {
      if (frame.type === FRAME.key || frame.type === FRAME.delta) {
        if (frame.type === FRAME.key) key = { crc: frame.crc, ...takeWholeKey(reader, pending?.layout) };
        else if (takeVarint(reader) !== key?.crc) {
          orphans++;
          continue;
        }
        // All of it, though it is kept as it is: what makes no sense is found here, not in the middle of a block.
        const flat = frame.type === FRAME.key ? key.flat : takeDelta(reader, key.layout, key.flat);
        if (pending !== null && pending.layout !== key.layout) flush();
        pending ??= emptyBlock(key.layout, flat as readonly Flat[]);
        keep(pending, frame, frame.type === FRAME.key ? null : source.bytes, key);
        if (pending.keys.length >= BLOCK_SAMPLES) {
          flush();
          yield;
        }
        continue;
      }
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      if (frame.type === FRAME.key) key = null;
      damage.places++;
      damage.bytes += frame.end - frame.start;
      continue;
    }
    flush();
    const copy = byteWriter(frame.end - frame.payload);
    putBytes(copy, source.bytes, frame.payload, frame.end);
    write(frame.type, frame.realtimeMs, frame.monotonicMs, copy);
  }
  if (source.error < 0) return source.error;
  flush();
  if (damage.places > 0 || orphans > 0) {
    const payload = byteWriter(16);
    putVarint(payload, damage.bytes);
    putVarint(payload, damage.places);
    putVarint(payload, orphans);
    write(FRAME.lost, 0, 0, payload);
  }
  return result;
}

interface Key {
  readonly crc: number;
  readonly layout: Layout;
  readonly flat: readonly Flat[];
}

/** With `known` for its layout where that is the same: one of them is enough. */
function takeWholeKey(reader: ByteReader, known: Layout | undefined): Omit<Key, "crc"> {
  const { layout, flat } = takeKey(reader, null);
  const isKnown = known !== undefined && sameLayout(known, layout);
  return { layout: isKnown ? known : layout, flat: flat as Flat[] };
}

/** The frames that will be a block, as they stand in the file. */
interface Pending {
  readonly layout: Layout;
  readonly first: readonly Flat[];
  readonly realtimeMs: number[];
  readonly monotonicMs: number[];
  /** The key frame that each leans on, or is. */
  readonly keys: Key[];
  /** Where the payload of each ends in `bytes`; that of a key frame is empty. */
  readonly ends: number[];
  readonly payloads: ByteWriter;
}

function emptyBlock(layout: Layout, first: readonly Flat[]): Pending {
  return { layout, first, realtimeMs: [], monotonicMs: [], keys: [], ends: [], payloads: byteWriter() };
}

/** `bytes` null: a key frame, all of which is in `key`. */
function keep(pending: Pending, frame: Frame, bytes: Uint8Array | null, key: Key): void {
  pending.realtimeMs.push(frame.realtimeMs);
  pending.monotonicMs.push(frame.monotonicMs);
  pending.keys.push(key);
  if (bytes !== null) putBytes(pending.payloads, bytes, frame.payload, frame.end);
  pending.ends.push(pending.payloads.length);
}

function rowsOf(pending: Pending): BlockRows {
  const { layout, first, realtimeMs, monotonicMs, keys, ends, payloads } = pending;
  return {
    layout,
    first,
    realtimeMs,
    monotonicMs,
    *rowsOf(group) {
      let start = 0;
      for (let i = 0; i < keys.length; i++) {
        const { flat } = keys[i] as Key;
        const end = ends[i] as number;
        yield end === start ? (flat[group] as Flat) : deltaOf(byteReader(payloads.bytes, start, end), flat);
        start = end;
      }

      function deltaOf(reader: ByteReader, base: readonly Flat[]): Flat {
        takeVarint(reader);
        const wanted = base.map((values, index) => (index === group ? values : null));
        return takeDelta(reader, layout, wanted)[group] as Flat;
      }
    },
  };
}

/** The payload of an event frame. */
export function textPayload(text: string): ByteWriter {
  const payload = byteWriter(64);
  putText(payload, text);
  return payload;
}
