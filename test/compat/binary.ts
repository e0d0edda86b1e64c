/** Runs the executable as a classic tool and the installed tool itself, for option-by-option comparisons under --host. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

/** PROCG_BINARY, else dist/procg. */
export const BINARY = resolve(ROOT, process.env.PROCG_BINARY || "dist/procg");

const MUST_RUN = process.env.CI === "true";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Outcome of one command line of both. */
export interface Pair {
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

/** The first program of this name on PATH. */
function installedPath(name: string): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

function outcome(
  command: string,
  argv0: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd: string,
): Outcome {
  const run = spawnSync(command, [...args], {
    argv0,
    cwd,
    env: { LC_ALL: "C", TZ: "UTC", PATH: process.env.PATH ?? "", ...env },
    encoding: "utf8",
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.error !== undefined) throw run.error;
  return { code: run.status, stdout: run.stdout, stderr: run.stderr };
}

export function isEqual({ ours, theirs }: Pair): boolean {
  return ours.code === theirs.code && ours.stdout === theirs.stdout && ours.stderr === theirs.stderr;
}

/**
 * Figures change between two runs of a live machine: the same command is tried again, later and later, before it counts as different.
 * Gives the last outcome.
 */
export function untilEqual(
  comparison: Comparison,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = "/",
): Pair {
  let pair = comparison.both(args, env, cwd);
  for (let i = 1; i < 20 && !isEqual(pair); i++) {
    if (i > 10) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50 * (i - 10));
    pair = comparison.both(args, env, cwd);
  }
  return pair;
}

/**
 * The same text but for figures that moved on a machine that never stood still: every number within 2 %, or `least`. Times are left out;
 * columns may be wider.
 */
export function expectClose(pair: Pair, least: number): void {
  if (isEqual(pair)) return;
  expect(shape(pair.ours)).toEqual(shape(pair.theirs));
  const [ours, theirs] = [numbers(pair.ours), numbers(pair.theirs)];
  expect(ours.length).toBe(theirs.length);
  for (const [i, value] of ours.entries()) {
    const other = theirs[i] ?? Number.NaN;
    const most = Math.max(least, Math.abs(other) * 0.02);
    expect(Math.abs(value - other), `${value} and ${other}`).toBeLessThanOrEqual(most);
  }
}

/** An outcome without its figures. */
export function shape({ code, stdout, stderr }: Outcome): unknown {
  return [code, stdout.replace(/\d+/g, "9").replace(/ +/g, " "), stderr];
}

function numbers({ stdout }: Outcome): number[] {
  return (stdout.replace(/\d+[/:T-]\d+[/:-]\d+(:\d+)*\S*/g, "").match(/\d+(\.\d+)?/g) ?? []).map(Number);
}

export interface Comparison {
  readonly both: (args: readonly string[], env?: Record<string, string>, cwd?: string) => Pair;
  /** Ours alone, as on the host. */
  readonly ours: (args: readonly string[], env?: Record<string, string>) => Outcome;
}

/**
 * A describe block that runs where the tool of this version and our executable are installed; else it is skipped by name, and in CI
 * fails.
 */
export function compareWith(
  tool: string,
  versionArgument: string,
  version: RegExp,
  debianPackage: string,
  tests: (comparison: Comparison) => void,
): void {
  const path = installedPath(tool);
  const found = path === null ? "" : spawnSync(path, [versionArgument], { encoding: "utf8" }).stdout;
  const isThere = path !== null && version.test(found);
  const isBuilt = existsSync(BINARY);
  const usable = isThere && isBuilt;
  if (!usable && MUST_RUN) {
    test(`${tool} of the package ${debianPackage} is installed`, () => expect(found).toMatch(version));
    test("the executable is built", () => expect(isBuilt, BINARY).toBe(true));
  }
  const needs = `needs ${debianPackage}, ${version.source}, and the executable`;
  describe.skipIf(!usable)(`${tool} against the classic one (${needs})`, () => {
    const ours = (args: readonly string[], env: Record<string, string> = {}, cwd = "/"): Outcome =>
      outcome(BINARY, tool, args, { PROCG_HOST: "1", ...env }, cwd);
    tests({
      both: (args, env = {}, cwd = "/") => ({
        ours: ours(args, env, cwd),
        theirs: outcome(path ?? "", tool, args, env, cwd),
      }),
      ours,
    });
  });
}
