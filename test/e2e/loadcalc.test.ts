/** loadcalc in real containers, and with the programs that it is made for: supervisord, Prometheus, promtool, curl, a browser. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type Averages, advance, LOAD_PERIOD_SECONDS, loadValue } from "../../lib/loadavg/fixed_point.ts";
import {
  BINARY,
  cgroupParent,
  hostCgroup,
  MIB,
  makeCgroup,
  program,
  removeAllContainers,
  run,
  startContainer,
  waitUntil,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const ROOT = join(import.meta.dirname, "../..");

/** Why a part cannot run here; in CI it must. */
function lacking(...names: readonly string[]): boolean {
  const missing = names.filter((name) => program(name) === null);
  if (missing.length > 0 && process.env.CI === "true")
    throw new Error(`not installed: ${missing.join(", ")}`);
  return SKIP !== undefined || missing.length > 0;
}

const children = new Set<ChildProcess>();
const folders: string[] = [];
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  removeAllContainers();
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "procg-lc-e2e-"));
  folders.push(folder);
  return folder;
}

function background(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): ChildProcess {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  children.add(child);
  return child;
}

/** GET over a unix socket by curl. */
function curl(socket: string, path: string, ...more: readonly string[]): string {
  const result = run("curl", [
    "-sS",
    "--max-time",
    "5",
    ...more,
    "--unix-socket",
    socket,
    `http://localhost${path}`,
  ]);
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout;
}

interface Load {
  readonly load1: number;
  readonly fixedPoint: Averages;
  readonly runnable: number;
  readonly samples: number;
  readonly missedPeriods: number;
}

const loadOf = (socket: string): Load => JSON.parse(curl(socket, "/v1/load"));

/**
 * Three busy loops in half a CPU: how far each of loadcalc's averages is from the kernel's step function at loadcalc's own ticks.
 */
async function measureError(seconds: number): Promise<{ mean: number; worst: number; ticks: number }> {
  const container = startContainer({ flags: ["--cpus", "0.5"] });
  run("docker", ["exec", "-d", container.id, "procg", "loadcalc", "--no-listen"]);
  const socket = `/proc/${container.pid}/root/run/procg/loadcalc.sock`;
  await waitUntil("loadcalc", () => existsSync(socket));
  for (let i = 0; i < 3; i++) run("docker", ["exec", "-d", container.id, "sh", "-c", "while :; do :; done"]);
  let expected: Averages | null = null;
  let samples = 0;
  const errors: number[] = [];
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const load = loadOf(socket);
    if (expected === null) {
      // From the first tick at which all three run.
      if (load.runnable === 3) [expected, samples] = [load.fixedPoint, load.samples];
    } else if (load.samples + load.missedPeriods > samples) {
      while (samples < load.samples + load.missedPeriods) {
        expected = advance(expected, 3, 1, "ceil");
        samples++;
      }
      errors.push(Math.abs(load.load1 - loadValue(expected[0])));
    }
    await sleep(400);
  }
  const shown = container.output("procg", "uptime");
  expect(Number(/load average: ([0-9.]+),/.exec(shown)?.[1])).toBeCloseTo(loadOf(socket).load1, 0);
  return {
    mean: errors.reduce((sum, one) => sum + one, 0) / errors.length,
    worst: Math.max(...errors),
    ticks: errors.length,
  };
}

describe.skipIf(lacking("curl"))("in a container", () => {
  const FULL = process.env.PROCG_FULL === "1";

  test("three busy loops in half a CPU: the kernel's step function", { timeout: 300_000 }, async () => {
    const { mean, worst, ticks } = await measureError(FULL ? 240 : 42);
    expect(ticks).toBeGreaterThanOrEqual(FULL ? 40 : 6);
    expect(mean).toBeLessThanOrEqual(0.02);
    expect(worst).toBeLessThanOrEqual(0.1);
  });

  test("with the host's pid namespace the threads of the cgroup count, at any depth", async () => {
    const container = startContainer({ flags: ["--pid", "host"] });
    run("docker", ["exec", "-d", container.id, "procg", "loadcalc", "--no-listen"]);
    const socket = `/proc/${container.pid}/root/run/procg/loadcalc.sock`;
    await waitUntil("loadcalc", () => existsSync(socket));
    const before = JSON.parse(curl(socket, "/v1/load"));
    expect(before.threads).toBeLessThan(5);
    run("docker", ["exec", "-d", container.id, "sh", "-c", "echo $$ > /tmp/pid; while :; do :; done"]);
    const file = `/proc/${container.pid}/root/tmp/pid`;
    await waitUntil("the loop", () => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"));
    // Five levels down, where a service manager in the container may put it.
    const below = join(hostCgroup(container.pid, "pids").folder, "a/b/c/d/e");
    mkdirSync(below, { recursive: true });
    writeFileSync(join(below, "cgroup.procs"), readFileSync(file, "utf8"));
    const [first = 0] = loadOf(socket).fixedPoint;
    await waitUntil("two samples", () => loadOf(socket).samples >= before.samples + 3, 20_000);
    expect(loadOf(socket).runnable).toBe(1);
    expect(loadOf(socket).fixedPoint[0]).toBeGreaterThan(first);
  });

  test("a directory that cannot be written: uptime asks the socket, else the load is not known", async () => {
    const container = startContainer({
      flags: ["--read-only", "--tmpfs", "/sockets", "-e", "PROCG_SOCKET=/sockets/lc.sock"],
    });
    expect(container.json("procg", "uptime", "--json")).toMatchObject({ load1: null, loadSource: null });
    run("docker", ["exec", "-d", container.id, "procg", "loadcalc", "--no-listen"]);
    await waitUntil("loadcalc", () => existsSync(`/proc/${container.pid}/root/sockets/lc.sock`));
    expect(container.json("procg", "uptime", "--json")).toMatchObject({ load1: 0, loadSource: "loadcalc" });
  });

  test("procg metric prints the document of the endpoint", async () => {
    const container = startContainer({ flags: ["--memory", "256m", "--cpus", "0.5", "--pids-limit", "50"] });
    run("docker", ["exec", "-d", container.id, "procg", "loadcalc", "--no-listen"]);
    const socket = `/proc/${container.pid}/root/run/procg/loadcalc.sock`;
    await waitUntil("loadcalc", () => existsSync(socket));
    const served = JSON.parse(curl(socket, "/v1/metrics.json"));
    const printed = container.json("procg", "metric");
    const keys = (value: unknown): unknown =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, each]) => [key, key === "stat" ? 0 : keys(each)]),
          )
        : 0;
    expect(keys(printed)).toEqual(keys(served));
    for (const document of [served, printed]) {
      expect(document).toMatchObject({
        container: { id: container.id },
        cpu: { quotaCores: 0.5, capacityCores: 0.5 },
        memory: { limitBytes: 256 * MIB, limitComplete: true },
        pids: { limit: 50 },
        load: { source: "loadcalc" },
      });
    }
    const docker = container.json("procg", "metric", "--compat", "docker-metric");
    expect(Object.keys(docker)).toEqual(["cpu_stats", "memory_stats", "blkio_stats", "freezer_stats"]);
    expect(container.output("procg", "metric", "--openmetrics").endsWith("# EOF\n")).toBe(true);
    container.output("procg", "metric", "--textfile", "/tmp/procg.prom");
    expect(container.output("cat", "/tmp/procg.prom")).toContain(`procg_memory_limit_bytes ${256 * MIB}\n`);
  });
});

/** A shell line that first goes into a cgroup of every hierarchy. */
const enter = (path: string) =>
  `for f in /sys/fs/cgroup/*${path}/cgroup.procs /sys/fs/cgroup${path}/cgroup.procs; do [ -w "$f" ] && echo 0 > "$f"; done`;

/** In a cgroup with 256 MiB and a pid namespace of its own, with the host's network. */
async function startWithNetwork(): Promise<{ url: string; socket: string }> {
  const cgroup = `${cgroupParent()}/loadcalc`;
  makeCgroup(cgroup, { memoryBytes: 256 * MIB });
  const folder = scratch();
  const child = background("unshare", [
    ...["--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c"],
    `${enter(cgroup)}; exec ${BINARY} loadcalc --listen 127.0.0.1:0 --run ${folder}`,
  ]);
  let text = "";
  child.stderr?.on("data", (bytes) => {
    text += bytes;
  });
  await waitUntil("loadcalc", () => text.includes("serving"));
  const url = /(http:\/\/127\.0\.0\.1:\d+)\//.exec(text)?.[1];
  if (url === undefined) throw new Error(text);
  return { url, socket: join(folder, "loadcalc.sock") };
}

describe.skipIf(lacking("prometheus", "promtool", "curl"))("Prometheus", () => {
  test("scrapes it, and a query gives the container's memory limit", { timeout: 60_000 }, async () => {
    const { url } = await startWithNetwork();
    const folder = scratch();
    const target = url.replace("http://", "");
    const config = readFileSync(join(ROOT, "contrib/prometheus/scrape.yml"), "utf8")
      .replace("127.0.0.1:19110", target)
      .replace("scrape_interval: 15s", "scrape_interval: 1s")
      .replace("scrape_timeout: 5s", "scrape_timeout: 1s")
      .replace("alerts.yml", join(ROOT, "contrib/prometheus/alerts.yml"));
    writeFileSync(join(folder, "prometheus.yml"), config);
    const port = 20000 + (process.pid % 20000);
    background("prometheus", [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const query = (text: string): string | undefined => {
      const args = ["-sS", "--max-time", "2", "-G", "--data-urlencode", `query=${text}`];
      const { status, stdout } = run("curl", [...args, `http://127.0.0.1:${port}/api/v1/query`]);
      if (status !== 0 || !stdout.startsWith("{")) return undefined;
      return JSON.parse(stdout).data?.result?.[0]?.value?.[1];
    };
    await waitUntil("a scrape", () => query("procg_memory_limit_bytes") !== undefined, 40_000);
    expect(query("procg_memory_limit_bytes")).toBe(String(256 * MIB));
    expect(query("procg_memory_limit_known")).toBe("1");
    expect(query('up{job="procg"}')).toBe("1");
    expect(Number(query("procg_sample_age_seconds"))).toBeLessThan(7);
  });

  test("promtool accepts /metrics under both names, and the alert rules", async () => {
    const { socket } = await startWithNetwork();
    const text = curl(socket, "/metrics");
    expect(text.length).toBeGreaterThan(5000);
    const folder = scratch();
    const check = (metrics: string) => {
      writeFileSync(join(folder, "metrics"), metrics);
      return run("sh", ["-c", `promtool check metrics < ${folder}/metrics`]);
    };
    expect(check(text)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    const rules = join(ROOT, "contrib/prometheus");
    expect(run("promtool", ["test", "rules", join(rules, "alerts_test.yml")])).toMatchObject({ status: 0 });
    expect(run("promtool", ["check", "config", "--syntax-only", join(rules, "scrape.yml")])).toMatchObject({
      status: 0,
    });
    // Every name that rules and dashboard use is one that is served, or can be on another kernel.
    const absent = /^procg_(pressure|memory_events)/;
    for (const file of ["contrib/prometheus/alerts.yml", "contrib/grafana/procg.json"]) {
      for (const [name] of readFileSync(join(ROOT, file), "utf8").matchAll(/\bprocg_[a-z0-9_]+/g)) {
        const needsQuota = /cpu_(quota|throttled|periods)|threads_limit|^procg_io_/.test(name);
        if (!absent.test(name) && !needsQuota)
          expect([name, text.includes(`\n${name}`)]).toEqual([name, true]);
      }
    }
  });
});

describe.skipIf(lacking("supervisord", "supervisorctl", "curl"))("supervisord", () => {
  test("starts it, kills it, starts it again: the averages go on", { timeout: 90_000 }, async () => {
    const folder = scratch();
    const socket = join(folder, "loadcalc.sock");
    const shipped = readFileSync(join(ROOT, "contrib/supervisord/loadcalc.conf"), "utf8");
    const config = [
      "[supervisord]",
      "nodaemon=true",
      "user=root",
      `logfile=${folder}/supervisord.log`,
      `pidfile=${folder}/supervisord.pid`,
      `[unix_http_server]\nfile=${folder}/supervisor.sock`,
      `[supervisorctl]\nserverurl=unix://${folder}/supervisor.sock`,
      "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
      '[program:busy]\ncommand=sh -c "while :; do :; done"\nautorestart=false',
      shipped.replace("/usr/local/bin/procg loadcalc", `${BINARY} loadcalc --no-listen --run ${folder}`),
    ].join("\n");
    writeFileSync(join(folder, "supervisord.conf"), config);
    // To a file: /dev/fd/1 of the shipped configuration can be opened there and on a pipe, not on the sockets that Node gives.
    const line = `exec supervisord -n -c ${folder}/supervisord.conf > ${folder}/out 2>&1`;
    background("unshare", ["--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", line]);
    const control = (...words: readonly string[]) =>
      run("supervisorctl", ["-c", join(folder, "supervisord.conf"), ...words]);
    await waitUntil("loadcalc", () => existsSync(socket), 20_000);
    const began = Date.now();
    await waitUntil("two samples", () => loadOf(socket).samples >= 2, 20_000);
    const before = loadOf(socket);
    expect(before.runnable).toBeGreaterThanOrEqual(1);
    control("signal", "KILL", "loadcalc");
    await waitUntil(
      "restarted",
      () => {
        const { status, stdout } = run("curl", [
          "-sS",
          "--max-time",
          "1",
          "--unix-socket",
          socket,
          "http://x/v1/load",
        ]);
        return status === 0 && JSON.parse(stdout).samples >= before.samples;
      },
      20_000,
    );
    await waitUntil("a sample", () => loadOf(socket).samples > before.samples, 15_000);
    const after = loadOf(socket);
    expect(after.fixedPoint[2]).toBeGreaterThan(before.fixedPoint[2]);
    // One history: what it would be if nothing had been killed.
    const periods = after.samples + after.missedPeriods;
    const passed = (Date.now() - began) / 1000;
    expect(Math.abs(periods * LOAD_PERIOD_SECONDS - passed)).toBeLessThan(3 * LOAD_PERIOD_SECONDS);
    expect(control("stop", "loadcalc").stdout).toContain("stopped");
    // By itself, and not killed when its time was up.
    const log = () => readFileSync(join(folder, "supervisord.log"), "utf8");
    await waitUntil("the end in the log", () => /stopped: loadcalc \(exit status 0\)/.test(log()));
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["loadavg", "loadcalc.state"]));
    expect(existsSync(socket)).toBe(false);
  });
});

describe.skipIf(lacking("chromium"))("the live page in a browser", () => {
  test("draws the container's numbers, and asks nobody else", { timeout: 90_000 }, async () => {
    const { url } = await startWithNetwork();
    const profile = scratch();
    const { status, stdout, stderr } = run(
      "chromium",
      [
        ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
        ...[`--user-data-dir=${profile}`, "--virtual-time-budget=12000", "--dump-dom", `${url}/`],
      ],
      60_000,
    );
    expect([status, stderr.includes("Content Security Policy")]).toEqual([0, false]);
    expect(stdout).toMatch(/<title>.* - procg<\/title>/);
    expect(stdout).toMatch(/data-turns="[2-9]"/);
    expect(stdout).toMatch(/id="state" class="">sample \d+ of /);
    const section = (id: string) =>
      new RegExp(`<section id="${id}">.*?</section>`, "s").exec(stdout)?.[0] ?? "";
    expect(section("memory")).toContain("limit 256.0 MiB");
    expect(section("memory")).toMatch(/<output>\d+\.\d %<\/output>/);
    expect(section("load")).toMatch(/<output>\d+\.\d\d \d+\.\d\d \d+\.\d\d<\/output>/);
    expect(section("cpu")).toMatch(/ cores/);
    expect(section("load")).toMatch(/points="\d+,[\d.]+/);
    expect(section("psi") + section("throttling")).toContain("<svg");
  });
});
