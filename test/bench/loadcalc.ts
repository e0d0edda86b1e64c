/**
 * `node build/run_ts.mjs test/bench/loadcalc.ts [--seconds N]`: loadcalc's budgets. A container of 200 sleeping threads (a pid
 * namespace; needs root), then its endpoint on a unix socket against node:http with the same body. Bounded, this machine only.
 * Prints a table; exit 1 when a budget is missed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { recordCost } from "./report/report.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROCG = join(ROOT, process.env.PROCG_BINARY ?? "dist/procg");
const words = process.argv.slice(2);
const SECONDS = words.includes("--seconds") ? Number(words[words.indexOf("--seconds") + 1]) : 60;
const REQUESTS = 20_000;

const folder = mkdtempSync(join(tmpdir(), "procg-bench-lc-"));
const children: ChildProcess[] = [];
let missed = false;

function row(
  what: string,
  ours: string,
  peer: string,
  isWithin: boolean | null,
  budget: string,
  isLoss: boolean | null = null,
): void {
  const verdict = isWithin === null ? "-" : isWithin ? "ok" : "MISSED";
  if (isWithin === false) missed = true;
  recordCost({ what, ours, peer, ratio: "", budget, verdict, isLoss });
  process.stdout.write(
    `${what.padEnd(48)} ${ours.padEnd(22)} ${peer.padEnd(22)} ${budget.padEnd(12)} ${verdict}\n`,
  );
}

interface Running {
  readonly socket: string;
  readonly pid: number;
  cpuMs(): number;
  memoryKb(key: "RssAnon" | "VmRSS"): number;
}

/** loadcalc beside one process of `threads` sleeping threads, in a pid namespace of their own. */
async function startLoadcalc(name: string, threads: number): Promise<Running> {
  const run = join(folder, name);
  const sleepers = `import threading,time\nfor i in range(${threads - 1}): threading.Thread(target=time.sleep,args=(9999,),daemon=True).start()\ntime.sleep(9999)`;
  const script =
    'if [ "$2" -gt 0 ]; then python3 -c "$3" & fi; sleep 0.5; PROCG_NO_LISTEN=1 PROCG_RUN=$4 exec "$1" loadcalc';
  const args = [
    "-p",
    "-f",
    "--kill-child",
    "--mount-proc",
    "sh",
    "-c",
    script,
    "sh",
    PROCG,
    `${threads}`,
    sleepers,
    run,
  ];
  const child = spawn("unshare", args, { stdio: ["ignore", "ignore", "ignore"] });
  children.push(child);
  const socket = join(run, "loadcalc.sock");
  for (let i = 0; i < 200 && !existsSync(socket); i++) await sleep(50);
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim());
  return {
    socket,
    pid,
    cpuMs: () => Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6,
    memoryKb: (key) =>
      Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]),
  };
}

interface Answers {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** `clients` connections, each with one request under way, until `count` are answered. */
async function ask(place: string | number, path: string, clients: number, count: number): Promise<Answers> {
  const times: number[] = [];
  let left = count;
  const began = performance.now();
  const one = () =>
    new Promise<void>((done, fail) => {
      const client = typeof place === "string" ? connect(place) : connect(place, "127.0.0.1");
      let sentAt = 0;
      let wanted = -1;
      let got = 0;
      const next = () => {
        if (left-- <= 0) {
          client.end(done);
          return;
        }
        sentAt = performance.now();
        [wanted, got] = [-1, 0];
        client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      };
      client.setNoDelay(true);
      client.on("connect", next);
      client.on("error", fail);
      client.on("close", () => done());
      client.on("data", (bytes) => {
        got += bytes.length;
        if (wanted < 0) {
          const head = bytes.indexOf("\r\n\r\n");
          wanted = head + 4 + Number(/content-length: (\d+)/i.exec(bytes.subarray(0, head).toString())?.[1]);
        }
        if (got < wanted) return;
        times.push(performance.now() - sentAt);
        next();
      });
    });
  await Promise.all(Array.from({ length: clients }, one));
  const seconds = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  return { perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function nodeServer(body: string): Promise<{ server: Server; port: number }> {
  const server = createServer((_request, response) => {
    response.setHeader("Content-Length", Buffer.byteLength(body));
    response.end(body);
  });
  return new Promise((done) => {
    server.listen(0, "127.0.0.1", () => done({ server, port: (server.address() as { port: number }).port }));
  });
}

async function benchCost(): Promise<void> {
  const [some, many, none] = [
    await startLoadcalc("some", 200),
    await startLoadcalc("many", 2000),
    await startLoadcalc("none", 0),
  ];
  await sleep(2000);
  const all = [some, many, none];
  const before = all.map((each) => each.cpuMs());
  await sleep(SECONDS * 1000);
  const [perPass = 0, perPassMany = 0, perPassNone = 0] = all.map(
    (each, i) => (each.cpuMs() - (before[i] ?? 0)) / (SECONDS / 5),
  );
  const scanMs = perPass - perPassNone;
  const perThreadUs = ((perPassMany - perPass) / 1800) * 1000;
  const cpu = perPass / 50;
  row(
    "loadcalc, 200 threads: RssAnon",
    `${some.memoryKb("RssAnon")} kB`,
    "lxcfs: see its part",
    some.memoryKb("RssAnon") <= 1229,
    "<= 1229 kB",
  );
  row("loadcalc, 200 threads: CPU in all", `${cpu.toFixed(3)} %`, "", cpu <= 0.1, "<= 0.1 %");
  row(
    "loadcalc, 200 threads: of it the threads",
    `${scanMs.toFixed(2)} ms a pass`,
    "",
    scanMs <= 3,
    "<= 3 ms",
  );
  row(
    "loadcalc: a thread more (200 to 2000)",
    `${perThreadUs.toFixed(1)} us`,
    "lxcfs 17 us, measured before",
    null,
    "",
  );
  row("loadcalc: everything else (document, files)", `${perPassNone.toFixed(2)} ms a pass`, "", null, "");
}

async function benchEndpoint(): Promise<void> {
  const ours = await startLoadcalc("serving", 20);
  await ask(ours.socket, "/metrics", 1, 500);
  const peer = await nodeServer("x".repeat(15_000));
  await ask(peer.port, "/", 1, 500);
  for (const clients of [1, 64]) {
    const here = await ask(ours.socket, "/metrics", clients, REQUESTS);
    const there = await ask(peer.port, "/", clients, REQUESTS);
    const show = (each: Answers) => `${Math.round(each.perSecond)}/s`;
    const isFast = clients === 1 ? here.perSecond >= 3000 : null;
    row(
      `endpoint, ${clients} client${clients > 1 ? "s" : ""}: requests`,
      show(here),
      `node ${show(there)}`,
      isFast,
      clients === 1 ? ">= 3000/s" : "",
      here.perSecond < there.perSecond,
    );
    const time = (each: Answers) => `${each.p99Ms.toFixed(2)} ms`;
    row(
      `endpoint, ${clients} client${clients > 1 ? "s" : ""}: p99`,
      time(here),
      `node ${time(there)}`,
      clients === 1 ? here.p99Ms <= 5 : null,
      clients === 1 ? "<= 5 ms" : "",
      here.p99Ms > there.p99Ms,
    );
  }
  const rss = ours.memoryKb("VmRSS");
  row(
    "endpoint: RSS after 64 clients",
    `${rss} kB`,
    `node ${Math.round(process.memoryUsage.rss() / 1024)} kB`,
    rss <= 4096,
    "<= 4096 kB",
  );
  peer.server.close();
}

try {
  process.stdout.write(
    `${"what".padEnd(48)} ${"ours".padEnd(22)} ${"peer".padEnd(22)} ${"budget".padEnd(12)} verdict\n`,
  );
  await benchCost();
  await benchEndpoint();
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = missed ? 1 : 0;
