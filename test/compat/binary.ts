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
