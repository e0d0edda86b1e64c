/**
 * `node build/run_ts.mjs test/bench/top.ts [--runs N]`: top's budgets: batch mode at 100, 1000 and 10 000 processes against
 * procps and busybox, and the interactive program in a terminal. Needs root (a pid namespace of its own) and, for the second part, tmux.
 * Prints a table; exit 1 when a budget is missed.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openTerminal, whyNoTmux } from "../tmux/terminal.ts";
import { recordCost } from "./report/report.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROCG = join(ROOT, process.env.PROCG_BINARY ?? "dist/procg");
const words = process.argv.slice(2);
const RUNS = words.includes("--runs") ? Number(words[words.indexOf("--runs") + 1]) : 15;
const SIZES = [100, 1000, 10_000];

let missed = false;

function row(what: string, ours: string, peer: string, ratio: number | null, budget: number | null): void {
  const verdict = ratio === null || budget === null ? "-" : ratio <= budget ? "ok" : "MISSED";
  if (verdict === "MISSED") missed = true;
  const shown = ratio === null ? "-" : ratio.toFixed(2);
  // Without a peer the ratio is that to the budget.
  const hasPeer = peer !== "-" && ratio !== null;
  const isLoss = hasPeer && !what.startsWith("CPU per process") ? ratio > 1 : null;
  const limit = budget === null ? "-" : hasPeer ? `<= ${budget}` : `${shown} of it used`;
  recordCost({ what, ours, peer, ratio: hasPeer ? shown : "-", budget: limit, verdict, isLoss });
  process.stdout.write(
    `${what.padEnd(52)} ${ours.padEnd(14)} ${peer.padEnd(26)} ${shown.padEnd(8)} ${verdict}\n`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function launcher(): string {
  const result = spawnSync(process.execPath, [join(ROOT, "build/programs.mjs"), "test/bench/launch.c"], {
    encoding: "utf8",
    cwd: ROOT,
  });
  if (result.status !== 0) throw new Error(result.stderr.trim());
  return result.stdout.trim();
}

interface Measured {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly rssKb: number;
}

/** The commands in turn, in a pid namespace with so many sleepers. */
function measure(launch: string, processes: number, commands: readonly (readonly string[])[]): Measured[] {
  const joined = commands.map((command) => command.join(" ")).join(" --- ");
  // Forked by the shell and waiting for a line that never comes: the cheapest process there is.
  const script =
    `mkfifo /tmp/procg-bench-$$.fifo; exec 9<>/tmp/procg-bench-$$.fifo; rm /tmp/procg-bench-$$.fifo; i=0; ` +
    `while [ $i -lt ${processes} ]; do read x <&9 & i=$((i+1)); done; ${launch} 2 ${joined} >/dev/null; ${launch} ${RUNS} ${joined}`;
  const result = spawnSync("unshare", ["-p", "-f", "--mount-proc", "--kill-child", "sh", "-c", script], {
    encoding: "utf8",
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C", TERM: "xterm" },
    timeout: 300_000,
  });
  if (result.status !== 0) throw new Error(`bench: ${result.stderr}`);
  const samples: Measured[][] = commands.map(() => []);
  for (const line of result.stdout.trim().split("\n")) {
    const [index = 0, wallNs = 0, cpuUs = 0, rssKb = 0] = line.split(" ").map(Number);
    samples[index]?.push({ cpuMs: cpuUs / 1e3, wallMs: wallNs / 1e6, rssKb });
  }
  return samples.map((list) => ({
    cpuMs: median(list.map((one) => one.cpuMs)),
    wallMs: median(list.map((one) => one.wallMs)),
    rssKb: median(list.map((one) => one.rssKb)),
  }));
}

function batch(): void {
  const launch = launcher();
  const peers = [
    { label: "procps", command: ["/usr/bin/top", "-b", "-n1"] },
    { label: "busybox", command: ["/usr/bin/busybox", "top", "-b", "-n1"] },
  ].filter(({ command }) => existsSync(command[0] ?? ""));
  const perProcess: number[] = [];
  for (const size of SIZES) {
    const [ours, ...others] = measure(launch, size, [
      [PROCG, "top", "-b", "-n1"],
      ...peers.map((peer) => peer.command),
    ]);
    if (ours === undefined) continue;
    perProcess.push(ours.cpuMs / size);
    peers.forEach((peer, i) => {
      const other = others[i];
      if (other === undefined) return;
      // The budget is procps at 1000 processes.
      const budget = peer.label === "procps" && size === 1000 ? 1 : null;
      const name = `top -b -n1, ${size} processes`;
      row(
        `${name}, CPU`,
        `${ours.cpuMs.toFixed(1)} ms`,
        `${peer.label} ${other.cpuMs.toFixed(1)} ms`,
        ours.cpuMs / other.cpuMs,
        budget,
      );
      if (peer.label === "procps") {
        row(
          `${name}, max RSS`,
          `${ours.rssKb} kB`,
          `${peer.label} ${other.rssKb} kB`,
          ours.rssKb / other.rssKb,
          null,
        );
      }
    });
  }
  const [, thousand, most] = perProcess;
  if (thousand !== undefined && most !== undefined) {
    row(
      "CPU per process, 10 000 against 1000: linear",
      `${(most * 1000).toFixed(1)} us`,
      `${(thousand * 1000).toFixed(1)} us`,
      most / thousand,
      1.5,
    );
  }
}

const cpuNs = (pid: number): number => Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]);

function findTop(): number | null {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (readFileSync(`/proc/${name}/cmdline`, "utf8").startsWith([PROCG, "top", "-d", "0.5"].join("\0")))
        return Number(name);
    } catch {
      // It has ended.
    }
  }
  return null;
}

async function interactive(): Promise<void> {
  const why = whyNoTmux();
  if (why !== null) {
    row("top interactive", "-", why, null, null);
    return;
  }
  const first: number[] = [];
  for (let i = 0; i < 15; i++) first.push(await firstFrame());
  // The least: script(1) and its shell are in it, and whatever else runs.
  const least = Math.min(...first);
  row("interactive, first frame, 120x40, least wall", `${least.toFixed(0)} ms`, "-", least / 60, 1);
  const terminal = openTerminal(`${PROCG} top -d 0.5`, { columns: 120, rows: 40 });
  try {
    await terminal.until((lines) => lines.some((line) => line.includes("PID USER")));
    await sleep(2000);
    const pid = findTop();
    if (pid === null) throw new Error("bench: top was not found");
    const before = cpuNs(pid);
    await sleep(10_000);
    const perRefresh = (cpuNs(pid) - before) / 20 / 1e6;
    const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length;
    row(
      `interactive, CPU per refresh, ${processes} processes`,
      `${perRefresh.toFixed(1)} ms`,
      "-",
      perRefresh / 10,
      1,
    );
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const rss = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
    row("interactive, max RSS", `${rss} kB`, "-", rss / 6144, 1);
  } finally {
    terminal.press("q");
    await sleep(200);
    terminal.close();
  }
}

/** From exec to the header on the terminal, through script(1)'s pty. */
function firstFrame(): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child: ChildProcess = spawn(
      "script",
      ["-qec", `stty cols 120 rows 40; exec ${PROCG} top`, "/dev/null"],
      {
        stdio: ["pipe", "pipe", "ignore"],
        env: { PATH: process.env.PATH, TERM: "xterm-256color", HOME: "/nonexistent" },
      },
    );
    let text = "";
    child.on("error", reject);
    child.stdout?.on("data", (bytes) => {
      text += bytes;
      if (!text.includes("PID USER")) return;
      child.stdout?.removeAllListeners("data");
      child.kill("SIGTERM");
      resolve(Number(process.hrtime.bigint() - start) / 1e6);
    });
  });
}

async function main(): Promise<number> {
  process.stdout.write(
    `${"what".padEnd(52)} ${"ours".padEnd(14)} ${"peer".padEnd(26)} ${"ratio".padEnd(8)} verdict\n`,
  );
  batch();
  await interactive();
  return missed ? 1 : 0;
}

main().then((code) => {
  process.exitCode = code;
});
