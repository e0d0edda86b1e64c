/** Figures of memory from /proc/meminfo and from limits. */
import { combine, type Figure, figure, type LimitFigure, type Term, UNKNOWN } from "./figure.ts";
import type { MemorySample } from "./memory_model.ts";

export const NO_COMMIT: Figure = {
  ...UNKNOWN,
  formula: "not known: the kernel has no commit figures per cgroup",
};

export function minus(from: number, what: number): number {
  return Math.max(0, from - what);
}

/** "max" adds no bound of its own. */
export function limitAsFigure(limit: LimitFigure): Figure {
  return {
    value: limit.value === null || limit.value === "max" ? Number.POSITIVE_INFINITY : limit.value,
    formula: limit.formula,
    from: limit.from,
  };
}

export function procFigure(sample: MemorySample, key: string, bytes: number | null): Figure {
  const entry: Term = {
    path: sample.meminfoPath,
    key,
    value: bytes,
    missing: bytes === null ? `no ${key}` : null,
  };
  return figure(bytes, key, [entry]);
}

/** `second` null: the kernel has no such counter there, and the sum is of the rest. */
export function sum(formula: string, first: Figure, second: Figure | null): Figure {
  return second === null ? first : combine(formula, [first, second], (a, b) => a + b);
}
