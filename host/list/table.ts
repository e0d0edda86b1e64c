/** The table of containers, for people. */
import Table from "cli-table3";
import { limitText, size } from "../../lib/units/figure_text.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import { cpuText } from "./columns.ts";
import type { ContainerRow } from "./rows.ts";

const HEAD = [
  "NAME",
  "IMAGE",
  "UUID",
  "CPU",
  "MEM",
  "LOAD",
  "ACTIVE",
  "PIDS",
  "OOM",
  "REGISTERED",
  "PROBLEMS",
];

export function renderList(rows: readonly ContainerRow[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const row of rows) {
    table.push([
      safeText(row.name),
      safeText(row.image ?? "-"),
      safeText(row.uuid?.slice(0, 8) ?? "-"),
      cpuText(row),
      `${size(row.memoryWorkingSetBytes)} of ${limitText(row.memoryLimitBytes, size)}`,
      row.load1?.toFixed(2) ?? "-",
      row.activeThreads ?? "-",
      `${row.pids ?? "-"} of ${limitText(row.pidsLimit, String)}`,
      row.oomKills ?? "-",
      row.registeredBy === null ? "no" : `${row.registeredBy} ${row.registeredAt?.slice(11, 19) ?? ""}`,
      row.problems.map((text) => safeText(text)).join("\n"),
    ]);
  }
  return `${table.toString()}\n`;
}
