/**
 * podman with runc: another engine, other paths (/libpod...), .containerenv instead of .dockerenv. Storage of its own below the
 * cache; its cgroups below the run's own one.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cacheFolderOf, cgroupParent, IMAGE_ARCHIVE, program, type Result, run } from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP ?? (program("podman") === null ? "no podman" : undefined);
const NAME = `procg-e2e-podman-${process.pid}`;

let storage = "";
let runFolder = "";

function podman(...args: readonly string[]): Result {
  const own = [
    "--root",
    join(storage, "root"),
    "--runroot",
    join(runFolder, "run"),
    "--tmpdir",
    join(runFolder, "tmp"),
  ];
  const engine = ["--runtime", "runc", "--cgroup-manager", "cgroupfs", "--storage-driver", "overlay"];
  return run("podman", [...own, ...engine, "--events-backend", "none", ...args]);
}

describe.skipIf(SKIP !== undefined)("podman with runc", () => {
  beforeAll(() => {
    storage = cacheFolderOf("podman");
    runFolder = mkdtempSync(join(tmpdir(), "procg-e2e-podman-"));
    const imported = podman("import", "-q", IMAGE_ARCHIVE, "procg-e2e");
    expect(imported.stderr).toBe("");
    // podman as it comes raises limits, which needs a capability that not every machine has.
    const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000", "--network", "none"];
    const ours = ["-m", "256m", "--memory-swap", "256m", "--cpus", "0.5", "--cpuset-cpus", "1"];
    const place = ["--cgroup-parent", `${cgroupParent()}/podman`, "--name", NAME];
    const started = podman("run", "-d", ...limits, ...ours, ...place, "procg-e2e", "sleep", "300");
    expect(started.status, started.stderr).toBe(0);
  });

  afterAll(() => {
    podman("rm", "-f", "-t", "0", NAME);
    podman("image", "rm", "-af");
    rmSync(runFolder, { recursive: true, force: true });
  });

  test("limits as configured", () => {
    const free = podman("exec", NAME, "procg", "free", "--json");
    expect(free.stderr).toBe("");
    expect(JSON.parse(free.stdout)).toMatchObject({
      memory: { totalBytes: 268435456, limitBytes: 268435456 },
    });
    const nproc = JSON.parse(podman("exec", NAME, "procg", "nproc", "--json").stdout);
    expect(nproc).toMatchObject({ cpus: 1, quotaCores: 0.5, cpusetCpus: [1] });
  });

  test("uptime is the container's", () => {
    const { uptimeSeconds } = JSON.parse(podman("exec", NAME, "procg", "uptime", "--json").stdout);
    const host = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
    expect(uptimeSeconds).toBeGreaterThan(0);
    expect(uptimeSeconds).toBeLessThan(Math.min(60, host - 1));
  });
});
