/** uptime --json and uptime --explain: loaded only when asked for. */
import type { Container } from "../../lib/container/container.ts";
import { explainContainer, explainFigures } from "../../lib/container/explain.ts";
import type { UptimeModel } from "./collect.ts";

/** `procg.uptime/v1`. */
export interface UptimeDocument {
  readonly schema: "procg.uptime/v1";
  readonly uptimeSeconds: number | null;
  /** Logged-in users by utmp; null where there is no utmp. */
  readonly users: number | null;
  readonly load1: number | null;
  readonly load5: number | null;
  readonly load15: number | null;
  /** Who keeps the load; null: not known. */
  readonly loadSource: "loadcalc" | "lxcfs" | "fuse" | "host" | null;
}

export function uptimeDocument(model: UptimeModel): UptimeDocument {
  const { load, source } = model.load;
  return {
    schema: "procg.uptime/v1",
    uptimeSeconds: model.uptimeSeconds.value,
    users: model.users.exists ? model.users.count : null,
    load1: load?.load1 ?? null,
    load5: load?.load5 ?? null,
    load15: load?.load15 ?? null,
    loadSource: source,
  };
}

export function uptimeJson(model: UptimeModel): string {
  return `${JSON.stringify(uptimeDocument(model))}\n`;
}

export function explainUptime(container: Container, model: UptimeModel): string {
  const { load, path, problem } = model.load;
  const term = {
    path,
    key: null,
    value: load?.load1 ?? null,
    missing: load === null ? (problem ?? "absent") : null,
  };
  const users = {
    path: model.users.path,
    key: null,
    value: model.users.count,
    missing: model.users.count === null ? "cannot be read" : null,
  };
  return (
    explainContainer(container) +
    explainFigures("uptime", [
      ["uptime, seconds", model.uptimeSeconds],
      ["users", { value: model.users.count, formula: "login records (USER_PROCESS)", from: [users] }],
      [
        "load average, 1 minute",
        { value: load?.load1 ?? null, formula: "as loadcalc keeps it", from: [term] },
      ],
    ])
  );
}
