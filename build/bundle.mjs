/**
 * TypeScript -> a flat folder of ES module chunks (esbuild) -> bytecode per chunk.
 */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { packagesPlugin } from "./packages_plugin.mjs";
import { toolsPlugin } from "./tools_plugin.mjs";
import { BuildError, run } from "./toolchain.mjs";

/**
 * @typedef {object} Chunk
 * @property {string} name   file name, also the module's name at run time
 * @property {string} path
 * @property {string} title   what it holds, for the size report
 * @property {boolean} strip   false: it has import(), which needs the chunk's name in the bytecode
 * @property {string} bytecode   path
 */

/**
 * @param {object} options
 * @param {string} options.root
 * @param {string} options.entry
 * @param {string} options.outdir   empty folder
 * @param {boolean} options.unstripped
 * @returns {Promise<{ chunks: Chunk[], metafile: import("esbuild").Metafile }>} the entry's chunk first
 */
export async function bundle({ root, entry, outdir, unstripped }) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { main: entry },
    outdir,
    bundle: true,
    treeShaking: true,
    format: "esm",
    splitting: true,
    // Flat: the module loader only drops a leading "./".
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["node", "import"],
    target: "es2020",
    minifySyntax: true,
    define: { global: "globalThis" },
    legalComments: "none",
    metafile: true,
    logLevel: "silent",
    logOverride: { "empty-import-meta": "silent" },
    plugins: [toolsPlugin(root), packagesPlugin(root)],
    write: false,
    tsconfigRaw: { compilerOptions: { target: "es2020", verbatimModuleSyntax: true } },
  }).catch((error) => {
    const lines = (error.errors ?? []).map(
      (/** @type {import("esbuild").Message} */ { text, location }) =>
        location === null ? text : `${location.file}:${location.line}: ${text}`,
    );
    throw new BuildError(lines.length > 0 ? lines.join("\n") : String(error));
  });
  for (const { text, location } of result.warnings) {
    process.stderr.write(`warning: ${location === null ? "" : `${location.file}:${location.line}: `}${text}\n`);
  }
  const outputs = Object.entries(result.metafile.outputs).map(([path, output]) => [basename(path), output]);
  const outputOf = new Map(/** @type {[string, import("esbuild").Metafile["outputs"][string]][]} */ (outputs));
  const chunks = result.outputFiles.map(({ path, text, contents }) => {
    const name = basename(path);
    const file = join(outdir, name);
    writeFileSync(file, contents);
    const inputs = Object.entries(outputOf.get(name)?.inputs ?? {});
    const largest = inputs.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)[0]?.[0] ?? name;
    const title = outputOf.get(name)?.entryPoint ?? `shared: ${largest}${inputs.length > 1 ? `, ${inputs.length - 1} more` : ""}`;
    return { name, path: file, title, strip: !unstripped && !text.includes("import("), bytecode: `${file}.bc` };
  });
  chunks.sort((a, b) => (a.name === "main.js" ? -1 : b.name === "main.js" ? 1 : a.name < b.name ? -1 : 1));
  return { chunks, metafile: result.metafile };
}

/** @param {string} compiler   path of the bytecode compiler @param {readonly Chunk[]} chunks */
export async function compileChunks(compiler, chunks) {
  const args = chunks.flatMap(({ name, path, strip, bytecode }) => [strip ? "s" : "u", name, path, bytecode]);
  await run(compiler, args).catch((error) => {
    throw new BuildError(`bytecode: ${error.stderr || error}`);
  });
}
