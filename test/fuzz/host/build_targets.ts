/**
 * The fuzz targets: one program each, of clang's libFuzzer, ASan and UBSan, the C host's own files and the engine. Objects go through
 * the build's cache; what does not change is not compiled again.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { compileEngine, locateEngine } from "../../../build/engine.mjs";
import { compileObject, hashOf, run, type Toolchain } from "../../../build/toolchain.mjs";

const ROOT = resolve(import.meta.dirname, "../../..");
const HOST = join(ROOT, "build/quickjs");
const OBJECTS = join(ROOT, ".cache/objects");
const PROGRAMS = join(ROOT, ".cache/fuzz/programs");

/** Of these no other file of the host is needed, and no engine. */
const ALONE: Readonly<Record<string, string>> = { inflate: "host_inflate", arena: "host_arena" };
/** guard.c: __wrap_NAME. */
const WRAPPED = [
  ...["malloc", "calloc", "realloc", "execve", "kill", "setpriority"],
  ...["fork", "poll", "bind", "connect", "syscall"],
];
/** No recovery: the first finding ends the program. The engine itself is not clean under UBSan. */
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/** Names of all targets: target_NAME.c. */
export function targetNames(): string[] {
  return readdirSync(import.meta.dirname)
    .flatMap((name) => /^target_(\w+)\.c$/.exec(name)?.[1] ?? [])
    .sort();
}

/** A clang with libFuzzer; null where there is none. */
export async function findClang(): Promise<Toolchain | null> {
  const library = `libclang_rt.fuzzer-${process.arch === "arm64" ? "aarch64" : "x86_64"}.a`;
  for (const compiler of ["clang-14", "clang"]) {
    try {
      const { stdout: path } = await run(compiler, [`--print-file-name=${library}`]);
      if (!existsSync(path.trim()) || !path.startsWith("/")) continue;
      const { stdout: version } = await run(compiler, ["--version"]);
      return {
        compiler,
        version: version.split("\n")[0] ?? "",
        compileFlags: [],
        linkFlags: [],
        notice: null,
      };
    } catch {
      // not installed
    }
  }
  return null;
}

/** Compiles and links all targets; paths of the programs by name. */
export async function buildTargets(clang: Toolchain, names: readonly string[]): Promise<Map<string, string>> {
  const engine = locateEngine(ROOT);
  // -O0: a tenth of the compiler's time, and little of an input's is spent in the engine.
  const engineObjects = compileEngine(engine, clang, ["-O0", "-fsanitize=address"], OBJECTS);
  const texts = [HOST, import.meta.dirname].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(h|txt)$/.test(name))
      .sort()
      .map((name) => readFileSync(join(folder, name))),
  );
  const compile = (source: string, more: readonly string[] = []): Promise<string> => {
    const flags = [
      ...["-std=gnu11", "-O1", "-g1", "-fno-omit-frame-pointer", "-funsigned-char"],
      ...[
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wno-unused-parameter",
        "-isystem",
        engine.folder,
        ...engine.defines,
      ],
      ...[
        ...SANITIZERS,
        "-fsanitize=fuzzer-no-link",
        `-fsanitize-ignorelist=${join(import.meta.dirname, "ignore.txt")}`,
      ],
      ...more,
    ];
    const included = includedHostFiles(source).map((name) => readFileSync(join(HOST, `${name}.c`)));
    return compileObject(clang, source, flags, hashOf(engine.hash, ...texts, ...included), OBJECTS);
  };
  const hostNames = readdirSync(HOST).flatMap((name) => /^(host_\w+)\.c$/.exec(name)?.[1] ?? []);
  const parts = (name: string): Promise<string[]> => {
    const target = join(import.meta.dirname, `target_${name}.c`);
    const alone = ALONE[name];
    if (alone !== undefined) return Promise.all([compile(target), compile(join(HOST, `${alone}.c`))]);
    const own = ["fuzz_host.c", "values.c", "guard.c"].map((file) => join(import.meta.dirname, file));
    const taken = [target, ...own].flatMap(includedHostFiles);
    const host = hostNames.filter((file) => !taken.includes(file)).map((file) => join(HOST, `${file}.c`));
    return Promise.all([target, ...own, ...host].map((file) => compile(file, ["-DHOST_PLAIN_MALLOC"])));
  };
  const link = async (name: string): Promise<readonly [string, string]> => {
    const objects = await parts(name);
    const all = ALONE[name] === undefined ? [...objects, ...(await engineObjects)] : objects;
    const program = join(PROGRAMS, `${name}-${hashOf(...all.map((path) => basename(path))).slice(0, 16)}`);
    if (existsSync(program)) return [name, program];
    mkdirSync(PROGRAMS, { recursive: true });
    const wrap = ALONE[name] === undefined ? WRAPPED.map((call) => `-Wl,--wrap=${call}`) : [];
    const flags = ["-fsanitize=fuzzer", ...SANITIZERS, ...wrap];
    await run(clang.compiler, [...flags, "-o", program, ...all, "-lm", "-lutil", "-lpthread"]);
    return [name, program];
  };
  return new Map(await Promise.all(names.map(link)));
}

/** Files of the host that a source has inside itself, for what is static in them. */
function includedHostFiles(source: string): string[] {
  const text = readFileSync(source, "utf8");
  return [...text.matchAll(/#include "\.\.\/\.\.\/\.\.\/build\/quickjs\/(host_\w+)\.c"/g)].map(
    ([, name = ""]) => name,
  );
}
