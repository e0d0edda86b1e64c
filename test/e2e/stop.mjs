/**
 * Stops the dockerd that the end-to-end tests started and removes what it left: mounts, temp folder, cgroups.
 * Works from the state file alone, so that the test runner can call it after vitest was killed.
 *
 * Usage: node test/e2e/stop.mjs
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const STATE_FILE = fileURLToPath(new URL("../../.cache/e2e/state.json", import.meta.url));

/** True while the pid is a process whose command line names `mark`: a pid may have been given to another. */
function isOurs(pid, mark) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
  } catch {
    return false;
  }
}

/** Every process with `mark` in its command line: dockerd, its containerd, the shims. */
function oursByMark(mark) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && isOurs(name, mark))
    .map(Number);
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // gone
  }
}

/** Mount points at or below `folder`, deepest first. */
function mountsBelow(folder) {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length);
}

/**
 * Removes a folder with all in it, mounted or not. dockerd binds its data root over itself where mounts are private, and leaves that behind
 * when it is not ended in peace.
 */
export function removeTree(folder) {
  for (const path of mountsBelow(folder))
    spawnSync("umount", ["-l", path], { stdio: "ignore", timeout: 10_000 });
  rmSync(folder, { recursive: true, force: true });
}

/** Removes a cgroup directory that the tests made, with its children, in every hierarchy. */
export function removeCgroups(name) {
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(" ")[4]);
  const remove = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) remove(join(folder, entry.name));
    }
    rmdirSync(folder);
  };
  for (const point of points) {
    const folder = join(point, name);
    if (!existsSync(folder)) continue;
    try {
      remove(folder);
    } catch {
      // still busy: the caller looks again
    }
  }
  return points.every((point) => !existsSync(join(point, name)));
}

/** At once, instead of dockerd's ten seconds of patience for each. */
function removeContainers(socket) {
  const options = { encoding: "utf8", timeout: 20_000, env: { ...process.env, DOCKER_HOST: socket } };
  const ids = `${spawnSync("docker", ["ps", "-aq"], options).stdout ?? ""}`.trim();
  if (ids !== "") spawnSync("docker", ["rm", "-f", "-v", ...ids.split("\n")], options);
}

/** The pid of another run that is under way with its own dockerd; null when there is none. */
export function otherRun() {
  if (!existsSync(STATE_FILE)) return null;
  const { runner } = JSON.parse(readFileSync(STATE_FILE, "utf8"));
  return runner !== process.pid && isOurs(runner, "vitest") ? runner : null;
}

/** Stops what the state file names, unless its run is still under way; nothing to do without one. */
export async function stopDocker() {
  if (!existsSync(STATE_FILE) || otherRun() !== null) return;
  const state = JSON.parse(readFileSync(STATE_FILE, "utf8"));
  const { pid, folder, dataRoot, cgroup } = state;
  if (pid && isOurs(pid, folder)) removeContainers(`unix://${folder}/docker.sock`);
  if (pid && isOurs(pid, folder)) {
    kill(pid, "SIGTERM");
    for (let i = 0; i < 200 && isOurs(pid, folder); i++) await sleep(50);
  }
  // dockerd leaves containerd and shims behind when it dies hard.
  for (let i = 0; i < 40; i++) {
    const left = oursByMark(folder);
    if (left.length === 0) break;
    for (const each of left) kill(each, "SIGKILL");
    await sleep(50);
  }
  for (let i = 0; i < 40 && !removeCgroups(cgroup); i++) await sleep(50);
  removeTree(folder);
  removeTree(dataRoot);
  rmSync(STATE_FILE, { force: true });
  // Folders of single tests; dockerd's log stays, to be looked at.
  for (const entry of readdirSync(dirname(STATE_FILE), { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(dirname(STATE_FILE), entry.name));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await stopDocker();
