/**
 * The small C programs of the tests and the demo, compiled with the project's compiler into .cache/bin.
 *
 * Usage: node build/programs.mjs SOURCE.c...   prints the programs' paths
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findCompiler, ROOT, SetupError } from "./setup.mjs";

/** Compiles one C file unless its program is newer. Returns the program's path. */
export function compileProgram(source) {
  const from = join(ROOT, source);
  const folder = join(ROOT, ".cache/bin");
  const to = join(folder, basename(source, ".c"));
  if (existsSync(to) && statSync(to).mtimeMs > statSync(from).mtimeMs) return to;
  const compiler = findCompiler();
  if (compiler === null) throw new SetupError("setup: no C compiler: install the package musl-tools");
  mkdirSync(folder, { recursive: true });
  const fresh = `${to}.${process.pid}`;
  const result = spawnSync(
    compiler.command,
    ["-O2", "-Wall", "-static", "-s", "-o", fresh, from, "-lpthread"],
    {
      encoding: "utf8",
      timeout: 60_000,
    },
  );
  if (result.status !== 0) throw new Error(`${compiler.command} ${source}: ${result.stderr ?? result.error}`);
  renameSync(fresh, to);
  return to;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const source of process.argv.slice(2)) process.stdout.write(`${compileProgram(source)}\n`);
}
