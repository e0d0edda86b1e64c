/** What the host reads below a container's root: its loadcalc's averages, its file systems; and containers that hang or cheat. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { compileProgram } from "../../build/programs.mjs";
import {
  BINARY,
  type Container,
  docker,
  hostCgroup,
  memoryIsV1,
  type Result,
  removeAllContainers,
  run,
  startContainer,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "procg-inside-"));
});
afterEach(() => removeAllContainers());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function host(...args: readonly string[]): Result {
  return run("env", [`PROCG_RUN=${folder}/run`, BINARY, "host", ...args], 30_000);
}

const metric = (container: Container) =>
  JSON.parse(host("metric", "--json", "--wait", "0.1", container.id).stdout);

const row = (container: Container) =>
  JSON.parse(host("list", "--json", "--wait", "0.1", container.id).stdout).containers[0];

describe.skipIf(SKIP !== undefined)("below the container's root", () => {
  test("load averages of the loadcalc inside, in metric, list and serve; gone when it is stale", async () => {
    const container = startContainer({ command: ["procg", "loadcalc"] });
    for (let i = 0; i < 80 && container.exec("test", "-e", "/run/procg/loadavg").status !== 0; i++)
      await sleep(100);
    // A figure that nothing else could give.
    container.output("sh", "-c", "echo '1.25 2.50 3.75 4/5 6' > /run/procg/loadavg");
    expect(metric(container).load).toMatchObject({ load1: 1.25, load15: 3.75, source: "loadcalc" });
    expect(row(container)).toMatchObject({ load1: 1.25, load5: 2.5, load15: 3.75, loadSource: "loadcalc" });
    expect(host("top", "-b", "-n", "1", container.id).stdout).toMatch(/ 1\.25 /);
    container.output("touch", "-d", "@1000", "/run/procg/loadavg");
    expect(row(container)).toMatchObject({ load1: null, loadSource: null });
    expect(metric(container).load).toBeNull();
  });

  test("a link, a FIFO or a device in its place says nothing and is never opened", () => {
    const container = startContainer({ flags: ["--cap-add", "MKNOD"] });
    container.output("mkdir", "-p", "/run/procg");
    for (const plant of [
      "ln -s /proc/loadavg /run/procg/loadavg",
      "mkfifo /run/procg/loadavg",
      "mknod /run/procg/loadavg c 1 5",
      "mkdir /run/procg/loadavg",
      "rm -rf /run/procg; ln -s /proc /run/procg",
    ]) {
      container.output("sh", "-c", `rm -rf /run/procg/loadavg; ${plant}`);
      expect([plant, row(container).load1]).toEqual([plant, null]);
    }
  });

  test("file systems as df shows them inside; open files; interfaces", () => {
    const container = startContainer({
      flags: ["--tmpfs", "/data:size=8m", "-v", `${folder}:/bound:ro`, "--ulimit", "nofile=777:777"],
    });
    const { filesystems, files, network } = metric(container);
    interface Shown {
      readonly target: string;
      readonly sizeBytes: number;
    }
    const inside = container.json("procg", "df", "--json").filesystems as readonly Shown[];
    expect(filesystems.map((each: { mountpoint: string }) => each.mountpoint).sort()).toEqual(
      inside.map((each) => each.target).sort(),
    );
    for (const { target, sizeBytes } of inside) {
      const ours = filesystems.find((each: { mountpoint: string }) => each.mountpoint === target);
      expect([target, ours.sizeBytes]).toEqual([target, sizeBytes]);
    }
    expect(filesystems).toContainEqual(
      expect.objectContaining({ mountpoint: "/data", fsType: "tmpfs", sizeBytes: 8 << 20 }),
    );
    const descriptors = readdirSync(`/proc/${container.pid}/fd`).length;
    expect(files).toEqual({ open: descriptors, limit: 777 });
    expect(network.interfaces).toMatchObject([{ name: "lo", operState: "unknown", mtu: 65536 }]);
  });

  test.skipIf(SKIP !== undefined || !memoryIsV1())("--compat: blkio and freezer as v1's files say", () => {
    const container = startContainer({});
    const compat = JSON.parse(host("metric", "--compat", "--wait", "0.1", container.id).stdout);
    const { folder: freezer } = hostCgroup(container.pid, "freezer");
    const expected: Record<string, string> = {};
    for (const key of ["parent", "self"]) {
      const path = join(freezer, `freezer.${key}_freezing`);
      if (existsSync(path)) expected[`${key}_state`] = readFileSync(path, "utf8").trim();
    }
    expect(compat.freezer_stats).toEqual(expected);
    docker("pause", container.id);
    const paused = JSON.parse(host("metric", "--compat", "--wait", "0.1", container.id).stdout);
    docker("unpause", container.id);
    if (expected.self_state !== undefined) expect(paused.freezer_stats.self_state).toBe("1");
    for (const rows of Object.values(compat.blkio_stats))
      for (const each of rows as readonly object[])
        expect(Object.keys(each)).toEqual(["major", "minor", "op", "value"]);
  });
});

describe.skipIf(SKIP !== undefined)("a container that hangs", () => {
  let dead: ChildProcess[] = [];

  /** A file system that never answers, at `path` in the container. */
  async function hang(container: Container, path: string): Promise<void> {
    const child = spawn(compileProgram("test/e2e/dead_fuse.c"), [`${container.pid}`, path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    dead.push(child);
    await new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("exit", (status) => reject(new Error(`dead_fuse: ${status}`)));
    });
  }
  // What waits for it in the kernel cannot be killed before it is gone.
  afterEach(async () => {
    for (const child of dead) {
      if (child.exitCode !== null) continue;
      const gone = new Promise((resolve) => child.on("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    }
    dead = [];
  });

  function timed(...args: readonly string[]): Result & { readonly seconds: number } {
    const began = performance.now();
    const result = host(...args);
    return { ...result, seconds: (performance.now() - began) / 1000 };
  }

  test("register: each way has its deadline, nothing holds the pipes, the next container is registered", async () => {
    const container = startContainer({});
    const other = startContainer({});
    container.output("mkdir", "-p", "/run/procg");
    await hang(container, "/run/procg/host");
    const result = timed("register", "--timeout", "1", container.id, other.id);
    expect(result).toMatchObject({ status: 1, stdout: expect.stringMatching(/registered by exec/) });
    expect(result.stderr).toMatch(/exec: Connection timed out; procroot: no answer in time\n$/);
    expect(result.seconds).toBeLessThan(6);
    const walked = timed("register", "--timeout", "1", "--ways", "procroot", "--no-openat2", container.id);
    expect(walked.stderr).toMatch(/procroot: no answer in time\n$/);
    expect(walked.seconds).toBeLessThan(4);
  });

  test("metric, list: what hangs is not known, the rest is; a FUSE mount is not even asked", async () => {
    const container = startContainer({ flags: ["--tmpfs", "/data:size=4m"] });
    container.output("mkdir", "-p", "/dead");
    await hang(container, "/dead");
    const beside = metric(container);
    expect(beside.errors.map((each: { code: string }) => each.code)).not.toContain("ETIMEDOUT");
    expect(beside.filesystems.map((each: { mountpoint: string }) => each.mountpoint)).not.toContain("/dead");
    await hang(container, "/run/procg");
    const result = timed("metric", "--json", "--wait", "0.1", container.id);
    expect(result.seconds).toBeLessThan(5);
    const document = JSON.parse(result.stdout);
    expect(document.load).toBeNull();
    expect(document.errors).toContainEqual(
      expect.objectContaining({ section: "filesystems", code: "ETIMEDOUT" }),
    );
    expect(document.filesystems).toContainEqual(expect.objectContaining({ mountpoint: "/data" }));
    expect(document.memory.usageBytes).toBeGreaterThan(0);
    expect(timed("list", "--wait", "0.1", container.id).seconds).toBeLessThan(5);
  });
});
