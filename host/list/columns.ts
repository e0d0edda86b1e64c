/** The columns of all containers, for the table, for `top -b` and for the screen. */

import { limitText, percent, size } from "../../lib/units/figure_text.ts";
import { fitColumns, safeText } from "../../lib/units/terminal_text.ts";
import type { ContainerRow, SortKey } from "./rows.ts";

export interface Column {
  readonly head: string;
  /** Below 0: to the left. */
  readonly width: number;
  readonly sort: SortKey | null;
  readonly text: (row: ContainerRow) => string;
}

/** Engines and labels give names and images: whatever stands in them. */
export const COLUMNS: readonly Column[] = [
  { head: "NAME", width: -24, sort: "name", text: (row) => safeText(row.name) },
  { head: "CPU", width: 14, sort: "cpu", text: cpuText },
  { head: "THR", width: 4, sort: null, text: (row) => percent(row.throttledRatio) },
  { head: "MEM", width: 6, sort: "memory", text: (row) => size(row.memoryWorkingSetBytes) },
  { head: "LIMIT", width: 6, sort: null, text: (row) => limitText(row.memoryLimitBytes, size) },
  { head: "LOAD", width: 6, sort: "load", text: (row) => row.load1?.toFixed(2) ?? "-" },
  { head: "ACTIVE", width: 6, sort: "threads", text: (row) => `${row.activeThreads ?? "-"}` },
  { head: "PIDS", width: 6, sort: "pids", text: (row) => `${row.pids ?? "-"}` },
  { head: "OOM", width: 4, sort: null, text: (row) => `${row.oomKills ?? "-"}` },
  { head: "PROBLEMS", width: 0, sort: null, text: (row) => safeText(row.problems.join(", ")) },
];

/** Without trailing blanks. `cell`: the text of a column. */
export function columnLine(cell: (column: Column) => string, nameWidth = 24): string {
  let line = "";
  for (const column of COLUMNS) {
    const text = cell(column);
    const { width } = column;
    if (width < 0) line += fitColumns(text, nameWidth);
    else line += width === 0 ? `  ${text}` : ` ${text.padStart(width)}`;
  }
  return line.trimEnd();
}

/** Cores of cores: "0.52 of 1.5". */
export function cpuText({ cpuCores, cpuCapacityCores }: ContainerRow): string {
  const capacity = cpuCapacityCores === null ? "-" : Number(cpuCapacityCores.toFixed(2));
  return `${cpuCores === null ? "-" : cpuCores.toFixed(2)} of ${capacity}`;
}
