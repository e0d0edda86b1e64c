/** The two minutes of the companion: 50 containers, everything at random, dockerd restarted in between. Needs root and Docker. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDocker, whyNoDocker } from "../e2e/docker.ts";
import { churn } from "../e2e/host_churn.ts";
import { type Daemon, startOwnDaemon } from "../e2e/host_daemon.ts";
import { otherRun, stopDocker } from "../e2e/stop.mjs";

const WHY = whyNoDocker();

describe.skipIf(WHY !== null)("procg host watch, two minutes", () => {
  let daemon: Daemon | undefined;
  beforeAll(async () => {
    const other = otherRun();
    if (other !== null) throw new Error(`an end-to-end run is under way (pid ${other})`);
    await stopDocker();
    const { compileProgram } = await import("../../build/programs.mjs");
    compileProgram("test/e2e/load.c");
    await startDocker();
    daemon = await startOwnDaemon("host-churn");
  });
  afterAll(async () => {
    await daemon?.remove();
    await stopDocker();
  });

  test("50 containers at random", async () => {
    if (daemon === undefined) throw new Error("no daemon");
    const outcome = await churn(daemon, 50, 120);
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    expect(outcome.registrations).toBeGreaterThan(50);
    expect(outcome.p95Seconds).toBeLessThan(1);
    expect(outcome.rssBytes).toBeLessThan(4.5 * 1024 * 1024);
  });
});
