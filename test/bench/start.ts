/**
 * `npm run bench`: the budgets of starting, and of the executable's size. Commands run in turn, one after the other, so that a
 * busy moment hits ours and the peer's alike; figures are medians, with the quartiles beside them.
 *
 * Prints a table and writes nothing. Exit 1 when a budget is missed, or a peer is not installed under CI=true.
 *
 *   npm run bench -- [--runs N] [row name...]
 */
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { note, recordCost } from "./report/report.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROCG = join(ROOT, process.env.PROCG_BINARY ?? "dist/procg");

interface Sample {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssKb: number;
}

interface Spread {
  readonly median: number;
  readonly p25: number;
  readonly p75: number;
}

interface Row {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio: string;
  readonly budget: string;
  readonly verdict: "ok" | "MISSED" | "-";
}

/** The launcher's path, compiled when it is not. In a process of its own: this file runs as a bundle elsewhere. */
function launcher(): string {
  const script = join(ROOT, "build/programs.mjs");
  const result = spawnSync(process.execPath, [script, "test/bench/launch.c"], {
    encoding: "utf8",
    cwd: ROOT,
  });
  if (result.status !== 0) throw new Error(result.stderr.trim());
  return result.stdout.trim();
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), p25: at(0.25), p75: at(0.75) };
}

/** Runs the commands in turn, `runs` times each, after a few that do not count. */
function measure(commands: readonly (readonly string[])[], runs: number, inside: boolean): Sample[][] {
  const launch = launcher();
  // A pid namespace of its own makes a container of this machine: the cgroup is looked for and read.
  const [program, ...before] = inside ? ["unshare", "-p", "-f", "--mount-proc", launch] : [launch];
  const words = commands.flatMap((command, i) => (i === 0 ? command : ["---", ...command]));
  const env = { PATH: process.env.PATH ?? "", LC_ALL: "C" };
  const call = (count: number) =>
    spawnSync(program ?? launch, [...before, `${count}`, ...words], {
      encoding: "utf8",
      timeout: 300_000,
      maxBuffer: 1 << 28,
      env,
    });
  call(20);
  const result = call(runs);
  if (result.status !== 0) throw new Error(`launch: ${result.stderr.trim()}`);
  const samples: Sample[][] = commands.map(() => []);
  for (const line of result.stdout.trim().split("\n")) {
    const [index = 0, wallNs = 0, cpuUs = 0, rssKb = 0] = line.split(" ").map(Number);
    samples[index]?.push({ wallMs: wallNs / 1e6, cpuMs: cpuUs / 1e3, rssKb });
  }
  return samples;
}

const ms = (spread: Spread) =>
  `${spread.median.toFixed(3)} ms (${spread.p25.toFixed(3)}-${spread.p75.toFixed(3)})`;
const kb = (spread: Spread) => `${spread.median} kB (${spread.p25}-${spread.p75})`;

/** The program, by its place in a Debian system; null when it is not installed. */
function installed(name: string): string | null {
  for (const folder of ["/usr/bin", "/bin", "/usr/sbin"]) {
    const path = join(folder, name);
    if (existsSync(path)) return realpathSync(path);
  }
  return null;
}

function compared(
  what: string,
  ours: Spread,
  peer: Spread,
  limit: number | null,
  show: (s: Spread) => string,
): Row {
  const ratio = ours.median / peer.median;
  return {
    what,
    ours: show(ours),
    peer: show(peer),
    ratio: ratio.toFixed(2),
    budget: limit === null ? "-" : `<= ${limit.toFixed(2)}`,
    verdict: limit === null ? "-" : ratio <= limit ? "ok" : "MISSED",
  };
}

interface Comparison {
  readonly tool: string;
  /** In a pid namespace of its own, which needs root. */
  readonly inside?: boolean;
  readonly ours: readonly string[];
  readonly peers: readonly {
    label: string;
    command: readonly string[];
    wall: number | null;
    rss: number | null;
  }[];
}

const COMPARISONS: readonly Comparison[] = [
  {
    tool: "free",
    ours: [PROCG, "free"],
    peers: [
      { label: "procps free", command: ["free"], wall: 0.9, rss: 0.4 },
      { label: "busybox free", command: ["busybox", "free"], wall: null, rss: null },
    ],
  },
  {
    tool: "free in a container",
    inside: true,
    ours: [PROCG, "free"],
    peers: [{ label: "procps free", command: ["free"], wall: 0.9, rss: 0.4 }],
  },
  {
    tool: "uptime",
    ours: [PROCG, "uptime"],
    peers: [{ label: "procps uptime", command: ["uptime"], wall: 1, rss: null }],
  },
  {
    tool: "nproc",
    ours: [PROCG, "nproc"],
    peers: [{ label: "coreutils nproc", command: ["nproc"], wall: 2, rss: null }],
  },
];

function rowsOf(comparison: Comparison, runs: number): Row[] {
  const present = comparison.peers.flatMap((peer) => {
    const [name = "", ...args] = peer.command;
    const path = installed(name);
    return path === null ? [] : [{ ...peer, command: [path, ...args] }];
  });
  const samples = measure(
    [comparison.ours, ...present.map((peer) => peer.command)],
    runs,
    comparison.inside ?? false,
  );
  const ours = samples[0] ?? [];
  const rows = present.flatMap((peer, i) => {
    const theirs = samples[i + 1] ?? [];
    const wall = compared(
      `${comparison.tool}, wall, against ${peer.label}`,
      ...([spreadOf(ours.map((s) => s.wallMs)), spreadOf(theirs.map((s) => s.wallMs))] as const),
      ...([peer.wall, ms] as const),
    );
    const rss = compared(
      `${comparison.tool}, max RSS, against ${peer.label}`,
      ...([spreadOf(ours.map((s) => s.rssKb)), spreadOf(theirs.map((s) => s.rssKb))] as const),
      ...([peer.rss, kb] as const),
    );
    return [wall, rss];
  });
  const missing = comparison.peers.filter((peer) => !present.some((each) => each.label === peer.label));
  for (const peer of missing) {
    const what = `${comparison.tool}, against ${peer.label}`;
    const verdict = process.env.CI === "true" ? "MISSED" : "-";
    rows.push({ what, ours: "-", peer: "not installed", ratio: "-", budget: "-", verdict });
  }
  return rows;
}

/** What a program starts later by, for being started through procg exec. */
const EXEC_BUDGET_MS = 2;

function execRow(runs: number): Row {
  const program = installed("true") ?? "/bin/true";
  const [ours = [], direct = []] = measure([[PROCG, "exec", program], [program]], runs, true);
  const [through, alone] = [spreadOf(ours.map((s) => s.wallMs)), spreadOf(direct.map((s) => s.wallMs))];
  const added = through.median - alone.median;
  return {
    what: "exec, wall, beyond the program's own",
    ours: ms(through),
    peer: ms(alone),
    ratio: `+${added.toFixed(3)} ms`,
    budget: `<= ${EXEC_BUDGET_MS} ms`,
    verdict: added <= EXEC_BUDGET_MS ? "ok" : "MISSED",
  };
}

/** With all tools. */
const SIZE_BUDGET_MB = 1.5;

function sizeRow(): Row {
  const megabytes = statSync(PROCG).size / 1e6;
  return {
    what: "executable",
    ours: `${megabytes.toFixed(3)} MB`,
    peer: "-",
    ratio: "-",
    budget: `<= ${SIZE_BUDGET_MB} MB`,
    verdict: megabytes <= SIZE_BUDGET_MB ? "ok" : "MISSED",
  };
}

function printTable(rows: readonly Row[]): void {
  const columns = ["what", "ours", "peer", "ratio", "budget", "verdict"] as const;
  const widths = columns.map((name) => Math.max(name.length, ...rows.map((row) => row[name].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  process.stdout.write(`${line(columns)}\n${line(widths.map((width) => "-".repeat(width)))}\n`);
  for (const row of rows) process.stdout.write(`${line(columns.map((name) => row[name]))}\n`);
}

function main(): number {
  const words = process.argv.slice(2);
  const runsAt = words.indexOf("--runs");
  const runs = runsAt < 0 ? 400 : Number(words[runsAt + 1]);
  const wanted = words.filter((_, i) => runsAt < 0 || (i !== runsAt && i !== runsAt + 1));
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${words[runsAt + 1]}: a number above 0`);
  if (!existsSync(PROCG)) throw new Error(`no ${PROCG}: npm run build`);
  note(`${runs} runs of each, in turn; medians (quartiles).`);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) process.stdout.write("not root: the rows in a container are left out\n");
  const possible = COMPARISONS.filter(({ inside }) => isRoot || inside !== true);
  const chosen = possible.filter(({ tool }) => wanted.length === 0 || wanted.includes(tool));
  const withExec = isRoot && (wanted.length === 0 || wanted.includes("exec"));
  const rows = [
    ...chosen.flatMap((each) => rowsOf(each, runs)),
    ...(withExec ? [execRow(runs)] : []),
    sizeRow(),
  ];
  printTable(rows);
  for (const row of rows) recordCost(row);
  return rows.some((row) => row.verdict === "MISSED") ? 1 : 0;
}

process.exitCode = main();
