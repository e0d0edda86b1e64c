/** procg host report: real containers, one with a history of its own, one that is hostile, and the page in a browser. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ContainerReport, HostReport } from "../../host/report/report.ts";
import { openWriter } from "../../lib/history/writer.ts";
import type { RawItem } from "../../lib/sampler/module.ts";
import { NO_LIMITS } from "../../lib/sampler/sample.ts";
import { nodeFileHost } from "../../lib/system/node/node_file_host.ts";
import { nodeSystem } from "../../lib/system/node/node_system.ts";
import { documentSchemas } from "../docs/schemas.ts";
import {
  BINARY,
  type Container,
  docker,
  flatKeys,
  hostCgroup,
  hostMeminfo,
  MIB,
  program,
  type Result,
  readNumber,
  removeAllContainers,
  run,
  startContainer,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const HISTORY = "/var/log/procg";
const HISTORY_PEAK_BYTES = 100 * MIB;
const HISTORY_MINUTES = 120;

let folder = "";
let busy: Container;
let kept: Container;
let hostile: Container;
let done: Result;
let report: HostReport;
/** What the busy container did from before the run to after it, by the kernel's files. */
let around: { cores: number; throttledRatio: number };

const host = (...args: readonly string[]): Result =>
  run("env", [`PROCG_RUN=${folder}/run`, BINARY, "host", "report", ...args]);

const of = (container: Container): ContainerReport => {
  const found = report.containers.find((each) => each.id === container.id);
  if (found === undefined) throw new Error(`no report of ${container.id}`);
  return found;
};

function kernelCounts(pid: number) {
  const { version, folder: directory } = hostCgroup(pid, "cpu");
  const stat = flatKeys(join(directory, "cpu.stat"));
  const used =
    version === 1
      ? readNumber(join(hostCgroup(pid, "cpuacct").folder, "cpuacct.usage")) / 1e9
      : (stat.usage_usec ?? Number.NaN) / 1e6;
  const { nr_throttled: throttled = Number.NaN, nr_periods: periods = Number.NaN } = stat;
  return { usedSeconds: used, atSeconds: performance.now() / 1000, throttled, periods };
}

/** Two hours by the minute: 0.25 CPUs, 60 MiB and once 100 MiB, a tenth of the periods throttled. */
function writeHistory(directory: string): void {
  const files = nodeFileHost();
  const writer = openWriter(nodeSystem(), files, { directory, minFreeBytes: 0 });
  if (typeof writer === "string") throw new Error(writer);
  const one = (...values: RawItem["values"]): RawItem[] => [{ name: "", values }];
  const began = Date.now() - (HISTORY_MINUTES + 1) * 60_000;
  for (let minute = 0; minute <= HISTORY_MINUTES; minute++) {
    const workingSet = minute === 60 ? HISTORY_PEAK_BYTES : 60 * MIB;
    writer.append({
      realtimeMs: began + minute * 60_000,
      monotonicMs: 1_000_000 + minute * 60_000,
      bootId: "boot",
      containerId: "self@1",
      limits: NO_LIMITS,
      groups: new Map([
        ["cpu", one(minute * 15e6, null, null, null, 1e6, ...Array<null>(9).fill(null))],
        ["mem", one(null, null, 0, null, null, null, workingSet, null)],
        ["throttle", one(minute * 600, minute * 60, 0)],
        ["pids", one(7, null)],
        ["oom", one(0, null, null, null)],
      ]),
    });
  }
  files.end();
}

const HOSTILE_STORE = [
  `mkdir -p ${HISTORY}`,
  `ln -s /etc/passwd ${HISTORY}/20261121-00.log`,
  `mkfifo ${HISTORY}/20261121-01.log`,
  `ln -s / ${HISTORY}/20261121-02.log`,
  "sleep 600",
].join("; ");

beforeAll(() => {
  if (SKIP !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), "procg-report-"));
  const store = join(folder, "store");
  mkdirSync(store);
  writeHistory(store);
  busy = startContainer({
    flags: ["--memory", "256m", "--cpus", "0.5", "--pids-limit", "50"],
    command: ["load", "-m", "64", "-b", "2", "-t", "600"],
  });
  kept = startContainer({ flags: ["--memory", "128m", "-v", `${store}:${HISTORY}`] });
  const day = new Date().toISOString().slice(0, 10).replace(/-/g, "");
  hostile = startContainer({ command: ["sh", "-c", HOSTILE_STORE.replaceAll("20261121", day)] });
  const page = join(folder, "page.html");
  const before = kernelCounts(busy.pid);
  done = host("--for", "4s", "--interval", "0.5", "--json", "--html", page, busy.id, kept.id, hostile.id);
  const after = kernelCounts(busy.pid);
  around = {
    cores: (after.usedSeconds - before.usedSeconds) / (after.atSeconds - before.atSeconds),
    throttledRatio: (after.throttled - before.throttled) / (after.periods - before.periods),
  };
  report = done.status === 0 ? JSON.parse(done.stdout) : { containers: [] };
});
afterAll(() => {
  removeAllContainers();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(SKIP !== undefined)("procg host report", () => {
  test("a busy container: what it used, against its limits", () => {
    expect([done.status, done.stderr]).toEqual([0, ""]);
    const { memory, cpu, pids, window } = of(busy);
    expect(window.source).toBe("samples");
    expect(window.coveredSeconds).toBeGreaterThan(3.5);
    expect(window.coveredSeconds).toBeLessThan(10);
    expect(memory.limitBytes).toBe(256 * MIB);
    expect(memory.workingSetBytes.peak).toBeGreaterThan(64 * MIB);
    expect(memory.workingSetBytes.peak).toBeLessThan(96 * MIB);
    expect(cpu).toMatchObject({ quotaCores: 0.5, capacityCores: 0.5 });
    // The machine may be busy with others: what the kernel counted around this run is the measure.
    const { cores, throttledRatio } = around;
    expect(cpu.usedCores.mean).toBeGreaterThan(0.65 * cores);
    expect(cpu.usedCores.mean).toBeLessThan(1.35 * cores);
    expect(Math.abs((cpu.throttledRatio ?? Number.NaN) - throttledRatio)).toBeLessThan(0.35);
    expect(pids).toMatchObject({ limit: 50, tasks: { peak: 3 } });
  });

  test("the kernel's own peak is the host's figure, and decides after a short look", () => {
    const { memory, suggested } = of(busy);
    const { version, folder: directory } = hostCgroup(busy.pid, "memory");
    const kernel = readNumber(join(directory, version === 1 ? "memory.max_usage_in_bytes" : "memory.peak"));
    expect(memory.kernelPeakBytes).toBeGreaterThan(0.9 * kernel);
    expect(memory.kernelPeakBytes).toBeLessThanOrEqual(kernel);
    expect(suggested.memoryBytes.value).toBeGreaterThanOrEqual(1.25 * (memory.kernelPeakBytes ?? 0));
    expect(suggested.cpuCores).toEqual({ value: null, reason: expect.stringMatching(/s only: 60 s/) });
  });

  test("a container with a history: two hours of it count", () => {
    const { memory, cpu, window, suggested, problems } = of(kept);
    expect([window.source, problems]).toEqual(["both", []]);
    expect(window.coveredSeconds).toBeGreaterThan(HISTORY_MINUTES * 60);
    expect(window.coveredSeconds).toBeLessThan(HISTORY_MINUTES * 60 + 10);
    expect(memory.workingSetBytes).toMatchObject({ peak: HISTORY_PEAK_BYTES, p95: 60 * MIB });
    expect(cpu.usedCores.p95).toBeCloseTo(0.25, 3);
    // Nothing was throttled in the seconds of this run, without a quota.
    expect(cpu.throttledRatio).toBeCloseTo(0.1, 3);
    expect(suggested.memoryBytes.value).toBe(128 * MIB);
    // It has no quota now: what was throttled then is no reason.
    expect(suggested.cpuCores).toEqual({ value: 0.4, reason: "p95 over 2 h, and a quarter" });
  });

  test("a hostile store: no link is followed, no FIFO waited for, and it is said", () => {
    const { problems, window } = of(hostile);
    expect(window.source).toBe("samples");
    expect(problems).toEqual(["3 files of its history cannot be read"]);
    const { stdout, status } = host("--for", "0", "--last", "0", "--csv", hostile.id);
    expect(status).toBe(0);
    expect(stdout).not.toContain("cannot be read");
  });

  test("the document fits its schema", () => {
    const schema = documentSchemas().get("host-report.schema.json");
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema ?? {});
    expect([schema?.title, validate(report), validate.errors]).toEqual(["procg.host-report/v1", true, null]);
  });

  test("the sum stands against the host", () => {
    const { memory, cpu } = report.total;
    expect(report.total.containers).toBe(3);
    expect(memory).toMatchObject({ host: hostMeminfo("MemTotal"), limits: "max", withoutLimit: 1 });
    const peaks = report.containers.map((each) => each.memory.workingSetBytes.peak ?? Number.NaN);
    expect(memory.peaks).toBe(peaks.reduce((a, b) => a + b));
    expect(cpu.host).toBe(Number(run("nproc", ["--all"]).stdout));
  });

  test("the table and the CSV have the same figures", () => {
    const table = host("--for", "1s", kept.id);
    expect([table.status, table.stderr]).toEqual([0, ""]);
    expect(table.stdout).toMatch(/100M\/60M\/60M of 128M/);
    expect(table.stdout).toContain("highest working set over 2 h, and a quarter");
    const [head = "", row = "", end] = host("--for", "1s", "--csv", kept.id).stdout.split("\r\n");
    const column = (name: string) => row.split(",")[head.split(",").indexOf(name)];
    expect(end).toBe("");
    expect(column("memory.workingSetBytes.peak")).toBe(`${HISTORY_PEAK_BYTES}`);
    expect(column("id")).toBe(kept.id);
  });

  test.each([
    [["--for", "soon"], "not a time"],
    [["--csv", "--json"], "exclude each other"],
    [["--interval", "0"], "above 0"],
    [["--for", "0", "no-such-container"], "no-such-container"],
    [["--for", "0", "--html", "/no/such/page.html"], "/no/such/page.html: No such file or directory"],
  ])("%j is a mistake, in one line", (args, text) => {
    const { status, stderr } = host(...args);
    expect([status, stderr.split("\n").length]).toEqual([1, 2]);
    expect(stderr).toContain(text);
  });

  test("a container that does not run is no empty answer", () => {
    const stopped = startContainer({ command: ["true"] });
    docker("wait", stopped.id);
    const { status, stdout, stderr } = host("--for", "0", kept.id, stopped.id);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^procg host report: .*: it is exited\n$/);
  });

  test("a browser draws the page, and runs nothing that a container is called", { timeout: 60_000 }, () => {
    expect(program("chromium"), "chromium is needed").not.toBeNull();
    const text = readFileSync(join(folder, "page.html"), "utf8");
    expect(text.replaceAll('"http://www.w3.org', "")).not.toMatch(/https?:|<script|src=/);
    // As if the engine let a container be called so, past the test of the renderer: the policy still forbids it.
    const probe = join(folder, "probe.html");
    writeFileSync(probe, text.replace("<h1>", "<img src=x onerror=\"document.title='pwned'\"><h1>"));
    const draw = (page: string): Result =>
      run("chromium", [
        ...[
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--no-first-run",
          "--disable-background-networking",
        ],
        ...["--disable-component-update", "--disable-sync", `--user-data-dir=${join(folder, "profile")}`],
        ...["--virtual-time-budget=2000", "--dump-dom", `file://${page}`],
      ]);
    const drawn = draw(probe);
    expect(drawn.status).toBe(0);
    expect(drawn.stdout).toContain("<title>Containers of ");
    expect(drawn.stdout).not.toContain("<title>pwned");
    const section = new RegExp(`<section id="c-${kept.id.slice(0, 12)}">.*?</section>`, "s").exec(
      drawn.stdout,
    )?.[0];
    expect(section).toContain("up to 100M of 128M");
    expect(section?.match(/<svg/g)?.length).toBe(3);
    expect(section).toMatch(/<polyline points="0,[\d.]+ /);
    expect(section).toMatch(/<line x1="0"/);
  });
});
