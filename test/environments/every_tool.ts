/** Every tool that reports and ends, started the odd way of a test, and what holds of each in every environment. */
import { expect } from "vitest";
import { expectNoTrace, type Outcome, start } from "../binary/spawn.ts";
import { binaryPath } from "../golden/run.ts";

/** Command lines; the reports are one each. */
export const EVERY_TOOL = [
  ["free"],
  ["free", "--json"],
  ["nproc"],
  ["uptime"],
  ["df"],
  ["df", "--json"],
  ["vmstat"],
  ["iostat"],
  ["top", "-b", "-n1"],
  ["top", "-b", "-n1", "--json"],
  ["tsar", "--live", "-i", "0.05", "--count", "1"],
  ["loadcalc", "--once"],
  ["metric"],
  ["doctor"],
  ["host", "metric", "--all"],
  ["host", "list"],
  ["--list"],
] as const;

export type CommandLine = readonly string[];

/** Nothing waits longer than top's first interval. */
const TIMEOUT_MS = 20_000;

/** `words` of procg behind `prefix`, a program that starts another. `before` and `after` it: for sh -c. */
export function startProcg(prefix: readonly string[], words: CommandLine, program = binaryPath()): Outcome {
  const [first = program, ...rest] = [...prefix, program, ...words];
  return start(first, rest, first, { timeoutMs: TIMEOUT_MS });
}

/** It ended by itself: with numbers, or with one line that says why not. */
export function expectEnded(name: string, outcome: Outcome): void {
  expectNoTrace(outcome);
  expect(outcome.signal, name).toBeNull();
  expect([0, 1, 6], `${name}: ${outcome.stderr}`).toContain(outcome.code);
  expect(outcome.stdout + outcome.stderr, name).not.toMatch(/\bNaN\b|\bundefined\b|\bInfinity\b/);
  // doctor's report and exit code are about what it found.
  if (outcome.code === 0 || outcome.stdout !== "") return;
  // loadcalc's is a log: what it makes of the saved state comes before.
  const text = outcome.stderr.replace(/^loadcalc: the saved state is not used: .*\n/, "");
  expect(text, name).toMatch(/^[^\n]+\n$/);
}

/** All of them; gives each outcome by its command line. */
export function runEvery(prefix: readonly string[], program?: string): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const words of EVERY_TOOL) {
    const name = words.join(" ");
    const outcome = startProcg(prefix, words, program);
    expectEnded(name, outcome);
    outcomes.set(name, outcome);
  }
  return outcomes;
}
