/** The findings as lines, what hurts first. */
import type { CheckReport, Difference, FindingStatus } from "./report.ts";

const ORDER: readonly FindingStatus[] = ["warn", "note", "unknown", "ok"];

export function renderReport(report: CheckReport): string {
  let text = "";
  for (const status of ORDER) {
    for (const finding of report.findings) {
      if (finding.status !== status) continue;
      text += `${status.padEnd(8)}${finding.id.padEnd(26)} ${finding.value ?? "-"}\n`;
      if (finding.text !== "" && status !== "ok") text += `${" ".repeat(35)}${finding.text}\n`;
    }
  }
  const count = report.findings.filter((finding) => finding.status === "warn").length;
  return `${text}${count === 1 ? "1 warning" : `${count} warnings`}\n`;
}

export function renderDifferences(differences: readonly Difference[]): string {
  if (differences.length === 0) return "no difference\n";
  return differences
    .map(({ id, before, now }) => `${id.padEnd(26)} ${before ?? "-"} -> ${now ?? "-"}\n`)
    .join("");
}
