/**
 * TypeScript -> a flat folder of ES module chunks (esbuild) -> bytecode per chunk.
 */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { packagesPlugin } from "./packages_plugin.mjs";
import { BuildError, run } from "./toolchain.mjs";
import { toolsPlugin } from "./tools_plugin.mjs";

/**
 * @typedef {object} Chunk
 * @property {string} name   file name, also the module's name at run time
 * @property {string} path
 * @property {string} title   what it holds, for the size report
 * @property {boolean} strip   false: it has import(), which needs the chunk's name in the bytecode
 * @property {string} bytecode   path
 * @property {boolean} plain   lies in the executable as it is; others are packed where that is shorter
 */

/**
 * Tools that scripts start by the thousand, and whose start has a budget: nothing that they load is packed. Unpacking costs some 10 us
 * for a chunk of 4 KB.
 */
const STARTED_OFTEN = ["free", "nproc", "uptime", "df", "vmstat", "exec", "tsar"];

/**
 * A chunk with import() must keep its debug information, because the engine takes the base of import() from it. So one tiny
 * chunk does all of it, through a function that the others call, and they can be stripped. ENTRY is what starts.
 */
const IMPORTER = { name: "importer.js", text: "globalThis.procgImport = (name) => import(name);\n" };
const ENTRY = { name: "entry.js", text: 'import "./importer.js";\nimport "./main.js";\n' };

/** @param {string} text @param {number} expected   number of import() that esbuild counts */
function throughImporter(text, expected) {
  let count = 0;
  const changed = text.replace(/\bimport\((?="\.\/[^"]+\.js"\))/g, () => {
    count++;
    return "procgImport(";
  });
  // Another count: one of them is in a string, or a name is computed. Then the chunk stays as it is, unstripped.
  return count === expected && !changed.includes("import(") ? changed : text;
}

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
    // Bytecode keeps the names of variables and functions: 33 kB of them, and stripped there is nobody to read them.
    minifyIdentifiers: !unstripped,
    define: { global: "globalThis" },
    legalComments: "none",
    metafile: true,
    logLevel: "silent",
    logOverride: { "empty-import-meta": "silent" },
    plugins: [toolsPlugin(root), packagesPlugin(root)],
    write: false,
    tsconfigRaw: { compilerOptions: { target: "es2020", verbatimModuleSyntax: true } },
  }).catch((error) => {
    const lines = (error.errors ?? []).map((/** @type {import("esbuild").Message} */ { text, location }) =>
      location === null ? text : `${location.file}:${location.line}: ${text}`,
    );
    throw new BuildError(lines.length > 0 ? lines.join("\n") : String(error));
  });
  for (const { text, location } of result.warnings) {
    process.stderr.write(
      `warning: ${location === null ? "" : `${location.file}:${location.line}: `}${text}\n`,
    );
  }
  const outputs = Object.entries(result.metafile.outputs).map(([path, output]) => [basename(path), output]);
  const outputOf = new Map(
    /** @type {[string, import("esbuild").Metafile["outputs"][string]][]} */ (outputs),
  );
  const often = startedOften(result.metafile);
  const chunks = result.outputFiles.map(({ path, text: original }) => {
    const name = basename(path);
    const file = join(outdir, name);
    const dynamic = (outputOf.get(name)?.imports ?? []).filter(
      ({ kind }) => kind === "dynamic-import",
    ).length;
    // esbuild's own helpers (a chunk without inputs) are imported bare, for their order, by chunks that use none of them. They are
    // declarations only: loading them would be for nothing.
    const light = original.replace(/^import "\.\/([^"]+)";\n/gm, (line, other) =>
      Object.keys(outputOf.get(other)?.inputs ?? { unknown: true }).length === 0 ? "" : line,
    );
    const text = unstripped ? light : throughImporter(light, dynamic);
    writeFileSync(file, text);
    const inputs = Object.entries(outputOf.get(name)?.inputs ?? {});
    const largest = inputs.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)[0]?.[0] ?? name;
    const title =
      outputOf.get(name)?.entryPoint ??
      `shared: ${largest}${inputs.length > 1 ? `, ${inputs.length - 1} more` : ""}`;
    return {
      name,
      path: file,
      title,
      strip: !unstripped && !text.includes("import("),
      bytecode: `${file}.bc`,
      plain: often.has(name),
    };
  });
  if (!unstripped) {
    for (const { name, text } of [ENTRY, IMPORTER]) {
      const path = join(outdir, name);
      writeFileSync(path, text);
      chunks.push({
        name,
        path,
        title: "how the others are imported",
        strip: name === ENTRY.name,
        bytecode: `${path}.bc`,
        plain: true,
      });
    }
  }
  const first = unstripped ? "main.js" : ENTRY.name;
  const place = placesInFile(result.metafile);
  const placeOf = (/** @type {Chunk} */ { name }) => (name === first ? -2 : (place.get(name) ?? -1));
  chunks.sort((a, b) => placeOf(a) - placeOf(b) || (a.name < b.name ? -1 : 1));
  return { chunks, metafile: result.metafile };
}

/** What every start loads, and all that the tools that are started often may load. @param {import("esbuild").Metafile} metafile */
function startedOften(metafile) {
  const { outputs, closure } = graphOf(metafile);
  const names = closure("main.js");
  for (const [name, { entryPoint }] of outputs) {
    const tool = /(?:^|\/)([^/]+)\/tool\.ts$/.exec(entryPoint ?? "")?.[1];
    if (tool !== undefined && STARTED_OFTEN.includes(tool)) closure(name, names, true);
  }
  return names;
}

/** @param {import("esbuild").Metafile} metafile */
function graphOf(metafile) {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  /** @param {string} name @param {Set<string>} seen @param {boolean} later   what is imported later, too */
  const closure = (name, seen = new Set(), later = false) => {
    if (seen.has(name)) return seen;
    seen.add(name);
    for (const { path, kind, external } of outputs.get(name)?.imports ?? []) {
      if ((later || kind === "import-statement") && external !== true) closure(basename(path), seen, later);
    }
    return seen;
  };
  return { outputs, closure };
}

/**
 * The order of the chunks in the executable: first what every start loads, then each tool with what it loads itself, small tools first,
 * then what is imported later. The kernel maps a file in pieces of 64 KB around each page that is touched, and counts them as resident:
 * a small tool must not touch pieces all over.
 * @param {import("esbuild").Metafile} metafile @returns {Map<string, number>} by file name
 */
function placesInFile(metafile) {
  const { outputs, closure } = graphOf(metafile);
  const bytes = (/** @type {Set<string>} */ names) =>
    [...names].reduce((sum, name) => sum + (outputs.get(name)?.bytes ?? 0), 0);
  const tools = [...outputs]
    .filter(([, { entryPoint }]) => /(^|\/)tool\.ts$/.test(entryPoint ?? ""))
    .map(([name]) => closure(name))
    .sort((a, b) => bytes(a) - bytes(b));
  const order = new Set([...closure("main.js"), ...tools.flatMap((names) => [...names].reverse())]);
  return new Map(
    [...order, ...[...outputs.keys()].filter((name) => !order.has(name)).sort()].map((name, i) => [name, i]),
  );
}

/** @param {string} compiler   path of the bytecode compiler @param {readonly Chunk[]} chunks */
export async function compileChunks(compiler, chunks) {
  const args = chunks.flatMap(({ name, path, strip, bytecode }) => [strip ? "s" : "u", name, path, bytecode]);
  await run(compiler, args).catch((error) => {
    throw new BuildError(`bytecode: ${error.stderr || error}`);
  });
}
