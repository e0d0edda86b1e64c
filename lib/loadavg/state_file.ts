/** loadcalc.state: the load state as text, with what it belongs to. Everything read back is checked. */
import { ALGORITHMS, type Algorithm, type Averages, formatLoad } from "./fixed_point.ts";
import type { LoadState } from "./load_state.ts";

export const STATE_SCHEMA = "procg.loadcalc-state/v1";

/** Whose state it is: the averages of another boot, container or cgroup are not ours. */
export interface StateOwner {
  readonly bootId: string;
  /** Field 22 of the init's stat. */
  readonly initStartTicks: number;
  /** --cgroup, or null for the container's own. */
  readonly cgroup: string | null;
}

export function renderState(state: LoadState, owner: StateOwner, algorithm: Algorithm): string {
  return `${JSON.stringify({ schema: STATE_SCHEMA, ...owner, algorithm, ...state })}\n`;
}

/** The state, or why it cannot be taken up. `monotonicSeconds`: now. */
export function parseState(text: string, owner: StateOwner, monotonicSeconds: number): LoadState | string {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return "not JSON";
  }
  if (typeof raw !== "object" || raw === null) return "not an object";
  const fields = raw as Readonly<Record<string, unknown>>;
  if (fields.schema !== STATE_SCHEMA) return `schema is not ${STATE_SCHEMA}`;
  if (fields.bootId !== owner.bootId) return "of another boot";
  if (fields.initStartTicks !== owner.initStartTicks) return "of another container";
  if (fields.cgroup !== owner.cgroup) return "of another cgroup";
  if (!ALGORITHMS.includes(fields.algorithm as Algorithm)) return "no algorithm";
  const averages = fields.averages;
  const tick = fields.tickMonotonicSeconds;
  const { active, samples, missedPeriods, sinceUnixMs, cpuUsageUsec } = fields;
  if (!Array.isArray(averages) || averages.length !== 3 || !averages.every(isCount)) return "no averages";
  if (typeof tick !== "number" || !(tick >= 0)) return "no tick";
  if (tick > monotonicSeconds + 1) return "of the future";
  if (!isCount(active) || !isCount(samples) || !isCount(missedPeriods)) return "a count is missing";
  if (!isTime(sinceUnixMs)) return "no time";
  if (cpuUsageUsec !== null && !(typeof cpuUsageUsec === "number" && cpuUsageUsec >= 0))
    return "no CPU usage";
  return {
    averages: [averages[0], averages[1], averages[2]] as Averages,
    tickMonotonicSeconds: tick,
    active,
    cpuUsageUsec,
    samples,
    missedPeriods,
    sinceUnixMs,
  };
}

/** One line in the format of /proc/loadavg (proc(5)). */
export function renderLoadavg(averages: Averages, active: number, threads: number, lastPid: number): string {
  return `${averages.map(formatLoad).join(" ")} ${active}/${threads} ${lastPid}\n`;
}

/** Doubles are exact below: see fixed_point.ts. */
const COUNT_MOST = 2 ** 42;

/** Of a Date, in ms: a clock that was set back may be before 1970. */
const TIME_MOST = 8.64e15;

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= TIME_MOST;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < COUNT_MOST;
}
