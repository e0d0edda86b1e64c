/** procg host against an engine that the test plays: a thousand containers, breaks, nonsense. No root, no Docker. */
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
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { misfit } from "../docs/misfit.ts";
import { BINARY } from "../e2e/docker.ts";
import { soon, startWatch, type Watch } from "../e2e/host_daemon.ts";
import { type FakeEngine, idOf, playEngine } from "./fake_engine.ts";

const SANITIZED = BINARY.includes("sanitize");
const SKIP = process.platform !== "linux" || !existsSync(BINARY);

let folder = "";
let watch: Watch | undefined;
let engine: FakeEngine;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "procg-fake-"));
  mkdirSync(join(folder, "run/containers"), { recursive: true });
  engine = playEngine(folder);
  await engine.listen();
});

afterEach(async () => {
  await watch?.stop();
  watch = undefined;
  await engine.end();
  rmSync(folder, { recursive: true, force: true });
});

function addContainers(count: number): void {
  for (let i = 0; i < count; i++) engine.add(i, `c${i}`);
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
    await engine.stop();
    const running = start();
    await sleep(500);
    expect(running.child.exitCode).toBe(null);
    await engine.listen();
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

test.skipIf(SKIP)(
  "what the commands print as JSON fits its schema",
  async () => {
    engine.add(1, "c1");
    const env = {
      ...process.env,
      DOCKER_HOST: `unix://${folder}/engine.sock`,
      PROCG_RUN: join(folder, "run"),
    };
    const baseline = join(folder, "check.json");
    const asked: readonly (readonly string[])[] = [
      ["prepare", "n1"],
      ["register", "--all", "--ways", "bind"],
      ["register", "--ways", "exec", idOf(1), "nobody"],
      ["list", "--wait", "0.1"],
      ["top", "-n", "2", "-d", "0.1"],
      ["metric", "--wait", "0.1", idOf(1)],
      ["cgroup", idOf(1), "memory.limit_in_bytes", "pids.max=x", "no.such"],
      ["check"],
      ["check", "--baseline", baseline],
      ["report", "--for", "1", "--last", "0", idOf(1)],
      ["why", "-i", "0.2", idOf(1)],
    ];
    for (const [command = "", ...rest] of asked) {
      const { stdout, stderr } = await soon(BINARY, ["host", command, "--json", ...rest], env);
      expect([command, stdout, stderr]).not.toEqual([command, "", stderr]);
      for (const line of stdout.trim().split("\n"))
        expect([command, misfit(JSON.parse(line))]).toEqual([command, ""]);
      if (command !== "check" || rest.length > 0) continue;
      const report = JSON.parse(stdout);
      writeFileSync(baseline, JSON.stringify({ ...report, findings: report.findings.slice(1) }));
    }
  },
  60_000,
);
