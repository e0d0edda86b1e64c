/** One look at the container: raw values by group, clocks, and whose they are. */
import type { Container } from "../container/container.ts";
import { type LoadReading, readLoadOrAsk } from "../container/load.ts";
import { readPids } from "../container/pids.ts";
import { attempt } from "../kernfile/kernel_file.ts";
import { bootId } from "../procfs/boot_id.ts";
import { pidStat } from "../procfs/pid_stat.ts";
import type { ComputedItem, Module, RawGroup, RawItem, RawValue } from "./module.ts";
import { whole } from "./rate.ts";
import { type ReadContext, readContext } from "./read_context.ts";

export interface Sample {
  readonly realtimeMs: number;
  readonly monotonicMs: number;
  /** Counters of another boot, or of another container, began anew. "" where it is not known. */
  readonly bootId: string;
  readonly containerId: string;
  readonly limits: Limits;
  /** By the group's name. */
  readonly groups: ReadonlyMap<string, readonly RawItem[]>;
}

/** Raw: NO_LIMIT for "max", null for not known. */
export interface Limits {
  readonly memoryBytes: RawValue;
  readonly swapBytes: RawValue;
  readonly cpuMicroCores: RawValue;
  readonly cpus: RawValue;
  readonly pids: RawValue;
}

export const LIMIT_KEYS = ["memoryBytes", "swapBytes", "cpuMicroCores", "cpus", "pids"] as const;

export const NO_LIMITS: Limits = {
  memoryBytes: null,
  swapBytes: null,
  cpuMicroCores: null,
  cpus: null,
  pids: null,
};

export interface SampleOptions {
  readonly processNames?: readonly string[];
  readonly isStored?: boolean;
  /** Read already; else loadcalc's file is. */
  readonly load?: LoadReading;
}

/** As takeSample; a loadcalc that cannot write its file is asked on its socket. */
export async function takeSampleOrAsk(
  container: Container,
  groups: readonly RawGroup[],
  options: SampleOptions,
): Promise<Sample> {
  if (!groups.some((group) => group.name === "load")) return takeSample(container, groups, options);
  return takeSample(container, groups, { ...options, load: await readLoadOrAsk(container) });
}

/**
 * `container` freshly opened: its limits may have changed. Never throws for a file. `isStored`: with the limits, and microseconds in the
 * coarser grain of the store.
 */
export function takeSample(
  container: Container,
  groups: readonly RawGroup[],
  options: SampleOptions = {},
): Sample {
  const { system } = container;
  const context = readContext(container, options.processNames ?? [], options.load ?? null);
  const monotonicMs = Math.round(system.monotonicSeconds() * 1000);
  const realtimeMs = Math.round(system.realtimeSeconds() * 1000);
  const values = new Map<string, readonly RawItem[]>();
  for (const group of groups) {
    const items = group.read(context);
    values.set(group.name, options.isStored === true ? coarse(group, items) : items);
  }
  return {
    realtimeMs,
    monotonicMs,
    bootId: attempt(system, "/proc", bootId).value ?? "",
    containerId: containerIdentity(container),
    limits: options.isStored === true ? readLimits(context) : NO_LIMITS,
    groups: values,
  };
}

/** A 60000th of the minute between two samples: finer than what is printed, and ten bits less of noise to store. */
const USEC_GRAIN = 1024;

/** Fields of microseconds as multiples of the grain. */
export function coarse(group: RawGroup, items: readonly RawItem[]): RawItem[] {
  const isUsec = group.fields.map((field) => field.endsWith("Usec"));
  if (!isUsec.includes(true)) return [...items];
  return items.map(({ name, values }) => ({
    name,
    values: values.map((value, index) =>
      value === null || !isUsec[index] ? value : Math.round(value / USEC_GRAIN) * USEC_GRAIN,
    ),
  }));
}

/** What `module` shows for `after`. `before` null, or of another boot or container: rates are unknown. */
export function computeModule(module: Module, before: Sample | null, after: Sample): readonly ComputedItem[] {
  const last = before !== null && isComparable(before, after) ? before : null;
  const seconds = last === null ? 0 : (after.monotonicMs - last.monotonicMs) / 1000;
  const name = module.group.name;
  return module.compute(last?.groups.get(name) ?? null, after.groups.get(name) ?? [], seconds);
}

export function isComparable(before: Sample, after: Sample): boolean {
  return (
    before.bootId === after.bootId &&
    before.containerId === after.containerId &&
    after.monotonicMs > before.monotonicMs
  );
}

function readLimits(context: ReadContext): Limits {
  const memory = context.memory();
  const cpu = context.cpu()?.cgroup?.limit;
  const pids = readPids(context.container);
  return {
    memoryBytes: whole(memory?.limit.value),
    swapBytes: whole(memory?.swap.totalBytes.value),
    cpuMicroCores: whole(cpu?.quota.value, 1e6),
    cpus: cpu?.cpus?.length ?? null,
    pids: whole(pids.limit.value),
  };
}

/** Who counts: the id that the host told or that the cgroup's path holds, and when the init started (field 22 of stat). */
function containerIdentity(container: Container): string {
  if (container.kind === "machine") return "machine";
  const told = container.registration().registration?.id;
  const found = container.lines
    .map((line) => /[0-9a-f]{64}/.exec(line.path)?.[0])
    .find((one) => one !== undefined);
  const id = told ?? found ?? "";
  const start = attempt(container.system, "/proc/1", pidStat).value?.starttime ?? 0;
  return `${id.slice(0, 12)}@${start}`;
}
