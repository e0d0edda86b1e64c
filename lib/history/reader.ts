/**
 * Reads a store: every sample and event that is whole, in the order of writing, and how much was lost. Damage never ends the reading:
 * a bad frame costs itself, a bad key frame those that lean on it.
 */
import type { Sample } from "../sampler/sample.ts";
import type { FileHost } from "../system/file_host.ts";
import type { System } from "../system/system.ts";
import { takeBlock } from "./block.ts";
import { byteReader, DamageError, takeText, takeVarint } from "./bytes.ts";
import { takeDelta } from "./delta.ts";
import { type Damage, FRAME, type Frame, framesOf } from "./frame.ts";
import { wholeSource } from "./frame_source.ts";
import { type Flat, type Layout, sampleOf, takeKey } from "./layout.ts";
import { DAY_MS, dayOf, listSegments, readBytes } from "./segments.ts";

export type EventKind = "start" | "stop" | "limitChanged" | "clockStep";

export interface HistoryEvent {
  readonly kind: EventKind;
  readonly realtimeMs: number;
  readonly monotonicMs: number;
  /** Words for people: which limit, from what to what; how many seconds. */
  readonly detail: string;
}

export interface Lost {
  /** Bytes that are no frame. */
  bytes: number;
  /** Stretches of them. */
  frames: number;
  /** Samples that are whole but lean on a key frame that is not. */
  records: number;
  /** Files that cannot be read at all. */
  files: number;
}

export interface ReadOptions {
  readonly fromMs: number;
  readonly toMs: number;
  /** Names of groups; null: all. */
  readonly groups: ReadonlySet<string> | null;
  /** Called for each sample in the range before it is decoded: false leaves it out. */
  readonly isWanted?: (realtimeMs: number) => boolean;
}

export interface Visitor {
  readonly sample: (sample: Sample) => void;
  readonly event?: (event: HistoryEvent) => void;
}

/** Returns what was lost; null: there is no store. */
export function readHistory(
  system: System,
  host: FileHost,
  directory: string,
  options: ReadOptions,
  visitor: Visitor,
): Lost | null {
  const segments = listSegments(system, directory);
  if (typeof segments === "number") return null;
  const lost: Lost = { bytes: 0, frames: 0, records: 0, files: 0 };
  for (const segment of segments) {
    // A clock that was set may have put a sample into a neighbouring day.
    if (segment.dayMs < dayOf(options.fromMs) - DAY_MS || segment.dayMs > options.toMs + DAY_MS) continue;
    const bytes = readBytes(host, system, segment.path);
    if (typeof bytes === "number") {
      lost.files++;
      continue;
    }
    readSegment(host, bytes, options, visitor, lost);
  }
  return lost;
}

const EVENTS: Readonly<Record<number, EventKind>> = {
  [FRAME.start]: "start",
  [FRAME.stop]: "stop",
  [FRAME.limitChanged]: "limitChanged",
  [FRAME.clockStep]: "clockStep",
};

interface Key {
  readonly crc: number;
  readonly layout: Layout;
  readonly flat: readonly (Flat | null)[];
}

/** The frames of one file. */
export function readSegment(
  host: FileHost,
  bytes: Uint8Array<ArrayBuffer>,
  options: ReadOptions,
  visitor: Visitor,
  lost: Lost,
): void {
  const damage: Damage = { bytes: 0, places: 0 };
  const { groups } = options;
  const isWanted = (realtimeMs: number): boolean =>
    realtimeMs >= options.fromMs &&
    realtimeMs <= options.toMs &&
    (options.isWanted === undefined || options.isWanted(realtimeMs));
  let key: Key | null = null;
  const readFrame = (frame: Frame): void => {
    const { type, realtimeMs, monotonicMs } = frame;
    const reader = byteReader(bytes, frame.payload, frame.end);
    if (type === FRAME.key) {
      key = { crc: frame.crc, ...takeKey(reader, groups) };
      if (isWanted(realtimeMs)) visitor.sample(sampleOf(key.layout, key.flat, realtimeMs, monotonicMs));
    } else if (type === FRAME.delta) {
      if (takeVarint(reader) !== key?.crc) {
        if (realtimeMs >= options.fromMs && realtimeMs <= options.toMs) lost.records++;
      } else if (isWanted(realtimeMs)) {
        const flat = takeDelta(reader, key.layout, key.flat);
        visitor.sample(sampleOf(key.layout, flat, realtimeMs, monotonicMs));
      }
    } else if (type === FRAME.block) {
      for (const sample of takeBlock(reader, realtimeMs, monotonicMs, groups, isWanted).samples) {
        visitor.sample(sample);
      }
    } else if (type === FRAME.lost) {
      lost.bytes += takeVarint(reader);
      lost.frames += takeVarint(reader);
      lost.records += takeVarint(reader);
    } else {
      const kind = EVENTS[type];
      if (kind === undefined || realtimeMs < options.fromMs || realtimeMs > options.toMs) return;
      visitor.event?.({ kind, realtimeMs, monotonicMs, detail: takeText(reader) });
    }
  };
  for (const frame of framesOf(host, wholeSource(bytes), damage)) {
    try {
      readFrame(frame);
    } catch (error) {
      // Its CRC fits and it makes no sense: written by another version, or built to deceive.
      if (!(error instanceof DamageError)) throw error;
      if (frame.type === FRAME.key) key = null;
      lost.frames++;
      lost.bytes += frame.end - frame.start;
    }
  }
  lost.bytes += damage.bytes;
  lost.frames += damage.places;
}
