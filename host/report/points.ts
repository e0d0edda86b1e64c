/** What a container used between two looks at it, and peak, p95 and mean over many such stretches. Pure. */
import type { RawGroup, RawValue } from "../../lib/sampler/module.ts";
import { cpuModule } from "../../lib/sampler/modules/cpu/module.ts";
import { memModule } from "../../lib/sampler/modules/mem/module.ts";
import { oomModule } from "../../lib/sampler/modules/oom/module.ts";
import { pidsModule } from "../../lib/sampler/modules/pids/module.ts";
import { psiModule } from "../../lib/sampler/modules/psi/module.ts";
import { throttleModule } from "../../lib/sampler/modules/throttle/module.ts";
import { moved, sum } from "../../lib/sampler/rate.ts";
import { isComparable, type Sample } from "../../lib/sampler/sample.ts";

/** What a report needs of a sample. */
export const REPORT_GROUPS: readonly RawGroup[] = [
  cpuModule,
  memModule,
  throttleModule,
  psiModule,
  pidsModule,
  oomModule,
].map((module) => module.group);

/** null: not known. */
export interface Point {
  /** Wall clock at the end of the stretch. */
  readonly atMs: number;
  /** How long it was, by the monotonic clock. */
  readonly seconds: number;
  readonly cpuCores: RawValue;
  readonly workingSetBytes: RawValue;
  readonly tasks: RawValue;
  readonly periods: RawValue;
  readonly throttledPeriods: RawValue;
  /** Shares of the stretch in which some task waited: CPU, memory, IO. */
  readonly pressure: readonly RawValue[];
  readonly oomKills: RawValue;
}

/** A hole in the samples is no stretch. */
const LONGEST_SECONDS = 900;

/** null: the two cannot be compared. */
export function pointOf(before: Sample, after: Sample): Point | null {
  const seconds = (after.monotonicMs - before.monotonicMs) / 1000;
  if (!isComparable(before, after) || seconds > LONGEST_SECONDS) return null;
  const values = (sample: Sample, group: string): readonly RawValue[] =>
    sample.groups.get(group)?.[0]?.values ?? [];
  const delta = (group: string, field: number): RawValue =>
    moved(values(before, group), values(after, group), field);
  const usedUsec = delta("cpu", 0) ?? sum(delta("cpu", 1), delta("cpu", 2));
  return {
    atMs: after.realtimeMs,
    seconds,
    cpuCores: usedUsec === null ? null : usedUsec / (seconds * 1e6),
    workingSetBytes: values(after, "mem")[6] ?? null,
    tasks: values(after, "pids")[0] ?? null,
    periods: delta("throttle", 0),
    throttledPeriods: delta("throttle", 1),
    // Stored in a coarser grain, so that a stretch of nothing but waiting may come out a little above it.
    pressure: [0, 2, 4].map((field) => {
      const waited = delta("psi", field);
      return waited === null ? null : Math.min(1, waited / (seconds * 1e6));
    }),
    oomKills: delta("oom", 0),
  };
}

export interface Spread {
  readonly peak: number | null;
  /** 95 % of the time it was no more. */
  readonly p95: number | null;
  readonly mean: number | null;
}

/** A value counts for as long as its stretch was; unknown ones are left out. */
export function spreadOf(points: readonly Point[], pick: (point: Point) => RawValue): Spread {
  const known: { value: number; seconds: number }[] = [];
  let seconds = 0;
  let total = 0;
  for (const point of points) {
    const value = pick(point);
    if (value === null) continue;
    known.push({ value, seconds: point.seconds });
    seconds += point.seconds;
    total += value * point.seconds;
  }
  if (known.length === 0) return { peak: null, p95: null, mean: null };
  known.sort((a, b) => a.value - b.value);
  let below = 0;
  const p95 = known.find((each) => {
    below += each.seconds;
    return below >= 0.95 * seconds - 1e-9;
  });
  const peak = known[known.length - 1]?.value ?? null;
  return { peak, p95: p95?.value ?? peak, mean: total / seconds };
}

/** null as long as nothing is known. */
export function totalOf(points: readonly Point[], pick: (point: Point) => RawValue): number | null {
  let total: number | null = null;
  for (const point of points) {
    const value = pick(point);
    if (value !== null) total = (total ?? 0) + value;
  }
  return total;
}
