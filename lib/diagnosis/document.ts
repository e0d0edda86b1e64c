/** What why found, as a document: the verdicts, most severe first, and what stands behind them. Pure. */
import type { BlackBox } from "./black_box.ts";
import { coresUsed } from "./cpu.ts";
import { isFinding, judge } from "./judge.ts";
import { whoseLimit } from "./memory.ts";
import type { Episode } from "./past.ts";
import { type Evidence, type Looks, moved, type RuleId, type Ruling } from "./ruling.ts";

/** One answer of why, of one container and one interval. */
export interface WhyDocument {
  readonly schema: "procg.why/v1";
  /** RFC 3339, UTC: the end of the interval. */
  readonly generatedAt: string;
  /** Its name, where the host asks; null: the container that why runs in. */
  readonly container: string | null;
  /** Measured; null: there was one look only. */
  readonly intervalSeconds: number | null;
  /** The first of `verdicts`. */
  readonly verdict: VerdictId;
  readonly verdicts: readonly Verdict[];
  readonly consumers: {
    readonly cpu: readonly CpuConsumer[];
    readonly memory: readonly MemoryConsumer[];
  };
  readonly sinceStart: SinceStart;
  /** From the history: the last day's findings by minute; null: there is no history. */
  readonly episodes: readonly Episode[] | null;
  /** What could not be looked at, and why. */
  readonly notKnown: readonly NotKnown[];
}

/** What `procg why --last-oom` found. */
export interface LastOomDocument {
  readonly schema: "procg.why-oom/v1";
  /** false: the container has been started anew since the last entry; null: not known. */
  readonly sameRun: boolean | null;
  /** null: loadcalc runs, and nothing has come near a limit. */
  readonly box: BlackBox | null;
}

type VerdictId = RuleId | "healthy" | "unknown";

export interface Verdict {
  readonly id: VerdictId;
  readonly severity: "critical" | "warning" | "none" | "unknown";
  readonly summary: string;
  /** RFC 3339: since when it has been so without a break, to the minute, by the history; null: not known. */
  readonly since: string | null;
  /** RFC 3339: when it happened; null: not known, or it lasts. */
  readonly at: string | null;
  readonly evidence: readonly Evidence[];
  /** One thing to do. */
  readonly advice: string | null;
}

interface CpuConsumer {
  readonly pid: number;
  /** As the process calls itself: text of others. */
  readonly comm: string;
  readonly usedCores: number;
}

interface MemoryConsumer {
  readonly pid: number;
  /** As the process calls itself: text of others. */
  readonly comm: string;
  readonly residentBytes: number;
  /** Without what is shared or of files. */
  readonly anonBytes: number | null;
}

/** Counters since the cgroup was made: history, never "now". null: the kernel does not have them here. */
export interface SinceStart {
  /** A count since the start. */
  readonly oomKills: number | null;
  /** Whose limit, as far as the counters since the start tell. */
  readonly oomBy: "own" | "parent" | "hidden parent" | "host" | "unknown" | null;
  /** A count since the start. */
  readonly throttledPeriods: number | null;
  /** A count since the start. */
  readonly periods: number | null;
  readonly throttledSeconds: number | null;
  /** A count since the start. */
  readonly refusedForks: number | null;
}

interface NotKnown {
  readonly id: RuleId;
  readonly reason: string;
}

export interface Past {
  readonly episodes: readonly Episode[] | null;
  readonly box: BlackBox | null;
}

const ALL_CPU_RATIO = 0.95;

/** Without these nothing can be called healthy. */
const ESSENTIAL: readonly RuleId[] = ["oom-near"];

const CONSUMERS = 3;
/** An OOM kill that is dated and not older is a finding. */
const RECENT_SECONDS = 600;
/** A history's last minute that is not older is now. */
const NOW_SECONDS = 150;

export function whyDocument(looks: Looks, past: Past, container: string | null): WhyDocument {
  const { before, after, seconds } = looks;
  const rulings = judge(looks);
  const verdicts = verdictsOf(looks, rulings, past);
  const [first] = verdicts;
  return {
    schema: "procg.why/v1",
    generatedAt: isoTime(after.realtimeSeconds * 1000),
    container,
    intervalSeconds: before === null ? null : Math.round(seconds * 1000) / 1000,
    verdict: first?.id ?? "unknown",
    verdicts,
    consumers: consumersOf(looks),
    sinceStart: sinceStart(looks),
    episodes: past.episodes,
    notKnown: rulings
      .filter((ruling) => ruling.severity === "unknown")
      .map(({ id, summary }) => ({ id, reason: summary })),
  };
}

export function isoTime(unixMs: number): string {
  return new Date(Math.round(unixMs)).toISOString();
}

function verdictsOf(looks: Looks, rulings: readonly Ruling[], past: Past): Verdict[] {
  const nowMs = looks.after.realtimeSeconds * 1000;
  const found = rulings.filter(isFinding).map((ruling) => dated(ruling, past, nowMs));
  if (!found.some((verdict) => verdict.id === "oom")) {
    const recent = recentOom(past, nowMs);
    if (recent !== null) found.unshift(recent);
  }
  if (found.length > 0) return [...found.filter(isCritical), ...found.filter((one) => !isCritical(one))];
  const reason = whyUnknown(looks, rulings);
  if (reason === null) return [healthy(looks, rulings)];
  const advice = "run `procg doctor`: it says what is missing and what to do about it";
  const summary = `cannot tell: ${reason}`;
  return [{ id: "unknown", severity: "unknown", summary, since: null, at: null, evidence: [], advice }];
}

function whyUnknown(looks: Looks, rulings: readonly Ruling[]): string | null {
  if (looks.before === null) return "one look only: rates need two";
  if (looks.after.kind === "container" && coresUsed(looks) === null)
    return "how much CPU it uses cannot be read";
  return rulings.find((one) => one.severity === "unknown" && ESSENTIAL.includes(one.id))?.summary ?? null;
}

function healthy(looks: Looks, rulings: readonly Ruling[]): Verdict {
  const { after, seconds } = looks;
  const used = coresUsed(looks);
  let summary = `nothing found in ${seconds.toFixed(1)} s`;
  const memory = rulings.find((one) => one.id === "oom-near")?.summary ?? "";
  if (memory.includes("page cache")) summary += `; ${memory}`;
  const capacity = after.cpuLimit.capacityCores.value;
  if (used !== null && capacity !== null && used >= ALL_CPU_RATIO * capacity)
    summary += "; it uses all the CPU that it may";
  const kills = after.kind === "container" ? after.oomKills.value : null;
  if (kills) summary += `; since the start ${kills} OOM ${kills === 1 ? "kill" : "kills"}, when is not known`;
  // The first figure that each rule judges.
  const evidence = rulings.flatMap((one) =>
    one.severity === "none" ? one.evidence.filter(({ rule }) => rule !== "").slice(0, 1) : [],
  );
  return { id: "healthy", severity: "none", summary, since: null, at: null, evidence, advice: null };
}

function isCritical({ severity }: Verdict): boolean {
  return severity === "critical";
}

function dated({ id, severity, summary, evidence, advice }: Ruling, past: Past, nowMs: number): Verdict {
  const last = past.episodes?.filter((one) => one.id === id).pop();
  const lasts = last !== undefined && nowMs - Date.parse(last.to) <= NOW_SECONDS * 1000;
  const at = id === "oom" ? isoTime(nowMs) : null;
  return { id, severity, summary, since: lasts && at === null ? last.from : null, at, evidence, advice };
}

/** A kill that the black box, or the history, has dated to the last minutes. */
function recentOom({ episodes, box }: Past, nowMs: number): Verdict | null {
  const boxed = box?.ooms[box.ooms.length - 1];
  const told = episodes?.filter((one) => one.id === "oom").pop();
  const [atMs, file] =
    boxed !== undefined
      ? [boxed.after.atUnixMs, "loadcalc's black box"]
      : [told === undefined ? Number.NEGATIVE_INFINITY : Date.parse(told.to), "the history"];
  const age = (nowMs - atMs) / 1000;
  if (!(age >= 0 && age <= RECENT_SECONDS)) return null;
  const at = isoTime(atMs);
  const kills = boxed?.kills ?? null;
  return {
    id: "oom",
    severity: "warning",
    summary: `${kills ?? "at least 1"} OOM ${kills === null || kills === 1 ? "kill" : "kills"} ${Math.round(age)} s ago; none since`,
    since: null,
    at,
    evidence: [
      { file, figure: "oom_kill rose", value: at, unit: "", rule: `in the last ${RECENT_SECONDS} s` },
    ],
    advice: boxed !== undefined ? "`procg why --last-oom` says what held the memory" : null,
  };
}

function consumersOf({ before, after, seconds }: Looks): WhyDocument["consumers"] {
  const cpu: CpuConsumer[] = [];
  const last = new Map((before?.tasks.processes ?? []).map((one) => [one.pid | 0, one]));
  for (const { pid, comm, startTicks, cpuUsec } of after.tasks.processes) {
    const earlier = last.get(pid | 0);
    // A process that was not there before has used all of it since.
    const used = moved(earlier?.startTicks === startTicks ? earlier.cpuUsec : 0, cpuUsec) ?? 0;
    if (before !== null && used > 0)
      cpu.push({ pid, comm, usedCores: Math.round(used / 1e4 / seconds || 0) / 100 });
  }
  const memory = after.tasks.processes.map(({ pid, comm, rssBytes, anonBytes }) => ({
    pid,
    comm,
    residentBytes: rssBytes,
    anonBytes,
  }));
  return {
    cpu: cpu.sort((a, b) => b.usedCores - a.usedCores).slice(0, CONSUMERS),
    memory: memory.sort((a, b) => b.residentBytes - a.residentBytes).slice(0, CONSUMERS),
  };
}

function sinceStart({ after }: Looks): SinceStart {
  const kills = after.oomKills.value;
  const [own] = after.quotas;
  return {
    oomKills: kills,
    oomBy: kills === null || kills === 0 || after.kind === "machine" ? null : whoseLimit(null, after).whose,
    throttledPeriods: own?.throttled ?? null,
    periods: own?.periods ?? null,
    throttledSeconds: own === undefined ? null : Math.round(own.throttledUsec / 1000) / 1000,
    refusedForks: after.refusedForks.value,
  };
}
