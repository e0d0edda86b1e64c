/** The launcher of odd_exec.c, compiled once for all test files. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

const CACHE = join(import.meta.dirname, "..", "..", ".cache", "environments");

/** Path of a static executable made from a C file of this folder. Compiled when its text changes. */
export function compiled(source: string): string {
  const file = join(import.meta.dirname, source);
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
  const program = join(CACHE, `${source.replace(/\.c$/, "")}-${hash}`);
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  const partial = `${program}.${process.pid}`;
  for (const compiler of ["musl-gcc", "gcc"]) {
    const run = spawnSync(compiler, ["-static", "-O2", "-Wall", "-Werror", "-o", partial, file], {
      encoding: "utf8",
    });
    if (run.status === 0) {
      renameSync(partial, program);
      return program;
    }
    if (run.error === undefined) throw new Error(`${source} does not compile:\n${run.stderr}`);
  }
  throw new Error("no C compiler: apt-get install musl-tools");
}

export const oddExec = (): string => compiled("odd_exec.c");
