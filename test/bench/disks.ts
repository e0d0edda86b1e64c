/**
 * `node build/run_ts.mjs test/bench/disks.ts [--runs N]`: df, vmstat and iostat against the classic tools, and df of 5000 mounts (as root,
 * in a mount namespace of its own). Commands run in turn, so that a busy moment hits both; medians of wall time. Exit 1 when a budget is
 * missed, or a peer is not installed under CI=true.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { note, recordCost } from "./report/report.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROCG = join(ROOT, process.env.PROCG_BINARY ?? "dist/procg");
const MOUNTS = 5000;

interface Bench {
  readonly what: string;
  readonly ours: readonly string[];
  readonly peer: readonly string[];
  /** Ours may take so many times as long; null: only shown. */
  readonly budget: number | null;
  readonly mounts?: "tmpfs" | "bind";
}

const BENCHES: readonly Bench[] = [
  { what: "df", ours: [PROCG, "df"], peer: ["df"], budget: 1.3 },
  { what: "df -h /", ours: [PROCG, "df", "-h", "/"], peer: ["df", "-h", "/"], budget: 1.3 },
  { what: "vmstat", ours: [PROCG, "vmstat"], peer: ["vmstat"], budget: 1 },
  { what: "iostat", ours: [PROCG, "iostat"], peer: ["iostat"], budget: null },
  {
    what: `df, ${MOUNTS} binds`,
    ours: [PROCG, "df", "--host"],
    peer: ["df"],
    budget: 1.3,
    mounts: "bind",
  },
  {
    what: `df, ${MOUNTS} binds, as a container`,
    ours: [PROCG, "df"],
    peer: ["df"],
    budget: 1.3,
    mounts: "bind",
  },
  {
    what: `df, ${MOUNTS} tmpfs, all of them rows`,
    ours: [PROCG, "df", "--host"],
    peer: ["df"],
    budget: 1.3,
    mounts: "tmpfs",
  },
];

function launcher(): string {
  const script = join(ROOT, "build/programs.mjs");
  const made = spawnSync(process.execPath, [script, "test/bench/launch.c"], { encoding: "utf8", cwd: ROOT });
  if (made.status !== 0) throw new Error(made.stderr.trim());
  return made.stdout.trim();
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Wall times in ms of both. */
function measure(bench: Bench, runs: number): [number[], number[]] {
  const words = [launcher(), String(runs), ...bench.ours, "---", ...bench.peer];
  const result =
    bench.mounts === undefined ? run(words[0] ?? "", words.slice(1)) : runAmongMounts(words, bench.mounts);
  const times: [number[], number[]] = [[], []];
  for (const line of result.trim().split("\n")) {
    const [index = 0, wallNs = Number.NaN] = line.split(" ").map(Number);
    times[index === 0 ? 0 : 1].push(wallNs / 1e6);
  }
  return times;
}

function runAmongMounts(words: readonly string[], kind: "tmpfs" | "bind"): string {
  const folder = mkdtempSync(join(tmpdir(), "procg-mounts-"));
  const lines = Array.from({ length: MOUNTS }, (_, i) =>
    kind === "tmpfs" ? `tmpfs ${folder}/m/${i} tmpfs size=64k 0 0` : `/etc ${folder}/m/${i} none bind 0 0`,
  );
  writeFileSync(join(folder, "fstab"), `${lines.join("\n")}\n`);
  const script = `set -e
mkdir m; mount -t tmpfs tmpfs m
(cd m; seq 0 ${MOUNTS - 1} | xargs mkdir)
mount -a -T fstab
exec "$@"`;
  try {
    return run("unshare", ["-m", "sh", "-c", `cd ${folder}; ${script}`, "sh", ...words]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(command: string, args: readonly string[]): string {
  const result = spawnSync(command, args, {
    encoding: "utf8",
    timeout: 300_000,
    maxBuffer: 1 << 28,
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: "C" },
  });
  if (result.status !== 0) throw new Error(`${command}: ${result.stderr.trim()}`);
  return result.stdout;
}

function main(): number {
  const at = process.argv.indexOf("--runs");
  const runs = at < 0 ? 300 : Number(process.argv[at + 1]);
  let missed = false;
  note(
    `${runs} runs of each (30 among many mounts), in turn; medians. The peers are coreutils, procps and sysstat.`,
  );
  process.stdout.write(
    `${"what".padEnd(40)} ${"ours".padEnd(12)} ${"classic".padEnd(12)} ratio budget verdict\n`,
  );
  for (const bench of BENCHES) {
    const path = ["/usr/bin", "/bin"]
      .map((folder) => join(folder, bench.peer[0] ?? ""))
      .find((file) => existsSync(file));
    if (path === undefined || (bench.mounts !== undefined && process.getuid?.() !== 0)) {
      process.stdout.write(
        `${bench.what.padEnd(40)} left out: ${path === undefined ? "not installed" : "not root"}\n`,
      );
      missed ||= process.env.CI === "true";
      continue;
    }
    const [ours, peer] = measure(
      { ...bench, peer: [path, ...bench.peer.slice(1)] },
      bench.mounts === undefined ? runs : Math.min(runs, 30),
    ).map(median);
    const ratio = (ours ?? Number.NaN) / (peer ?? Number.NaN);
    const verdict = bench.budget === null ? "-" : ratio <= bench.budget ? "ok" : "MISSED";
    if (verdict === "MISSED") missed = true;
    const shown = [ours, peer].map((ms) => `${(ms ?? Number.NaN).toFixed(2)} ms`.padEnd(12)).join(" ");
    recordCost({
      what: `${bench.what}, wall`,
      ours: `${(ours ?? Number.NaN).toFixed(2)} ms`,
      peer: `${(peer ?? Number.NaN).toFixed(2)} ms`,
      ratio: ratio.toFixed(2),
      budget: bench.budget === null ? "-" : `<= ${bench.budget}`,
      verdict,
    });
    process.stdout.write(
      `${bench.what.padEnd(40)} ${shown} ${ratio.toFixed(2).padEnd(5)} ${String(bench.budget ?? "-").padEnd(6)} ${verdict}\n`,
    );
  }
  return missed ? 1 : 0;
}

process.exitCode = main();
