/** From two looks to what is shown: which tasks, in which order, and the numbers above them. Pure but for files that a field asks for. */

import type { CpuLimitModel } from "../../lib/container/cpu_limit.ts";
import type { CpuShareModel } from "../../lib/container/cpu_share.ts";
import { computeMemory } from "../../lib/container/memory.ts";
import type { MemorySample } from "../../lib/container/memory_model.ts";
import { PROCESS_COLUMN, SCAN_STRIDE } from "../../lib/procfs/process_scan.ts";
import type { LocalTime } from "../../lib/system/system.ts";
import { fitColumns } from "../../lib/units/terminal_text.ts";
import type { ContainerSample, SummarySample } from "./collect.ts";
import type { FieldStyle } from "./render_field_kinds.ts";
import { FIELDS } from "./render_fields.ts";
import type { ContainerModel, SummaryModel, TaskCounts, TaskSample, TaskView } from "./tasks.ts";

/** Who is shown: `any` looks at real, effective, saved and file system ids. */
export interface UserFilter {
  readonly uid: number;
  readonly any: boolean;
  readonly include: boolean;
}

/** `o` and `O`: [!]FIELD then = < or > and a value. */
export interface OtherFilter {
  readonly raw: string;
  readonly include: boolean;
  readonly field: number;
  readonly operator: "=" | "<" | ">";
  readonly value: string;
  readonly caseSensitive: boolean;
}

export interface Selection {
  readonly user: UserFilter | null;
  readonly others: readonly OtherFilter[];
  /** While typing after "/": tasks whose name or command line holds it. */
  readonly find: string;
  readonly idle: boolean;
}

export interface Order {
  readonly field: number;
  readonly highToLow: boolean;
}

export function countTasks(sample: TaskSample): TaskCounts {
  let running = 0;
  let stopped = 0;
  let zombie = 0;
  for (let row = 0, cell: number = PROCESS_COLUMN.state; row < sample.count; row++, cell += SCAN_STRIDE) {
    const state = sample.rows[cell];
    if (state === 82) running++;
    else if (state === 84 || state === 116) stopped++;
    else if (state === 90) zombie++;
  }
  const total = sample.count;
  return { total, running, sleeping: total - running - stopped - zombie, stopped, zombie };
}

/** Rows of the tasks that pass, in the order of the table. */
export function selectTasks(
  view: TaskView,
  selection: Selection,
  fields: readonly number[],
  style: FieldStyle,
): number[] {
  const rows: number[] = [];
  const needle = selection.find.toLowerCase();
  const filters = selection.others.filter((filter) => fields.includes(filter.field));
  for (let row = 0; row < view.table.count; row++) {
    if (!selection.idle && !((view.ticks?.[row] ?? 1) > 0)) continue;
    if (selection.user !== null && !matchesUser(view, row, selection.user)) continue;
    if (filters.length > 0 && !filters.every((filter) => matchesOther(view, row, filter, style))) continue;
    if (needle !== "" && !view.command(row, true).toLowerCase().includes(needle)) {
      if (!view.command(row, false).toLowerCase().includes(needle)) continue;
    }
    rows.push(row);
  }
  return rows;
}

/** Sorts in place; equal ones keep their order. */
export function sortTasks(view: TaskView, rows: number[], order: Order, style: FieldStyle): void {
  const field = FIELDS[order.field];
  if (field === undefined) return;
  const sign = order.highToLow ? -1 : 1;
  if (order.field === 0) {
    // The table is in this order already.
    if (order.highToLow) rows.reverse();
    if (view.table.tgids === null) return;
  }
  const keys: (number | string)[] = new Array(view.table.count);
  let mixed = false;
  for (const row of rows) {
    const key = field.order(view, row, style);
    if (key !== 0) mixed = true;
    keys[row] = key;
  }
  if (!mixed) return;
  if (typeof keys[rows[0] ?? 0] === "string") {
    rows.sort((a, b) => {
      const one = keys[a] as string;
      const other = keys[b] as string;
      return one === other ? 0 : one < other ? -sign : sign;
    });
    return;
  }
  // Idle tasks are the most: they stay in their order behind (or before) the others, and only those are compared.
  const busy = rows.filter((row) => (keys[row] as number) > 0);
  const rest = rows.filter((row) => !((keys[row] as number) > 0));
  const compare = (a: number, b: number): number => sign * ((keys[a] as number) - (keys[b] as number));
  busy.sort(compare);
  if (rest.some((row) => (keys[row] as number) < 0)) rest.sort(compare);
  const sorted = order.highToLow ? busy.concat(rest) : rest.concat(busy);
  for (let i = 0; i < sorted.length; i++) rows[i] = sorted[i] as number;
}

/** A task in the tree, `level` steps below its root. */
export interface TreeTask {
  readonly row: number;
  readonly level: number;
  /** Its children are hidden. */
  readonly collapsed: boolean;
  /** CPU ticks of the hidden children. */
  readonly hiddenTicks: number;
}

/**
 * Parents before children, siblings by start time. Whoever's parent is not among `rows` is a root; threads are children of
 * their process. Nobody is lost: a cycle (a pid used anew between two reads) is broken at its first member.
 */
export function treeTasks(
  view: TaskView,
  rows: readonly number[],
  collapsed: ReadonlySet<number>,
): TreeTask[] {
  const { table, stride } = view;
  const cell = (row: number, column: number): number => (table.rows[row * stride + column] ?? 0) | 0;
  const byStart = rows
    .slice()
    .sort(
      (a, b) =>
        (table.rows[a * stride + PROCESS_COLUMN.starttime] ?? 0) -
        (table.rows[b * stride + PROCESS_COLUMN.starttime] ?? 0),
    );
  const rowOf = new Map<number, number>();
  for (const row of byStart) rowOf.set(cell(row, PROCESS_COLUMN.pid), row);
  const children = new Map<number, number[]>();
  const roots: number[] = [];
  for (const row of byStart) {
    const pid = cell(row, PROCESS_COLUMN.pid);
    const tgid = table.tgids?.[row] ?? pid;
    const parentPid = tgid === pid ? cell(row, PROCESS_COLUMN.ppid) : tgid;
    const parent = parentPid === pid ? undefined : rowOf.get(parentPid);
    if (parent === undefined) roots.push(row);
    else {
      const list = children.get(parent);
      if (list === undefined) children.set(parent, [row]);
      else list.push(row);
    }
  }
  const result: TreeTask[] = [];
  const seen = new Uint8Array(table.count);
  const walk = (start: number): void => {
    const stack: [row: number, level: number][] = [[start, 0]];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [row, level] = next;
      if (seen[row] === 1) continue;
      seen[row] = 1;
      const below = children.get(row) ?? [];
      const hidden = collapsed.has(cell(row, PROCESS_COLUMN.pid)) && below.length > 0;
      let hiddenTicks = 0;
      if (hidden) {
        const inside = below.slice();
        for (let one = inside.pop(); one !== undefined; one = inside.pop()) {
          if (seen[one] === 1) continue;
          seen[one] = 1;
          hiddenTicks += view.ticks?.[one] ?? 0;
          inside.push(...(children.get(one) ?? []));
        }
      } else {
        for (let i = below.length - 1; i >= 0; i--) stack.push([below[i] as number, level + 1]);
      }
      result.push({ row, level: Math.min(level, 101), collapsed: hidden, hiddenTicks });
    }
  };
  for (const root of roots) walk(root);
  for (const row of byStart) if (seen[row] !== 1) walk(row);
  return result;
}

/** What stands before the command in the tree. */
export function treePrefix(task: TreeTask): string {
  if (task.level === 0) return "";
  if (task.collapsed) return `+${"`- ".padStart(4 * task.level - 1)}`;
  return task.level > 100 ? " +  ".padStart(400) : " `- ".padStart(4 * task.level);
}

export function computeSummary(
  sample: SummarySample,
  now: LocalTime,
  counts: TaskCounts,
  threads: boolean,
  cpu: CpuShareModel | null,
  container: ContainerModel | null,
): SummaryModel {
  return {
    now,
    uptimeSeconds: sample.uptimeSeconds,
    users: sample.users,
    load: sample.load,
    counts,
    threads,
    cpu,
    memory: computeMemory(sample.memory),
    container,
  };
}

/** @param first the look with which top began: OOM kills since then are new */
export function computeContainer(
  memory: MemorySample,
  cpu: CpuShareModel | null,
  limit: CpuLimitModel,
  first: ContainerSample,
  before: ContainerSample | null,
  now: ContainerSample,
): ContainerModel {
  const model = computeMemory(memory);
  const node = memory.cgroup?.nodes[0];
  const rate = cpu?.rate ?? null;
  return {
    limitBytes: model.limit.value,
    limitComplete: model.limit.complete,
    quotaCores: limit.quota.value,
    quotaComplete: limit.quota.complete,
    capacityCores: limit.capacityCores.value,
    usedCores: rate?.usageCores ?? null,
    cpusetCpus: limit.cpus,
    throttledRatio: rate?.throttledRatio ?? null,
    throttledSecondsPerSec: rate?.throttledSecondsPerSec ?? null,
    pressureCpu: now.pressureCpu,
    pressureMemory: now.pressureMemory,
    pressureIo: now.pressureIo,
    pidsCurrent: now.pids.current.value,
    pidsLimit: now.pids.limit.value,
    oomKills: now.oomKills,
    oomKillsNew:
      now.oomKills === null || first.oomKills === null ? null : Math.max(0, now.oomKills - first.oomKills),
    anonBytes: node?.anon.value ?? null,
    cacheBytes: node?.file.value ?? null,
    shmemBytes: node?.shmem.value ?? null,
    usageBytes: model.usageBytes.value,
    hostCpus: limit.hostCpus.value,
    hostMemoryBytes: memory.meminfo.memTotalBytes,
    hostIdleRatio: hostIdle(before, now),
    hostLoad1: now.hostLoad1,
  };
}

function hostIdle(before: ContainerSample | null, now: ContainerSample): number | null {
  if (before === null || before.hostTicks === null || now.hostTicks === null) return null;
  const a = before.hostTicks;
  const b = now.hostTicks;
  const idle = Math.max(0, b.idle - a.idle);
  const rest =
    Math.max(0, b.user - a.user) +
    Math.max(0, b.nice - a.nice) +
    Math.max(0, b.system - a.system) +
    Math.max(0, b.iowait - a.iowait) +
    Math.max(0, b.irq - a.irq) +
    Math.max(0, b.softirq - a.softirq) +
    Math.max(0, b.steal - a.steal);
  return idle + rest > 0 ? idle / (idle + rest) : null;
}

function matchesUser(view: TaskView, row: number, filter: UserFilter): boolean {
  const cell = row * view.stride + PROCESS_COLUMN.uid;
  if (!((view.table.rows[cell] ?? -1) >= 0)) view.completeOwner(row);
  let same = view.table.rows[cell] === filter.uid;
  if (!same && filter.any) {
    const ids = /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(view.file(row, "status") ?? "");
    same = (ids?.slice(1) ?? []).some((id) => Number(id) === filter.uid);
  }
  return same === filter.include;
}

/** Compares with the text in the column, as procps does. */
function matchesOther(view: TaskView, row: number, filter: OtherFilter, style: FieldStyle): boolean {
  const field = FIELDS[filter.field];
  if (field === undefined) return true;
  const fold = (text: string): string => (filter.caseSensitive ? text : text.toLowerCase());
  const width = field.width === 0 ? 512 : field.width;
  const text = fold(
    field.width === 0
      ? field.text(view, row, style, 512)
      : fitColumns(field.text(view, row, style, width), width, field.right),
  );
  let matches: boolean;
  if (filter.operator === "=") matches = text.includes(fold(filter.value));
  else {
    const value = fold(field.width === 0 ? filter.value : fitColumns(filter.value, width, field.right));
    matches = filter.operator === "<" ? text < value : text > value;
  }
  return matches === filter.include;
}
