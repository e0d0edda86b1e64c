import { beforeEach, describe, expect, test } from "vitest";
import { type Averages, advance } from "../../lib/loadavg/fixed_point.ts";
import { readSettings } from "./settings.ts";
import { ADDRESS_IN_USE, container, get, start, statFile } from "./testing/container.ts";

let now: ReturnType<typeof container>;
beforeEach(() => {
  now = container();
});

/** 24 periods with one active thread. */
const V1_TWICE = Array.from({ length: 24 }).reduce<Averages>(
  (loads) => advance(loads, 1, 1, "ceil"),
  [0, 0, 0],
);

const TCP = "127.0.0.1:19110";

test("samples on ideal ticks, writes files, serves; a wall clock that jumps changes nothing", async () => {
  const daemon = start(now);
  now.files.set("/proc/7/stat", statFile(7, "R"));
  await now.host.run(12 * 5 + 0.1);
  expect(now.system.readText("/run/procg/loadavg")).toBe("0.63 0.18 0.06 1/2 7\n");
  now.jump(86_400);
  await now.host.run(60);
  const { load, ...document } = JSON.parse((await get(now, TCP, "/v1/metrics.json")).body);
  expect(load).toMatchObject({
    fixedPoint: V1_TWICE,
    runnable: 1,
    threads: 2,
    samples: 24,
    missedPeriods: 0,
    warmingUp: true,
    algorithm: "ceil",
    source: "loadcalc",
  });
  expect(document).toMatchObject({ schema: "procg.container/v1", seq: 25, stale: false, intervalMs: 5000 });
  expect(await daemon.end("TERM")).toBe(0);
});

test("a stall is caught up, at the tick after it", async () => {
  const daemon = start(now);
  now.files.set("/proc/7/stat", statFile(7, "R"));
  await now.host.run(60.1);
  now.system.advance(43); // nothing ran here for 43 s
  now.cpuSeconds += 40;
  await now.host.run(5);
  const { load } = JSON.parse((await get(now, TCP, "/v1/metrics.json")).body);
  expect(load).toMatchObject({ missedPeriods: 7, samples: 14 });
  await daemon.end("TERM");
});

test("state survives a restart, exactly, and ends up in the same averages", async () => {
  now.files.set("/proc/7/stat", statFile(7, "R"));
  const first = start(now);
  await now.host.run(57);
  expect(await first.end("TERM")).toBe(0);
  expect(now.files.has("/run/procg/loadcalc.sock")).toBe(false);
  const second = start(now);
  await now.host.run(4);
  expect(now.system.readText("/run/procg/loadavg")).toBe("0.63 0.18 0.06 1/2 7\n");
  await second.end("INT");
  expect(now.system.stderr).toContain("loadcalc: ended by SIGINT\n");
});

test("of another boot or container the state is not taken up", async () => {
  const first = start(now);
  await now.host.run(30);
  await first.end("TERM");
  now.files.set("/proc/sys/kernel/random/boot_id", "22222222-2222-4222-8222-222222222222\n");
  const second = start(now);
  await now.host.settle();
  expect(now.system.stderr).toContain("the saved state is not used: of another boot\n");
  await second.end("TERM");
});

describe("files that cannot be written", () => {
  test("are told once; it serves from memory, and says when it works again", async () => {
    now.host.replaceResult = -30;
    const daemon = start(now);
    await now.host.run(300);
    const lines = now.system.stderr.split("\n").filter((line) => line.includes("Read-only"));
    expect(lines).toEqual(["loadcalc: /run/procg/loadavg: Read-only file system: going on without files"]);
    expect((await get(now, TCP, "/healthz")).status).toBe(200);
    now.host.replaceResult = 0;
    await now.host.run(60);
    expect(now.system.stderr).toContain("files are written again");
    expect(typeof now.system.readText("/run/procg/loadavg")).toBe("string");
    await daemon.end("TERM");
  });

  test("temporary files of one that was killed are cleared away", async () => {
    now.files.set("/run/procg/loadavg.tmp.99", "0.0");
    now.files.set("/run/procg/loadcalc.state.tmp.99", "{");
    now.files.set("/run/procg/other.tmp.99", "");
    const daemon = start(now);
    await now.host.settle();
    const names = now.system.readDirectory("/run/procg") as string[];
    expect(names.filter((name) => name.includes(".tmp."))).toEqual(["other.tmp.99"]);
    await daemon.end("TERM");
  });
});

describe("starting", () => {
  test("twice is refused, by the lock and by the socket", async () => {
    now.host.lockResult = -11;
    await expect(start(now).ended).rejects.toThrow("already running: another loadcalc has /run/procg");
    now.host.lockResult = 0;
    const daemon = start(now);
    await now.host.settle();
    await expect(start(now).ended).rejects.toThrow("already running: /run/procg/loadcalc.sock is served");
    await daemon.end("TERM");
  });

  test("a TCP port in use is a warning", async () => {
    now.host.listenErrors.set(TCP, ADDRESS_IN_USE);
    const daemon = start(now);
    await now.host.settle();
    expect(now.system.stderr).toContain("loadcalc: 127.0.0.1:19110: Address already in use\n");
    expect(now.system.stderr).toContain("serving /run/procg/loadcalc.sock\n");
    now.host.listenErrors.delete(TCP);
    now.host.signal(1);
    expect((await get(now, TCP, "/healthz")).status).toBe(200);
    await daemon.end("TERM");
  });

  test("what is told that it has started may send a signal at once", async () => {
    const write = now.system.write;
    now.system.write = (fd, text) => {
      if (text.includes("started,")) for (const signal of [10, 1, 15]) now.host.signal(signal);
      return write(fd, text);
    };
    expect(await start(now).ended).toBe(0);
    expect(now.system.stderr).toMatch(
      /\d samples, .*\n.*reopened, serving .*\n.*started, .*\n.*ended by SIGTERM\n$/,
    );
  });

  test("no sockets at all: only the files", async () => {
    const settings = readSettings(
      [
        { key: "no-listen", name: "--no-listen", value: null },
        { key: "no-socket", name: "--no-socket", value: null },
      ],
      () => undefined,
    );
    const daemon = start(now, settings);
    await now.host.run(6);
    expect(now.system.stderr).toContain("started, serving nowhere\n");
    await daemon.end("TERM");
  });
});

test("a sampler that fails: told once, /healthz 503 after three intervals, well again", async () => {
  const daemon = start(now);
  await now.host.run(10);
  expect((await get(now, TCP, "/healthz")).status).toBe(200);
  now.breakProc(true);
  await now.host.run(60);
  expect(await get(now, TCP, "/healthz")).toMatchObject({ status: 503 });
  expect(JSON.parse((await get(now, TCP, "/v1/metrics.json")).body).stale).toBe(true);
  expect(now.system.stderr.match(/threads cannot be counted/g)?.length).toBe(1);
  now.breakProc(false);
  await now.host.run(5);
  expect((await get(now, TCP, "/healthz")).status).toBe(200);
  expect(now.system.stderr).toContain("samples are taken again\n");
  await daemon.end("TERM");
});

test("SIGUSR1 prints one line", async () => {
  const daemon = start(now);
  await now.host.run(6);
  await get(now, TCP, "/metrics");
  now.system.stderr = "";
  now.host.signal(10);
  expect(now.system.stderr).toMatch(
    /^loadcalc: load 0\.00 0\.00 0\.00 0\/1 1, sample 1\.0 s ago, 1 samples, 0 missed; 1 clients, 1 requests, 0 refused, 0 dropped\n$/,
  );
  await daemon.end("TERM");
});

test("what is served", async () => {
  const daemon = start(now);
  await now.host.run(11);
  const metrics = await get(now, TCP, "/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
  expect(metrics.head).toContain(
    "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n",
  );
  expect(metrics.body).toContain('procg_load_average{window="1m"} 0\n');
  expect(metrics.body.endsWith("# EOF\n")).toBe(true);
  expect((await get(now, TCP, "/metrics")).head).toContain("text/plain; version=0.0.4");
  const docker = JSON.parse((await get(now, TCP, "/v1/metrics.json?compat=docker-metric")).body);
  expect(docker.cpu_stats.cpu_usage.total_usage).toBe(now.cpuSeconds * 1e9);
  expect(docker.memory_stats).toMatchObject({ usage: 32686080, stats: { anon: 1000 } });
  expect((await get(now, TCP, "/v1/metrics.json?compat=x")).status).toBe(400);
  expect(JSON.parse((await get(now, TCP, "/version")).body)).toMatchObject({ name: "procg" });
  const page = await get(now, TCP, "/");
  expect(page.head).toContain("Content-Security-Policy: default-src 'none'");
  expect(page.body).toContain("<!doctype html>");
  expect(page.body).not.toMatch(/(src|href)=["']?http/);
  for (const path of ["/nope", "/../etc/passwd", "/v1/metrics.json/", "/%2e%2e/", "//metrics"])
    expect((await get(now, TCP, path)).status).toBe(404);
  const load = await get(now, TCP, "/v1/load");
  const etag = /ETag: (.*)\r\n/.exec(load.head)?.[1] ?? "";
  expect((await get(now, TCP, "/v1/load", `If-None-Match: ${etag}\r\n`)).status).toBe(304);
  await now.host.run(5);
  expect((await get(now, TCP, "/v1/load", `If-None-Match: ${etag}\r\n`)).status).toBe(200);
  await daemon.end("TERM");
});
