/** procg host watch beside a real engine. The two-minute run with 50 containers is test/full/host_churn.test.ts. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cgroupParent, MIB, makeCgroup } from "./docker.ts";
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

  test("a limit of a hidden parent that changes behind the engine's back; an unpaused and a renamed container", async () => {
    const parent = `${cgroupParent()}/watched`;
    makeCgroup(parent, { memoryBytes: 200 * MIB });
    const run = ["run", "-d", "--network", "none", "--cgroup-parent", parent, "--name", "watched-1"];
    const id = daemon.docker(...run, "procg-e2e", "sleep", "100");
    const watch = daemon.watch("--limits", "1");
    const file = () => {
      const result = daemon.dockerSoon("exec", id, "cat", "/run/procg/host/instance.json");
      return result.then(({ stdout }) => (stdout === "" ? {} : JSON.parse(stdout)));
    };
    const until = async (expected: object) => {
      for (let i = 0; i < 40; i++) {
        await sleep(100);
        const now = await file();
        if (JSON.stringify({ ...now, ...expected }) === JSON.stringify(now)) break;
      }
      expect(await file()).toMatchObject(expected);
    };
    try {
      await until({ name: "watched-1" });
      expect((await file()).hiddenLimits.memoryBytes).toBe(200 * MIB);
      makeCgroup(parent, { memoryBytes: 150 * MIB });
      await sleep(2500);
      expect((await file()).hiddenLimits.memoryBytes).toBe(150 * MIB);
      daemon.docker("pause", id);
      daemon.docker("rename", "watched-1", "watched-2");
      daemon.docker("unpause", id);
      await until({ name: "watched-2" });
    } finally {
      expect(await watch.stop()).toBe(0);
    }
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
