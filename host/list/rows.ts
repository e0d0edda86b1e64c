/** One row for each container: what `procg host list` and `procg host top` show. Pure. */
import type { ContainerDocument } from "../../lib/container/document.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";

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
  /** Threads that run or wait for a disk at this moment. */
  readonly activeThreads: number | null;
  readonly pids: number | null;
  readonly pidsLimit: Limit | null;
  readonly oomKills: number | null;
  /** "bind", "exec", "procroot"; null: not registered. */
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
  { container, cpu, memory, pids }: ContainerDocument,
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

export type SortKey = "cpu" | "memory" | "pids" | "threads" | "name";

export const SORT_KEYS: readonly SortKey[] = ["cpu", "memory", "pids", "threads", "name"];

/** The largest first; what is not known last; equals by name. */
export function sortRows(rows: readonly ContainerRow[], by: SortKey): ContainerRow[] {
  const byName = (a: ContainerRow, b: ContainerRow): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  const figureOf = (row: ContainerRow): number =>
    (by === "cpu"
      ? row.cpuCores
      : by === "memory"
        ? row.memoryWorkingSetBytes
        : by === "pids"
          ? row.pids
          : row.activeThreads) ?? -1;
  return [...rows].sort((a, b) => (by === "name" ? 0 : figureOf(b) - figureOf(a)) || byName(a, b));
}
