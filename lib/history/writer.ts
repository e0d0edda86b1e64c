/**
 * The one writer of a store. Each sample is one frame, written at once; what fails leaves the store as it was. The bounds hold at every
 * append: bytes and days by dropping the oldest closed file, the floor of free space by that too where it helps, else by not writing.
 *
 * A daemon: createHistoryWriter(system, options), then append(sample) each minute, and end() when it stops. It never throws for a file.
 */
import type { RawValue } from "../sampler/module.ts";
import { LIMIT_KEYS, type Sample } from "../sampler/sample.ts";
import { errnoText } from "../system/errno.ts";
import { type FileHost, openFileHost } from "../system/file_host.ts";
import type { System } from "../system/system.ts";
import { byteReader, byteWriter, DamageError, takeVarint } from "./bytes.ts";
import { putDelta } from "./delta.ts";
import { buildFrame, FRAME, framesOf } from "./frame.ts";
import { fileSource } from "./frame_source.ts";
import { type Flat, flatValues, type Layout, layoutOf, putKey, sameLayout, takeKey } from "./layout.ts";
import { packSegment, textPayload } from "./pack.ts";
import { DAY_MS, dayOf, listSegments, type Segment, segmentPath } from "./segments.ts";

export interface HistoryOptions {
  readonly directory: string;
  /** Most bytes of all files together. */
  readonly maxBytes?: number;
  /** Days that are kept, the current one included. */
  readonly maxDays?: number;
  /** Less is free on the file system: the oldest closed files go where that is enough, else nothing is written. */
  readonly minFreeBytes?: number;
  /** A daemon marks its start (START) and compresses step by step; else (cron) START marks another container only. */
  readonly daemon?: boolean;
}

export interface AppendResult {
  readonly written: boolean;
  /** Why not; or what could not be dropped or compressed. One line. */
  readonly problem: string | null;
}

export interface HistoryWriter {
  readonly append: (sample: Sample) => AppendResult;
  /** Compresses what is closed, all at once. For cron, behind its append. */
  readonly pack: () => void;
  /** Marks the end of a daemon, and closes. */
  readonly end: (realtimeMs: number, monotonicMs: number) => void;
}

export const DEFAULT_DIRECTORY = "/var/log/procg";
export const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
export const DEFAULT_MAX_DAYS = 31;
export const DEFAULT_MIN_FREE_BYTES = 32 * 1024 * 1024;

const KEY_EVERY = 30;
const CLOCK_STEP_MS = 1000;
const ENOENT = -2;
const EEXIST = -17;
const EAGAIN = -11;

/** The writer, or in one line why there is none: another one writes, or the directory cannot be used. */
export async function createHistoryWriter(
  system: System,
  options: HistoryOptions,
): Promise<HistoryWriter | string> {
  const host = await openFileHost(system);
  if (host === null) return "no history can be written from here";
  return openWriter(system, host, options);
}

interface Key {
  readonly crc: number;
  readonly layout: Layout;
  readonly flat: readonly Flat[];
  followers: number;
}

/** What the next sample is compared with. */
interface Last {
  readonly realtimeMs: number;
  readonly monotonicMs: number;
  readonly bootId: string;
  readonly containerId: string;
  readonly limits: Flat;
}

export function openWriter(system: System, host: FileHost, options: HistoryOptions): HistoryWriter | string {
  const { directory } = options;
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const maxDays = options.maxDays ?? DEFAULT_MAX_DAYS;
  const minFree = options.minFreeBytes ?? DEFAULT_MIN_FREE_BYTES;
  const made = system.makeDirectory(directory, 0o755);
  if (made < 0 && made !== EEXIST) return `${directory}: ${errnoText(made)}`;
  const lock = host.open(`${directory}/lock`, "append", 0o644);
  if (lock < 0) return `${directory}/lock: ${errnoText(lock)}`;
  const locked = host.lock(lock);
  if (locked < 0) {
    host.close(lock);
    return locked === EAGAIN
      ? `${directory}: another program writes there`
      : `${directory}: ${errnoText(locked)}`;
  }
  removeLeftovers(system, directory);

  let fd = -1;
  let path = "";
  let size = 0;
  let key: Key | null = null;
  let last: Last | null = null;
  let isStart = true;
  let packing: Generator<void, number> | null = null;
  /** Closed files that could not be compressed: not tried again by this writer. */
  const unpackable = new Set<string>();

  function close(): void {
    if (fd >= 0) host.close(fd);
    fd = -1;
    key = null;
  }

  /** The file for this moment; a large one is closed early, so that there is always an oldest one to drop. */
  function openFor(realtimeMs: number): number {
    const dayMs = dayOf(realtimeMs);
    const segments = listSegments(system, directory);
    if (typeof segments === "number") return segments;
    const newest = segments.filter((one) => one.dayMs === dayMs).pop();
    const isFull = newest !== undefined && (newest.packed || sizeOf(system, newest.path) > maxBytes / 4);
    const number = newest === undefined ? 0 : isFull ? newest.number + 1 : newest.number;
    if (number > 99) return -28; // ENOSPC: a hundred files in a day
    const wanted = segmentPath(directory, dayMs, number);
    if (fd >= 0 && wanted === path && typeof system.stat(path) !== "number") return 0;
    close();
    const opened = host.open(wanted, "append", 0o644);
    if (opened < 0) return opened;
    fd = opened;
    path = wanted;
    size = sizeOf(system, wanted);
    const found = last === null || size > 0 ? recover(system, host, segments, wanted) : null;
    key = found?.key ?? null;
    last ??= found?.last ?? null;
    return 0;
  }

  /** One write; what was written of a frame that failed is cut off again. */
  function put(
    type: number,
    realtimeMs: number,
    monotonicMs: number,
    payload: ReturnType<typeof byteWriter>,
  ): number {
    const frame = buildFrame(host, type, realtimeMs, monotonicMs, payload);
    const result = host.write(fd, frame.bytes.buffer, 0, frame.length);
    if (result < 0) {
      host.truncate(fd, size);
      close();
      return result;
    }
    size += frame.length;
    return frame.crc;
  }

  function putEvents(sample: Sample, limits: Flat): number {
    const { realtimeMs, monotonicMs } = sample;
    const isOther =
      last !== null && (last.bootId !== sample.bootId || last.containerId !== sample.containerId);
    if (last === null || isOther || (isStart && options.daemon === true)) {
      const text = `boot ${sample.bootId || "unknown"}, container ${sample.containerId || "unknown"}`;
      const result = put(FRAME.start, realtimeMs, monotonicMs, textPayload(text));
      if (result < 0) return result;
    }
    if (last === null || isOther) return 0;
    const step = realtimeMs - last.realtimeMs - (monotonicMs - last.monotonicMs);
    if (Math.abs(step) >= CLOCK_STEP_MS) {
      const result = put(
        FRAME.clockStep,
        realtimeMs,
        monotonicMs,
        textPayload(`${(step / 1000).toFixed(3)} s`),
      );
      if (result < 0) return result;
    }
    const changes = limitChanges(last.limits, limits);
    // A key frame with the new limits: whoever goes on from it must not report them again.
    if (changes !== "") key = null;
    return changes === "" ? 0 : put(FRAME.limitChanged, realtimeMs, monotonicMs, textPayload(changes));
  }

  function putSample(sample: Sample): number {
    const layout = layoutOf(sample);
    const flat = flatValues(sample);
    const events = putEvents(sample, flat[0] ?? []);
    if (events < 0) return events;
    const payload = byteWriter(1024);
    const { realtimeMs, monotonicMs } = sample;
    if (key !== null && key.followers < KEY_EVERY - 1 && sameLayout(key.layout, layout)) {
      putDelta(payload, key.crc, key.flat, flat);
      const result = put(FRAME.delta, realtimeMs, monotonicMs, payload);
      if (result < 0) return result;
      if (key !== null) key.followers++;
    } else {
      putKey(payload, layout, flat);
      const crc = put(FRAME.key, realtimeMs, monotonicMs, payload);
      if (crc < 0) return crc;
      key = { crc, layout, flat, followers: 0 };
    }
    const { bootId, containerId } = sample;
    last = { realtimeMs, monotonicMs, bootId, containerId, limits: flat[0] ?? [] };
    isStart = false;
    return 0;
  }

  /** Drops the oldest closed files until days and bytes are within their bounds. Says what could not be done. */
  function bound(realtimeMs: number): string | null {
    const segments = listSegments(system, directory);
    if (typeof segments === "number") return `${directory}: ${errnoText(segments)}`;
    const sizes = segments.map((one) => sizeOf(system, one.path));
    let total = sizes.reduce((a, b) => a + b, 0);
    const oldestDay = dayOf(realtimeMs) - (maxDays - 1) * DAY_MS;
    for (const [index, segment] of segments.entries()) {
      if (segment.path === path) continue;
      const isOld = segment.dayMs < oldestDay;
      if (!isOld && total <= maxBytes) break;
      const removed = system.remove(segment.path);
      if (removed < 0) return `${segment.path} cannot be removed: ${errnoText(removed)}`;
      total -= sizes[index] ?? 0;
    }
    return null;
  }

  /**
   * False: the floor of free space cannot be held. The oldest closed files go where that brings the space back; where it would not,
   * nothing is dropped: a month of history is small, and losing it helps nobody who fills the disk.
   */
  function hasRoom(): boolean {
    const status = system.statvfs(directory);
    if (typeof status === "number") return true;
    const block = status.fragmentBytes > 0 ? status.fragmentBytes : status.blockBytes;
    if (status.inodes > 0 && status.inodesAvailable <= 0) return false;
    let lacking = minFree - status.blocksAvailable * block;
    if (lacking <= 0) return true;
    const segments = listSegments(system, directory);
    const closed = typeof segments === "number" ? [] : segments.filter((one) => one.path !== path);
    // Without a file of its own yet: the newest one may be gone on with.
    if (path === "") closed.pop();
    const sizes = closed.map((one) => Math.ceil(sizeOf(system, one.path) / block) * block);
    if (sizes.reduce((sum, size) => sum + size, 0) < lacking) return false;
    for (let i = 0; lacking > 0; i++) {
      if (system.remove((closed[i] as Segment).path) < 0) return false;
      lacking -= sizes[i] as number;
    }
    return true;
  }

  /** One block of a closed file. */
  function packStep(): boolean {
    if (packing === null) {
      const closed = closedLog(system, directory, path, unpackable);
      if (closed === null) return false;
      unpackable.add(closed.path);
      packing = packSegment(system, host, closed.path);
    }
    const step = packing.next();
    if (step.done === true) packing = null;
    return true;
  }

  return {
    append(sample) {
      const fail = (problem: string): AppendResult => ({ written: false, problem });
      if (!hasRoom()) {
        return fail(`${directory}: less than ${Math.round(minFree / 1048576)} MiB free: nothing is written`);
      }
      const opened = openFor(sample.realtimeMs);
      if (opened < 0) {
        close();
        if (opened === ENOENT) system.makeDirectory(directory, 0o755);
        return fail(`${directory}: ${errnoText(opened)}`);
      }
      const result = putSample(sample);
      if (result < 0) return fail(`${path}: ${errnoText(result)}`);
      const problem = bound(sample.realtimeMs);
      if (options.daemon === true) packStep();
      return { written: true, problem };
    },
    pack() {
      while (packStep()) {
        // until nothing is closed and uncompressed
      }
    },
    end(realtimeMs, monotonicMs) {
      if (fd >= 0 && options.daemon === true && !isStart)
        put(FRAME.stop, realtimeMs, monotonicMs, textPayload(""));
      close();
      host.close(lock);
    },
  };
}

function sizeOf(system: System, path: string): number {
  const status = system.stat(path);
  return typeof status === "number" ? 0 : status.sizeBytes;
}

/** The oldest file that is not written to any more and not compressed. */
function closedLog(
  system: System,
  directory: string,
  active: string,
  without: ReadonlySet<string>,
): Segment | null {
  const segments = listSegments(system, directory);
  if (typeof segments === "number") return null;
  return segments.find((one) => !one.packed && one.path !== active && !without.has(one.path)) ?? null;
}

/** Half-made files of a writer that died, and a .log whose .pack is whole. */
function removeLeftovers(system: System, directory: string): void {
  const names = system.readDirectory(directory);
  if (typeof names === "number") return;
  for (const name of names) {
    const isHalf = /^\d{8}-\d\d\.pack\.tmp$/.test(name);
    const isDone = /^\d{8}-\d\d\.log$/.test(name) && names.includes(name.replace(".log", ".pack"));
    if (isHalf || isDone) system.remove(`${directory}/${name}`);
  }
}

/**
 * Where a writer that is gone has stopped: the last sample, and the key frame that further ones may lean on. Behind
 * damage a new key frame begins.
 */
function recover(
  system: System,
  host: FileHost,
  segments: readonly Segment[],
  path: string,
): { readonly key: Key | null; readonly last: Last | null } {
  let key: Key | null = null;
  let last: Last | null = null;
  // A new file: the last sample of the one before says whether the container or a limit is another.
  const from = sizeOf(system, path) > 0 ? path : segments.filter((one) => !one.packed).pop()?.path;
  const fd = from === undefined ? ENOENT : host.open(from, "read", 0);
  if (fd < 0) return { key, last };
  const damage = { bytes: 0, places: 0 };
  let damagedBeforeKey = 0;
  const source = fileSource(host, fd);
  for (const frame of framesOf(host, source, damage)) {
    const { realtimeMs, monotonicMs } = frame;
    const reader = byteReader(source.bytes, frame.payload, frame.end);
    try {
      if (frame.type === FRAME.key) {
        const { layout, flat } = takeKey(reader, null);
        key = { crc: frame.crc, layout, flat: flat as Flat[], followers: 0 };
        damagedBeforeKey = damage.places;
      } else if (frame.type === FRAME.delta) {
        if (key === null || takeVarint(reader) !== key.crc) continue;
        key.followers++;
      } else continue;
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      key = null;
      continue;
    }
    const { bootId, containerId } = key.layout;
    last = { realtimeMs, monotonicMs, bootId, containerId, limits: key.flat[0] ?? [] };
  }
  host.close(fd);
  const isDamaged = damage.places > damagedBeforeKey || source.error < 0;
  return { key: isDamaged || from !== path ? null : key, last };
}

function limitChanges(before: Flat, after: Flat): string {
  const word = (value: RawValue): string =>
    value === null ? "unknown" : value === -1 ? "max" : String(value);
  const changes = LIMIT_KEYS.map((name, index) => {
    const [was, is] = [before[index] ?? null, after[index] ?? null];
    return was === is ? "" : `${name} ${word(was)} -> ${word(is)}`;
  });
  return changes.filter((text) => text !== "").join(", ");
}
