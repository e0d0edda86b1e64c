/** What `procg host check` looks at: one finding for each pit, with what stands there, for a baseline and a diff. Pure. */

/** "ok"; "note": worth knowing; "warn": will hurt; "unknown": cannot be read here. */
export type FindingStatus = "ok" | "note" | "warn" | "unknown";

export interface Finding {
  /** Stable: a diff goes by it. */
  readonly id: string;
  readonly status: FindingStatus;
  /** What stands there, as text: two hosts are compared by it. null: not known. */
  readonly value: string | null;
  readonly text: string;
}

/** How a host is set up for containers, a finding after the other. */
export interface CheckReport {
  readonly schema: "procg.host-check/v1";
  readonly host: string;
  readonly checkedAt: string;
  readonly findings: readonly Finding[];
}

/** What differs between two reports of `procg host check`. */
export interface CheckDifferences {
  readonly schema: "procg.host-check-diff/v1";
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly id: string;
  readonly before: string | null;
  readonly now: string | null;
}

/** Figures that differ from moment to moment say nothing about how a host is set up. */
const MOVING: readonly string[] = [
  "conntrack.entries",
  "threads.used",
  "docker.logs",
  "memory.free",
  "daemon.rss",
];

export function compareReports(before: CheckReport, now: CheckReport): Difference[] {
  const differences: Difference[] = [];
  const old = new Map(before.findings.map((finding) => [finding.id, finding.value]));
  for (const { id, value } of now.findings) {
    const other = old.get(id);
    old.delete(id);
    if (MOVING.includes(id) || other === value) continue;
    differences.push({ id, before: other ?? null, now: value });
  }
  for (const [id, value] of old) if (!MOVING.includes(id)) differences.push({ id, before: value, now: null });
  return differences;
}

/** null: not such a report. */
export function parseReport(text: string): CheckReport | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const report = value as Partial<CheckReport>;
    return report.schema === "procg.host-check/v1" && Array.isArray(report.findings)
      ? (report as CheckReport)
      : null;
  } catch {
    return null;
  }
}
