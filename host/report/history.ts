/**
 * The samples that a container keeps of itself, read through its own root as what they are: the word of somebody who may be hostile. No
 * link is followed, and sizes and time are bounded (lib/system/host_access.ts).
 */
import { type ReadOptions, readSegment } from "../../lib/history/reader.ts";
import { DAY_MS, dayOf, segmentOf } from "../../lib/history/segments.ts";
import { DEFAULT_DIRECTORY } from "../../lib/history/writer.ts";
import type { Sample } from "../../lib/sampler/sample.ts";
import { ENOENT, errnoText } from "../../lib/system/errno.ts";
import type { FileHost } from "../../lib/system/file_host.ts";
import type { HostAccess } from "../../lib/system/host_access.ts";
import type { System } from "../../lib/system/system.ts";
import { type Point, pointOf, REPORT_GROUPS } from "./points.ts";

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_BYTES_TOGETHER = 16 * 1024 * 1024;
const NAMES_BYTES = 1 << 20;
const TIMEOUT_SECONDS = 2;
const TIMEOUT_SECONDS_TOGETHER = 10;

export interface StoredPoints {
  readonly points: readonly Point[];
  /** Why there are fewer than there should be; empty where it keeps none. */
  readonly problems: readonly string[];
}

export async function readStoredPoints(
  system: System,
  access: HostAccess,
  host: FileHost,
  process: { readonly pid: number; readonly startTicks: number },
  fromMs: number,
  toMs: number,
): Promise<StoredPoints> {
  const read = (name: string, most: number) =>
    access.readBelow(
      {
        base: `/proc/${process.pid}`,
        startTicks: process.startTicks,
        parts: DEFAULT_DIRECTORY.slice(1),
        name,
        walkOnly: false,
      },
      most,
      TIMEOUT_SECONDS,
    );
  const listed = await read("", NAMES_BYTES);
  if (typeof listed === "number") {
    const problems = listed === ENOENT ? [] : [`its history cannot be read: ${errnoText(listed)}`];
    return { points: [], problems };
  }
  const segments = namesOf(listed)
    .sort()
    .map((name, _, all) => segmentOf(name, all))
    .filter((each) => each !== null && each.dayMs >= dayOf(fromMs) - DAY_MS && each.dayMs <= toMs + DAY_MS);
  const lost = { bytes: 0, frames: 0, records: 0, files: 0 };
  const collected = collector(fromMs, toMs);
  let left = MOST_BYTES_TOGETHER;
  const deadline = system.monotonicSeconds() + TIMEOUT_SECONDS_TOGETHER;
  for (const segment of segments) {
    if (segment === null) continue;
    if (system.monotonicSeconds() > deadline) {
      lost.files++;
      continue;
    }
    const bytes = await read(segment.path.slice(1), Math.min(MOST_BYTES, left));
    if (typeof bytes === "number") {
      lost.files++;
      continue;
    }
    left -= bytes.length;
    readSegment(host, bytes, collected.options, { sample: collected.sample }, lost);
  }
  const problems: string[] = [];
  if (lost.files > 0) problems.push(`${lost.files} files of its history cannot be read`);
  if (lost.bytes > 0 || lost.records > 0) problems.push("parts of its history are damaged");
  return { points: collected.points, problems };
}

function collector(fromMs: number, toMs: number) {
  const points: Point[] = [];
  let before: Sample | null = null;
  const options: ReadOptions = {
    fromMs,
    toMs,
    groups: new Set(REPORT_GROUPS.map((group) => group.name)),
  };
  const sample = (after: Sample): void => {
    const point = before === null ? null : pointOf(before, after);
    if (point !== null) points.push(point);
    before = after;
  };
  return { points, options, sample };
}

function namesOf(bytes: Uint8Array): string[] {
  const names: string[] = [];
  let name = "";
  for (const byte of bytes) {
    if (byte !== 0) name += String.fromCharCode(byte);
    else {
      names.push(name);
      name = "";
    }
  }
  return names;
}
