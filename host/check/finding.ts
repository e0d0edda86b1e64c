/** What a check of a pit is given and gives, and how it reads: nothing is changed, nothing that can hang is opened. */
import type { System } from "../../lib/system/system.ts";
import type { Finding, FindingStatus } from "./report.ts";

/** What the engine says of itself: GET /info; {} without one. */
export type EngineInfo = Readonly<Record<string, unknown>>;

export interface CheckInput {
  readonly system: System;
  readonly info: EngineInfo | null;
  /** Sum of the pids limits of the running containers; "max": one has none. */
  readonly pidsLimitSum: number | "max" | null;
}

/** A small reader that looks at one pit. */
export type Check = (input: CheckInput) => Finding | Finding[] | Promise<Finding | Finding[]>;

export function finding(
  id: string,
  value: string | number | null,
  status: FindingStatus,
  text = "",
): Finding {
  return { id, status: value === null ? "unknown" : status, value: value === null ? null : `${value}`, text };
}

export function read(system: System, path: string): string | null {
  const text = system.readText(path);
  return typeof text === "number" ? null : text.trim();
}

export function number(system: System, path: string): number | null {
  const text = read(system, path);
  return text !== null && /^-?[0-9]+$/.test(text) ? Number(text) : null;
}
