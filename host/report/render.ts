/** The report for people (a table, reasons, the sum against the host) and as CSV. Pure. */
import Table from "cli-table3";
import { cores, limitText, percent, size, tasks } from "../../lib/units/figure_text.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import type { Spread } from "./points.ts";
import type { ContainerReport, HostReport, HostSum } from "./report.ts";
import type { Suggestion } from "./suggest.ts";

const HEAD = ["NAME", "SEEN", "MEMORY", "CPU", "THROTTLED", "TASKS", "PSI CPU/MEM/IO", "OOM", "SUGGESTED"];
const STYLE = { head: [], border: [], compact: true };

export function renderReport({ containers, total }: HostReport): string {
  const table = new Table({ head: HEAD, style: STYLE });
  let reasons = "";
  for (const each of containers) {
    const { memory, cpu, pids, pressure, suggested, window, name } = each;
    table.push([
      safeText(name),
      `${Math.round(window.coveredSeconds)} s`,
      `${three(memory.workingSetBytes, size)} of ${limitText(memory.limitBytes, size)}`,
      `${three(cpu.usedCores, cores)} of ${limitText(cpu.capacityCores, cores)}`,
      percent(cpu.throttledRatio, 1),
      `${three(pids.tasks, tasks)} of ${limitText(pids.limit, tasks)}`,
      `${percent(pressure.cpuRatio, 1)} ${percent(pressure.memoryRatio, 1)} ${percent(pressure.ioRatio, 1)}`,
      memory.oomKills ?? "-",
      `${size(suggested.memoryBytes.value)}, ${cores(suggested.cpuCores.value)} CPUs, ${tasks(suggested.pids.value)} tasks`,
    ]);
    reasons += reasonLines(each);
  }
  const sums = new Table({
    head: ["ALL", "HOST", "LIMITS", "PEAKS", "MEANS", "SUGGESTED"],
    style: STYLE,
  });
  sums.push(
    sumRow("memory", total.memory, size),
    sumRow("CPUs", total.cpu, cores),
    sumRow("tasks", total.pids, tasks),
  );
  const key = "MEMORY (working set), CPU and TASKS: peak/p95/mean of what is allowed\n";
  return `${table.toString()}\n${key}\n${reasons}${sums.toString()}\n`;
}

function reasonLines({ name, suggested, problems }: ContainerReport): string {
  const line = (what: string, value: string, { reason }: Suggestion): string =>
    `    ${what} ${value}: ${reason}\n`;
  return (
    `${safeText(name)}\n` +
    line("memory", size(suggested.memoryBytes.value), suggested.memoryBytes) +
    line("CPUs", cores(suggested.cpuCores.value), suggested.cpuCores) +
    line("tasks", tasks(suggested.pids.value), suggested.pids) +
    problems.map((problem) => `    ${safeText(problem)}\n`).join("")
  );
}

function three({ peak, p95, mean }: Spread, format: (value: number | null) => string): string {
  return `${format(peak)}/${format(p95)}/${format(mean)}`;
}

function sumRow(what: string, sum: HostSum, format: (value: number | null) => string): string[] {
  const without = sum.withoutLimit === 0 ? "" : ` (${sum.withoutLimit} without)`;
  return [
    what,
    format(sum.host),
    `${limitText(sum.limits, format)}${without}`,
    format(sum.peaks),
    format(sum.means),
    format(sum.suggested),
  ];
}

/** A line for each container; columns are named as the JSON's keys (memory.workingSetBytes.p95). Not known is empty. */
export function renderCsv({ containers }: HostReport): string {
  const rows = containers.map((container) => flattened("", container));
  const line = (cells: readonly unknown[]): string => `${cells.map(csvCell).join(",")}\r\n`;
  const [first] = rows;
  if (first === undefined) return "";
  return line(first.map(([name]) => name)) + rows.map((row) => line(row.map(([, value]) => value))).join("");
}

function flattened(prefix: string, record: object): [name: string, value: unknown][] {
  return Object.entries(record).flatMap(([key, value]): [string, unknown][] => {
    const name = prefix + key;
    if (Array.isArray(value)) return [[name, value.join("; ")]];
    return typeof value === "object" && value !== null ? flattened(`${name}.`, value) : [[name, value]];
  });
}

/** RFC 4180; a text that a spreadsheet would take for a formula gets a quote before it. */
function csvCell(value: unknown): string {
  if (typeof value === "number" || value === null) return `${value ?? ""}`;
  const text = safeText(`${value}`).replace(/^[=+\-@]/, "'$&");
  return /[",]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
