/** Reports from the store: a row per interval, the last record (--check). */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { type EventKind, type HistoryEvent, type Lost, readHistory } from "../../lib/history/reader.ts";
import { groupsOf } from "../../lib/sampler/modules.ts";
import { isComparable, type Sample } from "../../lib/sampler/sample.ts";
import type { FileHost } from "../../lib/system/file_host.ts";
import { checkLine } from "./formats.ts";
import { chooseOutput, type Output, type Span } from "./output.ts";
import { hasOption, lastValue, numberOption, type Plan } from "./plan.ts";
import { makeRow } from "./row.ts";
import { historyDirectory, storeHost } from "./store.ts";

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

export async function runHistory(context: ToolContext, plan: Plan): Promise<number> {
  const host = await storeHost(context);
  if (hasOption(context, "check")) return printCheck(context, plan, host);
  const output = await chooseOutput(context, plan, false);
  const intervalMs = Math.round(numberOption(context, "interval", 5, 0.0001) * 60_000);
  const range = readRange(context, host);
  const { lost, events } = reportRows(context, plan, host, range, intervalMs, output);
  warnOfLoss(context, lost);
  const span: Span = {
    fromSeconds: range.fromMs / 1000,
    toSeconds: range.toMs / 1000,
    intervalSeconds: intervalMs / 1000,
    events: events.map(({ realtimeMs, kind, detail }) => ({
      realtimeSeconds: realtimeMs / 1000,
      event: EVENT_NAMES[kind],
      detail,
    })),
    lost: { bytes: lost.bytes, frames: lost.frames, records: lost.records },
  };
  return output.end(span);
}

const EVENT_NAMES: Readonly<Record<EventKind, string>> = {
  start: "START",
  stop: "STOP",
  limitChanged: "LIMIT_CHANGED",
  clockStep: "CLOCK_STEP",
};

/** One sample stands for each interval: the first in it. It is compared with that of the interval before. */
function reportRows(
  context: ToolContext,
  plan: Plan,
  host: FileHost,
  range: Range,
  intervalMs: number,
  output: Output,
): { readonly lost: Lost; readonly events: readonly HistoryEvent[] } {
  const directory = historyDirectory(context);
  const bucketOf = bucketsOf(context, intervalMs);
  const events: HistoryEvent[] = [];
  let chosen: number | null = null;
  let lastMs: number | null = null;
  /** Smallest distance of two samples: how often is sampled. */
  let stepMs = Number.POSITIVE_INFINITY;
  let before: Sample | null = null;
  const lost = readHistory(
    context.system,
    host,
    directory,
    {
      fromMs: range.fromMs - Math.max(2 * intervalMs, 600_000),
      toMs: range.toMs,
      groups: new Set(groupsOf(plan.selected.map((one) => one.module)).map((group) => group.name)),
      isWanted(realtimeMs) {
        if (lastMs !== null && realtimeMs > lastMs) stepMs = Math.min(stepMs, realtimeMs - lastMs);
        lastMs = realtimeMs;
        const bucket = bucketOf(realtimeMs);
        if (bucket === chosen) return false;
        chosen = bucket;
        return true;
      },
    },
    {
      sample(sample) {
        const last = before !== null && isAdjacent(before, sample, intervalMs, stepMs) ? before : null;
        before = sample;
        if (sample.realtimeMs >= range.fromMs) output.row(makeRow(plan, last, sample));
      },
      event(event) {
        if (event.realtimeMs >= range.fromMs) events.push(event);
        // Never across a start, whatever it was that started.
        if (event.kind === "start") before = null;
      },
    },
  );
  if (lost === null) throw new ToolError(`no history in ${directory}; tsar --live shows what happens now`);
  return { lost, events };
}

/** Number of the interval, in local time: an hour begins at a full hour there too. */
function bucketsOf(context: ToolContext, intervalMs: number): (realtimeMs: number) => number {
  let quarter = Number.NaN;
  let offsetMs = 0;
  return (realtimeMs) => {
    // Offsets change at quarters of an hour at most.
    const now = Math.floor(realtimeMs / 900_000);
    if (now !== quarter) {
      quarter = now;
      offsetMs = context.system.localTime(realtimeMs / 1000).offsetSeconds * 1000;
    }
    return Math.floor((realtimeMs + offsetMs) / intervalMs) * intervalMs - offsetMs;
  };
}

/** A gap is shown as a gap. By the monotonic clock: the other one may have been set. */
function isAdjacent(before: Sample, after: Sample, intervalMs: number, stepMs: number): boolean {
  const usual = Number.isFinite(stepMs) ? Math.max(intervalMs, stepMs) : intervalMs;
  return isComparable(before, after) && after.monotonicMs - before.monotonicMs <= 1.5 * usual;
}

/** -d a day, -w minutes, -n days; calendar arithmetic, so that a day may have 23 or 25 hours. */
function readRange(context: ToolContext, host: FileHost): Range {
  const nowMs = context.system.realtimeSeconds() * 1000;
  const now = context.system.localTime(nowMs / 1000);
  const midnight = (year: number, month: number, day: number): number =>
    host.realtimeSeconds(year, month, day, 0, 0) * 1000;
  const date = lastValue(context, "date");
  if (date !== null) {
    const full = /^(\d{4})(\d\d)(\d\d)$/.exec(date);
    if (full === null && !/^\d{1,5}$/.test(date)) throw new ToolError(`invalid date: '${date}'`);
    const [year, month, day] =
      full === null
        ? [now.year, now.month, now.day - Number(date)]
        : [Number(full[1]), Number(full[2]), Number(full[3])];
    const fromMs = midnight(year, month, day);
    if (Number.isNaN(fromMs)) throw new ToolError(`invalid date: '${date}'`);
    return { fromMs, toMs: midnight(year, month, day + 1) - 1 };
  }
  if (lastValue(context, "watch") !== null) {
    return { fromMs: nowMs - numberOption(context, "watch", 60) * 60_000, toMs: nowMs };
  }
  const days = numberOption(context, "ndays", 1);
  const fromSeconds = host.realtimeSeconds(now.year, now.month, now.day - days, now.hour, now.minute);
  return { fromMs: fromSeconds * 1000, toMs: nowMs };
}

function warnOfLoss(context: ToolContext, lost: Lost): void {
  const parts: string[] = [];
  if (lost.frames > 0) parts.push(`${lost.bytes} bytes in ${lost.frames} places`);
  if (lost.records > 0) parts.push(`${lost.records} records whose key frame is damaged`);
  if (lost.files > 0) parts.push(`${lost.files} files that cannot be read`);
  if (parts.length > 0) context.warn(`the history is damaged: lost ${parts.join(", ")}`);
}

/** As tsar, which takes a record older than this for no record. */
const CHECK_SECONDS = 300;

/** All columns of the chosen modules (the default ones without any) of the last record. */
function printCheck(context: ToolContext, plan: Plan, host: FileHost): number {
  const nowMs = context.system.realtimeSeconds() * 1000;
  let before: Sample | null = null;
  let after: Sample | null = null;
  const lost = readHistory(
    context.system,
    host,
    historyDirectory(context),
    { fromMs: nowMs - 2 * CHECK_SECONDS * 1000, toMs: nowMs + 60_000, groups: null },
    {
      sample(sample) {
        before = after;
        after = sample;
      },
    },
  );
  const last = after as Sample | null;
  if (lost === null || last === null || nowMs - last.realtimeMs > CHECK_SECONDS * 1000) {
    throw new ToolError(`no record of the last ${CHECK_SECONDS} s in ${historyDirectory(context)}`);
  }
  context.print(checkLine(context.system.names().nodename, makeRow(plan, before, last)));
  return 0;
}
