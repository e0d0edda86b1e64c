/** procg host cgroup, metric, list, serve, check against real containers. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  BINARY,
  type Container,
  docker,
  hostCgroup,
  hostMemory,
  MIB,
  memoryIsV1,
  type Result,
  readNumber,
  removeAllContainers,
  run,
  startContainer,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const V1 = SKIP === undefined && memoryIsV1();

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "procg-host-"));
});
afterEach(() => removeAllContainers());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function host(...args: readonly string[]): Result {
  return run("env", [`PROCG_RUN=${folder}/run`, BINARY, "host", ...args]);
}

interface Outcome {
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly via: string | null;
  readonly status: number;
  readonly error: string | null;
}

function cgroup(container: Container, ...args: readonly string[]): Outcome[] {
  return JSON.parse(host("cgroup", "--json", container.id, ...args).stdout).keys;
}

const LIMITED = ["-m", "256m", "--memory-swap", "256m", "--cpuset-cpus", "0-1"];

describe.skipIf(SKIP !== undefined || !V1)("procg host cgroup on v1", () => {
  const limitOf = (container: Container, file = "memory.limit_in_bytes") =>
    readNumber(join(hostCgroup(container.pid, "memory").folder, file));

  test("the calls of the field report, in its shape; what stands is answered, not what was asked", () => {
    const container = startContainer({ flags: ["-m", "2g", "--memory-swap", "2g", "--cpuset-cpus", "0-1"] });
    const compat = (...keys: readonly string[]) =>
      JSON.parse(host("cgroup", "--compat", container.id, ...keys).stdout);
    expect(compat("memory.limit_in_bytes", "cpuset.cpus")).toEqual([
      { Subsystem: "memory.limit_in_bytes", Out: "2147483648", Err: "", Status: 0 },
      { Subsystem: "cpuset.cpus", Out: "0-1", Err: "", Status: 0 },
    ]);
    const set = [
      { Subsystem: "memory.limit_in_bytes", Out: "1073741824", Err: "", Status: 0 },
      { Subsystem: "cpuset.cpus", Out: "1", Err: "", Status: 0 },
    ];
    expect(compat("memory.limit_in_bytes=1g", "cpuset.cpus=1")).toEqual(set);
    expect(compat("memory.limit_in_bytes", "cpuset.cpus")).toEqual(set);
    // Through the engine: it knows, and a restart keeps it.
    docker("restart", "-t", "0", container.id);
    expect(compat("memory.limit_in_bytes", "cpuset.cpus")).toEqual(set);
  });

  test.for([{ how: ["--direct"] }, { how: [] }])(
    "memory and memory + swap in the right order, up and down $how",
    ({ how }) => {
      const container = startContainer({ flags: LIMITED });
      for (const size of ["1g", "128m", "512m"]) {
        const both = cgroup(
          container,
          ...how,
          `memory.limit_in_bytes=${size}`,
          `memory.memsw.limit_in_bytes=${size}`,
        );
        expect(both.map(({ status, error }) => ({ status, error }))).toEqual([
          { status: 0, error: null },
          { status: 0, error: null },
        ]);
        const bytes = size === "1g" ? 1024 * MIB : Number.parseInt(size, 10) * MIB;
        expect([limitOf(container), limitOf(container, "memory.memsw.limit_in_bytes")]).toEqual([
          bytes,
          bytes,
        ]);
      }
    },
  );

  test("EINVAL, EBUSY, ERANGE: an answer each, nothing changed", async () => {
    const container = startContainer({ flags: LIMITED });
    expect(cgroup(container, "--direct", "memory.limit_in_bytes=512m")).toMatchObject([
      { status: 22, after: `${256 * MIB}` },
    ]);
    await container.load("-m", "64");
    const low = cgroup(container, "--direct", "memory.limit_in_bytes=1m");
    expect(low[0]?.error).toContain("below what is in use");
    const busy = cgroup(container, "--direct", "--force", "memory.limit_in_bytes=1m");
    expect(busy).toMatchObject([{ status: 16 }]);
    expect(limitOf(container)).toBe(256 * MIB);
    expect(cgroup(container, "--direct", "cpuset.cpus=900")).toMatchObject([
      { status: expect.any(Number), after: "0-1" },
    ]);
    expect(cgroup(container, "cpuset.cpus=900")[0]?.error).toContain("not available");
    // The sum cannot go below the limit: the pair is refused as a whole.
    const pair = cgroup(
      container,
      "--direct",
      "memory.limit_in_bytes=200m",
      "memory.memsw.limit_in_bytes=100m",
    );
    expect(pair.every((each) => each.status !== 0)).toBe(true);
    expect([limitOf(container), limitOf(container, "memory.memsw.limit_in_bytes")]).toEqual([
      256 * MIB,
      256 * MIB,
    ]);
  });

  test("bad values and files that nobody may touch are refused before anything is written; the others are done", () => {
    const container = startContainer({ flags: LIMITED });
    const bad = [
      "memory.limit_in_bytes=1x",
      "cpuset.cpus=1-0",
      "pids.max=-5",
      "memory.usage_in_bytes=0",
      "devices.allow=a",
    ];
    const outcomes = cgroup(container, "--direct", ...bad, "cgroup.procs=1", "pids.max=99");
    expect(outcomes.map(({ status }) => status)).toEqual([1, 1, 1, 1, 1, 1, 0]);
    expect(readNumber(join(hostCgroup(container.pid, "pids").folder, "pids.max"))).toBe(99);
    expect(limitOf(container)).toBe(256 * MIB);
    expect(host("cgroup", container.id, "../memory.limit_in_bytes").status).toBe(1);
  });

  test("v2's names mean the same here; --dry-run writes nothing", () => {
    const container = startContainer({ flags: LIMITED });
    expect(cgroup(container, "--direct", "memory.max=128m")).toMatchObject([
      { after: `${128 * MIB}`, status: 0 },
    ]);
    expect(cgroup(container, "-n", "memory.max=64m")).toMatchObject([
      { via: "dry-run", after: `${64 * MIB}` },
    ]);
    expect(limitOf(container)).toBe(128 * MIB);
  });

  test("a container that is gone or stopped: one line", () => {
    const container = startContainer({ flags: LIMITED });
    docker("stop", "-t", "0", container.id);
    const stopped = host("cgroup", container.id, "memory.limit_in_bytes=1g");
    expect(stopped).toMatchObject({ status: 1, stdout: "" });
    expect(stopped.stderr).toMatch(/it is exited\n$/);
    docker("rm", container.id);
    expect(host("cgroup", container.id, "memory.limit_in_bytes").stderr).toMatch(/No such container/);
  });
});

describe.skipIf(SKIP !== undefined)("the host's figures", () => {
  test("metric: as the kernel's files say, with the engine or without; --compat in the old shape", async () => {
    const container = startContainer({ flags: ["-m", "256m", "--cpus", "0.5", "--label", "procg.uuid=u-1"] });
    await container.load("-m", "32", "-b", "2");
    host("register", container.id);
    await sleep(500);
    const document = JSON.parse(host("metric", "--json", "--wait", "1", container.id).stdout);
    expect(document).toMatchObject({
      schema: "procg.container/v1",
      container: { id: container.id, instanceUuid: "u-1", initPid: container.pid, state: "running" },
      memory: { limitBytes: 256 * MIB, limitComplete: true },
      cpu: { quotaCores: 0.5, quotaComplete: true },
    });
    const { usage } = hostMemory(container.pid);
    expect(Math.abs(document.memory.usageBytes - usage)).toBeLessThan(4 * MIB);
    // A machine that is busy with other things gives it less than its half.
    expect(document.cpu.usageRatio).toBeGreaterThan(0.05);
    expect(document.cpu.usageRatio).toBeLessThan(0.7);
    const without = host("metric", "--json", "--engine", "unix:///nowhere/engine.sock", container.id);
    expect(JSON.parse(without.stdout).memory.limitBytes).toBe(256 * MIB);
    const compat = JSON.parse(host("metric", "--compat", container.id).stdout);
    expect(Object.keys(compat)).toEqual(["cpu_stats", "memory_stats", "blkio_stats", "freezer_stats"]);
    if (V1) expect(compat.memory_stats.stats.hierarchical_memory_limit).toBe(256 * MIB);
  });

  test("list and top: who uses what, and what is wrong", async () => {
    const busy = startContainer({ flags: ["-m", "64m", "--cpus", "0.5"] });
    const quiet = startContainer({});
    await busy.load("-b", "2");
    const { containers } = JSON.parse(host("list", "--json", "--wait", "1", busy.id, quiet.id).stdout);
    const row = containers.find((each: { id: string }) => each.id === busy.id);
    expect(row.cpuCores).toBeGreaterThan(0.05);
    expect(row.problems).toContain("not registered");
    expect(host("list", busy.id).stdout).toMatch(/NAME.*IMAGE.*UUID/);
    const top = host("top", "-b", "-n", "1", busy.id, quiet.id).stdout.split("\n");
    expect(top[0]).toMatch(/2 containers, by cpu/);
    expect(top[3]).toMatch(/ of 0\.5 /);
  });

  test("serve: one family for all, each sample with its container's labels", async () => {
    const names = [startContainer({}), startContainer({})].map(({ id }) =>
      docker("inspect", "-f", "{{.Name}}", id).slice(1),
    );
    const socket = join(folder, "serve.sock");
    const server = spawn(BINARY, ["host", "serve", "--refresh", "600", "--listen", `unix:${socket}`], {
      env: { ...process.env, PROCG_RUN: join(folder, "run") },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => server.on("exit", resolve));
    const accept = "Accept: application/openmetrics-text";
    const scrape = () =>
      run("curl", ["-s", "-H", accept, "--unix-socket", socket, "http://x/metrics"]).stdout;
    try {
      let text = "";
      for (let i = 0; i < 50 && text === ""; i++) {
        await sleep(100);
        text = scrape();
      }
      for (const name of names)
        expect(text).toMatch(new RegExp(`^procg_oom_kills_total\\{name="${name}",`, "m"));
      expect(text.match(/^# TYPE procg_oom_kills counter$/gm)?.length).toBe(1);
      expect(text).toMatch(/^procg_host_engine_up 1$/m);
      expect(text.endsWith("# EOF\n")).toBe(true);
      expect(run("curl", ["-s", "--unix-socket", socket, "http://x/healthz"]).stdout).toBe("ok\n");
      // By its event: the list is asked once in ten minutes.
      const late = startContainer({});
      await sleep(2000);
      expect(scrape()).toContain(`id="${late.id}"`);
      late.remove();
      await sleep(2000);
      expect(scrape()).not.toContain(late.id);
    } finally {
      server.kill("SIGTERM");
    }
    expect(await ended).toBe(0);
    expect(host("serve", "--listen", "0.0.0.0:9999").stderr).toMatch(/loopback/);
  });

  test("check: a baseline and what differs from it", () => {
    const report = host("check", "--json");
    const file = join(folder, "check.json");
    writeFileSync(file, report.stdout);
    expect(JSON.parse(report.stdout).findings.length).toBeGreaterThan(20);
    expect(host("check", "--baseline", file)).toMatchObject({ status: 0, stdout: "no difference\n" });
    const changed = JSON.parse(readFileSync(file, "utf8"));
    changed.findings.find((each: { id: string }) => each.id === "pid_max").value = "1";
    writeFileSync(file, JSON.stringify(changed));
    expect(host("check", "--baseline", file)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^pid_max +1 -> \d+\n$/),
    });
    writeFileSync(file, "{}");
    expect(host("check", "--baseline", file).status).toBe(2);
  });
});
