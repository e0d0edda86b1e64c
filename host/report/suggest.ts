/** The rules by which a limit is suggested (docs/host.md). Each gives its reason, and none where the evidence is too thin. Pure. */
import type { ContainerReport } from "./report.ts";

/** null: nothing is suggested; the reason says why. */
export interface Suggestion {
  readonly value: number | null;
  readonly reason: string;
}

type Measured = Omit<ContainerReport, "suggested">;

/** Less than this was too short a look for what is not kept by the kernel. */
const LEAST_SECONDS = 60;
/** From here on the samples are believed to have seen the peak; below the kernel's own peak is taken. */
const LONG_SECONDS = 3600;
const ROOM = 1.25;
/** What was cut off cannot be seen. */
const MORE = 1.5;
const THROTTLED_RATIO = 0.05;
const MIB = 1024 * 1024;
const MEMORY_STEP = 16 * MIB;
const PIDS_STEP = 32;

export function suggestMemory({ memory, window }: Measured, hostBytes: number | null): Suggestion {
  const { limitBytes, workingSetBytes, kernelPeakBytes, oomKills, oomKillsSinceStart } = memory;
  const round = (bytes: number): number =>
    Math.min(Math.ceil(bytes / MEMORY_STEP) * MEMORY_STEP, hostBytes ?? Number.POSITIVE_INFINITY);
  const kills = Math.max(oomKills ?? 0, oomKillsSinceStart ?? 0);
  if (kills > 0 && typeof limitBytes === "number") {
    return {
      value: round(limitBytes * MORE),
      reason: `${kills} OOM kills: what it needs was cut off at the limit; half as much again`,
    };
  }
  const isLong = window.coveredSeconds >= LONG_SECONDS;
  const seen = workingSetBytes.peak;
  if (isLong && seen !== null) {
    return { value: round(seen * ROOM), reason: `highest working set over ${span(window)}, and a quarter` };
  }
  if (kernelPeakBytes !== null) {
    const reason = "the kernel's peak since the start, which counts page cache too, and a quarter";
    const bytes = Math.max(kernelPeakBytes, seen ?? 0) * ROOM;
    // A full page cache fills any limit: more than there is now is not shown to be needed.
    if (typeof limitBytes === "number" && round(bytes) > limitBytes) {
      return {
        value: null,
        reason: `page cache and all, it once filled the limit: an hour of samples is needed`,
      };
    }
    return { value: round(bytes), reason };
  }
  if (seen === null || window.coveredSeconds < LEAST_SECONDS)
    return { value: null, reason: tooShort(window) };
  return {
    value: round(seen * ROOM),
    reason: `highest working set over only ${span(window)}, and a quarter`,
  };
}

export function suggestCpu({ cpu, window }: Measured, hostCpus: number | null): Suggestion {
  const { quotaCores, throttledRatio, usedCores } = cpu;
  const round = (cores: number): number =>
    Math.min(Math.max(0.1, Math.ceil(cores * 10 - 1e-9) / 10), hostCpus ?? Number.POSITIVE_INFINITY);
  if (usedCores.p95 === null || window.coveredSeconds < LEAST_SECONDS)
    return { value: null, reason: tooShort(window) };
  if (throttledRatio !== null && throttledRatio > THROTTLED_RATIO && typeof quotaCores === "number") {
    return {
      value: round(quotaCores * MORE),
      reason: `throttled in ${percent(throttledRatio)} of the periods: half as much again`,
    };
  }
  return { value: round(usedCores.p95 * ROOM), reason: `p95 over ${span(window)}, and a quarter` };
}

export function suggestPids({ pids, window }: Measured, hostPidMax: number | null): Suggestion {
  const seen = pids.tasks.peak;
  if (pids.kernelPeak === null && (seen === null || window.coveredSeconds < LEAST_SECONDS))
    return { value: null, reason: tooShort(window) };
  const most = Math.max(pids.kernelPeak ?? 0, seen ?? 0);
  const whose =
    pids.kernelPeak === null ? `most tasks over ${span(window)}` : "the kernel's peak since the start";
  const value = Math.ceil((2 * most) / PIDS_STEP) * PIDS_STEP;
  return { value: Math.min(value, hostPidMax ?? Number.POSITIVE_INFINITY), reason: `twice ${whose}` };
}

function tooShort({ coveredSeconds }: Measured["window"]): string {
  return `seen for ${Math.round(coveredSeconds)} s only: ${LEAST_SECONDS} s are needed`;
}

function span({ coveredSeconds }: Measured["window"]): string {
  return coveredSeconds >= 2 * LONG_SECONDS
    ? `${Math.round(coveredSeconds / 3600)} h`
    : `${Math.round(coveredSeconds / 60)} min`;
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
