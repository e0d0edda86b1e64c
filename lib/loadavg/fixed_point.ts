/**
 * The kernel's load average: 11-bit fixed point, one step every 5 s (include/linux/sched/loadavg.h, kernel/sched/loadavg.c).
 *
 * Pure. The kernel shifts; here values are divided and floored, because `>>` works on 32 bits and load * EXP passes 2^31 from
 * 512 active threads on. Doubles stay exact while a load is below 2^42.
 */

/** 1.0 in fixed point: 1 << FSHIFT. */
export const FIXED_1 = 2048;

/** Seconds between two steps. The kernel's own LOAD_FREQ is 5*HZ+1 ticks. */
export const LOAD_PERIOD_SECONDS = 5;

/** EXP_1, EXP_5, EXP_15: 2048 / exp(5 s / 1, 5, 15 min). */
export const EXPONENTS: Averages = [1884, 2014, 2037];

/** The averages over 1, 5 and 15 minutes, in fixed point. */
export type Averages = readonly [number, number, number];

/**
 * How a step is brought back to 11 bits: `trunc` until Linux 2.6.36; `half` until 4.6, which never settles (0.00 0.01 0.05 when idle);
 * `ceil` since 4.7 (commit 20878232c523).
 */
export type Algorithm = "trunc" | "half" | "ceil";

export const ALGORITHMS: readonly Algorithm[] = ["trunc", "half", "ceil"];

export const ZERO_AVERAGES: Averages = [0, 0, 0];

/**
 * The averages after `periods` periods in which `active` threads were active. More than one period is one step with exp^periods, as the
 * kernel catches up (calc_load_n), which is not the same as single steps.
 */
export function advance(loads: Averages, active: number, periods: number, algorithm: Algorithm): Averages {
  if (periods <= 0) return loads;
  const fixedActive = active > 0 ? active * FIXED_1 : 0;
  const step = (load: number, exponent: number): number =>
    calcLoad(load, periods === 1 ? exponent : fixedPowerInt(exponent, periods), fixedActive, algorithm);
  return [step(loads[0], EXPONENTS[0]), step(loads[1], EXPONENTS[1]), step(loads[2], EXPONENTS[2])];
}

/** calc_load(): one step. `active` in fixed point. */
function calcLoad(load: number, exponent: number, active: number, algorithm: Algorithm): number {
  const sum = load * exponent + active * (FIXED_1 - exponent);
  const rounding = algorithm === "half" ? 1024 : algorithm === "ceil" && active >= load ? FIXED_1 - 1 : 0;
  return Math.floor((sum + rounding) / FIXED_1);
}

/** fixed_power_int(): x^n in fixed point, rounded half up at each multiplication. `periods` is a whole number >= 0. */
export function fixedPowerInt(x: number, periods: number): number {
  let result = FIXED_1;
  let n = periods;
  while (n > 0) {
    if (n % 2 === 1) result = Math.floor((result * x + 1024) / FIXED_1);
    n = Math.floor(n / 2);
    if (n === 0) break;
    x = Math.floor((x * x + 1024) / FIXED_1);
  }
  return result;
}

/** FIXED_1/200, an integer division in C. */
const PRINT_ROUNDING = 10;

/** As /proc/loadavg prints it: 0.005 added, then cut to two digits (fs/proc/loadavg.c). */
export function formatLoad(load: number): string {
  const rounded = load + PRINT_ROUNDING;
  const whole = Math.floor(rounded / FIXED_1);
  const hundredths = Math.floor(((rounded % FIXED_1) * 100) / FIXED_1);
  return `${whole}.${hundredths < 10 ? "0" : ""}${hundredths}`;
}

/** The number that formatLoad prints. */
export function loadValue(load: number): number {
  return Number(formatLoad(load));
}
