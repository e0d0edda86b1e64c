/** Documents that no capture gives: a history, an alert, the black box. The rest is in test/docs/schemas.test.ts and host_engine.test.ts. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type BoxEntry, boxText } from "../../lib/diagnosis/black_box.ts";
import { misfit } from "../docs/misfit.ts";
import { runTool } from "./spawn.ts";

const folder = mkdtempSync(join(tmpdir(), "procg-json-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The one document that the tool prints, whatever its exit status. */
function documentOf(tool: string, ...args: readonly string[]): { readonly schema: string } {
  const { stdout, stderr } = runTool(tool, [...args, "--json"], {
    env: { PROCG_RUN: folder },
    timeoutMs: 20_000,
  });
  expect([stdout.split("\n").length, stderr]).toEqual([2, ""]);
  return JSON.parse(stdout);
}

test("tsar: live, its history, its alerts", () => {
  const history = join(folder, "history");
  mkdirSync(history);
  for (let sample = 0; sample < 2; sample++) {
    expect(runTool("tsar", ["--cron", "--history", history]).stderr).toBe("");
  }
  const asked = [
    ["procg.tsar/v1", "-l", "-i", "1", "--count", "1"],
    ["procg.tsar-history/v1", "--history", history, "-w", "60", "-i", "1"],
    ["procg.tsar-alert/v1", "--alert", "--rule", "mem.util > 0", "--history", history],
  ];
  for (const [schema = "", ...args] of asked) {
    const document = documentOf("tsar", ...args);
    expect(document.schema).toBe(schema);
    expect([schema, misfit(document)]).toEqual([schema, ""]);
  }
});

test("why --last-oom: the black box of this run", () => {
  const entry: BoxEntry = {
    ...{ atUnixMs: Date.now(), reason: "oom", limitBytes: 64 << 20, usageBytes: 60 << 20, anonBytes: null },
    ...{ shmemBytes: 0, kernelBytes: null, pids: 2 },
    processes: [
      { pid: 7, startTicks: 5, comm: "load", residentBytes: 50 << 20, anonBytes: null, cpuUsec: 3 },
    ],
  };
  const stat = readFileSync("/proc/1/stat", "utf8");
  const box = {
    version: 1 as const,
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    initStartTicks: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]),
    recent: [entry],
    ooms: [{ kills: 1, before: null, after: entry }],
  };
  writeFileSync(join(folder, "blackbox.json"), boxText(box));
  const document = documentOf("why", "--last-oom");
  expect(document.schema).toBe("procg.why-oom/v1");
  expect(misfit(document)).toBe("");
});

test("install and capture: what was made", () => {
  const links = join(folder, "links");
  mkdirSync(links);
  const made = documentOf("install", "--dry-run", links);
  expect([made.schema, misfit(made)]).toEqual(["procg.install/v1", ""]);
  expect(made).toMatchObject({
    isDryRun: true,
    links: expect.arrayContaining([{ path: `${links}/free`, isMade: true, problem: null }]),
  });
  const capture = documentOf("capture", "-n", "1", join(folder, "capture"));
  expect([capture.schema, misfit(capture)]).toEqual(["procg.capture/v1", ""]);
});

test("exec: the variables, as env has them", () => {
  const { stdout } = runTool("exec", ["--json", "--", "true"]);
  const document = JSON.parse(stdout);
  expect([document.schema, misfit(document)]).toEqual(["procg.env/v1", ""]);
});
