/** The table of containers, for people. */
import Table from "cli-table3";
import type { ContainerRow } from "./rows.ts";

const HEAD = ["NAME", "IMAGE", "UUID", "CPU", "MEM", "ACTIVE", "PIDS", "OOM", "REGISTERED", "PROBLEMS"];

export function renderList(rows: readonly ContainerRow[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const row of rows) {
    table.push([
      row.name,
      row.image ?? "-",
      row.uuid?.slice(0, 8) ?? "-",
      cpuText(row),
      `${size(row.memoryWorkingSetBytes)} of ${limit(row.memoryLimitBytes, size)}`,
      row.activeThreads ?? "-",
      `${row.pids ?? "-"} of ${limit(row.pidsLimit, String)}`,
      row.oomKills ?? "-",
      row.registeredBy === null ? "no" : `${row.registeredBy} ${row.registeredAt?.slice(11, 19) ?? ""}`,
      row.problems.join("\n"),
    ]);
  }
  return `${table.toString()}\n`;
}

/** Plain columns, as `procg host top` draws them; never wider than `width`. */
export function renderRanked(rows: readonly ContainerRow[], width: number): string {
  const lines = [line("NAME", "CPU", "THROTTLED", "MEM", "LIMIT", "ACTIVE", "PIDS", "OOM", "PROBLEMS")];
  for (const row of rows) {
    lines.push(
      line(
        row.name,
        cpuText(row),
        row.throttledRatio === null ? "-" : `${Math.round(row.throttledRatio * 100)}%`,
        size(row.memoryWorkingSetBytes),
        limit(row.memoryLimitBytes, size),
        `${row.activeThreads ?? "-"}`,
        `${row.pids ?? "-"}`,
        `${row.oomKills ?? "-"}`,
        row.problems.join(", "),
      ),
    );
  }
  return lines.map((text) => `${text.slice(0, Math.max(20, width)).replace(/ +$/, "")}\n`).join("");
}

function line(name: string, cpu: string, ...rest: readonly string[]): string {
  const [throttled = "", memory = "", most = "", active = "", pids = "", oom = "", problems = ""] = rest;
  const columns = [
    throttled.padStart(9),
    memory.padStart(8),
    most.padStart(8),
    active.padStart(6),
    pids.padStart(6),
    oom.padStart(4),
  ];
  return `${name.slice(0, 24).padEnd(24)} ${cpu.padStart(14)} ${columns.join(" ")}  ${problems}`;
}

/** Cores of cores: "0.52 of 1.5". */
function cpuText({ cpuCores, cpuCapacityCores }: ContainerRow): string {
  return `${cpuCores === null ? "-" : cpuCores.toFixed(2)} of ${cpuCapacityCores === null ? "-" : Number(cpuCapacityCores.toFixed(2))}`;
}

function limit(value: number | "max" | null, format: (value: number) => string): string {
  return value === null ? "-" : value === "max" ? "max" : format(value);
}

function size(bytes: number | null): string {
  if (bytes === null) return "-";
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)}${["B", "K", "M", "G", "T"][unit]}`;
}
