/** Alarms as JSON and as metrics. Pure. */
import type { AlarmState } from "./alarm.ts";
import type { Level } from "./threshold.ts";

export interface AlarmEntry {
  /** "mem.util", "io.vda.util". */
  readonly name: string;
  readonly level: "warning" | "critical";
  readonly rule: string;
  /** null: not known. */
  readonly value: number | null;
  readonly isActive: boolean;
  /** Since when the limit is crossed without a break; null: it is not. */
  readonly sinceSeconds: number | null;
}

export interface AlarmsDocument {
  readonly schema: "procg.alerts/v1";
  /** "unknown": no rule has a value yet. */
  readonly state: "ok" | "warning" | "critical" | "unknown";
  readonly alarms: readonly AlarmEntry[];
}

export function alarmsDocument(states: readonly AlarmState[]): AlarmsDocument {
  return { schema: "procg.alerts/v1", state: overallState(states), alarms: alarmEntries(states) };
}

export function overallState(states: readonly AlarmState[]): AlarmsDocument["state"] {
  const isUnknown = states.every((state) => state.value === null && !state.isActive);
  return isUnknown ? "unknown" : (worstLevel(states) ?? "ok");
}

export function alarmEntries(states: readonly AlarmState[]): AlarmEntry[] {
  return states.map((state) => ({
    name: alarmName(state),
    level: state.rule.level,
    rule: state.rule.text,
    value: state.value,
    isActive: state.isActive,
    sinceSeconds: state.sinceMs === null ? null : state.sinceMs / 1000,
  }));
}

/** procg_alert_active for the Prometheus text format; in OpenMetrics before its "# EOF". "" without alarms. */
export function alarmMetrics(states: readonly AlarmState[]): string {
  if (states.length === 0) return "";
  const label = (text: string): string =>
    text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
  const lines = states.map(
    (state) =>
      `procg_alert_active{name="${label(alarmName(state))}",level="${state.rule.level}",rule="${label(state.rule.text)}"} ${state.isActive ? 1 : 0}\n`,
  );
  return `# HELP procg_alert_active Whether a threshold is crossed for as long as its rule asks.\n# TYPE procg_alert_active gauge\n${lines.join("")}`;
}

/** Of all alarms that stand; null: none. */
function worstLevel(states: readonly AlarmState[]): Level | null {
  const active = states.filter((state) => state.isActive);
  if (active.some((state) => state.rule.level === "critical")) return "critical";
  return active.length > 0 ? "warning" : null;
}

/** "mem.util", "io.vda.util". */
export function alarmName({ rule, item }: AlarmState): string {
  return item === "" ? `${rule.module}.${rule.column}` : `${rule.module}.${item}.${rule.column}`;
}
