/**
 * What the other scripts need before they can work: installs what is missing, says so in one line each, and is quick
 * when nothing is. Depends on nothing but Node itself, because node_modules may not be there yet.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** A failure that is one line for the user, without a stack. */
export class SetupError extends Error {}

/** Full path of a program, or null. */
export function which(program) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    if (folder === "") continue;
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not here
    }
  }
  return null;
}

export const isRoot = () => process.getuid?.() === 0;

let listsUpdated = false;

/**
 * Installs Debian packages. Null: done; else why not, in a few words.
 * @param {readonly string[]} packages
 */
export function installPackages(packages) {
  if (process.env.PROCG_NO_INSTALL === "1") return "PROCG_NO_INSTALL=1";
  if (!isRoot()) return "not root";
  const aptGet = which("apt-get");
  if (aptGet === null) return "no apt-get";
  process.stdout.write(`setup: apt-get install ${packages.join(" ")}\n`);
  const options = { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8", timeout: 300_000 };
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  if (!listsUpdated) {
    listsUpdated = true;
    spawnSync(aptGet, ["-q", "update"], { ...options, env });
  }
  let last = "";
  // A mirror that hiccups once is common; a second failure is an answer.
  for (let attempt = 0; attempt < 2; attempt++) {
    const result = spawnSync(aptGet, ["-q", "install", "-y", "--no-install-recommends", ...packages], {
      ...options,
      env,
    });
    if (result.status === 0) return null;
    const errors = `${result.stderr ?? ""}`.split("\n").filter((line) => line.startsWith("E:"));
    last = errors[0] ?? result.error?.message ?? `apt-get ended with ${result.status ?? result.signal}`;
  }
  return last;
}

/** npm ci when node_modules is missing or was made from another package-lock.json. */
function ensureNodeModules() {
  const lockFile = join(ROOT, "package-lock.json");
  const modules = join(ROOT, "node_modules");
  const stamp = join(modules, ".procg-lock");
  const sum = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  const installed = join(modules, ".package-lock.json");
  if (existsSync(stamp)) {
    if (readFileSync(stamp, "utf8") === sum && existsSync(installed)) return;
  } else if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs) {
    writeFileSync(stamp, sum);
    return;
  }
  const npm = which("npm");
  if (npm === null) throw new SetupError("setup: npm is missing: install Node.js >= 20.19 with npm");
  process.stdout.write("setup: npm ci --ignore-scripts (node_modules)\n");
  const run = () =>
    spawnSync(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
      timeout: 600_000,
    });
  let result = run();
  if (result.status !== 0) result = run();
  if (result.status !== 0) {
    // "npm error code EXYZ" comes first and says little; the reason is the next line with text.
    const lines = `${result.stderr ?? ""}`.split("\n").filter((line) => /^npm (error|ERR!) ./.test(line));
    const reason = lines.find((line) => !/^npm \S+ (code|errno|syscall) /.test(line)) ?? lines[0];
    throw new SetupError(
      `setup: npm ci failed: ${(reason ?? result.error?.message ?? `status ${result.status}`).trim()}`,
    );
  }
  writeFileSync(stamp, sum);
}

/** Whether `compiler` can make a static executable: needs the static C library too. */
function linksStatically(compiler) {
  const result = spawnSync(compiler, ["-static", "-x", "c", "-o", "/dev/null", "-"], {
    input: "int main(void){return 0;}",
    stdio: ["pipe", "ignore", "ignore"],
    timeout: 30_000,
  });
  return result.status === 0;
}

/**
 * The C compiler for the target: `{command, libc}`; null when there is none. musl first: its executable is
 * smaller and needs nothing at run time; a static glibc link is the stopgap.
 * @returns {{command: string, libc: "musl" | "glibc"} | null}
 */
export function findCompiler() {
  const musl = which("musl-gcc");
  if (musl !== null && which("gcc") !== null) return { command: musl, libc: "musl" };
  for (const name of ["gcc", "cc", "clang"]) {
    const path = which(name);
    if (path !== null && linksStatically(path)) return { command: path, libc: "glibc" };
  }
  return null;
}

function ensureCompiler() {
  if (which("musl-gcc") !== null && which("gcc") !== null) return;
  const why = installPackages(["musl-tools", "gcc", "libc6-dev"]);
  const found = findCompiler();
  if (found === null) {
    throw new SetupError(
      `setup: no C compiler: install the package musl-tools (Debian, Ubuntu: apt-get install musl-tools gcc)${
        why === null ? "" : `; not installed here: ${why}`
      }`,
    );
  }
  if (found.libc === "glibc") {
    process.stdout.write(
      `setup: musl-gcc is missing (package musl-tools${why === null ? "" : `; not installed here: ${why}`}): ` +
        `static glibc link with ${found.command}\n`,
    );
  }
}

function ensureEngine() {
  const folder = process.env.QUICKJS_DIR ?? join(ROOT, "node_modules/qjsc/deps/quickjs_2021_03_27");
  if (!existsSync(join(folder, "quickjs.c"))) {
    throw new SetupError(`setup: no QuickJS sources in ${folder}: run npm ci, or set QUICKJS_DIR`);
  }
}

const PARTS = { node_modules: ensureNodeModules, compiler: ensureCompiler, engine: ensureEngine };

/**
 * Makes sure that the named parts are there. Throws SetupError (one line) when one cannot be had.
 * @param {readonly (keyof typeof PARTS)[]} parts
 */
export function ensure(parts) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`setup: Node.js ${process.versions.node} is too old: 20.19 or newer is needed`);
  }
  for (const part of parts) PARTS[part]();
}

/** Runs main; a SetupError is one line and exit 1. */
export async function runScript(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(() => ensure(["node_modules", "compiler", "engine"]));
}
