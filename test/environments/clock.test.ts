/**
 * Clocks that Linux refuses to be set to, or that nobody waits for: before 1970, just after it west of Greenwich, behind 2^31 and 2^33
 * seconds. The program is the shipped one with one thing more (HOST_TEST_CLOCK in build/quickjs/host.h), and where dist/procg-sanitize
 * is what is tested, that.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram } from "../../build/build.mjs";
import { isRoot, type Outcome, start } from "../binary/spawn.ts";
import { binaryPath, hasBinary } from "../golden/run.ts";
import { type CommandLine, EVERY_TOOL, expectEnded } from "./every_tool.ts";

const isSanitized = binaryPath().includes("sanitize");
const folder = mkdtempSync(join(tmpdir(), "procg-clock-"));
const run = join(folder, "run");
let program = isSanitized ? binaryPath() : "";

beforeAll(async () => {
  mkdirSync(run);
  if (isSanitized) return;
  program = join(folder, "procg");
  await buildProgram({ out: program, hostDefines: ["-DHOST_TEST_CLOCK"] });
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As POSIX rules: no zone data is needed. */
const LOS_ANGELES = "PST8PDT,M3.2.0,M11.1.0";

/** Seconds, TZ, the local day, hour and minute, the UTC day of the history's file. */
const CLOCKS = [
  [-1_000_000, "UTC", "1969-12-20", "10:13", "19691220"],
  [10, LOS_ANGELES, "1969-12-31", "16:00", "19700101"],
  [2 ** 31 + 10, "UTC", "2038-01-19", "03:14", "20380119"],
  [2 ** 33, "UTC", "2242-03-16", "12:56", "22420316"],
] as const;

/** Processes of its own, where that is possible: other tests may start thousands. */
const ALONE =
  isRoot && start("unshare", ["--pid", "--fork", "--mount-proc", "true"], "unshare").code === 0
    ? ["unshare", "--pid", "--fork", "--mount-proc"]
    : [];

function at(seconds: number, zone: string, words: CommandLine, prefix: CommandLine = []): Outcome {
  const env = { PROCG_TEST_REALTIME: String(seconds), TZ: zone, PROCG_RUN: run };
  const [first = program, ...rest] = [...prefix, program, ...words];
  return start(first, rest, first, { env, timeoutMs: 20_000 });
}

function output(seconds: number, zone: string, ...words: readonly string[]): string {
  const { code, stdout, stderr } = at(seconds, zone, words);
  expect([words.join(" "), code, stderr]).toEqual([words.join(" "), 0, ""]);
  return stdout;
}

const readUptimeSeconds = (): number => Number.parseFloat(readFileSync("/proc/uptime", "utf8"));

const usual = new Map<CommandLine, number | null>();

/** Exit code at the time that it is. */
function usualCode(words: CommandLine): number | null {
  const code = usual.get(words) ?? at(Math.floor(Date.now() / 1000), "UTC", words, ALONE).code;
  usual.set(words, code);
  return code;
}

test.skipIf(!hasBinary())("the shipped program has no such clock", () => {
  const shipped = isSanitized ? join(import.meta.dirname, "../../dist/procg") : binaryPath();
  expect(readFileSync(program).includes("PROCG_TEST_REALTIME")).toBe(true);
  expect(readFileSync(shipped).includes("PROCG_TEST_REALTIME")).toBe(false);
});

describe.skipIf(!hasBinary()).each(CLOCKS)(
  "a clock at %i s, TZ=%s",
  (seconds, zone, day, minute, fileDay) => {
    test("every tool ends as at any other time", () => {
      for (const words of EVERY_TOOL) {
        const name = words.join(" ");
        const outcome = at(seconds, zone, words, ALONE);
        expectEnded(name, outcome);
        expect([name, outcome.code]).toEqual([name, usualCode(words)]);
        expect(outcome.stdout).not.toMatch(/Invalid Date/);
      }
    });

    test("dates are those of the clock", () => {
      const [year = "", month = "", date = ""] = day.split("-");
      const short = `${month}/${date}/${year.slice(2)}`;
      expect(output(seconds, zone, "uptime")).toMatch(new RegExp(`^ ${minute}:\\d\\d up `));
      expect(at(seconds, zone, ["top", "-b", "-n1"], ALONE).stdout).toMatch(
        new RegExp(`^top - ${minute}:\\d\\d up `),
      );
      expect(output(seconds, zone, "vmstat", "-t")).toMatch(new RegExp(` ${day} ${minute}:\\d\\d\n$`));
      expect(output(seconds, zone, "iostat", "-t")).toMatch(
        new RegExp(`\t${short} [^]*\n${short} ${minute}:\\d\\d\n`),
      );
      const tsar = output(seconds, zone, "tsar", "--live", "-i", "0.05", "--count", "1");
      expect(tsar).toContain(`\n${date}/${month}/${year.slice(2)}-${minute}:`);
      const document = JSON.parse(output(seconds, zone, "metric"));
      expect(Math.abs(document.sampledAtUnixMs / 1000 - seconds)).toBeLessThan(10);
      expect(Math.abs(Date.parse(document.generatedAt) / 1000 - seconds)).toBeLessThan(10);
      // It began before now, and not before the machine.
      const started = Date.parse(document.container.startedAt) / 1000;
      expect(started).toBeLessThan(seconds + 10);
      expect(started).toBeGreaterThan(seconds - readUptimeSeconds() - 10);
    });

    test("history is written, and read back", () => {
      const history = join(folder, `history${seconds}`);
      for (const later of [0, 60, 120]) output(seconds + later, zone, "tsar", "--cron", "--history", history);
      expect(readdirSync(history).filter((name) => name !== "lock")).toEqual([`${fileDay}-00.log`]);
      const words = ["tsar", "--history", history, "--mem", "--json", "-i", "1"];
      const { rows } = JSON.parse(output(seconds + 150, zone, ...words));
      const times = rows.map((row: { realtimeSeconds: number }) => Math.floor(row.realtimeSeconds / 60));
      expect(times).toEqual([0, 1, 2].map((i) => Math.floor(seconds / 60) + i));
      expect(at(seconds + 150, zone, ["tsar", "--check", "--history", history]).code).toBe(0);
      expect(at(seconds + 3600, zone, ["tsar", "--check", "--history", history]).code).toBe(1);
    });

    test("loadcalc goes on from what it has saved", () => {
      rmSync(run, { recursive: true, force: true });
      mkdirSync(run);
      for (const later of [0, 5]) output(seconds + later, zone, "loadcalc", "--once");
      const { sinceUnixMs } = JSON.parse(readFileSync(join(run, "loadcalc.state"), "utf8"));
      expect(Math.abs(sinceUnixMs / 1000 - seconds)).toBeLessThan(2);
    });
  },
);
