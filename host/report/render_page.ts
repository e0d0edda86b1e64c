/**
 * The report as one HTML page: no script, nothing from elsewhere, and a policy that would forbid it. Every text of a container goes
 * through `escaped`. Pure.
 */

import { cores, limitText, percent, size, tasks } from "../../lib/units/figure_text.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import type { Point, Spread } from "./points.ts";
import type { ContainerReport, HostReport, HostSum } from "./report.ts";
import type { Suggestion } from "./suggest.ts";

type Format = (value: number | null) => string;

const STYLE = `:root{color-scheme:light dark}body{font:14px/1.45 system-ui,sans-serif;margin:1rem auto;max-width:80rem;padding:0 1rem}
h1{font-size:1.3rem}h2{font-size:1.1rem;margin:1.5rem 0 .3rem}table{border-collapse:collapse;margin:.5rem 0}
th,td{border:1px solid #8886;padding:.2rem .5rem;text-align:right;font-variant-numeric:tabular-nums}th:first-child,td:first-child,td.t{text-align:left}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:1rem}figure{margin:0}figcaption{font-size:.85rem}
svg{width:100%;height:7rem;border:1px solid #8884}polyline{fill:none;stroke:#2a6fdb;vector-effect:non-scaling-stroke}
line{stroke:#d33;stroke-dasharray:4 3;vector-effect:non-scaling-stroke}p{margin:.2rem 0;opacity:.8}`;

export function renderPage(report: HostReport, points: ReadonlyMap<string, readonly Point[]>): string {
  const { host, generatedAt, containers, total } = report;
  const title = `Containers of ${escaped(host)}`;
  const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">${policy}` +
    `<meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${STYLE}</style></head><body>\n` +
    `<h1>${title}</h1><p>${escaped(generatedAt)}, ${containers.length} containers</p>\n` +
    table(
      ["all", "host", "limits", "without limit", "peaks", "means", "suggested"],
      [
        sumRow("memory", total.memory, size),
        sumRow("CPUs", total.cpu, cores),
        sumRow("tasks", total.pids, tasks),
      ],
    ) +
    containers.map((each) => section(each, points.get(each.id) ?? [])).join("") +
    "</body></html>\n"
  );
}

function section(container: ContainerReport, points: readonly Point[]): string {
  const { memory, cpu, pids, pressure, suggested, window } = container;
  const from = window.fromUnixMs === null ? "-" : new Date(window.fromUnixMs).toISOString();
  const psi = [pressure.cpuRatio, pressure.memoryRatio, pressure.ioRatio].map(percent).join(", ");
  const row = (what: string, spread: Spread, limit: string, format: Format, suggestion: Suggestion) => [
    what,
    ...[spread.peak, spread.p95, spread.mean].map(format),
    limit,
    format(suggestion.value),
    suggestion.reason,
  ];
  const charts =
    chart("memory: working set", points, (point) => point.workingSetBytes, memory.limitBytes, size) +
    chart("CPUs in use", points, (point) => point.cpuCores, cpu.capacityCores, cores) +
    chart("tasks", points, (point) => point.tasks, pids.limit, tasks);
  return (
    `<section id="c-${escaped(container.id.slice(0, 12))}"><h2>${escaped(container.name)}</h2>` +
    `<p>${escaped(container.image ?? "")} · ${Math.round(window.coveredSeconds)} s seen since ${from} (${window.source ?? "-"})</p>` +
    table(
      ["", "peak", "p95", "mean", "allowed", "suggested", "because"],
      [
        row(
          "memory",
          memory.workingSetBytes,
          limitText(memory.limitBytes, size),
          size,
          suggested.memoryBytes,
        ),
        row("CPUs", cpu.usedCores, limitText(cpu.capacityCores, cores), cores, suggested.cpuCores),
        row("tasks", pids.tasks, limitText(pids.limit, tasks), tasks, suggested.pids),
      ],
    ) +
    `<p>throttled ${percent(cpu.throttledRatio, 1)} of the periods · OOM kills ${memory.oomKills ?? "-"}, ${memory.oomKillsSinceStart ?? "-"} since the start · ` +
    `kernel's peak ${size(memory.kernelPeakBytes)} · waiting for CPU, memory, IO: ${psi}</p>` +
    container.problems.map((problem) => `<p>${escaped(problem)}</p>`).join("") +
    `<div class="charts">${charts}</div></section>\n`
  );
}

function sumRow(what: string, sum: HostSum, format: Format): string[] {
  const { host, limits, withoutLimit, peaks, means, suggested } = sum;
  return [
    what,
    format(host),
    limitText(limits, format),
    `${withoutLimit}`,
    ...[peaks, means, suggested].map(format),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (name: string, texts: readonly string[]): string =>
    texts.map((text) => `<${name}>${escaped(text)}</${name}>`).join("");
  return `<table><tr>${cells("th", head)}</tr>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("")}</table>`;
}

const CHART_POINTS = 300;

/** Over the time of the points; of each of 300 parts the highest. The limit is a dashed line where it is not far above. */
function chart(
  title: string,
  points: readonly Point[],
  pick: (point: Point) => number | null,
  limit: number | "max" | null,
  format: Format,
): string {
  const begin = points[0]?.atMs ?? 0;
  const span = (points[points.length - 1]?.atMs ?? 0) - begin || 1;
  const parts = new Map<number, number>();
  let most = 0;
  for (const point of points) {
    const value = pick(point);
    if (value === null) continue;
    const at = Math.round(((point.atMs - begin) / span) * (CHART_POINTS - 1)) | 0;
    parts.set(at, Math.max(parts.get(at) ?? 0, value));
    most = Math.max(most, value);
  }
  const line = typeof limit === "number" && limit <= 4 * most ? limit : null;
  const top = Math.max(most, line ?? 0) * 1.05 || 1;
  const y = (value: number): string => (100 - (100 * value) / top).toFixed(1);
  const path = [...parts]
    .sort(([a], [b]) => a - b)
    .map(([at, value]) => `${at},${y(value)}`)
    .join(" ");
  const dashed = line === null ? "" : `<line x1="0" x2="${CHART_POINTS}" y1="${y(line)}" y2="${y(line)}"/>`;
  const caption = parts.size === 0 ? "not known" : `up to ${format(most)}`;
  return (
    `<figure><figcaption>${title}: ${caption} of ${limitText(limit, format)}</figcaption>` +
    `<svg viewBox="0 0 ${CHART_POINTS} 100" preserveAspectRatio="none" role="img" aria-label="${title}">${dashed}<polyline points="${path}"/></svg></figure>`
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return safeText(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
