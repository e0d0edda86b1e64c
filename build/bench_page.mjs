/**
 * docs/benchmarks.md from the rows that the benches keep (test/bench/report). Pure but for conditions().
 *
 * A row is {table, columns, cells, isLoss}, or a note {note}; a bench is {name, rows, status}.
 */
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import process from "node:process";

/** What each bench is about; one that is not named here gets its name as title. */
const TITLES = {
  start: "Start-up: free, uptime, nproc (procps, busybox, coreutils)",
  top: "top (procps, busybox)",
  disks: "df, vmstat, iostat (coreutils, procps, sysstat)",
  tsar: "tsar and its history (sysstat)",
  loadcalc: "loadcalc and its endpoint (lxcfs, node:http)",
  lxcfs: "lxcfs, side by side",
};

const ORDER = Object.keys(TITLES);

const INTRO = `# Benchmarks

Made by \`npm run bench -- --markdown docs/benchmarks.md\` in one run on one machine. Not edited by hand.

- Ours and the peer run in turn, side by side, so that a busy moment hits both. **Compare ratios, not milliseconds**: absolute times change with the machine and with what else it does.
- **loss** marks each row where the peer is better. MISSED: a budget of ours is not met in this run.
- Truth in the lxcfs part is the kernel's own cgroup files, read from outside the container.
`;

const LXCFS = `The classic tools read lxcfs' files in one view of a container, ours read the kernel's in another view of the same container. The reader is outside the container's memory cgroup,
so that its own memory is in no figure. lxcfs 5.0.3 is Debian 12's; lxcfs 6 counts tmpfs as we do, lxcfs 7 has no cgroup v1. Neither was measured here, nor cgroup v2, nor swap (this machine has none).
Where the parent is hidden (second table) neither knows what the neighbour uses, and both print an upper bound; \`free --explain\` says "ancestors hidden".
`;

/** @typedef {{ table: string, columns: string[], cells: string[], isLoss: boolean | null }} Row */

const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("\n", " ");

/** The tables of one bench, in the order of their first rows. */
export function tablesOf(rows) {
  const tables = new Map();
  for (const row of rows) {
    const table = tables.get(row.table) ?? { columns: row.columns, rows: [] };
    table.rows.push(row);
    tables.set(row.table, table);
  }
  return tables;
}

function tableText(title, { columns, rows }) {
  const heading = [...columns, ""].map(cell).join(" | ");
  const lines = rows.map(
    (row) => `| ${[...row.cells, row.isLoss ? "**loss**" : ""].map(cell).join(" | ")} |`,
  );
  const table = [`| ${heading} |`, `|${"---|".repeat(columns.length + 1)}`, ...lines].join("\n");
  return title === "" ? table : `### ${title}\n\n${table}`;
}

function benchText({ name, rows, status }) {
  const parts = [`## ${TITLES[name] ?? name}`];
  if (name === "lxcfs") parts.push(LXCFS.trim());
  const notes = rows.flatMap((row) => (row.note === undefined ? [] : [row.note]));
  if (notes.length > 0) parts.push(notes.join(" "));
  const tables = tablesOf(rows.filter((row) => row.note === undefined));
  for (const [title, table] of tables) parts.push(tableText(title, table));
  if (tables.size === 0) parts.push(`No rows: it ended with status ${status}.`);
  return parts.join("\n\n");
}

function countOf(benches) {
  const rows = benches.flatMap((bench) => bench.rows).filter((row) => row.note === undefined);
  const compared = rows.filter((row) => row.isLoss !== null).length;
  const lost = rows.filter((row) => row.isLoss === true).length;
  return `${rows.length} rows; ${compared} of them compare with a peer, which is better in ${lost}.`;
}

/** The whole page. `where` is a list of [what, value]. */
export function pageOf(where, benches) {
  const sorted = [...benches].sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
  const conditions = [
    "| condition | |",
    "|---|---|",
    ...where.map((row) => `| ${row.map(cell).join(" | ")} |`),
  ];
  return `${[INTRO.trim(), conditions.join("\n"), countOf(sorted), ...sorted.map(benchText)].join("\n\n")}\n`;
}

const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

/** The machine, and how busy it is at this moment: `[what, value]`. */
export function conditions() {
  const model = cpus()[0]?.model ?? "unknown";
  return [
    ["date", new Date().toISOString().slice(0, 16).replace("T", " ")],
    ["kernel", release()],
    ["CPUs", `${cpus().length} x ${model.trim()}`],
    ["memory", `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
    ["cgroups", cgroups()],
    ["Node (runs the benches)", process.version],
    ["executable", executableSize()],
  ];
}

/** Load averages now, for "noise". */
export const loadNow = () =>
  loadavg()
    .map((load) => load.toFixed(2))
    .join(" ");

function cgroups() {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  const [v1, v2] = [/ - cgroup /.test(mounts), / - cgroup2 /.test(mounts)];
  return v1 && v2 ? "v1 (hybrid)" : v2 ? "v2" : v1 ? "v1" : "none mounted";
}

function executableSize() {
  try {
    return readFileSync(new URL("../dist/size.txt", import.meta.url), "utf8").split("\n")[0] ?? "";
  } catch {
    return "not built";
  }
}
