/** The lines of doctor. */
import { safeText } from "../../lib/units/terminal_text.ts";

export interface Check {
  readonly name: string;
  /** ok; note: worth knowing; gap: a number cannot be known or may be wrong. */
  readonly status: "ok" | "note" | "gap";
  readonly found: string;
  /** What to do; null: nothing. */
  readonly advice: string | null;
}

export function renderChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map((check) => check.name.length));
  let text = "";
  for (const check of checks) {
    text += `${check.status.padEnd(4)}  ${check.name.padEnd(width)}  ${safeText(check.found)}\n`;
    if (check.advice !== null) text += `${" ".repeat(width + 8)}-> ${check.advice}\n`;
  }
  const gaps = checks.filter((check) => check.status === "gap").length;
  return `${text}${gaps === 0 ? "no gap" : gaps === 1 ? "1 gap" : `${gaps} gaps`}\n`;
}
