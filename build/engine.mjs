/**
 * The engine: where its sources are, whether they are the pinned ones, and its objects.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError, compileObject, hashOfSources } from "./toolchain.mjs";

/**
 * @typedef {object} Engine
 * @property {string} folder
 * @property {readonly string[]} sources
 * @property {readonly string[]} defines   for the engine, the host and the bytecode compiler alike
 * @property {string} hash   of all its sources
 */

/**
 * Features by looking at quickjs.h, not at version numbers: a fork or a later release then builds too.
 * @param {string} root
 * @returns {Engine}
 */
export function locateEngine(root) {
  const other = process.env.QUICKJS_DIR;
  const folder = other ?? join(root, "node_modules/qjsc/deps/quickjs_2021_03_27");
  if (!existsSync(join(folder, "quickjs.c"))) {
    throw new BuildError(
      other === undefined
        ? "the engine's sources are missing: npm ci --ignore-scripts"
        : `QUICKJS_DIR=${other}: no quickjs.c there`,
    );
  }
  if (other === undefined) checkSums(folder, join(root, "build/quickjs.sha256"));

  const header = readFileSync(join(folder, "quickjs.h"), "utf8");
  const version = readFileSync(join(folder, "VERSION"), "utf8").trim();
  const defines = ["-D_GNU_SOURCE", `-DCONFIG_VERSION="${version}"`];
  const sources = ["quickjs.c", "libregexp.c", "libunicode.c", "cutils.c"];
  if (existsSync(join(folder, "dtoa.c"))) {
    sources.push("dtoa.c");
  }
  // Without CONFIG_BIGNUM (docs/adr/0004): no BigInt, 33 KB less, 130 KB less resident. Whatever is defined here must be equal for the
  // engine, the host and the bytecode compiler, or version byte and atom numbers differ.
  if (header.includes("JS_SetStripInfo")) defines.push("-DENGINE_HAS_STRIP_INFO");
  if (header.includes("JS_PromiseState")) defines.push("-DENGINE_HAS_MODULE_PROMISE");
  if (header.includes("JS_AddIntrinsicWeakRef")) defines.push("-DENGINE_HAS_WEAK_REF");
  return { folder, sources, defines, hash: hashOfSources(folder) };
}

/**
 * Compares every listed file with its sum.
 * @param {string} folder
 * @param {string} sumsPath
 */
export function checkSums(folder, sumsPath) {
  for (const line of readFileSync(sumsPath, "utf8").split("\n")) {
    const match = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line);
    if (match === null) continue;
    const [, sum, name] = match;
    const actual = createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
    if (actual !== sum)
      throw new BuildError(`${name} of the engine is not the pinned one: ${actual}, expected ${sum}`);
  }
}

/**
 * @param {Engine} engine
 * @param {import("./toolchain.mjs").Toolchain} toolchain
 * @param {readonly string[]} flags
 * @param {string} cacheFolder
 */
export function compileEngine(engine, toolchain, flags, cacheFolder) {
  const all = [
    "-fwrapv",
    "-funsigned-char",
    "-w",
    "-ffunction-sections",
    "-fno-asynchronous-unwind-tables",
    // The default on arm64 of its own.
    "-fno-unwind-tables",
    "-fdata-sections",
    `-ffile-prefix-map=${engine.folder}=quickjs`,
    ...engine.defines,
    ...flags,
  ];
  return Promise.all(
    engine.sources.map((name) =>
      compileObject(toolchain, join(engine.folder, name), all, engine.hash, cacheFolder),
    ),
  );
}
