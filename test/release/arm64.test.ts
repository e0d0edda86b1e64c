/**
 * Every tool over every fixture through the arm64 executable under qemu-user. A start costs 40 to 100 ms of translation there, all of them
 * 200 s on two cores: CI and `npm run test:full` run all, `npm test` elsewhere one case of six.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { goldenFixtureNames, toolsWithGoldens } from "../golden/cases.ts";
import { type Runner, runProgram } from "../golden/run.ts";
import { describeGoldens } from "../golden/through_program.ts";
import { FIRST, has, NO_ARM64 } from "./release.ts";

const EMULATOR = "qemu-aarch64-static";
const PROGRAM = join(FIRST, "procg-linux-arm64");
const native = process.arch === "arm64";
const canRun = NO_ARM64 === undefined && (native || has(EMULATOR));
const runsAll = native || process.env.CI === "true" || process.env.PROCG_FULL === "1";
const sample = runsAll ? 1 : 6;

vi.setConfig({ maxConcurrency: availableParallelism() });

const runArm64: Runner = (name, tool, args) =>
  runProgram(
    native
      ? { command: PROGRAM, words: [], argv0: tool }
      : { command: EMULATOR, words: ["-0", tool, PROGRAM], timeoutMs: 60_000 },
    name,
    tool,
    args,
  );

test.skipIf(!canRun)(
  "the arm64 executable starts (needs the cross compiler and qemu-user-static)",
  async () => {
    const { exitCode, stdout } = await runArm64(goldenFixtureNames()[0] ?? "", "nproc", []);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\d+\n$/)]);
  },
);

describeGoldens(await toolsWithGoldens(), runArm64, { through: "arm64", skip: !canRun, sample });
