/** Starts Docker before the first end-to-end test and stops it after the last, also when setting up fails. */
import { startDocker, whyNoDocker } from "./docker.ts";
import { otherRun, stopDocker } from "./stop.mjs";

export async function setup(): Promise<void> {
  const why = whyNoDocker();
  if (why !== null) {
    if (process.env.CI === "true") throw new Error(`end-to-end tests must run here: ${why}`);
    process.env.PROCG_E2E_SKIP = why;
    return;
  }
  const other = otherRun();
  if (other !== null) throw new Error(`another end-to-end run is under way (pid ${other})`);
  await stopDocker();
  const { compileProgram } = await import("../../build/programs.mjs");
  compileProgram("test/e2e/load.c");
  try {
    await startDocker();
  } catch (error) {
    await stopDocker();
    if (process.env.CI === "true") throw error;
    process.env.PROCG_E2E_SKIP = error instanceof Error ? error.message : String(error);
  }
}

export async function teardown(): Promise<void> {
  await stopDocker();
}
