/**
 * A number and where it came from. --explain is printed from these, never written by hand.
 *
 * `value` null: not known. 0, "max" and null are three different things (docs/adr/0002).
 */

import { type Reading, whyMissing } from "../kernfile/kernel_file.ts";
import type { Limit } from "../kernfile/limit.ts";

/** One input of a figure: a file, the key in it, and what stood there. */
export interface Term {
  readonly path: string;
  readonly key: string | null;
  readonly value: number | string | null;
  /** Why there is no value. */
  readonly missing: string | null;
}

export interface Figure<T = number> {
  readonly value: T | null;
  /** In the kernel's words: "memory.current - inactive_file - active_file". */
  readonly formula: string;
  readonly from: readonly Term[];
}

/** A limit has five outcomes: number or "max", each complete or an upper bound only; and null. */
export interface LimitFigure extends Figure<Limit> {
  /** false: a hidden ancestor may be tighter. */
  readonly complete: boolean;
  /** The file that gave the value; "registration"; null for "max" and null. */
  readonly source: string | null;
}

/** The term of a reading, or of one key of it. */
export function term<T>(
  reading: Reading<T>,
  key: string | null,
  value: number | string | null | undefined,
): Term {
  const known = value === undefined ? null : value;
  return {
    path: reading.path,
    key,
    value: known,
    missing: known !== null ? null : reading.value === null ? whyMissing(reading) : `no ${key ?? "value"}`,
  };
}

/** A figure made of others: null as soon as one of them is null. */
export function combine(
  formula: string,
  parts: readonly Figure[],
  compute: (...values: number[]) => number,
): Figure {
  const values: number[] = [];
  for (const part of parts) if (part.value !== null) values.push(part.value);
  return {
    value: values.length === parts.length ? compute(...values) : null,
    formula,
    // Only --explain asks.
    get from() {
      return [...new Set(parts.flatMap((part) => part.from))];
    },
  };
}

export function figure(value: number | null, formula: string, from: readonly Term[]): Figure {
  return { value, formula, from };
}

export const UNKNOWN: Figure = { value: null, formula: "not known", from: [] };
