/** procg host watch beside a real engine. The two-minute run with 50 containers is test/full/host_churn.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { churn } from "./host_churn.ts";
import { type Daemon, startOwnDaemon } from "./host_daemon.ts";

const SKIP = process.env.PROCG_E2E_SKIP;

describe.skipIf(SKIP !== undefined)("procg host watch", () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await startOwnDaemon("host-watch");
  });
  afterAll(() => daemon?.remove());

  test("churn with a restart of dockerd: within a second of the start, every file right at the end", async () => {
    const outcome = await churn(daemon, 12, 25);
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    expect(outcome.registrations).toBeGreaterThan(10);
    expect(outcome.p95Seconds).toBeLessThan(1);
    expect(outcome.rssBytes).toBeLessThan(4.5 * 1024 * 1024);
  });

  test("containerd by its program, without Docker's daemon being asked", () => {
    const id = daemon.docker("run", "-d", "--network", "none", "procg-e2e", "sleep", "100");
    const engine = `containerd:moby@${daemon.folder}/exec/containerd/containerd.sock`;
    const result = daemon.host("register", "--json", "--engine", engine, id);
    expect(result.stderr).toBe("");
    expect(JSON.parse(result.stdout).containers).toMatchObject([{ id, way: "procroot" }]);
    expect(JSON.parse(daemon.docker("exec", id, "cat", "/run/procg/host/instance.json"))).toMatchObject({
      id,
      runtime: "containerd",
    });
    expect(daemon.host("metric", "--json", "--engine", engine, id).stdout).toContain(id);
  });
});
