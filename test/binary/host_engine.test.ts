/** procg host against an engine that the test plays: a thousand containers, breaks, nonsense. No root, no Docker. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BINARY } from "../e2e/docker.ts";
import { soon, startWatch, type Watch } from "../e2e/host_daemon.ts";

const SANITIZED = BINARY.includes("sanitize");
const SKIP = process.platform !== "linux" || !existsSync(BINARY);

interface FakeContainer {
  readonly id: string;
  name: string;
  startedAt: string;
}

interface FakeEngine {
  readonly containers: Map<string, FakeContainer>;
  readonly streams: Set<ServerResponse>;
  /** Requests by path, ids left out. */
  readonly asked: Record<string, number>;
  /** Answers something else than the truth; undefined: the truth. */
  odd: (path: string, answer: ServerResponse) => boolean;
  event(action: string, id: string): void;
}

let folder = "";
let server: Server;
let sleeper: ChildProcess;
let watch: Watch | undefined;
let engine: FakeEngine;

const idOf = (index: number): string => index.toString(16).padStart(4, "0").repeat(16);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "procg-fake-"));
  mkdirSync(join(folder, "run/containers"), { recursive: true });
  // Stands for the init of all of them.
  sleeper = spawn("sleep", ["600"], { stdio: "ignore" });
  engine = playEngine();
  await new Promise<void>((resolve) => server.listen(join(folder, "engine.sock"), resolve));
});

afterEach(async () => {
  await watch?.stop();
  watch = undefined;
  for (const stream of engine.streams) stream.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  sleeper.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function playEngine(): FakeEngine {
  const containers = new Map<string, FakeContainer>();
  const streams = new Set<ServerResponse>();
  const asked: Record<string, number> = {};
  const self: FakeEngine = {
    containers,
    streams,
    asked,
    odd: () => false,
    event(action, id) {
      const actor = { ID: id, Attributes: { name: containers.get(id)?.name, image: "fake" } };
      const now = Date.now();
      const event = {
        Type: "container",
        Action: action,
        Actor: actor,
        time: Math.floor(now / 1000),
        timeNano: now * 1e6,
      };
      for (const stream of streams) stream.write(`${JSON.stringify(event)}\n`);
    },
  };
  server = createServer((request, answer) => {
    const path = (request.url ?? "").replace(/\?.*$/, "").replace(/[0-9a-f]{64}/, "ID");
    asked[path] = (asked[path] ?? 0) + 1;
    if (self.odd(path, answer)) return;
    const send = (value: unknown, status = 200) => {
      answer.writeHead(status, { "Content-Type": "application/json" });
      answer.end(JSON.stringify(value));
    };
    if (path === "/version") send({ Version: "fake" });
    else if (path === "/events") {
      answer.writeHead(200, { "Content-Type": "application/json" });
      answer.flushHeaders();
      streams.add(answer);
      answer.on("close", () => streams.delete(answer));
    } else if (path === "/containers/json") {
      const filler = "x".repeat(1000);
      send(
        [...containers.values()].map(({ id, name }) => ({
          Id: id,
          Names: [`/${name}`],
          Labels: { filler, 'a"}{': "\\" },
        })),
      );
    } else {
      const id = /[0-9a-f]{64}/.exec(request.url ?? "")?.[0] ?? "";
      const container = containers.get(id);
      if (container === undefined) send({ message: `No such container: ${id}` }, 404);
      else send(inspected(container));
    }
  });
  return self;
}

function inspected({ id, name, startedAt }: FakeContainer) {
  const source = join(folder, "run/containers", `n${Number.parseInt(id.slice(0, 4), 16)}`);
  return {
    Id: id,
    Name: `/${name}`,
    State: { Status: "running", Running: true, Pid: sleeper.pid, StartedAt: startedAt },
    Config: { Image: "fake:1", Hostname: "fake", Labels: { note: "Grüße" }, Env: [] },
    HostConfig: { NetworkMode: "default" },
    Mounts: [{ Type: "bind", Source: source, Destination: "/run/procg/host" }],
  };
}

function addContainers(count: number): void {
  for (let i = 0; i < count; i++) {
    engine.containers.set(idOf(i), { id: idOf(i), name: `c${i}`, startedAt: new Date().toISOString() });
  }
}

function start(...args: readonly string[]): Watch {
  const env = { ...process.env, DOCKER_HOST: `unix://${folder}/engine.sock`, PROCG_RUN: join(folder, "run") };
  watch = startWatch(["--ways", "bind", ...args], env);
  return watch;
}

function nameIn(index: number): string | null {
  const path = join(folder, `run/containers/n${index}/instance.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).name : null;
}

async function until(condition: () => boolean, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 20 && !condition(); i++) await sleep(50);
  expect(condition(), watch?.lines.slice(-5).join("\n")).toBe(true);
}

describe.skipIf(SKIP)("procg host watch, a played engine", () => {
  test.skipIf(SANITIZED)(
    "a thousand containers: all registered, and no growth while they are renamed and started anew",
    async () => {
      addContainers(1000);
      const running = start("--reconcile", "5", "--limits", "5");
      await until(() => running.lines.filter((line) => line.includes(": registered c")).length >= 1000, 60);
      for (let i = 0; i < 1000; i += 37) expect(nameIn(i)).toBe(`c${i}`);
      const sizes: number[] = [];
      for (let round = 0; round < 3; round++) {
        for (const container of engine.containers.values()) {
          container.name = `${container.name.replace(/-.*/, "")}-${round}`;
          engine.event("rename", container.id);
          engine.event("exec_start: something long that nobody asked for", container.id);
        }
        await until(() => nameIn(999) === `c999-${round}` && nameIn(500) === `c500-${round}`, 60);
        await sleep(1500);
        sizes.push(running.memory().rssBytes);
      }
      for (let i = 0; i < 1000; i++) expect(nameIn(i)).toBe(`c${i}-2`);
      const [first = 0, , last = 0] = sizes;
      process.stdout.write(
        `rss with 1000 containers by round: ${sizes.map((size) => `${Math.round(size / 1024)} kB`).join(", ")}\n`,
      );
      // It swings by half a megabyte as garbage comes and goes; thirteen rounds (52 000 events) ended where they began.
      expect(last).toBeLessThan(first + 768 * 1024);
      expect(last).toBeLessThan(4.5 * 1024 * 1024);
    },
    180_000,
  );

  test("what happened while the stream was broken is found by the list; notes of what is gone go", async () => {
    addContainers(3);
    const running = start();
    await until(() => nameIn(2) === "c2", 10);
    // No event tells of these.
    engine.containers.delete(idOf(0));
    addContainers(5);
    engine.containers.delete(idOf(0));
    for (const stream of engine.streams) stream.destroy();
    await until(() => nameIn(4) === "c4" && readdirSync(join(folder, "run/registered")).length === 4, 10);
    expect(running.lines.join("\n")).toMatch(/events again/);
    expect(engine.asked["/events"]).toBe(2);
  });

  test("the engine away at the start, and gone for a while: it is waited for", async () => {
    addContainers(2);
    await new Promise((resolve) => server.close(resolve));
    const running = start();
    await sleep(500);
    expect(running.child.exitCode).toBe(null);
    await new Promise<void>((resolve) => server.listen(join(folder, "engine.sock"), resolve));
    await until(() => nameIn(1) === "c1", 10);
    // One line for the break, not one for each try.
    expect(running.lines.filter((line) => /No such file|refused/.test(line)).length).toBeLessThanOrEqual(1);
  });

  test("an engine without events: its list is asked again and again", async () => {
    addContainers(1);
    engine.odd = (path, answer) => {
      if (path === "/events") answer.writeHead(500).end('{"message":"events are off"}');
      return path === "/events";
    };
    start();
    await until(() => nameIn(0) === "c0", 10);
    addContainers(2);
    await until(() => nameIn(1) === "c1", 15);
    expect(engine.asked["/containers/json"]).toBeLessThan(12);
  });

  test("nonsense and silence: the next list mends it, nothing is asked in a hot loop", async () => {
    addContainers(4);
    let odd = 0;
    engine.odd = (path, answer) => {
      if (path !== "/containers/ID/json" || odd++ >= 8) return false;
      if (odd % 4 === 0) answer.end("{");
      else if (odd % 4 === 1) answer.writeHead(500).end('{"message":"an error\\nof two lines"}');
      else if (odd % 4 === 2) answer.destroy();
      else answer.writeHead(409).end("{}");
      return true;
    };
    const running = start("--reconcile", "1");
    await until(() => [0, 1, 2, 3].every((i) => nameIn(i) === `c${i}`), 15);
    expect(engine.asked["/containers/ID/json"]).toBeLessThan(30);
    expect(running.child.exitCode).toBe(null);
  });

  test("one way in that fails is tried again later and later, and told once", async () => {
    addContainers(1);
    rmSync(join(folder, "run/containers"), { recursive: true });
    const running = start("--reconcile", "1", "--limits", "1");
    await until(() => running.lines.some((line) => line.includes("c0 ")), 10);
    await sleep(4000);
    expect(running.lines.filter((line) => line.includes("bind: ")).length).toBe(1);
    expect(engine.asked["/containers/ID/json"]).toBeLessThan(6);
  });

  test("register --all and a hung engine: an answer within the deadline", async () => {
    addContainers(3);
    const env = {
      ...process.env,
      DOCKER_HOST: `unix://${folder}/engine.sock`,
      PROCG_RUN: join(folder, "run"),
    };
    const all = await soon(BINARY, ["host", "register", "--all", "--ways", "bind", "--json"], env);
    expect(JSON.parse(all.stdout).containers.map((row: { way: string }) => row.way)).toEqual([
      "bind",
      "bind",
      "bind",
    ]);
    const gone = await soon(BINARY, ["host", "metric", "nobody"], env);
    expect(gone).toMatchObject({ status: 1, stdout: "" });
    expect(gone.stderr).toMatch(/^procg host metric: nobody: No such container/);
  });
});
