/**
 * What the load averages are computed from, tick by tick: a plain record that survives a restart, and the rules for gaps.
 *
 * Pure: times are arguments. `monotonic` is CLOCK_MONOTONIC, which stands still in suspend as jiffies do, and which nobody can set.
 */
import { type Algorithm, type Averages, advance, LOAD_PERIOD_SECONDS, ZERO_AVERAGES } from "./fixed_point.ts";

export interface LoadState {
  readonly averages: Averages;
  /** The ideal tick up to which the averages account; the next is exactly LOAD_PERIOD_SECONDS later. */
  readonly tickMonotonicSeconds: number;
  /** Threads that were active at the last sample. */
  readonly active: number;
  /** CPU time of the cgroup at the last sample; null: not known. */
  readonly cpuUsageUsec: number | null;
  /** Ticks at which threads were counted. */
  readonly samples: number;
  /** Ticks that passed without: filled in. */
  readonly missedPeriods: number;
  /** Since when the averages account. */
  readonly sinceUnixMs: number;
}

/** One count of threads. */
export interface LoadSample {
  readonly monotonicSeconds: number;
  readonly realtimeSeconds: number;
  readonly active: number;
  readonly cpuUsageUsec: number | null;
}

/** A longer gap tells nothing about the time before it. */
export const GAP_MOST_SECONDS = 900;

/** A cgroup that used less of one CPU than this in a gap was paused or suspended, or had nothing to do. */
const IDLE_RATIO = 0.01;

/** How much too early a tick may be: a timer and a clock reading are not the same instant. */
const EARLY_SECONDS = 0.002;

/** Periods until even the 15-minute average has seen its whole time. */
const WARM_PERIODS = 900 / LOAD_PERIOD_SECONDS;

/** The first reading: nothing is known of the time before it. */
export function startLoad(sample: LoadSample): LoadState {
  return {
    averages: ZERO_AVERAGES,
    tickMonotonicSeconds: sample.monotonicSeconds,
    active: sample.active,
    cpuUsageUsec: sample.cpuUsageUsec,
    samples: 0,
    missedPeriods: 0,
    sinceUnixMs: Math.round(sample.realtimeSeconds * 1000),
  };
}

/** Ticks that have come since the state's last one. */
export function periodsDue(state: LoadState, monotonicSeconds: number): number {
  const periods = (monotonicSeconds + EARLY_SECONDS - state.tickMonotonicSeconds) / LOAD_PERIOD_SECONDS;
  return Math.max(0, Math.floor(periods));
}

/**
 * The state after a sample. Before the next tick: the same averages. One tick late or more: the missed ticks are filled in bulk, with
 * nothing active where the cgroup was idle, else with the last known count; then the sample counts for its own tick.
 */
export function accountSample(state: LoadState, sample: LoadSample, algorithm: Algorithm): LoadState {
  const gapSeconds = sample.monotonicSeconds - state.tickMonotonicSeconds;
  if (gapSeconds > GAP_MOST_SECONDS || gapSeconds < -LOAD_PERIOD_SECONDS) return startLoad(sample);
  const periods = periodsDue(state, sample.monotonicSeconds);
  if (periods === 0) return state;
  const missed = periods - 1;
  const filled = advance(state.averages, gapActive(state, sample, gapSeconds), missed, algorithm);
  return {
    averages: advance(filled, sample.active, 1, algorithm),
    tickMonotonicSeconds: state.tickMonotonicSeconds + periods * LOAD_PERIOD_SECONDS,
    active: sample.active,
    cpuUsageUsec: sample.cpuUsageUsec,
    samples: state.samples + 1,
    missedPeriods: state.missedPeriods + missed,
    sinceUnixMs: state.sinceUnixMs,
  };
}

/** The 15-minute average has not yet seen 15 minutes. */
export function isWarmingUp(state: LoadState): boolean {
  return state.samples + state.missedPeriods < WARM_PERIODS;
}

/** What was active in a gap. A counter that went backwards is another cgroup's: then the last count stands. */
function gapActive(state: LoadState, sample: LoadSample, gapSeconds: number): number {
  const before = state.cpuUsageUsec;
  const after = sample.cpuUsageUsec;
  if (before === null || after === null || after < before) return state.active;
  return after - before < IDLE_RATIO * gapSeconds * 1e6 ? 0 : state.active;
}
