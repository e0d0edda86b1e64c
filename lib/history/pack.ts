/**
 * Compresses a closed file: samples become blocks, events stay as they are, and what was lost is written down. Done in steps, so that a
 * daemon does a little at a time; the compressed file appears under its name only when it is whole and on the disk.
 */
import type { Sample } from "../sampler/sample.ts";
import type { FileHost } from "../system/file_host.ts";
import type { Errno, System } from "../system/system.ts";
import { BLOCK_SAMPLES, putBlock } from "./block.ts";
import { byteReader, byteWriter, DamageError, putText, putVarint, takeVarint } from "./bytes.ts";
import { takeDelta } from "./delta.ts";
import { buildFrame, type Damage, FRAME, framesOf } from "./frame.ts";
import { type Flat, type Layout, layoutOf, sameLayout, sampleOf, takeKey } from "./layout.ts";
import { readBytes } from "./segments.ts";

/** Yields after each block. Returns 0 or an errno; the .log is gone only when the .pack is there. */
export function* packSegment(system: System, host: FileHost, path: string): Generator<void, Errno> {
  const bytes = readBytes(host, system, path);
  if (typeof bytes === "number") return bytes;
  const target = path.replace(/\.log$/, ".pack");
  const temporary = `${target}.tmp`;
  const fd = host.open(temporary, "create", 0o644);
  if (fd < 0) return fd;
  let result = 0;
  const write = (
    type: number,
    realtimeMs: number,
    monotonicMs: number,
    payload: ReturnType<typeof byteWriter>,
  ) => {
    if (result < 0) return;
    const frame = buildFrame(host, type, realtimeMs, monotonicMs, payload);
    result = host.write(fd, frame.bytes.buffer, 0, frame.length);
  };
  let pending: Sample[] = [];
  const flush = (): void => {
    const first = pending[0];
    if (first === undefined) return;
    const payload = byteWriter(16384);
    putBlock(payload, layoutOf(first), pending);
    write(FRAME.block, first.realtimeMs, first.monotonicMs, payload);
    pending = [];
  };
  const damage: Damage = { bytes: 0, places: 0 };
  let orphans = 0;
  let key: { crc: number; layout: Layout; flat: readonly (Flat | null)[] } | null = null;
  for (const frame of framesOf(host, bytes, bytes.length, damage)) {
    const reader = byteReader(bytes, frame.payload, frame.end);
    try {
      if (frame.type === FRAME.key || frame.type === FRAME.delta) {
        if (frame.type === FRAME.key) key = { crc: frame.crc, ...takeKey(reader, null) };
        else if (takeVarint(reader) !== key?.crc) {
          orphans++;
          continue;
        }
        const { layout } = key;
        const flat: readonly (Flat | null)[] =
          frame.type === FRAME.key ? key.flat : takeDelta(reader, layout, key.flat);
        const sample = sampleOf(layout, flat, frame.realtimeMs, frame.monotonicMs);
        if (pending[0] !== undefined && !sameLayout(layoutOf(pending[0]), layout)) flush();
        pending.push(sample);
        if (pending.length >= BLOCK_SAMPLES) {
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
    for (let i = frame.payload; i < frame.end; i++) copy.bytes[copy.length++] = bytes[i] ?? 0;
    write(frame.type, frame.realtimeMs, frame.monotonicMs, copy);
  }
  flush();
  if (damage.places > 0 || orphans > 0) {
    const payload = byteWriter(16);
    putVarint(payload, damage.bytes);
    putVarint(payload, damage.places);
    putVarint(payload, orphans);
    write(FRAME.lost, 0, 0, payload);
  }
  if (result >= 0) result = host.fsync(fd);
  const closed = host.close(fd);
  if (result >= 0) result = closed;
  if (result >= 0) result = host.rename(temporary, target);
  if (result < 0) {
    system.remove(temporary);
    return result;
  }
  return Math.min(0, system.remove(path));
}

/** The payload of an event frame. */
export function textPayload(text: string): ReturnType<typeof byteWriter> {
  const payload = byteWriter(64);
  putText(payload, text);
  return payload;
}
