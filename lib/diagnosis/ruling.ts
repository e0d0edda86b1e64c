/**
 * What a rule gives: a verdict or none, with the figures that it looked at. Rules are pure: two looks in, a ruling out.
 *
 * A rule that has not the figures says "unknown" and why; it never guesses.
 */
import type { Look } from "./look.ts";

export type RuleId =
  | "frozen"
  | "oom"
  | "pids-limit"
  | "throttled"
  | "oom-near"
  | "memory-stall"
  | "io-limit"
  | "io-stall"
  | "d-state"
  | "noisy-neighbour";

export type Unit = "" | "bytes" | "ratio" | "cores" | "seconds" | "bytes/s" | "1/s";

/** One figure that a rule looked at. */
export interface Evidence {
  /** Where it was read. */
  readonly file: string;
  /** In the kernel's words; a difference over the interval is named as one. */
  readonly figure: string;
  /** null: not known. */
  readonly value: number | string | null;
  readonly unit: Unit;
  /** What the figure must be for the verdict; "" where it only tells more. */
  readonly rule: string;
}

export interface Ruling {
  readonly id: RuleId;
  /** "none": looked, and it is not so. "unknown": the figures are not there; `summary` says which. */
  readonly severity: "critical" | "warning" | "none" | "unknown";
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  /** One thing to do. */
  readonly advice: string | null;
}

/** Looked, and the figures are not there; `why` names them. */
export function unknownRuling(id: RuleId, why: string, evidence: readonly Evidence[] = []): Ruling {
  return { id, severity: "unknown", summary: why, evidence, advice: null };
}

/** Two looks at one container; `before` null: there was one only, and nothing is known of rates. */
export interface Looks {
  readonly before: Look | null;
  readonly after: Look;
  /** Measured, between the two. */
  readonly seconds: number;
}

/** The difference of a counter; null where it is not known, or went backwards. */
export function moved(before: number | null | undefined, after: number | null | undefined): number | null {
  if (before === null || before === undefined || after === null || after === undefined) return null;
  return after < before ? null : after - before;
}

export function evidence(
  file: string,
  figure: string,
  value: number | string | null,
  unit: Unit = "",
  rule = "",
): Evidence {
  return { file, figure, value, unit, rule };
}

export function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

export const NO_INTERVAL = "only one look: rates need two";
