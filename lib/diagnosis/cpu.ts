/** Rules on CPU: kept from running by a quota, or by others. */
import { cpuRate } from "../container/cpu_usage.ts";
import type { Look, QuotaLook } from "./look.ts";
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
import type { ThreadLook } from "./tasks.ts";

/** Share of the quota's periods that were cut short. */
const THROTTLED_RATIO = 0.1;
const THROTTLED_BADLY = 0.5;
/** One cut period may be a start. */
const THROTTLED_PERIODS = 3;
/** Use of a hidden parent's quota, whose throttling cannot be seen. */
const HIDDEN_QUOTA_RATIO = 0.97;
/** Time in which threads were ready and got no CPU, per second. */
const WAIT_RATIO = 0.2;
/** Above this use of what it may use a container waits for itself. */
const OWN_USE_RATIO = 0.5;
/** Share of its CPUs that others use. */
const OTHERS_RATIO = 0.5;
const STEAL_RATIO = 0.1;

/** Cores used between the looks; null: not known. */
export function coresUsed({ before, after }: Looks): number | null {
  return before === null ? null : cpuRate(before.usage, after.usage).usageCores;
}

export function judgeThrottled(looks: Looks): Ruling {
  const { before, after } = looks;
  const id = "throttled";
  const none = { id, severity: "none", advice: null } as const;
  if (before === null) return unknownRuling(id, NO_INTERVAL);
  const used = coresUsed(looks);
  const capacity = after.cpuLimit.capacityCores.value;
  const usage = evidence(
    after.usage.from[0] ?? "",
    `CPU used of ${capacity === null ? "unknown" : round(capacity)} cores`,
    used,
    "cores",
  );
  const worst = worstQuota(before, after);
  if (worst !== null && worst.periods > 0) {
    const ratio = worst.throttled / worst.periods;
    const isOwn = worst.file === after.quotas[0]?.file;
    const found = [
      evidence(
        worst.file,
        "nr_throttled / nr_periods in the interval",
        `${worst.throttled} / ${worst.periods}`,
        "",
        `${percent(THROTTLED_RATIO)} of the periods, and ${THROTTLED_PERIODS} of them`,
      ),
      evidence(
        worst.file,
        "throttled time, all CPUs, per second",
        worst.usec / 1e6 / looks.seconds,
        "seconds",
      ),
      usage,
    ];
    if (ratio >= THROTTLED_RATIO && worst.throttled >= THROTTLED_PERIODS) {
      const whose = isOwn ? "its CPU quota" : "the CPU quota of a parent cgroup";
      return {
        id,
        severity: ratio >= THROTTLED_BADLY ? "critical" : "warning",
        summary: `${whose} cut ${percent(ratio)} of the periods short`,
        evidence: found,
        advice: "raise the quota (docker update --cpus), or run no more busy threads than `procg nproc` says",
      };
    }
    return { ...none, summary: `${percent(ratio)} of the periods were cut short`, evidence: found };
  }
  const hidden = after.hidden.cpuCores;
  if (typeof hidden === "number" && hidden === after.cpuLimit.quota.value && used !== null) {
    const rule = `${percent(HIDDEN_QUOTA_RATIO)} of it; its nr_throttled cannot be seen from here`;
    const found = [evidence(after.hidden.file, "hiddenLimits.cpuCores", hidden, "cores"), { ...usage, rule }];
    const summary = `the CPU quota of a hidden parent, ${round(hidden)} cores, is used up`;
    return used / hidden >= HIDDEN_QUOTA_RATIO
      ? { id, severity: "warning", summary, evidence: found, advice: "raise the parent's quota, on the host" }
      : { ...none, summary: "the hidden parent's quota is not used up", evidence: found };
  }
  if (after.quotas.length === 0 && after.cpuLimit.quota.value === null && after.kind === "container")
    return unknownRuling(id, "no quota can be read", [usage]);
  return { ...none, summary: "no period was cut short", evidence: [usage] };
}

interface QuotaMoved {
  readonly file: string;
  readonly periods: number;
  readonly throttled: number;
  readonly usec: number;
}

function worstQuota(before: Look, after: Look): QuotaMoved | null {
  let worst: QuotaMoved | null = null;
  if (before.usage.inode !== after.usage.inode) return null;
  for (const quota of after.quotas) {
    const last = before.quotas.find((one: QuotaLook) => one.file === quota.file);
    const periods = moved(last?.periods, quota.periods);
    const throttled = moved(last?.throttled, quota.throttled);
    const usec = moved(last?.throttledUsec, quota.throttledUsec);
    if (periods === null || throttled === null || usec === null) continue;
    if (worst === null || throttled > worst.throttled) worst = { file: quota.file, periods, throttled, usec };
  }
  return worst;
}

export function judgeNeighbour(looks: Looks): Ruling {
  const { before, after } = looks;
  const id = "noisy-neighbour";
  if (before === null) return unknownRuling(id, NO_INTERVAL);
  const host = hostShare(looks);
  const used = coresUsed(looks);
  if (host === null || used === null) return unknownRuling(id, "what others use of its CPUs cannot be read");
  const file = after.hostCpu?.file ?? "";
  const stolen = evidence(file, "steal of its CPUs", host.steal, "ratio", `${percent(STEAL_RATIO)}`);
  if (host.steal >= STEAL_RATIO) {
    return {
      id,
      severity: "warning",
      summary: `the hypervisor gave ${percent(host.steal)} of the CPUs' time to other machines`,
      evidence: [stolen],
      advice: "move the machine, or give it CPUs of its own",
    };
  }
  const waited = waitShare(looks);
  if (waited === null)
    return unknownRuling(id, "how long threads wait for a CPU: neither cpu.pressure nor schedstat");
  const capacity = after.cpuLimit.capacityCores.value ?? host.cpus;
  const others = Math.max(0, host.busyCores - used);
  const waiting = { ...waited, rule: `${percent(WAIT_RATIO)} of the time` };
  const own = evidence(
    after.usage.from[0] ?? "",
    `CPU used of ${round(capacity)} cores`,
    used,
    "cores",
    `at most ${percent(OWN_USE_RATIO)}: else it waits for itself`,
  );
  const byOthers = evidence(
    file,
    `what others use of its ${host.cpus} CPUs`,
    others,
    "cores",
    `${percent(OTHERS_RATIO)} of them`,
  );
  const waits = typeof waited.value === "number" && waited.value >= WAIT_RATIO;
  const isBusyItself = used > OWN_USE_RATIO * capacity;
  const isPressed = waits && !isBusyItself && others >= OTHERS_RATIO * host.cpus;
  // What decides comes first: a ruling that does not hold is told by its first figure.
  const decisive = !waits || isPressed ? waiting : isBusyItself ? own : byOthers;
  const found = [decisive, ...[waiting, own, byOthers].filter((one) => one !== decisive), stolen];
  return {
    id,
    severity: isPressed ? "warning" : "none",
    summary: isPressed
      ? "its threads are ready and wait while others use its CPUs"
      : "its threads do not wait for others",
    evidence: found,
    advice: isPressed
      ? "give it more weight (docker update --cpu-shares), or CPUs that it does not share (--cpuset-cpus)"
      : null,
  };
}

function hostShare({ before, after, seconds }: Looks) {
  const [first, last] = [before?.hostCpu, after.hostCpu];
  if (!first || !last || first.cpus !== last.cpus) return null;
  const total = moved(first.total, last.total);
  if (total === null || total === 0 || seconds <= 0) return null;
  const share = (key: "busy" | "steal"): number => (moved(first[key], last[key]) ?? 0) / total;
  return { busyCores: share("busy") * last.cpus, steal: share("steal"), cpus: last.cpus };
}

/** v2: pressure. Else what the scheduler counts of each thread, summed; a thread that was ready all the time and never ran too. */
function waitShare({ before, after, seconds }: Looks): Evidence | null {
  const pressure = moved(before?.pressure.cpu?.some?.totalUsec, after.pressure.cpu?.some?.totalUsec);
  if (pressure !== null)
    return evidence(after.pressureFile.cpu, "some: waiting for a CPU", pressure / 1e6 / seconds, "ratio");
  const last = new Map<number, ThreadLook>();
  for (const thread of before?.tasks.threads ?? []) last.set(thread.tid | 0, thread);
  let usec: number | null = null;
  for (const thread of after.tasks.threads) {
    const earlier = last.get(thread.tid | 0);
    if (!earlier?.schedstat || !thread.schedstat || earlier.pid !== thread.pid) continue;
    const waited = moved(earlier.schedstat.delayUsec, thread.schedstat.delayUsec);
    if (waited === null) continue;
    const starved =
      earlier.state === "R" &&
      thread.state === "R" &&
      thread.schedstat.timeslices === earlier.schedstat.timeslices &&
      thread.schedstat.runUsec === earlier.schedstat.runUsec;
    usec = (usec ?? 0) + (starved ? seconds * 1e6 : Math.min(waited, seconds * 1e6));
  }
  if (usec === null && after.tasks.threads.length > 0) return null;
  const value = (usec ?? 0) / 1e6 / seconds;
  return evidence("/proc/PID/task/TID/schedstat", "run_delay of its threads", value, "ratio");
}

export function round(value: number): string {
  return `${Math.round(value * 100) / 100}`;
}
