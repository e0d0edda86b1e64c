/** The smallest of several limits: what applies when a cgroup has limited ancestors. */
import type { Limit } from "../kernfile/limit.ts";
import type { LimitFigure, Term } from "./figure.ts";

export interface LimitCandidate {
  /** null: no such file there, which is no limit of its own. */
  readonly value: Limit | null;
  readonly term: Term;
}

/**
 * Minimum over the visible chain and, when the host has told them, the hidden ancestors.
 *
 * @param complete nothing is hidden above the chain
 * @param hidden the hidden ancestors' limit from the registration; null when there is none to ask
 */
export function minimumLimit(
  candidates: readonly LimitCandidate[],
  complete: boolean,
  hidden: LimitCandidate | null,
  formula: string,
): LimitFigure {
  let value: Limit | null = null;
  let source: string | null = null;
  let visible = complete;
  for (const candidate of candidates) {
    if (candidate.value === null) continue;
    visible = true;
    if (isTighter(candidate.value, value)) {
      value = candidate.value;
      source = value === "max" ? null : candidate.term.path;
    }
  }
  // Nothing to read up to the real root: no limit. Nothing to read below it: unknown, never "no limit".
  if (value === null && complete) value = "max";
  const told = hidden !== null && hidden.value !== null;
  if (hidden !== null && hidden.value !== null && (visible || hidden.value !== "max")) {
    if (isTighter(hidden.value, value)) {
      value = hidden.value;
      source = value === "max" ? null : "registration";
    }
  }
  const all = hidden === null ? candidates : [...candidates, hidden];
  return {
    value,
    complete: value !== null && visible && (complete || told),
    source,
    formula,
    from: all.map((one) => one.term),
  };
}

function isTighter(candidate: Limit, value: Limit | null): boolean {
  if (value === null) return true;
  if (candidate === "max") return false;
  return value === "max" || candidate < value;
}
