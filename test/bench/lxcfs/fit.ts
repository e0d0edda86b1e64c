/**
 * Load averages against a theory whose ticks fall at an unknown moment: each keeper is compared with the ticks that fit it best.
 */
import { type Averages, LOAD_PERIOD_SECONDS, loadValue } from "../../../lib/loadavg/fixed_point.ts";

export interface Seen {
  readonly at: number;
  readonly loads: readonly number[];
}

export interface Fit {
  readonly phase: number;
  /** Of the 1, 5 and 15 minute averages. */
  readonly mean: readonly number[];
  readonly largest: readonly number[];
}

/** The phase with the least mean error of the one-minute average, and the errors there. */
export function fit(seen: readonly Seen[], wanted: (at: number, phase: number) => Averages): Fit {
  let best: Fit | null = null;
  for (let phase = 0; phase < LOAD_PERIOD_SECONDS; phase += 0.1) {
    const errors = seen.map(({ at, loads }) => {
      const want = wanted(at, phase).map(loadValue);
      return loads.map((load, i) => Math.abs(load - (want[i] ?? Number.NaN)));
    });
    const of = (i: number): number[] => errors.map((error) => error[i] ?? Number.NaN);
    const mean = [0, 1, 2].map((i) => of(i).reduce((sum, error) => sum + error, 0) / errors.length);
    const largest = [0, 1, 2].map((i) => Math.max(...of(i)));
    if (best === null || (mean[0] ?? 0) < (best.mean[0] ?? 0)) best = { phase, mean, largest };
  }
  if (best === null) throw new Error("no phase");
  return best;
}
