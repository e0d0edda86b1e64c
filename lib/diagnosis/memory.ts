/** Rules on memory: killed, near it, slowed down by it. */
import type { LimitMet, Look } from "./look.ts";
import {
  type Evidence,
  evidence,
  type Looks,
  moved,
  NO_INTERVAL,
  percent,
  type Ruling,
  unknownRuling,
} from "./ruling.ts";

/** Of the total still to be had without killing. */
const NEAR_RATIO = 0.05;
const NEAR_BADLY = 0.02;
/** Swap that is still free puts the kill off. */
const SWAP_RATIO = 0.05;
/** Below this share of available memory the host itself may have run out. */
const HOST_RATIO = 0.05;
/** Share of the time in which some, and all, threads waited for memory. */
const SOME_RATIO = 0.1;
const FULL_RATIO = 0.05;
/** v1: pages read back per second while the limit was met. */
const MAJOR_FAULTS_PER_SEC = 100;

/** What the memory is: the first things to know of a container that is out of it. */
export function memoryParts(look: Look): Evidence[] {
  const { memory, memoryDetail: detail, memoryStatFile: file } = look;
  const part = (figure: string, value: number | null | undefined): Evidence[] =>
    value === null || value === undefined ? [] : [evidence(file, figure, value, "bytes")];
  const reclaimable =
    memory?.usageBytes.value === null || memory?.usedBytes.value === null || memory === null
      ? null
      : memory.usageBytes.value - memory.usedBytes.value;
  return [
    ...part("anonymous memory of processes", detail.rssBytes),
    ...part("shmem (tmpfs, shared memory)", detail.shmemBytes),
    ...part("kernel memory", detail.kernelBytes),
    ...part("page cache that can be reclaimed", reclaimable),
    ...part("page cache not written yet", (detail.dirtyBytes ?? 0) + (detail.writebackBytes ?? 0) || null),
  ];
}

export function judgeOom(looks: Looks): Ruling {
  const { before, after } = looks;
  const id = "oom";
  if (before === null) return unknownRuling(id, NO_INTERVAL);
  const { file, value } = after.oomKills;
  if (file === "") return unknownRuling(id, "no memory cgroup can be seen");
  if (value === null) return unknownRuling(id, "the kernel does not count OOM kills here (since 4.13)");
  const kills = moved(before.oomKills.value, value);
  if (kills === null) return unknownRuling(id, "the count of OOM kills went backwards");
  const counted = evidence(file, "oom_kill in the interval", kills, "", "at least 1");
  if (kills === 0) return { id, severity: "none", summary: "no OOM kill", evidence: [counted], advice: null };
  const whose = whoseLimit(before, after);
  return {
    id,
    severity: "critical",
    summary: `${kills} OOM ${kills === 1 ? "kill" : "kills"} in ${looks.seconds.toFixed(1)} s, by ${whose.text}`,
    evidence: [counted, ...whose.evidence, ...memoryParts(after)],
    advice: whose.advice,
  };
}

export interface Whose {
  readonly whose: "own" | "parent" | "hidden parent" | "host" | "unknown";
  readonly text: string;
  readonly evidence: readonly Evidence[];
  readonly advice: string;
}

const ASK_HOST = "run `procg host why` on the host: it sees every parent";
const FREE_PARENT = "raise the parent's limit, or move this container's neighbours out of it";

/** Whose limit killed. `before` null: since the start, which says less. */
export function whoseLimit(before: Look | null, after: Look): Whose {
  const rose = (met: LimitMet, index: number): number =>
    before === null ? (met.count ?? 0) : (moved(before.limitsMet[index]?.count, met.count) ?? 0);
  const shown = (met: LimitMet, count: number, rule: string): Evidence =>
    evidence(met.file, `${met.figure}${before === null ? "" : " in the interval"}`, count, "", rule);
  const [own] = after.limitsMet;
  const ownCount = own === undefined ? 0 : rose(own, 0);
  const met = after.limitsMet.flatMap((one, index) =>
    rose(one, index) > 0 ? [shown(one, rose(one, index), "")] : [],
  );
  // v1 counts each allocation that met a limit, killed or not: one limit that was met in the interval of a kill tells whose, two do not, nor
  // does one that was met at any time before.
  if (after.memoryVersion === 1 && (met.length > 1 || (before === null && met.length > 0))) {
    const text =
      "a limit that cannot be told from here: v1 counts what met a limit, not what was killed by it";
    return { whose: "unknown", text, evidence: met, advice: ASK_HOST };
  }
  if (own !== undefined && ownCount > 0) {
    return {
      whose: "own",
      text: "its own limit",
      evidence: [shown(own, ownCount, "its own limit was met"), ...limitOf(own)],
      advice:
        "raise the limit (docker update --memory), or find what holds the memory: `procg top -b -n1 -o RES`",
    };
  }
  for (const [index, met] of after.limitsMet.entries()) {
    const count = rose(met, index);
    if (index === 0 || count === 0 || typeof met.limit !== "number") continue;
    return {
      whose: "parent",
      text: `the limit of a parent, ${met.directory}`,
      evidence: [shown(met, count, "the parent's limit was met, its own was not"), ...limitOf(met)],
      advice: FREE_PARENT,
    };
  }
  const notOwn =
    own === undefined || own.count === null ? [] : [shown(own, 0, "0: its own limit was not met")];
  return unseenLimit(after, own, notOwn);
}

function limitOf(met: LimitMet): Evidence[] {
  return typeof met.limit === "number" ? [evidence(met.directory, "limit", met.limit, "bytes")] : [];
}

/** Neither its own limit nor that of a visible parent: a hidden one or the host, where that can be told. */
function unseenLimit(after: Look, own: LimitMet | undefined, notOwn: readonly Evidence[]): Whose {
  const { available, total, file } = after.hostMemory;
  const hostRatio = available === null || !total ? null : available / total;
  const host =
    hostRatio === null
      ? []
      : [
          evidence(
            file,
            "MemAvailable / MemTotal of the host",
            hostRatio,
            "ratio",
            `host: below ${percent(HOST_RATIO)}`,
          ),
        ];
  const tighter = tighterLimit(after, own);
  const hostIsFine = hostRatio !== null && hostRatio >= HOST_RATIO;
  if (notOwn.length > 0 && tighter !== null && hostIsFine) {
    return {
      whose: "hidden parent",
      text: "the limit of a hidden parent",
      evidence: [...notOwn, tighter, ...host],
      advice: FREE_PARENT,
    };
  }
  if (notOwn.length > 0 && after.memoryComplete) {
    return {
      whose: "host",
      text: "the host, which ran out of memory: no limit was met",
      evidence: [...notOwn, ...host],
      advice: "free memory on the host; a limit on its neighbours protects this container",
    };
  }
  return {
    whose: "unknown",
    text:
      notOwn.length > 0
        ? "a limit that is not its own: a hidden parent's or the host's memory, which cannot be told from here"
        : "a limit that cannot be told from here",
    evidence: [...notOwn, ...(tighter === null ? [] : [tighter]), ...host],
    advice: ASK_HOST,
  };
}

/** v1 tells the smallest limit above in its own memory.stat; else the registration does. */
function tighterLimit(after: Look, own: LimitMet | undefined): Evidence | null {
  const { memory, memoryDetail, hidden, memoryStatFile } = after;
  const ownLimit = typeof own?.limit === "number" ? own.limit : Number.POSITIVE_INFINITY;
  const key = memoryDetail.stat?.hierarchical_memory_limit;
  if (after.memoryVersion === 1 && key !== undefined && key < ownLimit && memory?.limit.value !== "max")
    return evidence(memoryStatFile, "hierarchical_memory_limit", key, "bytes", "below its own limit");
  return typeof hidden.memoryBytes === "number" && hidden.memoryBytes < ownLimit
    ? evidence(hidden.file, "hiddenLimits.memoryBytes", hidden.memoryBytes, "bytes", "below its own limit")
    : null;
}

export function judgeOomNear({ after }: Looks): Ruling {
  const id = "oom-near";
  const { memory } = after;
  const available = memory?.availableBytes.value ?? null;
  const total = memory?.totalBytes.value ?? null;
  if (memory === null || available === null || !total || memory.upperBoundsOnly) {
    return unknownRuling(id, "what memory it uses cannot be read");
  }
  const ratio = available / total;
  const kernel = after.memoryDetail.kernelBytes ?? 0;
  // v1 does not say how much of the kernel's memory could be given back.
  const atMost = after.memoryVersion === 1 ? (available + kernel) / total : ratio;
  const swapFree = memory.swap.freeBytes.value;
  const bound = memory.availableBoundBy ?? "container";
  const found: Evidence[] = [
    evidence(
      after.memoryStatFile,
      `available of ${Math.round(total / 1048576)} MiB (limit - usage + what can be reclaimed)`,
      available,
      "bytes",
      `below ${percent(NEAR_RATIO)}`,
    ),
    ...(memory.swap.totalBytes.value === 0
      ? []
      : [evidence("", "free swap", swapFree, "bytes", `below ${percent(SWAP_RATIO)}`)]),
    ...memoryParts(after),
  ];
  if (ratio >= NEAR_RATIO || (swapFree ?? 0) / total >= SWAP_RATIO) {
    const cache =
      ratio >= NEAR_RATIO && (memory.usageBytes.value ?? 0) >= 0.9 * total && after.kind === "container";
    const summary = cache
      ? "the limit is reached, by page cache that can be reclaimed: that is healthy"
      : `${percent(ratio)} of the memory can still be had`;
    return { id, severity: "none", summary, evidence: found, advice: null };
  }
  if (atMost >= NEAR_RATIO) {
    const why = "kernel memory fills the limit, and v1 does not say how much of it can be reclaimed";
    return unknownRuling(id, why, found);
  }
  if (swapFree === null) return unknownRuling(id, "how much swap it has left cannot be read", found);
  const whose =
    bound === "container"
      ? "its limit"
      : bound === "host"
        ? "the host's memory"
        : `the limit of its parent ${bound}`;
  return {
    id,
    severity: ratio < NEAR_BADLY ? "critical" : "warning",
    summary: `${percent(ratio)} of the memory is left below ${whose}: the next allocations may be killed`,
    evidence: found,
    advice: adviceFor(after, bound),
  };
}

function adviceFor(after: Look, bound: string): string {
  if (bound === "host") return "free memory on the host";
  const { rssBytes, shmemBytes, kernelBytes } = after.memoryDetail;
  if ((shmemBytes ?? 0) > (rssBytes ?? 0))
    return "delete files in /dev/shm and other tmpfs mounts, or raise the limit";
  if ((kernelBytes ?? 0) > (rssBytes ?? 0))
    return "look for many sockets, files or threads, or raise the limit";
  return "raise the limit (docker update --memory), or restart what grows: `procg top -b -n1 -o RES`";
}

export function judgeMemoryStall(looks: Looks): Ruling {
  const { before, after, seconds } = looks;
  const id = "memory-stall";
  const ruling = (isStalled: boolean, summary: string, found: readonly Evidence[]): Ruling => ({
    id,
    severity: isStalled ? "warning" : "none",
    summary,
    evidence: isStalled ? [...found, ...memoryParts(after)] : found,
    advice: isStalled ? "raise the limit (memory.high, memory.max), or make the working set smaller" : null,
  });
  if (before === null || seconds <= 0) return unknownRuling(id, NO_INTERVAL);
  const file = after.pressureFile.memory;
  const some = moved(before.pressure.memory?.some?.totalUsec, after.pressure.memory?.some?.totalUsec);
  const full = moved(before.pressure.memory?.full?.totalUsec, after.pressure.memory?.full?.totalUsec);
  const high = moved(before.memoryDetail.events.high, after.memoryDetail.events.high);
  if (some !== null && full !== null) {
    const [someRatio, fullRatio] = [some / 1e6 / seconds, full / 1e6 / seconds];
    const isStalled = someRatio >= SOME_RATIO || fullRatio >= FULL_RATIO;
    const slowed = high !== null && high > 0;
    const found = [
      evidence(
        file,
        "some: a thread waited for memory",
        someRatio,
        "ratio",
        `${percent(SOME_RATIO)} of the time`,
      ),
      evidence(file, "full: all threads did", fullRatio, "ratio", `or ${percent(FULL_RATIO)}`),
      ...(slowed ? [evidence(memoryFile(after, "memory.events"), "high in the interval", high)] : []),
    ];
    const why = slowed ? ", slowed down by memory.high" : "";
    const summary = isStalled
      ? `threads waited for memory ${percent(someRatio)} of the time${why}`
      : "threads do not wait for memory";
    return ruling(isStalled, summary, found);
  }
  const met = moved(before.memoryDetail.failcnt, after.memoryDetail.failcnt);
  const faults = moved(before.memoryDetail.pgmajfault, after.memoryDetail.pgmajfault);
  if (after.memoryVersion !== 1 || met === null || faults === null) {
    return unknownRuling(id, "no memory.pressure (cgroup v1, psi=0, or before Linux 4.20)");
  }
  const found = [
    evidence(memoryFile(after, "memory.failcnt"), "failcnt in the interval", met, "", "at least 1"),
    evidence(
      after.memoryStatFile,
      "pages read back (pgmajfault) per second",
      faults / seconds,
      "1/s",
      `${MAJOR_FAULTS_PER_SEC}; v1 does not count the time`,
    ),
  ];
  const isStalled = met > 0 && faults / seconds >= MAJOR_FAULTS_PER_SEC;
  const summary = isStalled
    ? "at its limit pages are dropped and read back again; v1 does not say how long threads waited"
    : "pages are not read back";
  return ruling(isStalled, summary, found);
}

function memoryFile(look: Look, name: string): string {
  return look.memoryStatFile.replace("memory.stat", name);
}
