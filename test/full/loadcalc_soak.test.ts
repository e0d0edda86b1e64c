/** loadcalc over an hour of ticks (its clock runs 60 times as fast), and over 100 000 scrapes: memory, and its slope. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "procg-soak-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const rssAnonKb = (pid: number) =>
  Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

/** kB per thousand of x, by least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const n = points.length;
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / n;
  const [mx, my] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return (over / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0)) * 1000;
}

/** `count` requests on one connection after another, as fast as they are answered. */
function scrape(socket: string, paths: readonly string[], count: number): Promise<void> {
  return new Promise((done, fail) => {
    let left = count;
    let text = "";
    const client = connect(socket);
    const ask = () => client.write(`GET ${paths[left % paths.length]} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    client.on("connect", ask);
    client.on("error", fail);
    client.on("data", (bytes) => {
      text += bytes.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      const length = Number(/Content-Length: (\d+)/.exec(text)?.[1]);
      if (head < 0 || text.length < head + 4 + length) return;
      text = "";
      if (--left > 0) ask();
      else client.end(done);
    });
  });
}

test("an hour of ticks and 100 000 scrapes: at most 1.2 MB of its own, no growth", async () => {
  const binary = join(folder, "soak");
  const entry = "tools/loadcalc/testing/soak_program.ts";
  const built = spawnSync(process.execPath, ["build/build.mjs", "--entry", entry, "--out", binary], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect([built.status, built.stderr.match(/error/i)]).toEqual([0, null]);
  const socket = join(folder, "loadcalc.sock");
  const start = async (speed: string): Promise<ChildProcess> => {
    const env = { PROCG_SPEED: speed, PROCG_RUN: folder, PROCG_NO_LISTEN: "1" };
    const child = spawn(binary, [], { env, stdio: ["ignore", "ignore", "inherit"] });
    children.push(child);
    while (!existsSync(socket)) await sleep(50);
    return child;
  };
  const state = () => JSON.parse(readFileSync(join(folder, "loadcalc.state"), "utf8"));

  const fast = await start("60");
  const overTicks: [number, number][] = [];
  for (let i = 0; i < 62; i++) {
    await sleep(1000);
    const { samples, missedPeriods } = state();
    // The first minutes fill free lists and shapes.
    if (i >= 10) overTicks.push([samples + missedPeriods, rssAnonKb(fast.pid ?? 0)]);
  }
  fast.kill("SIGTERM");
  await new Promise((done) => fast.on("exit", done));
  // On the real clock: with the fast one a client has 33 ms for its request.
  const pid = (await start("1")).pid ?? 0;
  const ticks = overTicks.at(-1)?.[0] ?? 0;
  const paths = ["/metrics", "/v1/metrics.json", "/v1/load", "/healthz", "/", "/nope"];
  await scrape(socket, paths, 5000);
  const overScrapes: [number, number][] = [];
  for (let count = 0; count < 100_000; count += 5000) {
    await scrape(socket, paths, 5000);
    overScrapes.push([count, rssAnonKb(pid)]);
  }
  const most = Math.max(...overTicks.map((point) => point[1]), ...overScrapes.map((point) => point[1]));
  const figures = {
    ticks,
    rssAnonKb: most,
    kbPerThousandTicks: slope(overTicks),
    kbPerThousandScrapes: slope(overScrapes),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  expect(ticks).toBeGreaterThan(650);
  process.stdout.write(`${overTicks.map((point) => point[1]).join(" ")}\n`);
  expect(most).toBeLessThanOrEqual(1229);
  // Below a page in a thousand: nothing is lost per tick or per scrape.
  expect(figures.kbPerThousandTicks).toBeLessThan(16);
  expect(figures.kbPerThousandScrapes).toBeLessThan(1);
});
