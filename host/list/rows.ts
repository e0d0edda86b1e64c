/** One row for each container: what `procg host list` and `procg host top` show. Pure. */
import type { ContainerDocument } from "../../lib/container/document.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";

/** What `procg host list` and a report of `procg host top` hold: a row for each container. */
export interface ListDocument {
  readonly schema: "procg.host-list/v1";
  readonly containers: readonly ContainerRow[];
}

/** null: not known. */
export interface ContainerRow {
  readonly id: string;
  readonly name: string;
  readonly image: string | null;
  readonly uuid: string | null;
  readonly state: string | null;
  /** Cores in use, and what may be used. */
  readonly cpuCores: number | null;
  readonly cpuCapacityCores: number | null;
  readonly throttledRatio: number | null;
  readonly memoryWorkingSetBytes: number | null;
  readonly memoryLimitBytes: Limit | null;
  /** As the loadcalc inside keeps them; null: there is none. */
  readonly load1: number | null;
  readonly load5: number | null;
  readonly load15: number | null;
  readonly loadSource: "loadcalc" | null;
  /** Threads that run or wait for a disk at this moment. */
  readonly activeThreads: number | null;
  readonly pids: number | null;
  readonly pidsLimit: Limit | null;
  readonly oomKills: number | null;
  /** null: not registered. */
  readonly registeredBy: string | null;
  readonly registeredAt: string | null;
  readonly problems: readonly string[];
}

export interface RowNote {
  readonly way: string | null;
  readonly registeredAt: string | null;
  readonly problems: readonly string[];
  /** It is of the init that runs now. */
  readonly isCurrent: boolean;
}

/** Of the working set of a limit, and of the pids: from here on it is a problem. */
const NEAR_LIMIT_RATIO = 0.9;
const PIDS_NEAR_LIMIT_RATIO = 0.8;

export function computeRow(
  { container, cpu, load, memory, pids }: ContainerDocument,
  activeThreads: number | null,
  note: RowNote | null,
): ContainerRow {
  const problems: string[] = [];
  const oomKills = memory.events.oomKill;
  if (oomKills !== null && oomKills > 0) problems.push(`${oomKills} OOM kills`);
  if (isNear(memory.workingSetBytes, memory.limitBytes, NEAR_LIMIT_RATIO))
    problems.push("memory near its limit");
  if (memory.limitBytes === "max") problems.push("no memory limit");
  if (isNear(pids.current, pids.limit, PIDS_NEAR_LIMIT_RATIO)) problems.push("pids near their limit");
  const throttledRatio = cpu.throttling.throttledRatio;
  if (throttledRatio !== null && throttledRatio > 0.25) problems.push("throttled");
  if (note === null) problems.push("not registered");
  else if (!note.isCurrent) problems.push("registration is of an earlier start");
  else if (note.way === null) problems.push(...note.problems);
  const registered = note?.isCurrent ? note : null;
  return {
    id: container.id ?? "",
    name: container.name ?? container.id?.slice(0, 12) ?? "",
    image: container.image,
    uuid: container.instanceUuid,
    state: container.state,
    cpuCores: cpu.usageRatio,
    cpuCapacityCores: cpu.capacityCores,
    throttledRatio,
    memoryWorkingSetBytes: memory.workingSetBytes,
    memoryLimitBytes: memory.limitBytes,
    load1: load?.load1 ?? null,
    load5: load?.load5 ?? null,
    load15: load?.load15 ?? null,
    loadSource: load === null ? null : "loadcalc",
    activeThreads,
    pids: pids.current,
    pidsLimit: pids.limit,
    oomKills,
    registeredBy: registered?.way ?? null,
    registeredAt: registered?.registeredAt ?? null,
    problems,
  };
}

function isNear(value: number | null, limit: Limit | null, ratio: number): boolean {
  return value !== null && typeof limit === "number" && limit > 0 && value >= ratio * limit;
}

export type SortKey = "cpu" | "memory" | "load" | "pids" | "threads" | "name";

export const SORT_KEYS: readonly SortKey[] = ["cpu", "memory", "load", "pids", "threads", "name"];

/** The largest first, or last; what is not known at the end; equals by name. */
export function sortRows(rows: readonly ContainerRow[], by: SortKey, reverse = false): ContainerRow[] {
  const byName = (a: ContainerRow, b: ContainerRow): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  const sign = reverse ? -1 : 1;
  if (by === "name") return [...rows].sort((a, b) => sign * byName(a, b));
  const figure = FIGURES[by];
  return [...rows].sort((a, b) => {
    const [left, right] = [figure(a), figure(b)];
    if (left === right) return byName(a, b);
    return left === null ? 1 : right === null ? -1 : sign * (right - left);
  });
}

const FIGURES: Readonly<Record<Exclude<SortKey, "name">, (row: ContainerRow) => number | null>> = {
  cpu: (row) => row.cpuCores,
  memory: (row) => row.memoryWorkingSetBytes,
  load: (row) => row.load1,
  pids: (row) => row.pids,
  threads: (row) => row.activeThreads,
};
