/** procg why in real containers: each scenario gives its verdict, and no other. All of them stand at the same time. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  BINARY,
  type Container,
  cgroupParent,
  docker,
  hostCgroup,
  MIB,
  makeCgroup,
  program,
  removeAllContainers,
  run,
  runOnce,
  startContainer,
  waitUntil,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;

interface Verdict {
  readonly id: string;
  readonly summary: string;
  readonly evidence: readonly { readonly file: string; readonly figure: string; readonly value: unknown }[];
}

interface Why {
  readonly status: number;
  readonly verdicts: readonly Verdict[];
  readonly consumers: { readonly cpu: readonly { readonly comm: string }[] };
}

const folder = mkdtempSync(join(tmpdir(), "procg-why-"));
let loop: string | null = null;

function whyOf(command: string, args: readonly string[]): Promise<Why> {
  const env = { ...process.env, PROCG_RUN: join(folder, "run") };
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      const status = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
      if (stdout === "") reject(new Error(`${args.join(" ")}: ${status}: ${stderr}`));
      else resolve({ ...JSON.parse(stdout), status });
    });
  });
}

/** The containers of this run against the rest of the machine: what they are made to do must happen on a busy one too. */
function preferContainers(prefer: boolean): void {
  const { version, folder: own } = hostCgroup(the("idle").pid, "cpu");
  const [file, most, usual] =
    version === 1 ? ["cpu.shares", "262144", "1024"] : ["cpu.weight", "10000", "100"];
  writeFileSync(join(dirname(own), `${file}`), prefer ? `${most}` : `${usual}`);
}

/**
 * Asks again, a few times, until it is what is being made to happen: on a starved machine that may come late. What the answer holds besides is
 * for the test to judge.
 */
async function askUntil(id: string, ask: () => Promise<Why>): Promise<Why> {
  for (let i = 1; ; i++) {
    const why = await ask();
    if (why.verdicts[0]?.id === id || i === 4) return why;
  }
}

const inside = (container: Container): Promise<Why> =>
  whyOf("docker", ["exec", container.id, "procg", "why", "--json"]);
const fromHost = (container: Container): Promise<Why> =>
  whyOf(BINARY, ["host", "why", "--json", container.id]);

/** Exactly this verdict, with the exit status that belongs to it. */
function expectOnly(why: Why, id: string): Verdict {
  expect(why.verdicts.map((verdict) => `${verdict.id}: ${verdict.summary}`)).toEqual([
    expect.stringMatching(new RegExp(`^${id}: `)),
  ]);
  expect(why.status).toBe(id === "healthy" ? 0 : 1);
  return why.verdicts[0] as Verdict;
}

function loopDevice(megabytes: number): string | null {
  const losetup = program("losetup");
  if (losetup === null) return null;
  const file = join(folder, "disk");
  writeFileSync(file, Buffer.alloc(megabytes * MIB, 7));
  const made = run(losetup, ["--find", "--show", file]);
  return made.status === 0 ? made.stdout.trim() : null;
}

/** Allocates more than there is, again and again: the shell lives on. */
const GREEDY = ["sh", "-c", "while :; do load -m 300 >/dev/null 2>&1; sleep 0.2; done"];

type Name =
  | "idle"
  | "throttled"
  | "greedy"
  | "orphan"
  | "stuck"
  | "cached"
  | "full"
  | "pressed"
  | "boxed"
  | "io";
const at: Partial<Record<Name, Container>> = {};

function the(name: Name): Container {
  const container = at[name];
  if (container === undefined) throw new Error(`no container ${name}`);
  return container;
}

describe.skipIf(SKIP !== undefined)("procg why", () => {
  beforeAll(async () => {
    const parent = `${cgroupParent()}/why-${process.pid}`;
    makeCgroup(parent, { memoryBytes: 64 * MIB });
    at.idle = startContainer();
    preferContainers(true);
    // So heavy that it meets its quota on a busy machine too.
    at.throttled = startContainer({
      flags: ["--cpus", "0.2", "--cpu-shares", "16384", "--cpuset-cpus", "1"],
    });
    at.greedy = startContainer({ flags: ["-m", "64m"], command: GREEDY });
    at.orphan = startContainer({ flags: ["-m", "256m", "--cgroup-parent", parent], command: GREEDY });
    at.stuck = startContainer();
    at.cached = startContainer({ flags: ["-m", "64m"] });
    at.full = startContainer({ flags: ["-m", "128m"] });
    at.boxed = startContainer({ flags: ["-m", "64m"] });
    at.pressed = startContainer({ flags: ["--cpuset-cpus", "0", "--cpu-shares", "256"] });
    loop = loopDevice(32);
    if (loop !== null) {
      const flags = ["--device", loop, "--device-read-bps", `${loop}:${4 * MIB}`];
      const command = ["sh", "-c", `while :; do dd if=${loop} of=/dev/null bs=256k iflag=direct; done`];
      at.io = startContainer({ flags, command });
    }
    const neighbour = startContainer({ flags: ["--cpuset-cpus", "0", "--cpu-shares", "8192"] });
    await Promise.all([
      the("throttled").load("-b", "2"),
      the("stuck").load("-d"),
      the("full").load("-m", "124"),
      the("pressed").load("-b", "1"),
      neighbour.load("-b", "2"),
    ]);
    the("cached").output(
      "sh",
      "-c",
      "dd if=/dev/zero of=/big bs=1M count=96 conv=fsync && cat /big >/dev/null",
    );
  });

  afterAll(() => {
    if (at.idle !== undefined) preferContainers(false);
    removeAllContainers();
    if (loop !== null) run("losetup", ["-d", loop]);
    rmSync(folder, { recursive: true, force: true });
  });

  test("the black box is not there while all is well", async () => {
    const container = the("boxed");
    const before = container.exec("procg", "why", "--last-oom");
    expect([before.status, before.stderr]).toEqual([2, expect.stringMatching(/loadcalc does not run/)]);
    container.output("procg", "loadcalc", "-d", "--no-listen");
    const calm = container.exec("procg", "why", "--last-oom");
    expect([calm.status, calm.stdout]).toEqual([0, "no OOM kill was recorded\n"]);
    expect(container.exec("ls", "/run/procg/blackbox.json").status).not.toBe(0);
    // Near the limit: what is looked at by the last test.
    await container.load("-m", "58");
  });

  test("in the containers: each its verdict and no other", async () => {
    const registered = run("env", [`PROCG_RUN=${folder}/run`, BINARY, "host", "register", the("orphan").id]);
    expect(registered.status, registered.stderr).toBe(0);
    const [idle, throttled, greedy, orphan, stuck, cached] = await Promise.all([
      askUntil("healthy", () => inside(the("idle"))),
      askUntil("throttled", () => inside(the("throttled"))),
      askUntil("oom", () => inside(the("greedy"))),
      askUntil("oom", () => inside(the("orphan"))),
      askUntil("d-state", () => inside(the("stuck"))),
      askUntil("healthy", () => inside(the("cached"))),
    ]);
    expectOnly(idle, "healthy");
    expectOnly(throttled, "throttled");
    expect(throttled.consumers.cpu[0]?.comm).toBe("load");
    expect(expectOnly(greedy, "oom").summary).toMatch(/by its own limit$/);
    expect(expectOnly(orphan, "oom").summary).toMatch(/by the limit of a hidden parent$/);
    const waiting = expectOnly(stuck, "d-state");
    expect(waiting.evidence.map(({ figure, value }) => [figure, value])).toContainEqual([
      "of them in the same sleep all the time",
      1,
    ]);
    expect(expectOnly(cached, "healthy").summary).toContain("page cache");
  });

  test("from the host: the same, and what cannot be asked inside", async () => {
    const [greedy, orphan, full, pressed, cached] = await Promise.all([
      askUntil("oom", () => fromHost(the("greedy"))),
      askUntil("oom", () => fromHost(the("orphan"))),
      askUntil("oom-near", () => fromHost(the("full"))),
      askUntil("noisy-neighbour", () => fromHost(the("pressed"))),
      askUntil("healthy", () => fromHost(the("cached"))),
    ]);
    expect(expectOnly(greedy, "oom").summary).toMatch(/by its own limit$/);
    // The host sees the parent.
    expect(expectOnly(orphan, "oom").summary).toMatch(
      new RegExp(`the limit of a parent, .*why-${process.pid}$`),
    );
    expectOnly(full, "oom-near");
    expectOnly(pressed, "noisy-neighbour");
    expect(expectOnly(cached, "healthy").summary).toContain("page cache");
    docker("pause", the("stuck").id);
    expectOnly(await fromHost(the("stuck")), "frozen");
    docker("unpause", the("stuck").id);
  });

  test("from the host: one that ends meanwhile takes nothing from the others, one that does not run is told", async () => {
    const ending = startContainer();
    const env = [`PROCG_RUN=${folder}/run`, BINARY, "host", "why"];
    const nameOf = (id: string) => docker("inspect", "-f", "{{.Name}}", id).trim().slice(1);
    const name = nameOf(ending.id);
    const asked = promisify(execFile)("env", [...env, "--json", "-i", "6", the("idle").id, ending.id]);
    setTimeout(() => docker("kill", ending.id), 3000);
    // The one that is left is healthy; of the other nothing can be told.
    const ended = (await asked.catch((error) => error)) as { code: number; stdout: string; stderr: string };
    expect([ended.code, ended.stderr]).toEqual([2, `procg host why: ${name}: it has ended\n`]);
    expect(ended.stdout.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(ended.stdout).container).toBe(nameOf(the("idle").id));
    const stopped = run("env", [...env, the("idle").id, ending.id]);
    expect([stopped.status, stopped.stdout]).toEqual([2, ""]);
    expect(stopped.stderr).toBe(`procg host why: ${name}: it is exited\n`);
  });

  test("a read limit that is reached", async (context) => {
    const { io } = at;
    if (io === undefined) return context.skip("no loop device");
    const verdict = expectOnly(await askUntil("io-limit", () => inside(io)), "io-limit");
    expect(verdict.evidence[0]?.value).toBe(4 * MIB);
  });

  test("no task more may be made: pids-limit", () => {
    // The last but one sleep lets the others come to rest, on a busy machine too.
    const forks = "i=0; while [ $i -lt 38 ]; do sleep 600 & i=$((i+1)); done; sleep 1; sleep 600 &";
    const script = `${forks} exec procg why --json`;
    const { stdout, status } = runOnce(["--pids-limit", "40"], "sh", "-c", script);
    expectOnly({ ...JSON.parse(stdout), status }, "pids-limit");
  });

  test("the black box says after an OOM kill what held the memory", async () => {
    const container = the("boxed");
    const box = () => container.exec("cat", "/run/procg/blackbox.json").stdout;
    await waitUntil("an entry near the limit", () => box().includes('"reason":"memory"'));
    expect(container.exec("load", "-m", "200").status).not.toBe(0);
    await waitUntil("the kill", () => /"ooms":\[\{"kills":\d+,"before":\{/.test(box()));
    const told = container.exec("procg", "why", "--last-oom");
    expect(told.status).toBe(1);
    expect(told.stdout).toMatch(/^oom: \d+ kills? in the seconds before /);
    expect(told.stdout).toMatch(/s before: usage .*\n +load \(\d+\) 58Mi/);
    expect(container.exec("procg", "why", "-i", "0.5").stdout).toMatch(/^oom: .*\(at 20/);
  });
});
