/**
 * The black box of loadcalc: RUN/blackbox.json. While memory, pids or pressure are near a limit, and at each OOM kill, the processes that
 * hold most. Bounded: KEPT entries and OOMS kills, FILE_BYTES at most; replaced as a whole (rename), so that it is never torn.
 */
import type { System } from "../system/system.ts";

export interface BoxProcess {
  readonly pid: number;
  readonly startTicks: number;
  /** Text of others. */
  readonly comm: string;
  readonly residentBytes: number;
  readonly anonBytes: number | null;
  /** CPU time since its start. */
  readonly cpuUsec: number;
}

/** null: not known. */
export interface BoxEntry {
  readonly atUnixMs: number;
  /** Why it was taken: "oom", "memory", "pids", "pressure". */
  readonly reason: string;
  readonly limitBytes: number | null;
  readonly usageBytes: number | null;
  readonly anonBytes: number | null;
  readonly shmemBytes: number | null;
  readonly kernelBytes: number | null;
  readonly pids: number | null;
  /** The largest first. */
  readonly processes: readonly BoxProcess[];
}

export interface BoxOom {
  /** Between the two entries. */
  readonly kills: number;
  /** The last entry before; null: nothing was near a limit 5 s earlier. */
  readonly before: BoxEntry | null;
  readonly after: BoxEntry;
}

export interface BlackBox {
  readonly version: 1;
  /** The container's run that the last entry is of. */
  readonly bootId: string;
  readonly initStartTicks: number;
  /** Oldest first. */
  readonly recent: readonly BoxEntry[];
  readonly ooms: readonly BoxOom[];
}

const KEPT = 12;
const OOMS = 4;
export const PROCESSES = 6;
/** The file is never larger. */
export const FILE_BYTES = 32 * 1024;

export function boxPath(runDirectory: string): string {
  return `${runDirectory}/blackbox.json`;
}

/** With one more entry; `kills` since the entry before it. Pure. */
export function withEntry(box: BlackBox, entry: BoxEntry, kills: number): BlackBox {
  const before = box.recent[box.recent.length - 1] ?? null;
  const isNear = before !== null && entry.atUnixMs - before.atUnixMs <= 60_000;
  const ooms = kills > 0 ? [...box.ooms, { kills, before: isNear ? before : null, after: entry }] : box.ooms;
  return { ...box, recent: [...box.recent, entry].slice(-KEPT), ooms: ooms.slice(-OOMS) };
}

/** At most FILE_BYTES: what is oldest goes first, kills last. */
export function boxText(box: BlackBox): string {
  for (let kept = box; ; ) {
    const text = `${JSON.stringify(kept)}\n`;
    // Characters beyond ASCII take up to three bytes.
    if (text.length * 3 <= FILE_BYTES || (text.length <= FILE_BYTES && ASCII.test(text))) return text;
    if (kept.recent.length > 0) kept = { ...kept, recent: kept.recent.slice(1) };
    else if (kept.ooms.length > 1) kept = { ...kept, ooms: kept.ooms.slice(1) };
    else return `${JSON.stringify({ ...kept, ooms: [] })}\n`;
  }
}

const ASCII = /^[\n -~]*$/;

/** null: there is none, or what is there is not one. Everything in it is checked: anyone in the container may have written it. */
export function readBox(system: System, runDirectory: string): BlackBox | null {
  const text = system.readText(boxPath(runDirectory));
  return typeof text === "number" || text.length > FILE_BYTES ? null : parseBox(text);
}

export function parseBox(text: string): BlackBox | null {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(raw) || raw.version !== 1 || typeof raw.bootId !== "string") return null;
  if (typeof raw.initStartTicks !== "number" || !Array.isArray(raw.recent) || !Array.isArray(raw.ooms))
    return null;
  const ooms: BoxOom[] = [];
  for (const each of raw.ooms) {
    const after = isRecord(each) ? parseEntry(each.after) : null;
    if (!isRecord(each) || after === null) return null;
    ooms.push({ kills: count(each.kills) ?? 0, before: parseEntry(each.before), after });
  }
  const recent: BoxEntry[] = [];
  for (const each of raw.recent) {
    const entry = parseEntry(each);
    if (entry === null) return null;
    recent.push(entry);
  }
  return { version: 1, bootId: raw.bootId, initStartTicks: raw.initStartTicks, recent, ooms };
}

function parseEntry(raw: unknown): BoxEntry | null {
  if (!isRecord(raw) || typeof raw.reason !== "string" || !Array.isArray(raw.processes)) return null;
  const atUnixMs = count(raw.atUnixMs);
  // The latest moment that a Date can be of.
  if (atUnixMs === null || atUnixMs > 8.64e15) return null;
  return {
    atUnixMs,
    reason: raw.reason,
    limitBytes: count(raw.limitBytes),
    usageBytes: count(raw.usageBytes),
    anonBytes: count(raw.anonBytes),
    shmemBytes: count(raw.shmemBytes),
    kernelBytes: count(raw.kernelBytes),
    pids: count(raw.pids),
    processes: raw.processes.slice(0, PROCESSES).map((one) => {
      const each = isRecord(one) ? one : {};
      return {
        pid: count(each.pid) ?? 0,
        startTicks: count(each.startTicks) ?? 0,
        comm: typeof each.comm === "string" ? each.comm : "",
        residentBytes: count(each.residentBytes) ?? 0,
        anonBytes: count(each.anonBytes),
        cpuUsec: count(each.cpuUsec) ?? 0,
      };
    }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function count(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}
