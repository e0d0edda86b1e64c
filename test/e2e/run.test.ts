/** Uptime, pause, and the ways in which output can fail, in real containers. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  docker,
  hostMeminfo,
  removeAllContainers,
  run,
  runOnce,
  startContainer,
  waitUntil,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;

afterEach(() => removeAllContainers());
afterAll(() => removeAllContainers());

const uptimeSeconds = (report: Record<string, unknown>) => Number(report.uptimeSeconds);

describe.skipIf(SKIP !== undefined)("uptime in a container", () => {
  test("counts from the start of the container, not of the host", async () => {
    const before = Date.now();
    const container = startContainer();
    const started = Date.now();
    await sleep(2_000);
    const asked = Date.now();
    const seconds = uptimeSeconds(container.json("procg", "uptime", "--json"));
    const answered = Date.now();
    expect(seconds).toBeGreaterThan((asked - started) / 1000 - 0.1);
    expect(seconds).toBeLessThan((answered - before) / 1000 + 0.1);
    expect(container.output("procg", "uptime")).toMatch(
      /^ \d\d:\d\d:\d\d up 0 min, {2}(\?|\d+) users?, {2}load average: -, -, -\n$/,
    );
    // The host has been up for longer than this container.
    expect(Number(container.output("cat", "/proc/uptime").split(" ")[0])).toBeGreaterThan(seconds + 2);
  });

  test("with the host's pid namespace it is still the container's", async () => {
    const before = Date.now();
    const container = startContainer({ flags: ["--pid", "host"] });
    await sleep(1_200);
    const seconds = uptimeSeconds(container.json("procg", "uptime", "--json"));
    expect(seconds).toBeGreaterThan(1);
    expect(seconds).toBeLessThan((Date.now() - before) / 1000 + 0.5);
  });

  test("--host shows the machine's", () => {
    const host = Number(run("cat", ["/proc/uptime"]).stdout.split(" ")[0]);
    const { stdout } = runOnce([], "procg", "uptime", "--json", "--host");
    expect(Math.abs(JSON.parse(stdout).uptimeSeconds - host)).toBeLessThan(5);
  });
});

describe.skipIf(SKIP !== undefined)("while the container changes", () => {
  test("paused and resumed: answers again, with the same limit", async () => {
    const container = startContainer({ flags: ["--memory", "256m"] });
    docker("pause", container.id);
    expect(docker("inspect", "-f", "{{.State.Status}}", container.id)).toBe("paused");
    docker("unpause", container.id);
    await waitUntil(
      "running",
      () => docker("inspect", "-f", "{{.State.Status}}", container.id) === "running",
    );
    expect(container.json("procg", "free", "--json")).toMatchObject({ memory: { limitBytes: 268435456 } });
  });

  test("free -s repeats with the measured time between", () => {
    const container = startContainer({ flags: ["--memory", "256m"] });
    const begin = Date.now();
    const text = container.output("procg", "free", "-k", "-s", "0.5", "-c", "3");
    expect(Date.now() - begin).toBeGreaterThanOrEqual(1_000);
    expect(text.split("\n").filter((line) => line.startsWith("Mem:")).length).toBe(3);
  });

  test("--host is the machine's memory", () => {
    const { stdout } = runOnce(["--memory", "256m"], "procg", "free", "-k", "--host");
    expect(stdout.split("\n")[1]?.split(/\s+/)[1]).toBe(`${hostMeminfo("MemTotal") / 1024}`);
  });
});

describe.skipIf(SKIP !== undefined)("output that cannot be written", () => {
  test.for(["free", "nproc", "uptime"])("%s: closed stdout and /dev/full end with 1 and one line", (tool) => {
    const container = startContainer({ flags: ["--memory", "256m"] });
    const full = container.exec("sh", "-c", `procg ${tool} > /dev/full`);
    expect(full.status).toBe(1);
    expect(full.stderr).toMatch(/^[a-z]+: write error(: No space left on device)?\n$/);
    const closed = container.exec("sh", "-c", `procg ${tool} >&-`);
    expect(closed.status).toBe(1);
    expect(closed.stderr).toMatch(/^[a-z]+: write error(: Bad file descriptor)?\n$/);
  });

  test("a reader that leaves early is no error of the tool's", () => {
    const container = startContainer({ flags: ["--memory", "256m"] });
    const { status, stderr } = container.exec("sh", "-c", "procg free -s 0.05 -c 20 | head -1 > /dev/null");
    expect(status).toBe(0);
    expect(stderr).toBe("");
  });
});
