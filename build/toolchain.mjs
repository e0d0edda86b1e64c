/**
 * Which C compiler builds for which target, and compiling one object through a cache.
 */
import { execFile, execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

export const run = promisify(execFile);

const PROJECT = join(import.meta.dirname, "..");

/** A message for people; the build prints it in one line and exits 1. */
export class BuildError extends Error {}

/**
 * @typedef {object} Toolchain
 * @property {string} compiler
 * @property {readonly string[]} compileFlags
 * @property {readonly string[]} linkFlags
 * @property {string} version   first line of --version
 * @property {string | null} notice   a line for the user, or null
 */

/** @param {string} compiler @returns {string | null} */
function compilerVersion(compiler) {
  try {
    return execFileSync(compiler, ["--version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).split("\n")[0];
  } catch {
    return null;
  }
}

/** @param {readonly string[]} candidates */
function firstCompiler(candidates) {
  for (const compiler of candidates) {
    const version = compilerVersion(compiler);
    if (version !== null) return { compiler, version };
  }
  return null;
}

const STATIC = ["-static", "-s"];

/**
 * The compiler for what ships.
 * @param {"x64" | "arm64"} target
 * @param {{ sanitize: boolean, unstripped: boolean }} options
 * @returns {Toolchain}
 */
export function targetToolchain(target, { sanitize, unstripped }) {
  const native = target === (process.arch === "arm64" ? "arm64" : "x64");
  // RELRO is padded to pages of 64 KiB there (50 kB of zeros), and musl does not apply it in a static executable.
  const padding = target === "arm64" ? ["-Wl,-z,norelro"] : [];
  const linkFlags = [...(unstripped ? ["-static"] : STATIC), ...padding];
  if (sanitize) {
    if (!native) throw new BuildError("--sanitize builds for this machine only");
    const found = firstCompiler([process.env.CC ?? "gcc", "clang"]);
    if (found === null) throw new BuildError("no C compiler: apt-get install gcc (or clang)");
    // No recovery: the first finding ends the program, so that a test cannot pass over it.
    const compileFlags = ["-g", "-fno-omit-frame-pointer", "-fsanitize=address", "-fno-sanitize-recover=all"];
    return { ...found, compileFlags, linkFlags: ["-fsanitize=address,undefined"], notice: null };
  }
  if (process.env.CC) {
    const found = firstCompiler([process.env.CC]);
    if (found === null) throw new BuildError(`CC=${process.env.CC} cannot be run`);
    return { ...found, compileFlags: [], linkFlags, notice: null };
  }
  const musl = target === "arm64" ? "aarch64-linux-musl-gcc" : "x86_64-linux-musl-gcc";
  const gnu = target === "arm64" ? "aarch64-linux-gnu-gcc" : "x86_64-linux-gnu-gcc";
  const found = firstCompiler(native ? ["musl-gcc", musl] : [musl]);
  if (found !== null) return { ...found, compileFlags: [], linkFlags, notice: null };
  const fallback = firstCompiler(native ? ["gcc", gnu] : [gnu]);
  const muslPackages = native
    ? "musl-tools"
    : `gcc-${target === "arm64" ? "aarch64" : "x86-64"}-linux-gnu musl-dev:${target === "arm64" ? "arm64" : "amd64"}`;
  if (fallback === null) throw new BuildError(`no C compiler for ${target}: apt-get install ${muslPackages}`);
  const notice = `no musl compiler for ${target}: linking statically against glibc with ${fallback.compiler} (larger; apt-get install ${muslPackages})`;
  return { ...fallback, compileFlags: [], linkFlags, notice };
}

/** The compiler for programs that run during the build. @returns {Toolchain} */
export function buildToolchain() {
  const found = firstCompiler([process.env.BUILD_CC ?? "gcc", "cc", "clang", "musl-gcc"]);
  if (found === null) throw new BuildError("no C compiler: apt-get install gcc musl-tools");
  return { ...found, compileFlags: [], linkFlags: [], notice: null };
}

/** @param {...(string | Buffer)} parts */
export function hashOf(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/** Hash over all .c and .h files of a folder: any change there makes every object anew. @param {string} folder */
export function hashOfSources(folder) {
  const names = readdirSync(folder)
    .filter((name) => /\.[ch]$/.test(name))
    .sort();
  return hashOf(...names.flatMap((name) => [name, readFileSync(join(folder, name))]));
}

/**
 * Compiles `source`, or takes the object from the cache. Builds that run at the same time do not disturb each other.
 * @param {Toolchain} toolchain
 * @param {string} source
 * @param {readonly string[]} flags
 * @param {string} inputsHash   of everything that the source includes
 * @param {string} cacheFolder
 * @returns {Promise<string>} path of the object
 */
export async function compileObject(toolchain, source, flags, inputsHash, cacheFolder) {
  const allFlags = [...flags, ...toolchain.compileFlags];
  // Where the project lies makes no difference to an object (-ffile-prefix-map): copies of it may share a cache.
  const keyed = allFlags.map((flag) => flag.replaceAll(PROJECT, "."));
  const key = hashOf(toolchain.compiler, toolchain.version, readFileSync(source), inputsHash, ...keyed);
  const object = join(cacheFolder, `${key}.o`);
  if (existsSync(object)) return object;
  mkdirSync(cacheFolder, { recursive: true });
  const partial = join(cacheFolder, `${key}.${randomBytes(6).toString("hex")}.part`);
  try {
    const { stderr } = await run(toolchain.compiler, [...allFlags, "-c", source, "-o", partial]);
    if (stderr !== "") process.stderr.write(stderr);
    renameSync(partial, object);
  } catch (error) {
    rmSync(partial, { force: true });
    const text = /** @type {{ stderr?: string }} */ (error).stderr ?? String(error);
    throw new BuildError(`${toolchain.compiler}: ${source} does not compile\n${text}`);
  }
  return object;
}
