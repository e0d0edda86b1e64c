/** The smallest of several limits: what applies when a cgroup has limited ancestors. */
import type { Reading } from "../kernfile/kernel_file.ts";
import type { Limit } from "../kernfile/limit.ts";
import { type LimitFigure, type Term, term } from "./figure.ts";

export interface LimitCandidate {
  /** null: no such file there, which is no limit of its own. */
  readonly value: Limit | null;
  readonly term: Term;
  /** The file is there, but could not be read or understood: what it says may be tighter than all that is known. */
  readonly unread?: boolean;
  /** Who tells of hidden ancestors; the registration without. */
  readonly told?: "lxcfs";
}

/** A limit as read. Absent is no limit of its own; refused or malformed is something else. */
export function limitCandidate(reading: Reading<Limit>): LimitCandidate {
  const candidate = { value: reading.value, term: term(reading, null, reading.value) };
  return reading.problem === null ? candidate : { ...candidate, unread: true };
}

/**
 * Minimum over the visible chain and, when the host has told them, the hidden ancestors.
 *
 * A limit that is there and cannot be read makes the minimum an upper bound; and "max" of the others is then no answer at all.
 *
 * @param complete nothing is hidden above the chain
 * @param hidden the hidden ancestors' limit from the registration, or as lxcfs serves it; null when there is none to ask
 */
export function minimumLimit(
  candidates: readonly LimitCandidate[],
  complete: boolean,
  hidden: LimitCandidate | null,
  formula: string,
): LimitFigure {
  const unread = candidates.some((candidate) => candidate.unread === true);
  let value: Limit | null = null;
  let source: string | null = null;
  let visible = complete && !unread;
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
  if (value === "max" && unread) value = null;
  const told = hidden !== null && hidden.value !== null;
  if (hidden !== null && hidden.value !== null && (visible || hidden.value !== "max")) {
    if (isTighter(hidden.value, value)) {
      value = hidden.value;
      source = value === "max" ? null : (hidden.told ?? "registration");
    }
  }
  const all = hidden === null ? candidates : [...candidates, hidden];
  return {
    value,
    complete: value !== null && visible && !unread && (complete || told),
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
