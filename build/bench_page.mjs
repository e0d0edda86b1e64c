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
  "lxcfs-v2": "lxcfs on cgroup v2, side by side",
};

/** Minutes of a guest each: they run by name only, and their part of the page stays until then. */
export const APART = ["lxcfs-v2"];

const ORDER = Object.keys(TITLES);

const INTRO = `# Benchmarks

Made by \`npm run bench -- --markdown docs/benchmarks.md\` in one run on one machine. Not edited by hand.

- Ours and the peer run in turn, side by side, so that a busy moment hits both. **Compare ratios, not milliseconds**: absolute times change with the machine and with what else it does.
- **loss** marks each row where the peer is better. MISSED: a budget of ours is not met in this run.
- Truth in the lxcfs part is the kernel's own cgroup files, read from outside the container.
`;

const LXCFS = `The classic tools read lxcfs' files in one view of a container, ours read the kernel's in another view of the same container. The reader is outside the container's memory cgroup,
so that its own memory is in no figure. lxcfs 5.0.3 is Debian 12's. lxcfs 6 and 7, cgroup v2 and swap are in the next part; lxcfs 6 on cgroup v1 was not measured here, lxcfs 7 has no cgroup v1.
Where the parent is hidden (second table) neither knows what the neighbour uses, and both print an upper bound; \`free --explain\` says "ancestors hidden".`;

const LXCFS_V2 = `Made by \`npm run bench -- lxcfs-v2 --markdown docs/benchmarks.md\`, which makes this part alone; it has its own conditions and is not in the counts above. Three lxcfs run at the same time on
one kernel, each bound over /proc in a view of its own of the same container; ours read the kernel's files in a fourth. The truth is the kernel's own cgroup files, read by the guest from outside. A figure that is wrong
has its error in brackets; \`-\` is no figure at all. /proc/pressure exists in lxcfs 7 only: without it programs read the machine's. **loss**: a lxcfs is nearer to the truth.

- **Hidden parents**: where the cgroup namespace hides the parent, no program inside can see its limit. lxcfs, on the host, knows the limit (not what neighbours use); ours say \`limitComplete: false\` and \`quotaComplete: false\`,
  print an upper bound, and are right once the host has told them (\`procg host register\`, or \`watch\` for every container).
- **What a neighbour uses** below the same parent is known only where the parent is visible. lxcfs, which could see it, does not look: its MemAvailable is an upper bound in both views.
- **Load averages**: two containers with the same load, one with loadcalc in it, one that is read through lxcfs, so that neither counts the other's doing.
- **Last tables**: ours in a container whose /proc is lxcfs' ([decision 9](adr/0009-lxcfs-and-the-cgroup.md)).
- lxcfs 5, 6 and 7 serve programs that nobody changed; ours are tools. Times and costs are not in this part: under emulation they say nothing.`;

const ABOUT = { lxcfs: LXCFS, "lxcfs-v2": LXCFS_V2 };

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
  if (ABOUT[name] !== undefined) parts.push(ABOUT[name]);
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

/**
 * The whole page. `where` is a list of [what, value]. `old` is the page as it is ("": none): benches that run apart and have no new rows keep
 * their part of it, and when nothing else ran everything but theirs stays.
 */
export function pageOf(where, benches, old = "") {
  const isApart = ({ name }) => APART.includes(name);
  const isKept = (bench) => isApart(bench) && bench.rows.length === 0 && partOf(old, bench.name) !== null;
  const fresh = benches.filter((bench) => !isKept(bench));
  if (old !== "" && benches.every(isApart)) return fresh.reduce(withPart, old);
  const kept = APART.filter((name) => !fresh.some((bench) => bench.name === name))
    .map((name) => ({ name, text: partOf(old, name) }))
    .filter(({ text }) => text !== null);
  const parts = [...fresh.map((bench) => ({ name: bench.name, text: benchText(bench) })), ...kept];
  parts.sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
  const conditions = [
    "| condition | |",
    "|---|---|",
    ...where.map((row) => `| ${row.map(cell).join(" | ")} |`),
  ];
  const counted = fresh.filter((bench) => !isApart(bench));
  const texts = parts.map(({ text }) => text);
  return `${[INTRO.trim(), conditions.join("\n"), countOf(counted), ...texts].join("\n\n")}\n`;
}

/** A bench's part of a page without the empty lines around it; null: it has none. */
function partOf(page, name) {
  const from = `\n${page}`.indexOf(`\n## ${TITLES[name]}\n`);
  if (from < 0) return null;
  const next = page.indexOf("\n## ", from + 1);
  return page.slice(from, next < 0 ? page.length : next).trim();
}

/** The page with a bench's part made anew, at its end where it had none. */
function withPart(page, bench) {
  const before = partOf(page, bench.name);
  // A function: a `$` in the text means nothing.
  if (before !== null) return page.replace(before, () => benchText(bench));
  return `${page.trimEnd()}\n\n${benchText(bench)}\n`;
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
