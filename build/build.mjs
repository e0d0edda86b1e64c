/**
 * Builds the executable.
 *
 *   node build/build.mjs [--target x64|arm64] [--out FILE] [--sanitize] [--unstripped] [--entry FILE] [--quiet]
 *
 * --sanitize    ASan and UBSan, glibc, dynamic, malloc instead of the arena, everything freed at the end
 * --unstripped  line numbers in the bytecode, a stack in error messages, symbols in the file
 * --entry FILE  another program than procg, for tests of the host
 *
 * QUICKJS_DIR names another checkout of the engine, CC another compiler for the target. Products and cached objects lie in .cache/.
 */
import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { deflateSync } from "fflate";
import { bundle, compileChunks } from "./bundle.mjs";
import { compileEngine, locateEngine } from "./engine.mjs";
import { BuildError, buildToolchain, compileObject, hashOf, run, targetToolchain } from "./toolchain.mjs";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/**
 * @typedef {object} BuildOptions
 * @property {string} [entry]   default: procg itself
 * @property {string} [out]
 * @property {"x64" | "arm64"} [target]   default: this machine
 * @property {boolean} [sanitize]
 * @property {boolean} [unstripped]
 * @property {readonly string[]} [hostDefines]   for tests: "-DHOST_FREE_AT_EXIT"
 */

/**
 * @param {BuildOptions} options
 * @returns {Promise<{ out: string, sizeBytes: number, chunks: { name: string, title: string, bytes: number, strip: boolean }[],
 *   metafile: import("esbuild").Metafile, notice: string | null }>}
 */
export async function buildProgram(options = {}) {
  const target = options.target ?? hostTarget();
  const sanitize = options.sanitize ?? false;
  const unstripped = (options.unstripped ?? false) || sanitize;
  const entry = resolve(ROOT, options.entry ?? "lib/cli/main_quickjs.ts");
  const out = resolve(ROOT, options.out ?? defaultOut(target, sanitize));

  const engine = locateEngine(ROOT);
  const native = buildToolchain();
  const toolchain = targetToolchain(target, { sanitize, unstripped });
  const objects = join(ROOT, ".cache/objects");
  const work = join(ROOT, ".cache", `build-${process.pid}-${randomBytes(4).toString("hex")}`);
  mkdirSync(work, { recursive: true });
  try {
    const [compiler, engineObjects, hostObjects, { chunks, metafile }] = await Promise.all([
      bytecodeCompiler(engine, native, objects),
      compileEngine(engine, toolchain, sanitize ? ["-O1"] : ["-O2"], objects),
      compileHost(
        engine,
        toolchain,
        { ...options, sanitize, unstripped, isProcg: options.entry === undefined },
        objects,
      ),
      bundle({ root: ROOT, entry, outdir: work, unstripped }),
    ]);
    await compileChunks(compiler, chunks);
    const packed = packChunks(chunks);
    const table = join(work, "chunks.S");
    writeFileSync(table, assemblerTable(chunks, packed));
    const partial = join(work, "program");
    await run(
      toolchain.compiler,
      [
        "-O2",
        ...toolchain.linkFlags,
        "-Wl,--gc-sections",
        "-Wl,--build-id=none",
        "-Wl,-z,noexecstack",
        "-o",
        partial,
        ...engineObjects,
        ...hostObjects,
        table,
        "-lm",
        "-lpthread",
      ],
      { cwd: work },
    ).catch((error) => {
      throw new BuildError(`link: ${error.stderr || error}`);
    });
    if (options.entry === undefined && target === hostTarget()) await smokeRun(partial);
    mkdirSync(dirname(out), { recursive: true });
    // A copy, then a rename: .cache may be on another file system, and a running program keeps its file.
    const placed = `${out}.${randomBytes(4).toString("hex")}.part`;
    copyFileSync(partial, placed);
    renameSync(placed, out);
    return {
      out,
      sizeBytes: statSync(out).size,
      chunks: chunks.map(({ name, title, strip, bytecode }) => ({
        name,
        title,
        strip,
        bytes: statSync(bytecode).size,
        packedBytes: packed.has(name) ? statSync(`${bytecode}.packed`).size : null,
      })),
      metafile,
      notice: toolchain.notice,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function hostTarget() {
  return process.arch === "arm64" ? "arm64" : "x64";
}

/** Bytecode of another engine or with other defines fails at the first start; better here. @param {string} program */
async function smokeRun(program) {
  await run(program, ["--version"]).catch((error) => {
    throw new BuildError(`the program does not start: ${error.stderr || error}`);
  });
}

/** @param {string} target @param {boolean} sanitize */
function defaultOut(target, sanitize) {
  if (sanitize) return "dist/procg-sanitize";
  return target === hostTarget() ? "dist/procg" : `dist/procg-${target}`;
}

/**
 * The program that turns a chunk into bytecode. Same sources and defines as the target's engine, or the bytecode does not fit.
 * @param {import("./engine.mjs").Engine} engine
 * @param {import("./toolchain.mjs").Toolchain} native
 * @param {string} objects
 */
async function bytecodeCompiler(engine, native, objects) {
  const source = join(ROOT, "build/quickjs/compiler.c");
  const flags = ["-O1", "-w", "-isystem", engine.folder, ...engine.defines];
  const parts = await Promise.all([
    compileEngine(engine, native, ["-O1"], objects),
    compileObject(native, source, flags, engine.hash, objects),
  ]);
  const all = parts.flat();
  const compiler = join(
    objects,
    `bytecode-compiler-${hashOf(...all.map((path) => basename(path))).slice(0, 32)}`,
  );
  if (!existsSync(compiler)) {
    const partial = `${compiler}.${randomBytes(6).toString("hex")}.part`;
    await run(native.compiler, ["-o", partial, ...all, "-lm", "-lpthread"]);
    renameSync(partial, compiler);
  }
  return compiler;
}

/**
 * @param {import("./engine.mjs").Engine} engine
 * @param {import("./toolchain.mjs").Toolchain} toolchain
 * @param {BuildOptions & { isProcg: boolean }} options
 * @param {string} objects
 */
function compileHost(engine, toolchain, options, objects) {
  const folder = join(ROOT, "build/quickjs");
  const flags = [
    "-O2",
    "-std=gnu11",
    "-Wall",
    "-Wextra",
    // Every function of the module has the same four parameters, used or not.
    "-Wno-unused-parameter",
    "-funsigned-char",
    "-ffunction-sections",
    // Nothing unwinds C frames at run time: 60 KB of tables.
    "-fno-asynchronous-unwind-tables",
    // The default on arm64 of its own.
    "-fno-unwind-tables",
    "-fdata-sections",
    `-ffile-prefix-map=${ROOT}=.`,
    `-ffile-prefix-map=${engine.folder}=quickjs`,
    "-isystem",
    engine.folder,
    ...engine.defines,
    ...(options.isProcg ? ["-DHOST_END_IS_ERROR"] : []),
    ...(options.unstripped ? ["-DHOST_PRINT_STACK"] : []),
    // The engine itself is not clean under UBSan (shifts, function types); our files must be.
    ...(options.sanitize
      ? ["-DHOST_PLAIN_MALLOC", "-DHOST_FREE_AT_EXIT", "-DHOST_TEST_CLOCK", "-fsanitize=undefined"]
      : []),
    ...(options.hostDefines ?? []),
  ];
  const names = readdirSync(folder)
    .filter((name) => /^host_.*\.c$/.test(name))
    .sort();
  const headers = readdirSync(folder)
    .filter((name) => name.endsWith(".h"))
    .sort();
  const inputs = hashOf(engine.hash, ...headers.map((name) => readFileSync(join(folder, name))));
  return Promise.all(
    names.map((name) => compileObject(toolchain, join(folder, name), flags, inputs, objects)),
  );
}

/**
 * Raw deflate data beside the bytecode of every chunk that need not be plain and gets shorter by it. fflate and not Node's zlib, whose output is
 * another one on another processor: the same sources must give the same bytes.
 * @param {readonly import("./bundle.mjs").Chunk[]} chunks @returns {Map<string, number>} name -> bytes of bytecode
 */
function packChunks(chunks) {
  const packed = new Map();
  for (const { name, bytecode, plain } of chunks) {
    if (plain) continue;
    const bytes = readFileSync(bytecode);
    const shorter = deflateSync(bytes, { level: 9, mem: 12 });
    if (shorter.length >= bytes.length) continue;
    writeFileSync(`${bytecode}.packed`, shorter);
    packed.set(name, bytes.length);
  }
  return packed;
}

/**
 * All bytecode, and the table that host_main.c searches: {name, start, end, bytes of bytecode or 0 where it is not packed}, the entry
 * first, ended by nulls. Pointers are 8 bytes on both targets.
 * @param {readonly import("./bundle.mjs").Chunk[]} chunks @param {ReadonlyMap<string, number>} packed
 */
function assemblerTable(chunks, packed) {
  const lines = ['\t.section .rodata.procg_names,"a"'];
  chunks.forEach(({ name }, i) => {
    lines.push(`name${i}:\t.asciz "${name}"`);
  });
  // A section of its own, behind all other constants: between the engine's and libc's it would tear them apart, and the names, which
  // are searched, must not lie among the bytecode.
  lines.push('\t.section .procg_chunks,"a"');
  chunks.forEach(({ name, bytecode }, i) => {
    const file = basename(packed.has(name) ? `${bytecode}.packed` : bytecode);
    if (!packed.has(name)) lines.push("\t.balign 16");
    // The byte after the end keeps two symbols from coinciding.
    lines.push(`start${i}:\t.incbin "${file}"`, `end${i}:\t.byte 0`);
  });
  lines.push(
    '\t.section .data.rel.ro.procg_table,"aw"',
    "\t.balign 8",
    "\t.globl host_chunks",
    "host_chunks:",
  );
  chunks.forEach(({ name }, i) => {
    lines.push(`\t.quad name${i}, start${i}, end${i}, ${packed.get(name) ?? 0}`);
  });
  lines.push("\t.quad 0, 0, 0, 0", '\t.section .note.GNU-stack,"",@progbits', "");
  return lines.join("\n").replaceAll("@progbits", "%progbits");
}

/** One line per chunk, the largest first. @param {Awaited<ReturnType<typeof buildProgram>>} result */
function sizeReport({ out, sizeBytes, chunks }) {
  const bytecodeBytes = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  const inFile = chunks.reduce((sum, { bytes, packedBytes }) => sum + (packedBytes ?? bytes), 0);
  const sorted = [...chunks].sort((a, b) => b.bytes - a.bytes);
  const lines = sorted.map(
    ({ name, title, bytes, packedBytes, strip }) =>
      `${String(bytes).padStart(9)} ${String(packedBytes ?? "").padStart(7)}  ${strip ? " " : "u"}  ${name}  ${title}`,
  );
  const summary = `${relative(ROOT, out)}: ${sizeBytes} bytes; ${bytecodeBytes} of bytecode in ${chunks.length} chunks, packed ${inFile}`;
  return { summary, text: `${summary}\n${lines.join("\n")}\n` };
}

async function main() {
  const { values } = parseArgs({
    options: {
      target: { type: "string" },
      out: { type: "string" },
      entry: { type: "string" },
      sanitize: { type: "boolean" },
      unstripped: { type: "boolean" },
      quiet: { type: "boolean" },
    },
  });
  const { target, out, entry, sanitize, unstripped, quiet } = values;
  if (target !== undefined && target !== "x64" && target !== "arm64")
    throw new BuildError("--target: x64 or arm64");
  const start = process.hrtime.bigint();
  const result = await buildProgram(
    JSON.parse(JSON.stringify({ target, out, sanitize, unstripped, entry: entry && resolve(entry) })),
  );
  if (quiet) return;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (result.notice !== null) process.stderr.write(`${result.notice}\n`);
  const { summary, text } = sizeReport(result);
  // Of what ships, not of another target or of a build for the sanitizers.
  if (relative(ROOT, result.out) === "dist/procg") writeFileSync(join(ROOT, "dist/size.txt"), text);
  process.stdout.write(`${summary}; ${seconds.toFixed(1)} s\n`);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    process.stderr.write(
      `build: ${error instanceof BuildError || error.code?.startsWith?.("ERR_PARSE_ARGS") ? error.message : error.stack}\n`,
    );
    process.exit(1);
  });
}
