/** The shipped loadcalc over real sockets: what clients get, however they behave. 127.0.0.1 and unix sockets only. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { misfit } from "../docs/misfit.ts";

const BINARY = resolve(import.meta.dirname, "../..", process.env.PROCG_BINARY ?? "dist/procg");
const SANITIZED = BINARY.includes("sanitize");

interface Daemon {
  readonly child: ChildProcess;
  readonly socket: string;
  readonly port: number;
  stderr(): string;
  /** Exit status, or the signal's name. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

let folder = "";
const running = new Set<ChildProcess>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "procg-lc-"));
});
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  rmSync(folder, { recursive: true, force: true });
});

async function waitFor<T>(what: string, look: () => T | undefined | false, seconds = 10): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(20);
  }
}

async function start(args: readonly string[] = ["--listen", "127.0.0.1:0"], shell = ""): Promise<Daemon> {
  const run = join(folder, "run");
  const words = [BINARY, "loadcalc", "--run", run, ...args];
  const env = { PATH: process.env.PATH ?? "", ASAN_OPTIONS: "detect_leaks=0" };
  const child =
    shell === ""
      ? spawn(words[0] ?? "", words.slice(1), { env, stdio: ["ignore", "ignore", "pipe"] })
      : spawn("bash", ["-c", `${shell}; exec "$@"`, "-", ...words], {
          env,
          stdio: ["ignore", "ignore", "pipe"],
        });
  running.add(child);
  let text = "";
  child.stderr?.on("data", (bytes) => {
    text += bytes;
  });
  const ended = new Promise<number | string>((done) => {
    child.on("exit", (status, signal) => done(status ?? signal ?? -1));
  });
  await waitFor("started", () => /started, serving/.test(text) || child.exitCode !== null);
  return {
    child,
    socket: join(run, "loadcalc.sock"),
    port: Number(/http:\/\/[^ ]*:(\d+)\//.exec(text)?.[1] ?? 0),
    stderr: () => text,
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      const status = await ended;
      running.delete(child);
      return status;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(options: object): Promise<Answer> {
  return new Promise((done, fail) => {
    const sent = request({ agent: false, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => {
        body += text;
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on("error", fail).end();
  });
}

/** Sends the text; gives all that comes back until the other side closes, and how long that took. */
function talk(port: number, text: string | Buffer, end = false): Promise<{ text: string; seconds: number }> {
  return new Promise((done) => {
    const began = Date.now();
    let received = "";
    const client: Socket = connect(port, "127.0.0.1", () => {
      client.write(text);
      if (end) client.end();
    });
    client.on("data", (bytes) => {
      received += bytes.toString("latin1");
    });
    client.on("error", () => {});
    client.on("close", () => done({ text: received, seconds: (Date.now() - began) / 1000 }));
  });
}

const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(text)?.[1]);
const rssAnonKb = (child: ChildProcess) =>
  Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]);
const openFiles = (child: ChildProcess) => readdirSync(`/proc/${child.pid}/fd`).length;

test("all paths, on TCP and on the unix socket; files; the end", async () => {
  const daemon = await start();
  for (const place of [{ port: daemon.port, host: "127.0.0.1" }, { socketPath: daemon.socket }]) {
    for (const path of ["/", "/v1/metrics.json", "/v1/load", "/metrics", "/healthz", "/version"]) {
      const answer = await ask({ ...place, path });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers["cache-control"]).toBe("no-store");
      const head = await ask({ ...place, path, method: "HEAD" });
      expect([head.status, head.body]).toEqual([200, ""]);
    }
    const missing = await ask({ ...place, path: "/v1/../../etc/passwd" });
    expect(missing.status).toBe(404);
  }
  const document = JSON.parse((await ask({ socketPath: daemon.socket, path: "/v1/metrics.json" })).body);
  expect(misfit(document)).toBe("");
  expect(document).toMatchObject({ schema: "procg.container/v1", stale: false, intervalMs: 5000 });
  expect(statSync(daemon.socket).mode & 0o777).toBe(0o666);
  expect(readFileSync(join(folder, "run/loadavg"), "utf8")).toMatch(
    /^\d+\.\d\d \d+\.\d\d \d+\.\d\d \d+\/\d+ \d+\n$/,
  );
  const began = Date.now();
  expect(await daemon.stop()).toBe(0);
  // At once, not with the next sample; a busy machine takes its time for that, too.
  expect(Date.now() - began).toBeLessThan(4000);
  expect(existsSync(daemon.socket)).toBe(false);
  expect(JSON.parse(readFileSync(join(folder, "run/loadcalc.state"), "utf8")).averages.length).toBe(3);
});

test("what a JSON agent makes of it: numbers that a double holds", async () => {
  const daemon = await start();
  const numbers: number[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === "number") numbers.push(value);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
  };
  walk(JSON.parse((await ask({ socketPath: daemon.socket, path: "/v1/metrics.json" })).body));
  expect(numbers.length).toBeGreaterThan(40);
  for (const number of numbers) expect(Math.abs(number)).toBeLessThan(Number.MAX_SAFE_INTEGER);
});

test("thresholds: the document of /v1/alerts", async () => {
  const rules = join(folder, "rules");
  writeFileSync(rules, "mem.util > 0\ncritical mem.util > 200 for 3\n");
  const daemon = await start(["--listen", "127.0.0.1:0", "--thresholds", rules]);
  const document = JSON.parse((await ask({ socketPath: daemon.socket, path: "/v1/alerts" })).body);
  expect([document.schema, document.alarms.length, misfit(document)]).toEqual(["procg.alerts/v1", 2, ""]);
});

describe("starting", () => {
  test("a second one is refused in one line; a stale socket is taken over", async () => {
    const first = await start();
    const second = await start();
    expect(second.stderr()).toMatch(/^loadcalc: already running: another loadcalc has .*\/run\n$/);
    expect(await second.stop()).toBe(1);
    const elsewhere = await start(["--no-listen", "--run", join(folder, "run2"), "--socket", first.socket]);
    expect(elsewhere.stderr()).toMatch(/^loadcalc: already running: .*loadcalc\.sock is served\n$/);
    await first.stop("SIGKILL");
    expect(existsSync(first.socket)).toBe(true);
    const third = await start();
    expect((await ask({ socketPath: third.socket, path: "/healthz" })).status).toBe(200);
  });

  test("a file that is no socket is left alone; a port in use is a warning", async () => {
    writeFileSync(join(folder, "precious"), "text");
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => taken.on("listening", done));
    const { port } = taken.address() as { port: number };
    const daemon = await start(["--socket", join(folder, "precious"), "--listen", `127.0.0.1:${port}`]);
    taken.close();
    expect(daemon.stderr()).toContain("precious: Address already in use\n");
    expect(daemon.stderr()).toContain(`127.0.0.1:${port}: Address already in use\n`);
    expect(daemon.stderr()).toContain("serving nowhere\n");
    expect(readFileSync(join(folder, "precious"), "utf8")).toBe("text");
    expect(await daemon.stop("SIGINT")).toBe(0);
  });

  test("--once prints the line and leaves a state", () => {
    const args = ["loadcalc", "--once", "--run", join(folder, "once")];
    const { status, stdout, stderr } = spawnSync(BINARY, args, { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^0\.00 0\.00 0\.00 \d+\/\d+ \d+\n$/);
    expect(readdirSync(join(folder, "once")).sort()).toEqual(["loadavg", "loadcalc.state"]);
    const json = spawnSync(BINARY, [...args, "--json"], { encoding: "utf8" });
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: "procg.container/v1",
      load: { source: "loadcalc" },
    });
  });

  test("an image without /run: the directory is made with its parents", () => {
    const run = join(folder, "no/run/procg");
    const { status, stderr } = spawnSync(BINARY, ["loadcalc", "--once", "--run", run], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(readdirSync(run)).toContain("loadavg");
  });

  test("--daemonize comes back when it is ready; pidfile, log, SIGHUP", async () => {
    const [pidfile, log] = [join(folder, "pid"), join(folder, "log")];
    const args = ["loadcalc", "--run", join(folder, "run"), "--no-listen", "-d", "-p", pidfile, "--log", log];
    expect(spawnSync(BINARY, args, { encoding: "utf8" })).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "",
    });
    const pid = Number(await waitFor("pidfile", () => existsSync(pidfile) && readFileSync(pidfile, "utf8")));
    try {
      expect((await ask({ socketPath: join(folder, "run/loadcalc.sock"), path: "/healthz" })).status).toBe(
        200,
      );
      await waitFor("log", () => existsSync(log) && readFileSync(log, "utf8").includes("started"));
      rmSync(log);
      process.kill(pid, "SIGHUP");
      await waitFor("new log", () => existsSync(log) && readFileSync(log, "utf8").includes("reopened"));
    } finally {
      process.kill(pid, "SIGTERM");
    }
    await waitFor("its end", () => !existsSync(pidfile));
  });
});

describe("clients that misbehave", () => {
  test("get the right status, and the next client is served", async () => {
    const daemon = await start();
    const cases: [number, string | Buffer][] = [
      [400, Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256))],
      [400, "GET / HTTP/1.1\r\n\r\n"],
      [400, "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
      [403, "GET / HTTP/1.1\r\nHost: rebound.example\r\n\r\n"],
      [405, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"],
      [413, "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789"],
      [413, "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
      [414, `GET /${"a".repeat(1_000_000)} HTTP/1.1\r\n\r\n`],
      [431, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(1_000_000)}\r\n\r\n`],
      [404, "GET /..%2f..%2fetc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
      [505, "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n"],
    ];
    for (const [status, text] of cases) {
      const answer = await talk(daemon.port, text);
      expect([status, statusOf(answer.text)]).toEqual([status, status]);
      expect(answer.seconds).toBeLessThan(3);
    }
    expect((await talk(daemon.port, "GET /healthz HTTP/1.0\r\n\r\n", true)).text).toContain('"status":"ok"');
    expect(await daemon.stop()).toBe(0);
  });

  test("slow ones are gone within 3 s, all at once, while others are served", async () => {
    const daemon = await start();
    const silent = Array.from({ length: 10 }, () => talk(daemon.port, ""));
    const dripping = Array.from(
      { length: 10 },
      () =>
        new Promise<{ text: string; seconds: number }>((done) => {
          const began = Date.now();
          let text = "";
          const client = connect(daemon.port, "127.0.0.1");
          const timer = setInterval(() => client.write("G"), 300);
          client.on("data", (bytes) => {
            text += bytes;
          });
          client.on("error", () => {});
          client.on("close", () => {
            clearInterval(timer);
            done({ text, seconds: (Date.now() - began) / 1000 });
          });
        }),
    );
    for (let i = 0; i < 20; i++) {
      const began = Date.now();
      expect((await ask({ port: daemon.port, host: "127.0.0.1", path: "/metrics" })).status).toBe(200);
      expect(Date.now() - began).toBeLessThan(SANITIZED ? 3000 : 2500);
      await sleep(50);
    }
    for (const { seconds } of await Promise.all([...silent, ...dripping])) expect(seconds).toBeLessThan(5);
    for (const { text } of await Promise.all(dripping)) expect([400, 408]).toContain(statusOf(text));
    await waitFor("files closed", () => openFiles(daemon.child) < 15);
  });

  test("the 65th gets 503, in time", async () => {
    const daemon = await start();
    const held = Array.from({ length: 64 }, () => connect(daemon.port, "127.0.0.1"));
    for (const client of held) client.on("error", () => {});
    await sleep(300);
    const refused = await talk(daemon.port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(statusOf(refused.text)).toBe(503);
    for (const client of held) client.destroy();
    await waitFor("room", () => openFiles(daemon.child) < 15);
    expect((await ask({ port: daemon.port, host: "127.0.0.1", path: "/healthz" })).status).toBe(200);
  });

  test("4000 connections of all kinds leave neither files nor memory behind", {
    timeout: 120_000,
  }, async () => {
    const daemon = await start();
    const round = async (count: number) => {
      for (let i = 0; i < count; i += 40) {
        await Promise.all(
          Array.from({ length: 40 }, (_, k) => {
            if (k % 4 === 0)
              return talk(
                daemon.port,
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
              );
            if (k % 4 === 1) return talk(daemon.port, "\x00\x01\x02garbage");
            if (k % 4 === 2) return talk(daemon.port, "GET /v1/met", true);
            return new Promise<void>((done) => {
              const client = connect(daemon.port, "127.0.0.1", () => {
                client.write("GET / HTTP/1.1\r\n");
                client.resetAndDestroy();
              });
              client.on("error", () => {});
              client.on("close", () => done());
            });
          }),
        );
      }
      await sleep(1000);
    };
    await round(2000);
    const before = rssAnonKb(daemon.child);
    await round(2000);
    expect(openFiles(daemon.child)).toBeLessThan(15);
    if (!SANITIZED) {
      expect(rssAnonKb(daemon.child) - before).toBeLessThanOrEqual(64);
      expect(rssAnonKb(daemon.child)).toBeLessThan(4096);
    }
    expect(await daemon.stop()).toBe(0);
  });

  test("file descriptors above 1024, and none at all", async () => {
    const high = await start(
      ["--listen", "127.0.0.1:0"],
      'ulimit -n 4096; for i in $(seq 10 1200); do eval "exec $i</dev/null"; done',
    );
    expect((await ask({ port: high.port, host: "127.0.0.1", path: "/healthz" })).status).toBe(200);
    await high.stop();
    const tight = await start(["--listen", "127.0.0.1:0"], "ulimit -n 12");
    const held = Array.from({ length: 20 }, () => connect(tight.port, "127.0.0.1"));
    for (const client of held) client.on("error", () => {});
    await sleep(500);
    const usage = () =>
      Number(readFileSync(`/proc/${tight.child.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
    const before = usage();
    await sleep(1000);
    expect(usage() - before).toBeLessThan(SANITIZED ? 300 : 60);
    expect(tight.stderr().match(/no file descriptor/g)?.length).toBe(1);
    for (const client of held) client.destroy();
    await sleep(1200);
    expect((await ask({ port: tight.port, host: "127.0.0.1", path: "/healthz" })).status).toBe(200);
    expect(await tight.stop()).toBe(0);
  });
});

test("100 kills at any moment: the files are whole, the next start is right", {
  timeout: 120_000,
}, async () => {
  const run = join(folder, "run");
  const loads: number[] = [];
  for (let i = 0; i < 100; i++) {
    const args = ["loadcalc", "--no-listen"];
    const child = spawn(BINARY, args, {
      env: { PROCG_RUN: run, ASAN_OPTIONS: "detect_leaks=0" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (bytes) => {
      stderr += bytes;
    });
    await sleep((i * 37) % (SANITIZED ? 300 : 40));
    child.kill("SIGKILL");
    await new Promise((done) => child.on("exit", done));
    expect(stderr.replace(/^loadcalc: started, serving .*\n$/, "")).toBe("");
    if (existsSync(join(run, "loadcalc.state"))) {
      const state = JSON.parse(readFileSync(join(run, "loadcalc.state"), "utf8"));
      loads.push(state.sinceUnixMs);
    }
    if (existsSync(join(run, "loadavg")))
      expect(readFileSync(join(run, "loadavg"), "utf8")).toMatch(/^(\d+\.\d\d ){3}\d+\/\d+ \d+\n$/);
  }
  // It was one history all the time.
  expect(new Set(loads).size).toBe(1);
  const daemon = await start(["--no-listen"]);
  expect(await daemon.stop()).toBe(0);
  expect(readdirSync(run).filter((name) => name.includes(".tmp."))).toEqual([]);
});

test("as a user without rights, and where the directory cannot be written", async () => {
  if (process.getuid?.() !== 0) return;
  const words = ["--reuid", "65534", "--regid", "65534", "--clear-groups", BINARY, "loadcalc"];
  const env = { PROCG_RUN: "/proc/procg", PROCG_LISTEN: "127.0.0.1:0" };
  const child = spawn("setpriv", words, {
    env: { ...env, PATH: process.env.PATH ?? "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  running.add(child);
  let stderr = "";
  child.stderr.on("data", (bytes) => {
    stderr += bytes;
  });
  await waitFor("started", () => stderr.includes("started"));
  expect(stderr).toMatch(/going on without files\n/);
  const port = Number(/127\.0\.0\.1:(\d+)\//.exec(stderr)?.[1]);
  expect((await ask({ port, host: "127.0.0.1", path: "/v1/load" })).status).toBe(200);
});
