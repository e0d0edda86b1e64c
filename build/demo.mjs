/**
 * The demonstration of `npm start`: the system's free, nproc and uptime beside procg's, in a limited container.
 *
 * As root: a process tree in a cgroup of its own (256 MiB, 0.5 CPU, one CPU of the set) and in new pid, mount, cgroup
 * and uts namespaces, with a known load. Otherwise: the replay of a bundled capture of a real container.
 * Whatever it makes it removes, also after Ctrl-C and after a failure.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { compileProgram } from "./programs.mjs";
import { isRoot, ROOT, SetupError, which } from "./setup.mjs";

const PROCG = join(ROOT, "dist/procg");
const MIB = 1024 * 1024;
const LIMIT_BYTES = 256 * MIB;
const PREFIX = "procg-demo-";
const TMPFS_MAGIC = 0x01021994;

const print = (text = "") => process.stdout.write(`${text}\n`);
const readTrimmed = (path) => readFileSync(path, "utf8").trim();

/** Why the live demonstration cannot be made; the message says it to the user. */
class CannotRunLive extends Error {}

// --- cgroups ------------------------------------------------------------------------------------------------------

/** The cgroup mounts of this machine: mount point, version, controllers (v1). */
function cgroupMounts() {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" - "))
    .map(([before = "", after = ""]) => ({
      point: before.split(" ")[4] ?? "",
      writable: (before.split(" ")[5] ?? "").split(",").includes("rw"),
      type: after.split(" ")[0],
      controllers: (after.split(" ")[2] ?? "").split(","),
    }))
    .filter((mount) => mount.type === "cgroup" || mount.type === "cgroup2");
}

/**
 * Where each controller lives: v1 mount when there is one, else v2 when it is handed down there.
 * @returns {Map<string, { version: 1 | 2, point: string }>}
 */
function controllerHomes() {
  const mounts = cgroupMounts();
  const homes = new Map();
  const unified = mounts.find((mount) => mount.type === "cgroup2");
  const handedDown = unified ? readTrimmed(join(unified.point, "cgroup.subtree_control")).split(" ") : [];
  for (const controller of ["memory", "cpu", "cpuacct", "cpuset", "pids"]) {
    const v1 = mounts.find((mount) => mount.type === "cgroup" && mount.controllers.includes(controller));
    if (v1 !== undefined) homes.set(controller, { version: 1, point: v1.point });
    else if (unified !== undefined && handedDown.includes(controller)) {
      homes.set(controller, { version: 2, point: unified.point });
    }
  }
  for (const needed of ["memory", "cpu"]) {
    const home = homes.get(needed);
    if (home === undefined) throw new CannotRunLive(`no ${needed} controller to make a cgroup in`);
    const mount = mounts.find((each) => each.point === home.point);
    if (mount?.writable !== true) throw new CannotRunLive(`${home.point} is mounted read-only`);
  }
  return homes;
}

/** Removes directories of earlier demonstrations that were killed: theirs by name, empty, their maker gone. */
function sweep(points) {
  for (const point of points) {
    for (const name of readdirSync(point)) {
      const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : Number.NaN;
      if (!Number.isInteger(pid) || existsSync(`/proc/${pid}`)) continue;
      try {
        rmdirSync(join(point, name));
      } catch {
        // somebody lives in it: not ours to end
      }
    }
  }
}

/** One CPU that we may use, and the memory nodes of the parent. */
function oneCpu() {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return allowed.split(",").at(-1)?.split("-").at(-1) ?? "0";
}

/**
 * Makes the cgroup in each hierarchy.
 * @returns {Map<string, string>} mount point -> the new directory
 */
function makeCgroups(homes) {
  const name = `${PREFIX}${process.pid}`;
  const points = new Set([...homes.values()].map((home) => home.point));
  sweep(points);
  const folders = new Map();
  for (const point of points) {
    const folder = join(point, name);
    mkdirSync(folder);
    folders.set(point, folder);
  }
  return folders;
}

/** Writes the limits; returns the files by which the user can check them. */
function setLimits(homes, folders) {
  const file = (controller, name) => join(folders.get(homes.get(controller).point), name);
  const set = (path, text) => writeFileSync(path, text);
  const files = {};
  if (homes.get("memory").version === 1) {
    set(file("memory", "memory.limit_in_bytes"), `${LIMIT_BYTES}`);
    const withSwap = file("memory", "memory.memsw.limit_in_bytes");
    if (existsSync(withSwap)) set(withSwap, `${LIMIT_BYTES}`);
    files.memoryLimit = file("memory", "memory.limit_in_bytes");
    files.memoryUsage = file("memory", "memory.usage_in_bytes");
  } else {
    set(file("memory", "memory.max"), `${LIMIT_BYTES}`);
    const swap = file("memory", "memory.swap.max");
    if (existsSync(swap)) set(swap, "0");
    files.memoryLimit = file("memory", "memory.max");
    files.memoryUsage = file("memory", "memory.current");
  }
  files.memoryStat = file("memory", "memory.stat");
  if (homes.get("cpu").version === 1) {
    set(file("cpu", "cpu.cfs_period_us"), "100000");
    set(file("cpu", "cpu.cfs_quota_us"), "50000");
    files.quota = [file("cpu", "cpu.cfs_quota_us"), file("cpu", "cpu.cfs_period_us")];
  } else {
    set(file("cpu", "cpu.max"), "50000 100000");
    files.quota = [file("cpu", "cpu.max")];
  }
  const cpuset = homes.get("cpuset");
  if (cpuset !== undefined) {
    if (cpuset.version === 1)
      set(file("cpuset", "cpuset.mems"), readTrimmed(join(cpuset.point, "cpuset.mems")));
    set(file("cpuset", "cpuset.cpus"), oneCpu());
    files.cpuset = file("cpuset", "cpuset.cpus");
  }
  return files;
}

async function removeFolders(folders) {
  for (const folder of folders.values()) {
    // A cgroup stays busy until its last process has been reaped.
    for (let i = 0; i < 100 && existsSync(folder); i++) {
      try {
        rmdirSync(folder);
      } catch {
        await sleep(30);
      }
    }
    if (existsSync(folder))
      process.stderr.write(`demo: ${folder} could not be removed: it is still in use\n`);
  }
}

// --- the live demonstration ---------------------------------------------------------------------------------------

/** A folder on a disk, not on tmpfs, whose pages could not be dropped. */
function diskFolder() {
  for (const parent of [tmpdir(), "/var/tmp", ROOT]) {
    try {
      if (statfsSync(parent).type !== TMPFS_MAGIC) return mkdtempSync(join(parent, PREFIX));
    } catch {
      // next
    }
  }
  throw new CannotRunLive("no folder on a disk for temporary files");
}

/** Mount point on this machine -> name below /sys/fs/cgroup in the container; "." is that folder itself. */
function viewNames(homes) {
  const controllersAt = new Map();
  for (const [controller, home] of homes) {
    controllersAt.set(home.point, [...(controllersAt.get(home.point) ?? []), controller]);
  }
  const names = new Map();
  for (const [point, controllers] of controllersAt) {
    const v2 = homes.get(controllers[0]).version === 2;
    names.set(point, v2 ? (controllersAt.size === 1 ? "." : "unified") : controllers.join(","));
  }
  return names;
}

/** Lines for build/demo_inside.sh: name below /sys/fs/cgroup, and the directory to show there. */
function viewLines(homes, folders) {
  return [...viewNames(homes)].map(([point, name]) => `${name} ${folders.get(point)}\n`).join("");
}

/** Starts the namespaces and collects the output, up to the line "@ end". */
function startInside(folder, homes, folders, onChild) {
  writeFileSync(join(folder, "cgroups"), viewLines(homes, folders));
  const file = join(folder, "file");
  const enter = [...folders.values()].map((each) => `echo $$ > '${each}/cgroup.procs'`).join(" && ");
  const inside = fileURLToPath(new URL("demo_inside.sh", import.meta.url));
  const taskset = homes.has("cpuset") ? [] : ["taskset", "-c", oneCpu()];
  const setpriv = which("setpriv") === null ? [] : ["setpriv", "--pdeathsig", "KILL"];
  const unshare = ["unshare", "--fork", "--kill-child", "--pid", "--mount", "--cgroup", "--uts", "--ipc"];
  const shell = ["--propagation", "private", "--mount-proc", "sh", inside];
  const load = compileProgram("test/e2e/load.c");
  const child = spawn(
    "sh",
    [
      "-c",
      `${enter} && exec "$@"`,
      "sh",
      ...setpriv,
      ...taskset,
      ...unshare,
      ...shell,
      folder,
      load,
      PROCG,
      file,
    ],
    { stdio: ["pipe", "pipe", "pipe"], detached: true, cwd: folder },
  );
  onChild(child);
  return new Promise((resolve, reject) => {
    const sections = new Map();
    let current = [];
    let errors = "";
    const timer = setTimeout(() => reject(new CannotRunLive("the container did not answer in 60 s")), 60_000);
    child.stderr.on("data", (bytes) => {
      errors += bytes;
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === "@ end") {
        clearTimeout(timer);
        resolve(sections);
      } else if (line.startsWith("@ ")) {
        current = [];
        sections.set(line.slice(2), current);
      } else current.push(line);
    });
    child.on("error", (error) => reject(new CannotRunLive(error.message)));
    child.on("exit", (status) => {
      clearTimeout(timer);
      const last = errors.trim().split("\n").at(-1);
      reject(new CannotRunLive(last || `the container ended with ${status}`));
    });
  });
}

/** The files' names as the container sees them: its own directory is the mount point there. */
function insideNames(homes, folders) {
  const names = viewNames(homes);
  return (path) => {
    for (const [point, folder] of folders) {
      const name = names.get(point);
      if (path.startsWith(`${folder}/`)) {
        return `/sys/fs/cgroup/${name === "." ? "" : `${name}/`}${path.slice(folder.length + 1)}`;
      }
    }
    return path;
  };
}

/** What the kernel's files say, a line per fact: the file, as the container sees it, and its value. */
function memoryTruth(files, inside) {
  const stat = Object.fromEntries(
    readTrimmed(files.memoryStat)
      .split("\n")
      .map((line) => line.split(" ")),
  );
  const v1 = "total_rss" in stat;
  const key = (v1Name, v2Name) => (v1 ? v1Name : v2Name);
  const value = (name) => Number(stat[name]);
  const usage = Number(readTrimmed(files.memoryUsage));
  const limit = Number(readTrimmed(files.memoryLimit));
  const active = key("total_active_file", "active_file");
  const inactive = key("total_inactive_file", "inactive_file");
  const anonymous = key("total_rss", "anon");
  const reclaimable = value(active) + value(inactive) + (v1 ? 0 : value("slab_reclaimable"));
  const mib = (bytes) => `${(bytes / MIB).toFixed(0)} MiB`;
  return [
    `total ${mib(limit)}: ${inside(files.memoryLimit)} = ${limit}`,
    `usage ${mib(usage)}: ${inside(files.memoryUsage)} = ${usage}`,
    `anonymous ${mib(value(anonymous))}: ${inside(files.memoryStat)}, ${anonymous} = ${value(anonymous)}`,
    `can be dropped ${mib(reclaimable)}: same file, ${inactive} = ${value(inactive)}, ${active} = ${value(active)}`,
    `available = limit - usage + what can be dropped = ${mib(limit - usage + reclaimable)}`,
  ];
}

function cpuTruth(files, inside) {
  const fact = (path) => `${inside(path)} = ${readTrimmed(path)}`;
  const quota = files.quota.map(fact).join(", ");
  const set = files.cpuset === undefined ? "affinity set by taskset" : fact(files.cpuset);
  return [`half a CPU: ${quota}`, `one CPU of the set: ${set}`, "nproc never says less than 1"];
}

function uptimeTruth(seconds) {
  return [
    `the container's init started ${seconds.toFixed(0)} s ago: /proc/uptime minus field 22 of /proc/1/stat inside`,
    "its load: not known until loadcalc runs in it; the one above is the host's",
  ];
}

function show(title, system, ours, truth, by) {
  print(`--- ${title} ${"-".repeat(Math.max(0, 96 - title.length))}`);
  const block = (label, lines) => {
    lines.forEach((line, i) => {
      print(`${(i === 0 ? label : "").padEnd(8)} ${line}`);
    });
  };
  block(by, system);
  block("procg", ours);
  block("truth", truth);
  print();
}

async function live() {
  for (const program of ["unshare", "mount", "umount"]) {
    if (which(program) === null) throw new CannotRunLive(`no ${program} (package util-linux, mount)`);
  }
  let child = null;
  let folders = new Map();
  let folder = null;
  const clean = async () => {
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await Promise.race([gone, sleep(5_000, undefined, { ref: false })]);
    }
    await removeFolders(folders);
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  };
  let interrupted = false;
  const onSignal = async (signal) => {
    if (interrupted) return;
    interrupted = true;
    await clean();
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal);
  try {
    const homes = controllerHomes();
    folder = diskFolder();
    folders = makeCgroups(homes);
    const files = setLimits(homes, folders);
    const versions = [...homes].map(([controller, home]) => `${controller} v${home.version}`).join(", ");
    print(
      "A container on this machine: 256 MiB, 0.5 CPU, one CPU of the set; new pid, mount, cgroup and uts namespaces.",
    );
    print(`Load: 100 MB anonymous, a 60 MB file read, two busy threads. Controllers: ${versions}.`);
    print();
    const started = process.hrtime.bigint();
    const sections = await startInside(folder, homes, folders, (each) => {
      child = each;
    });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const inside = insideNames(homes, folders);
    const lines = (name) => sections.get(name) ?? ["(nothing)"];
    show("free -m", lines("system free"), lines("procg free"), memoryTruth(files, inside), "system");
    show("nproc", lines("system nproc"), lines("procg nproc"), cpuTruth(files, inside), "system");
    show("uptime", lines("system uptime"), lines("procg uptime"), uptimeTruth(seconds), "system");
  } catch (error) {
    // The signal's handler ends the process once it has cleaned up.
    if (interrupted) await new Promise(() => {});
    // A refused mkdir or write of a limit: the machine does not let us make cgroups.
    if (error?.syscall !== undefined) throw new CannotRunLive(error.message);
    throw error;
  } finally {
    await clean();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, onSignal);
  }
}

// --- the replay ---------------------------------------------------------------------------------------------------

const CAPTURE = "docker-v1-private";

/** Unpacks the bundled capture; the script prints the folder as its last line. */
function unpackCapture(name) {
  const result = spawnSync(
    process.execPath,
    [join(ROOT, "build/run_ts.mjs"), join(ROOT, "test/e2e/unpack_capture.ts"), name],
    { encoding: "utf8", timeout: 60_000, cwd: ROOT },
  );
  if (result.status !== 0)
    throw new SetupError(`demo: cannot unpack the capture ${name}: ${result.stderr.trim().split("\n")[0]}`);
  return result.stdout.trim().split("\n").at(-1);
}

function replay(why) {
  print(
    `Not live (${why}): this is the replay of a capture of a real container (${CAPTURE}), bundled with the project.`,
  );
  print("That container had 256 MiB, 0.5 CPU, CPU 1 of two; its load: 120 MiB anonymous, two busy threads.");
  print("The classic tools read the host's /proc: `--host` prints what they printed there.");
  print();
  const folder = unpackCapture(CAPTURE);
  const step = join(folder, "t0");
  const run = (...args) => {
    const result = spawnSync(PROCG, args, { encoding: "utf8", timeout: 20_000 });
    return `${result.stdout}${result.stderr}`.trimEnd().split("\n");
  };
  const value = (path) => `${path} = ${readTrimmed(join(step, path))}`;
  const group = "/sys/fs/cgroup";
  const memory = [`total 256 MiB: ${value(`${group}/memory/memory.limit_in_bytes`)}`];
  memory.push(`usage: ${value(`${group}/memory/memory.usage_in_bytes`)}`);
  const cpu = [
    `half a CPU: ${value(`${group}/cpu/cpu.cfs_quota_us`)}, ${value(`${group}/cpu/cpu.cfs_period_us`)}`,
    `one CPU of the set: ${value(`${group}/cpuset/cpuset.cpus`)}`,
  ];
  const startTicks = readTrimmed(join(step, "proc/1/stat"))
    .replace(/^.*\) /, "")
    .split(" ")[19];
  const uptime = [
    `/proc/uptime = ${readTrimmed(join(step, "proc/uptime"))}; field 22 of /proc/1/stat = ${startTicks} ticks`,
  ];
  for (const [args, truth] of [
    [["free", "-m"], memory],
    [["nproc"], cpu],
    [["uptime"], uptime],
  ]) {
    const [tool, ...options] = args;
    const host = run(tool, ...options, "--replay", folder, "--host");
    show(args.join(" "), host, run(tool, ...options, "--replay", folder), truth, "--host");
  }
}

export async function demo() {
  try {
    if (process.env.PROCG_DEMO === "replay") throw new CannotRunLive("PROCG_DEMO=replay");
    if (process.platform !== "linux") throw new CannotRunLive("not Linux");
    if (!isRoot()) throw new CannotRunLive("not root");
    await live();
  } catch (error) {
    if (!(error instanceof CannotRunLive)) throw error;
    replay(error.message);
  }
  print("More: dist/procg free --explain, dist/procg doctor, npm test.");
}
