/** procg host register: hidden limits, ways in, hostile containers, another engine. */

import { spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  BINARY,
  cacheFolderOf,
  cgroupParent,
  docker,
  IMAGE_ARCHIVE,
  MIB,
  makeCgroup,
  memoryIsV1,
  program,
  type Result,
  removeAllContainers,
  run,
  startContainer,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const INSTANCE = "/run/procg/host/instance.json";

let folder = "";

function host(...args: readonly string[]): Result {
  return run("env", [`PROCG_RUN=${folder}/run`, BINARY, "host", ...args]);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "procg-host-"));
});
afterEach(() => removeAllContainers());
afterAll(() => {
  removeAllContainers();
  rmSync(folder, { recursive: true, force: true });
});

/** What one container says of its registration. */
function registered(id: string, ...flags: readonly string[]): Record<string, unknown> {
  const result = host("register", "--json", ...flags, id);
  const [row] = JSON.parse(result.stdout).containers;
  return { ...row, status: result.status, stderr: result.stderr };
}

describe.skipIf(SKIP !== undefined)("limits that only the host sees", () => {
  test("free and nproc show the parent's limit after registration, and an upper bound before", () => {
    const parent = `${cgroupParent()}/small-${process.pid}`;
    makeCgroup(parent, { memoryBytes: 160 * MIB });
    // A quota above: v1 refuses a child above its parent, so the container has none of its own.
    const quota = memoryIsV1() ? "/sys/fs/cgroup/cpu" : "/sys/fs/cgroup";
    const [file, text] = memoryIsV1() ? ["cpu.cfs_quota_us", "60000"] : ["cpu.max", "60000 100000"];
    writeFileSync(join(quota, parent, file ?? ""), text ?? "");
    const container = startContainer({
      flags: ["-m", "256m", "--cgroup-parent", parent, "--cpuset-cpus", "0-1"],
    });
    const before = container.json("procg", "nproc", "--json");
    expect(before).toMatchObject({ quotaComplete: false, quotaCores: "max", capacityCores: 2 });
    expect(registered(container.id)).toMatchObject({ way: "exec", status: 0 });
    expect(container.json("procg", "nproc", "--json")).toMatchObject({
      cpus: 1,
      quotaCores: 0.6,
      capacityCores: 0.6,
      quotaComplete: true,
    });
    const free = container.json("procg", "free", "--json");
    expect(free).toMatchObject({
      memory: { limitBytes: 160 * MIB, totalBytes: 160 * MIB, limitComplete: true },
    });
    // Changed behind the engine's back: written again by the next registration.
    writeFileSync(join(quota, parent, file ?? ""), memoryIsV1() ? "40000" : "40000 100000");
    expect(registered(container.id, "--ways", "procroot")).toMatchObject({ way: "procroot", status: 0 });
    expect(container.json("procg", "nproc", "--json")).toMatchObject({ quotaCores: 0.4 });
  });

  test("an image made of a registered container: its old file is ignored", () => {
    const container = startContainer({});
    expect(registered(container.id)).toMatchObject({ status: 0 });
    docker("commit", container.id, "procg-e2e-committed");
    const copy = startContainer({ image: "procg-e2e-committed" });
    expect(copy.output("cat", INSTANCE)).toContain(container.id);
    expect(copy.exec("procg", "doctor", "--json").stdout).toMatch(/another container|init's start differs/);
    docker("rm", "-f", copy.id);
    docker("rmi", "procg-e2e-committed");
  });
});

describe.skipIf(SKIP !== undefined)("ways in", () => {
  const bare = (...flags: readonly string[]) => startContainer({ flags: [...flags, "--user", "1000"] });

  test("a bound directory, also of a container without anything else and with a read-only root", () => {
    const flag = host("prepare", "web-1").stdout.trim().split(" ");
    const container = startContainer({ flags: [...flag, "--read-only"] });
    expect(registered(container.id)).toMatchObject({ way: "bind", status: 0 });
    expect(JSON.parse(container.output("cat", INSTANCE))).toMatchObject({ id: container.id });
    docker("pause", container.id);
    expect(registered(container.id)).toMatchObject({ way: "bind", status: 0 });
    docker("unpause", container.id);
    expect(host("prepare", "../x").status).toBe(1);
  });

  test("exec as root where the container's user is another; readable for that user", () => {
    const container = bare();
    expect(registered(container.id, "--ways", "exec")).toMatchObject({ way: "exec", status: 0 });
    expect(JSON.parse(container.output("cat", INSTANCE))).toMatchObject({ id: container.id });
  });

  test.for([["--timeout=5"], ["--no-openat2"]])(
    "a walk below /proc/PID/root %s: paused, and a tmpfs below a read-only root",
    (extra) => {
      const paused = bare();
      docker("pause", paused.id);
      expect(registered(paused.id, "--ways", "exec,procroot", ...extra)).toMatchObject({
        way: "procroot",
        status: 0,
      });
      docker("unpause", paused.id);
      expect(JSON.parse(paused.output("cat", INSTANCE))).toMatchObject({ id: paused.id });
      const readOnly = bare("--read-only", "--tmpfs", "/run");
      expect(registered(readOnly.id, "--ways", "procroot", ...extra)).toMatchObject({
        way: "procroot",
        status: 0,
      });
      expect(JSON.parse(readOnly.output("cat", INSTANCE))).toMatchObject({ id: readOnly.id });
      const closed = bare("--read-only");
      const refused = registered(closed.id, "--ways", "procroot", ...extra);
      expect(refused).toMatchObject({ way: null, status: 1 });
      expect(`${refused.problems}`).toContain("read-only");
    },
  );

  test("a procg inside that never answers: the deadline, and the next way", () => {
    const container = startContainer({});
    container.output(
      "sh",
      "-c",
      "rm /bin/procg; printf '#!/bin/sh\\nexec sleep 60\\n' > /bin/procg; chmod 755 /bin/procg",
    );
    const began = Date.now();
    const outcome = registered(container.id, "--timeout", "1");
    expect(Date.now() - began).toBeLessThan(6000);
    expect(outcome).toMatchObject({ way: "procroot", problems: ["exec: Connection timed out"] });
  });

  test("by its pid alone; a process of the host is refused", () => {
    const container = startContainer({});
    const none = host("register", "--engine", "none", "--pid", `${container.pid}`);
    expect(none).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(container.output("cat", INSTANCE))).toMatchObject({ id: container.id });
    const own = host("register", "--engine", "none", "--pid", `${process.pid}`);
    expect(own.status).toBe(1);
    expect(own.stderr).toContain("host's mount namespace");
  });

  test("stopped, unknown: one line and status 1", () => {
    const container = startContainer({});
    docker("stop", "-t", "0", container.id);
    expect(registered(container.id)).toMatchObject({ way: null, status: 1 });
    const unknown = host("register", "no-such-container");
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toMatch(/^procg host register: no-such-container: No such container.*\n$/);
  });
});

describe.skipIf(SKIP !== undefined)("nothing is written outside the container", () => {
  /** A folder of the host that a hostile container points at. */
  let outside = "";
  beforeAll(() => {
    outside = mkdtempSync(join(tmpdir(), "procg-outside-"));
    mkdirSync(join(outside, "host"));
  });
  afterAll(() => rmSync(outside, { recursive: true, force: true }));

  const untouched = () => expect(run("find", [outside, "-type", "f"]).stdout).toBe("");

  test.for([
    ["/run is a link", "rm -rf /run; ln -s OUT /run"],
    ["/run/procg is a link", "ln -s OUT /run/procg"],
    ["/run/procg/host is a link", "mkdir -p /run/procg; ln -s OUT/host /run/procg/host"],
    ["a link up and out", "ln -s ../../../../../../../../OUT /run/procg"],
    ["a link through /proc", "ln -s /proc/1/root/OUT /run/procg"],
    ["/run/procg is a FIFO", "mkfifo /run/procg"],
    ["/run/procg/host is a file", "mkdir -p /run/procg; echo x > /run/procg/host"],
  ] as const)("%s: refused by both ways", ([, script]) => {
    // The host's folder is bound too, at the same path: a link that were followed inside would land in it as well.
    const container = startContainer({ flags: ["-v", `${outside}:${outside}`] });
    container.output("sh", "-c", script.replaceAll("OUT", outside));
    for (const ways of ["exec", "procroot", "procroot --no-openat2"]) {
      const outcome = registered(container.id, "--timeout", "2", "--ways", ...ways.split(" "));
      expect(outcome, ways).toMatchObject({ way: null, status: 1 });
    }
    untouched();
  });

  test("the file's name is a link, a FIFO, a folder; the temporary name is a link", () => {
    const container = startContainer({ flags: ["-v", `${outside}:${outside}`] });
    for (const plant of [`ln -s ${outside}/a ${INSTANCE}`, `mkfifo ${INSTANCE}`]) {
      container.output("sh", "-c", `mkdir -p /run/procg/host; rm -f ${INSTANCE}; ${plant}`);
      expect(registered(container.id, "--ways", "procroot")).toMatchObject({ way: "procroot", status: 0 });
      expect(JSON.parse(container.output("cat", INSTANCE))).toMatchObject({ id: container.id });
    }
    container.output("sh", "-c", `rm -f ${INSTANCE}; mkdir ${INSTANCE}`);
    expect(registered(container.id, "--ways", "procroot")).toMatchObject({ way: null, status: 1 });
    untouched();
  });

  test("a folder of the host is bound at /run, /run/procg or /run/procg/host", () => {
    for (const target of ["/run", "/run/procg", "/run/procg/host"]) {
      const container = startContainer({ flags: ["-v", `${outside}:${target}`] });
      expect(registered(container.id)).toMatchObject({ way: null, status: 1 });
      expect(registered(container.id, "--ways", "procroot", "--no-openat2")).toMatchObject({
        way: null,
        status: 1,
      });
      docker("rm", "-f", container.id);
      untouched();
    }
  });

  test("names swapped while it writes, two hundred times", async () => {
    const container = startContainer({ flags: ["-v", `${outside}:${outside}`] });
    const swap =
      `while :; do mkdir -p /run/procg/host; mv /run/procg /run/p2; ln -s ${outside} /run/procg; rm /run/procg; mv /run/p2 /run/procg; ` +
      `mv /run/procg/host /run/h2; ln -s ${outside}/host /run/procg/host; rm /run/procg/host; mv /run/h2 /run/procg/host; done`;
    const swapper = spawn("docker", ["exec", container.id, "sh", "-c", swap], { stdio: "ignore" });
    await sleep(200);
    let written = 0;
    for (let i = 0; i < 200; i++) {
      const flags = i % 2 === 0 ? [] : ["--no-openat2"];
      if (host("register", "--engine", "none", "--pid", `${container.pid}`, ...flags).status === 0) written++;
    }
    swapper.kill();
    // Only what was made by the shell may stand there: links and folders, no file.
    untouched();
    expect(written).toBeGreaterThan(0);
  });

  test("a mount put over the folder while it writes", async () => {
    const container = startContainer({
      flags: [
        ...[
          "--cap-add",
          "SYS_ADMIN",
          "--security-opt",
          "apparmor=unconfined",
          "--security-opt",
          "seccomp=unconfined",
        ],
        ...["-v", `${outside}:${outside}`],
      ],
    });
    container.output("mkdir", "-p", "/run/procg/host");
    const swap = `while :; do mount --bind ${outside} /run/procg; umount /run/procg; mount --bind ${outside}/host /run/procg/host; umount /run/procg/host; done`;
    const swapper = spawn("docker", ["exec", container.id, "sh", "-c", swap], { stdio: "ignore" });
    await sleep(200);
    for (let i = 0; i < 200; i++) {
      const flags = i % 2 === 0 ? [] : ["--no-openat2"];
      host("register", "--engine", "none", "--pid", `${container.pid}`, ...flags);
    }
    swapper.kill();
    untouched();
    expect(
      existsSync("/run/procg/host/instance.json") && lstatSync("/run/procg/host/instance.json").isFile(),
    ).toBe(false);
  });
});

describe.skipIf(SKIP !== undefined || program("podman") === null)("podman", () => {
  const name = `procg-host-podman-${process.pid}`;
  let storage = "";
  let socket = "";
  let service: ReturnType<typeof spawn> | undefined;

  const words = (...args: readonly string[]) => [
    ...[
      "--root",
      join(storage, "root"),
      "--runroot",
      join(folder, "podman"),
      "--tmpdir",
      join(folder, "podman-tmp"),
    ],
    ...[
      "--runtime",
      "runc",
      "--cgroup-manager",
      "cgroupfs",
      "--storage-driver",
      "overlay",
      "--events-backend",
      "file",
    ],
    ...args,
  ];
  const podman = (...args: readonly string[]) => run("podman", words(...args));

  beforeAll(async () => {
    storage = cacheFolderOf("host-podman");
    socket = join(folder, "podman.sock");
    expect(podman("import", "-q", IMAGE_ARCHIVE, "procg-e2e").stderr).toBe("");
    const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000", "--network", "none"];
    const place = ["--cgroup-parent", `${cgroupParent()}/podman-host`, "--name", name, "-m", "128m"];
    const started = podman("run", "-d", ...limits, ...place, "procg-e2e", "sleep", "300");
    expect(started.status, started.stderr).toBe(0);
    service = spawn(program("podman") ?? "", words("system", "service", "--time", "0", `unix://${socket}`), {
      stdio: "ignore",
    });
    for (let i = 0; i < 100 && !existsSync(socket); i++) await sleep(50);
  });
  afterAll(async () => {
    podman("rm", "-f", "-t", "0", name);
    podman("image", "rm", "-af");
    const ended = new Promise((resolve) => service?.on("exit", resolve));
    service?.kill();
    await ended;
    // The service keeps the monitor of an exec for five minutes.
    for (const pid of readdirSync("/proc").filter((each) => /^[0-9]+$/.test(each))) {
      try {
        if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${storage}/root/`))
          process.kill(Number(pid), "SIGKILL");
      } catch {
        // it has ended
      }
    }
    // And binds its storage over itself.
    for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
      const point = line.split(" ")[4] ?? "";
      if (point.startsWith(`${storage}/`)) run("umount", ["-l", point]);
    }
  });

  test("register through its compatible socket; the file is used inside", () => {
    const result = run("env", [
      ...[`PROCG_RUN=${folder}/run`, BINARY, "host", "register", "--engine", `unix://${socket}`, name],
    ]);
    expect(result).toMatchObject({ status: 0, stderr: "" });
    const file = JSON.parse(podman("exec", name, "cat", INSTANCE).stdout);
    expect(file).toMatchObject({ name, runtime: "podman", hiddenLimits: { memoryBytes: "max" } });
    expect(podman("exec", name, "procg", "free", "--json").stdout).toContain(`${128 * MIB}`);
  });

  test.for(["exec", "procroot"])("a user namespace, by %s: the file is root's inside, and used", (way) => {
    const other = `${name}-${way}`;
    const maps = ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536", "--network", "none"];
    const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"];
    const place = ["--cgroup-parent", `${cgroupParent()}/podman-host`, "--name", other, "-m", "64m"];
    const started = podman("run", "-d", ...maps, ...limits, ...place, "procg-e2e", "sleep", "300");
    expect(started.status, started.stderr).toBe(0);
    try {
      const result = run("env", [
        ...[`PROCG_RUN=${folder}/run`, BINARY, "host", "register", "--engine", `unix://${socket}`],
        ...["--ways", way, other],
      ]);
      expect(result).toMatchObject({ status: 0, stderr: "" });
      expect(podman("exec", other, "stat", "-c", "%u:%g %a", INSTANCE).stdout).toBe("0:0 644\n");
      expect(podman("exec", other, "procg", "doctor").stdout).toMatch(/^ok +registration/m);
    } finally {
      podman("rm", "-f", "-t", "0", other);
    }
  });

  test("metric: its limit and its name", () => {
    const result = run("env", [
      ...[
        `PROCG_RUN=${folder}/run`,
        BINARY,
        "host",
        "metric",
        "--json",
        "--engine",
        `unix://${socket}`,
        name,
      ],
    ]);
    expect(JSON.parse(result.stdout)).toMatchObject({
      container: { name, runtime: "podman", state: "running" },
      memory: { limitBytes: 128 * MIB, limitComplete: true },
    });
  });
});

test.skipIf(SKIP !== undefined)("notes of registrations are the host's own", () => {
  const container = startContainer({});
  registered(container.id);
  const note = JSON.parse(readFileSync(`${folder}/run/registered/${container.id}.json`, "utf8"));
  expect(note).toMatchObject({ id: container.id, way: "exec", problems: [] });
});
