/** What an inside reader must find in each capture: the truth measured outside, and where less can be seen, that. */
import { fixtureEntry, loadFixture } from "../fixtures/captures.ts";

/** Of TRUTH.json, what is compared. `null`: no limit; a key that is missing: not stated. */
export interface Truth {
  readonly effective: {
    readonly memory_limit_bytes?: number | null;
    readonly memsw_limit_bytes?: number | null;
    readonly swap_limit_bytes?: number | null;
    readonly cpu_limit_cores?: number | null;
    readonly cpuset_cpus?: readonly number[];
    readonly pids_limit?: number | null;
  };
  readonly measured_outside: { readonly cores: number };
  readonly outside_before: { readonly cpus_online: number; readonly anon_kib_total: number };
  readonly outside_after: { readonly anon_kib_total: number };
  /** Clocks at the start and the end of the two walks. */
  readonly samples: { readonly root: WalkClock; readonly root2: WalkClock };
}

interface WalkClock {
  readonly mono_start: number;
  readonly mono_end: number;
}

/** undefined: the truth says nothing about it. */
export interface Expected {
  readonly limitBytes: number | "max" | null | undefined;
  readonly limitComplete: boolean;
  readonly quotaCores: number | "max" | null | undefined;
  readonly quotaComplete: boolean;
  readonly cpusetCpus: readonly number[] | undefined;
  readonly capacityCores: number;
  readonly pids: number | "max" | null | undefined;
  readonly swapTotalBytes: number | undefined;
}

/**
 * What the kernel hides from the inside. "nothing": the chain reaches the host's root. "v2 parents": whether one is tighter.
 * "v1 parents": only pids and io, as hierarchical_memory_limit tells memory and an own quota is exact. "v1 parents and
 * quota": also a parent's quota, because the own one is -1. "everything": no file can be read.
 */
type Hidden = "nothing" | "v2 parents" | "v1 parents" | "v1 parents and quota" | "everything";

const HIDDEN: Readonly<Record<string, Hidden>> = {
  "docker-v1-hostns": "v1 parents",
  "docker-v1-hostns-tree": "nothing",
  "docker-v1-nolimit": "v1 parents and quota",
  "docker-v1-parent-smaller": "v1 parents and quota",
  "docker-v1-private": "v1 parents",
  "docker-v1-ro-user1000": "v1 parents",
  "docker-v2-dind-outer": "v2 parents",
  "docker-v2-hostns": "nothing",
  "docker-v2-private": "v2 parents",
  "hybrid-memory-on-v2": "nothing",
  "hybrid-runc-cgroupns": "v1 parents",
  "hybrid-runc-unified-mounted": "nothing",
  "podman-v1-runc": "v1 parents",
  "v1-crun-hostns": "v1 parents",
  "v1-crun-swap": "v1 parents and quota",
  "v1-split-paths": "nothing",
  "v2-cgroupns": "v2 parents",
  "v2-cpuset-inherited": "v2 parents",
  "v2-foreign-ns": "v2 parents",
  "v2-frozen": "v2 parents",
  "v2-host-root": "nothing",
  "v2-hostns-bind": "v2 parents",
  "v2-hostns-k8s": "nothing",
  "v2-limit-nomount": "everything",
  "v2-no-controllers": "everything",
  "v2-nolimit": "v2 parents",
  "v2-odd-quota": "v2 parents",
  "v2-oom": "v2 parents",
  "v2-pagecache-io": "v2 parents",
  "v2-parent-smaller-hostns": "nothing",
  "v2-subgroup": "v2 parents",
  "v2-swap": "v2 parents",
  "v2-user1000-ro": "v2 parents",
};

const UNKNOWN_LIMITS = { limitBytes: null, quotaCores: null, pids: null } as const;

/** Behind the namespace: the values of the container around the foreign reader (truth.effective.note). */
const BEHIND_FOREIGN_READER = {
  limitBytes: 268_435_456,
  quotaCores: 0.5,
  capacityCores: 0.5,
} as const;

/** Where the truth and what can be known inside differ. */
const EXCEPTIONS: Readonly<Record<string, Partial<Expected>>> = {
  // The parent's 0.6 CPU cannot be seen: the own quota is -1.
  "docker-v1-parent-smaller": { quotaCores: "max", capacityCores: 2 },
  // Limits apply that no file shows: unknown, never "max". CPUs come from the affinity.
  "v2-limit-nomount": { ...UNKNOWN_LIMITS, capacityCores: 2 },
  "v2-no-controllers": { ...UNKNOWN_LIMITS, capacityCores: 3 },
  // The truth describes the reader, or has no cpu entry.
  "v2-foreign-ns": BEHIND_FOREIGN_READER,
  "v2-frozen": BEHIND_FOREIGN_READER,
};

/** Set, but not listed in the truth. */
const NOT_LISTED: Readonly<Record<string, Partial<Expected>>> = { "v1-split-paths": { pids: 50 } };

export function truthOf(name: string): Truth {
  return loadFixture(name).truth as Truth;
}

export function expectedFor(name: string): Expected {
  const { effective, outside_before } = truthOf(name);
  const hidden = HIDDEN[name];
  if (hidden === undefined) throw new Error(`${name}: say in HIDDEN what cannot be seen`);
  const quota = orMax(effective.cpu_limit_cores);
  const cpus = effective.cpuset_cpus?.length ?? outside_before.cpus_online;
  return {
    limitBytes: orMax(effective.memory_limit_bytes),
    limitComplete: hidden === "nothing" || hidden.startsWith("v1"),
    quotaCores: quota,
    quotaComplete: hidden === "nothing" || hidden === "v1 parents",
    cpusetCpus: effective.cpuset_cpus,
    capacityCores: typeof quota === "number" ? Math.min(quota, cpus) : cpus,
    pids: orMax(effective.pids_limit),
    swapTotalBytes: swapTotal(effective),
    ...EXCEPTIONS[name],
    ...NOT_LISTED[name],
  };
}

function orMax(limit: number | null | undefined): number | "max" | undefined {
  return limit === null ? "max" : limit;
}

/** v2 states swap alone, v1 memory + swap. The host may have less. */
function swapTotal(effective: Truth["effective"]): number | undefined {
  const { memory_limit_bytes: memory, memsw_limit_bytes: memsw, swap_limit_bytes: swap } = effective;
  if (typeof swap === "number") return swap;
  return typeof memsw === "number" && typeof memory === "number" ? memsw - memory : undefined;
}

/** A line of the capture's /proc/meminfo, in bytes. */
export function hostBytes(name: string, key: "MemTotal" | "SwapTotal"): number {
  const text = fixtureEntry(name, "/proc/meminfo");
  const kb = typeof text === "string" ? new RegExp(`^${key}: +(\\d+) kB$`, "m").exec(text)?.[1] : undefined;
  if (kb === undefined) throw new Error(`${name}: no ${key}`);
  return Number(kb) * 1024;
}
