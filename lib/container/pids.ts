/** pids controller of the container: tasks (threads) now, and how many it may have. */
import { pidsCurrent as pidsCurrentV1, pidsMax as pidsMaxV1 } from "../cgroupfs/v1/pids.ts";
import { pidsCurrent, pidsMax } from "../cgroupfs/v2/pids.ts";
import { attempt } from "../kernfile/kernel_file.ts";
import type { Container } from "./container.ts";
import { type Figure, figure, type LimitFigure, term, UNKNOWN } from "./figure.ts";
import { limitCandidate, minimumLimit } from "./limit.ts";

export interface PidsModel {
  readonly current: Figure;
  readonly limit: LimitFigure;
}

export function readPids(container: Container): PidsModel {
  const { system } = container;
  const location = container.location("pids");
  const told = container.registration();
  const pids = told.registration?.hiddenLimits.pids ?? null;
  const hidden =
    pids === null
      ? null
      : { value: pids, term: { path: told.path, key: "hiddenLimits.pids", value: pids, missing: null } };
  const formula = "minimum over the visible cgroups";
  if (location === null) return { current: UNKNOWN, limit: minimumLimit([], false, hidden, formula) };
  const v2 = location.version === 2;
  const current = attempt(system, location.directory, v2 ? pidsCurrent : pidsCurrentV1);
  const limits = location.chain.map((directory) =>
    limitCandidate(attempt(system, directory, v2 ? pidsMax : pidsMaxV1)),
  );
  return {
    current: figure(current.value, "pids.current", [term(current, null, current.value)]),
    limit: minimumLimit(limits, location.complete, hidden, formula),
  };
}
