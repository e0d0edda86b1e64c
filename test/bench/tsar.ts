/**
 * `node build/run_ts.mjs test/bench/tsar.ts`: the sampler's budgets (issue "tsar") on made samples of a busy container, and the same of sar
 * (sysstat) on this machine. Prints a table; exit 1 when a budget is missed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { madeContainer } from "../../lib/history/testing/made_samples.ts";
import { openWriter } from "../../lib/history/writer.ts";
import { nodeFileHost } from "../../lib/system/node/node_file_host.ts";
import { nodeSystem } from "../../lib/system/node/node_system.ts";
import { recordCost } from "./report/report.ts";

const PROCG = join(import.meta.dirname, "../..", process.env.PROCG_BINARY ?? "dist/procg");
const SADC = ["/usr/lib/sysstat/sadc", "/usr/lib64/sa/sadc"].find((path) => existsSync(path));
const SAR = "/usr/bin/sar";
const RUNS = 7;
const FIVE = ["--cpu", "--mem", "--traffic", "--io", "--load"];

let missed = false;

function row(what: string, ours: string, peer: string, value: number | null, budget: number | null): void {
  const verdict = value === null || budget === null ? "-" : value <= budget ? "ok" : "MISSED";
  if (verdict === "MISSED") missed = true;
  recordCost({ what, ours, peer, ratio: "-", budget: budget === null ? "-" : `<= ${budget}`, verdict });
  process.stdout.write(`${what.padEnd(52)} ${ours.padEnd(24)} ${peer.padEnd(24)} ${verdict}\n`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Wall time in ms, median of some runs. */
function timed(command: string, args: readonly string[], runs = RUNS): { ms: number; lines: number } {
  let lines = 0;
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = process.hrtime.bigint();
    const result = spawnSync(command, args, {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      env: { TZ: "UTC", LC_ALL: "C" },
    });
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    if (result.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${result.stderr}`);
    lines = result.stdout.split("\n").length;
  }
  return { ms: median(times), lines };
}

/** Eight days up to now, a minute apart; the last one is still open. Bytes by day. */
function makeStore(directory: string, v1: boolean): { raw: number; packed: number } {
  const host = nodeFileHost();
  const startMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 8 * 86_400_000;
  const container = madeContainer(11, { v1, share: 0.25 }, startMs);
  const writer = openWriter(nodeSystem(), host, { directory, minFreeBytes: 0 });
  if (typeof writer === "string") throw new Error(writer);
  const sizes = () =>
    readdirSync(directory)
      .filter((name) => name !== "lock")
      .sort()
      .map((name) => statSync(join(directory, name)).size);
  let raw = 0;
  const end = Date.now() - 60_000;
  for (let ms = startMs; ms < end; ms += 60_000) {
    writer.append(container.next());
    if (raw === 0 && ms >= startMs + 1438 * 60_000) raw = sizes()[0] ?? 0;
  }
  writer.pack();
  writer.end(0, 0);
  host.end();
  return { raw, packed: sizes()[0] ?? 0 };
}

function benchOurs(): void {
  const directory = mkdtempSync(join(tmpdir(), "procg-bench-"));
  try {
    for (const v1 of [true, false]) {
      const { raw, packed } = makeStore(join(directory, v1 ? "v1" : "v2"), v1);
      const name = `a day at 1 minute, cgroup ${v1 ? "v1" : "v2"}`;
      row(name, `${raw} bytes`, "", raw, 500_000);
      row(`${name}, compressed`, `${packed} bytes`, "", packed, 120_000);
    }
    const store = join(directory, "v1");
    for (const interval of ["1", "5"]) {
      const { ms, lines } = timed(PROCG, ["tsar", "--history", store, "-n", "7", "-i", interval, ...FIVE]);
      row(
        `a week of five modules, every ${interval} min (${lines} lines)`,
        `${ms.toFixed(0)} ms`,
        "",
        ms,
        1500,
      );
    }
    const cron = join(directory, "cron");
    const free = ["--history-free", "0", "--history", cron];
    const whole = timed(PROCG, ["tsar", "--cron", ...free], 40).ms;
    const start = timed(PROCG, ["tsar", "--version"], 40).ms;
    row("tsar --cron, whole process", `${whole.toFixed(2)} ms`, "", null, null);
    row("  of it start (tsar --version)", `${start.toFixed(2)} ms`, "", null, null);
    const samples = everySample();
    row("one sample of all modules, read and printed, CPU", `${samples.toFixed(2)} ms`, "", samples, 3);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** CPU ms of one more sample in a process that stays: what a daemon pays, and the printing of it. */
function everySample(): number {
  const script = 'exec 3>&1; TIMEFORMAT="%U %S"; time "$0" "$@" >/dev/null';
  const all = [
    "--cpu",
    "--mem",
    "--swap",
    "--tcp",
    "--udp",
    "--traffic",
    "--io",
    "--partition",
    "--tcpx",
    "--load",
  ];
  all.push("--percpu", "--proc", "--throttle", "--psi", "--pids", "--oom");
  const cpu = (count: number): number => {
    const args = ["-c", script, PROCG, "tsar", "-l", "-i", "0.05", "--count", `${count}`, ...all];
    const [user = 0, system = 0] = spawnSync("bash", args, { encoding: "utf8" })
      .stderr.trim()
      .split(" ")
      .map(Number);
    return (user + system) * 1000;
  };
  return (cpu(201) - cpu(1)) / 200;
}

/** What sadc writes for the same things (CPU, memory, swap, network, TCP, UDP, disks, load, pressure), and sar's print of a week of it. */
function benchSar(): void {
  if (SADC === undefined || !existsSync(SAR)) {
    row("sar", "", "not installed", null, null);
    if (process.env.CI === "true") missed = true;
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), "procg-sadc-"));
  const file = join(directory, "sa");
  try {
    const once = spawnSync(SADC, ["-F", "-S", "DISK,SNMP", "1", "1", file], { encoding: "utf8" });
    if (once.status !== 0) throw new Error(once.stderr);
    const one = statSync(file).size;
    const six = join(directory, "six");
    const run = spawnSync(SADC, ["-S", "DISK,SNMP", "1", "6", six], { encoding: "utf8" });
    if (run.status !== 0) throw new Error(run.stderr);
    const record = (statSync(six).size - one) / 5;
    row("a day at 1 minute, sadc -S DISK,SNMP", "", `${((record * 1440) / 1e6).toFixed(2)} MB`, null, null);
    const packed = spawnSync("xz", ["-c", six], { maxBuffer: 1 << 24 }).stdout.length;
    row(
      "  of 6 records, by xz as sa2 does",
      "",
      `${((packed * 100) / statSync(six).size).toFixed(0)} %`,
      null,
      null,
    );
    const start = timed(SADC, ["-V"], 20).ms;
    row("sadc, start alone", "", `${start.toFixed(2)} ms`, null, null);
    const print = timed(SAR, ["-f", six, "-u", "-r", "-n", "DEV", "-d", "-q"]);
    row(
      `sar prints five kinds of 6 records (${print.lines} lines)`,
      "",
      `${print.ms.toFixed(1)} ms`,
      null,
      null,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

process.stdout.write(`${"what".padEnd(52)} ${"ours".padEnd(24)} ${"peer".padEnd(24)} verdict\n`);
benchOurs();
benchSar();
process.exitCode = missed ? 1 : 0;
