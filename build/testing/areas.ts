/**
 * The program of the tests of the host's areas (host_areas_program.ts), built for one test file. PROCG_AREAS_PROGRAM names one that was
 * built elsewhere (arm64).
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { buildProgram } from "../build.mjs";

export interface Areas {
  /** A folder of the file's own, gone after its tests. */
  readonly scratch: string;
  program(): string;
  /** The JSON that a case printed. */
  // biome-ignore lint/suspicious/noExplicitAny: each case prints something else
  run(name: string, args?: readonly string[], env?: Record<string, string>, before?: readonly string[]): any;
}

export function areas(sanitize = false): Areas {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "procg-areas-"));
  let program = sanitize ? "" : (process.env.PROCG_AREAS_PROGRAM ?? "");
  beforeAll(async () => {
    if (program !== "") return;
    const out = path.join(scratch, "areas");
    await buildProgram({ entry: path.join(import.meta.dirname, "host_areas_program.ts"), out, sanitize });
    program = out;
  }, 300_000);
  afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));
  return {
    scratch,
    program: () => program,
    run(name, args = [], env = {}, before = []) {
      const [command = "", ...rest] = [...before, program, name, ...args];
      const result = spawnSync(command, rest, {
        encoding: "utf8",
        env: { ...process.env, ...env },
        timeout: 20_000,
      });
      if (result.status !== 0)
        throw new Error(`${name}: ${result.signal ?? result.status}: ${result.stderr}`);
      return JSON.parse(result.stdout);
    },
  };
}

export function has(command: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}
