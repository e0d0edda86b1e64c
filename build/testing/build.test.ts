/** The pipeline: what the executable is made of, and what stops a build. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildProgram, ROOT } from "../build.mjs";
import { bundle } from "../bundle.mjs";
import { checkSums } from "../engine.mjs";
import { COMMAND_LINES, drawTables, runCommander } from "./library_cases.ts";

const isRoot = process.getuid?.() === 0;
vi.setConfig({ testTimeout: 60_000 });
let scratch = "";
let program: Awaited<ReturnType<typeof buildProgram>>;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "procg-build-"));
  program = await buildProgram({ out: join(scratch, "procg") });
}, 300_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the executable", () => {
  it("is the same, byte for byte, from two builds", async () => {
    const again = await buildProgram({ out: join(scratch, "again") });
    expect(readFileSync(again.out).equals(readFileSync(program.out))).toBe(true);
  });

  it("is static, without an executable stack, without paths of this tree, at most 1.5 MB", () => {
    const headers = execFileSync("readelf", ["-lW", program.out], { encoding: "utf8" });
    expect(headers).not.toContain("INTERP");
    expect(headers).toMatch(/GNU_STACK.* RW +0x/);
    expect(readFileSync(program.out).includes(ROOT)).toBe(false);
    expect(statSync(program.out).size).toBeLessThanOrEqual(1.5 * 1024 * 1024);
  });

  it.runIf(isRoot)("runs in an empty directory", () => {
    const root = join(scratch, "empty-root");
    mkdirSync(root);
    cpSync(program.out, join(root, "procg"));
    const { stdout, stderr, status } = spawnSync("chroot", [root, "/procg", "--version"], {
      encoding: "utf8",
    });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toMatch(/^procg \d/);
  });
});

describe("bytecode of another engine", () => {
  it("is refused at the start in one line, not run", () => {
    const bytes = readFileSync(program.out);
    const sections = execFileSync("readelf", ["-SW", program.out], { encoding: "utf8" });
    // The entry's bytecode is the first; its first byte is the version (1 without CONFIG_BIGNUM, 2 with).
    const version = Number.parseInt(
      /\.procg_chunks +PROGBITS +[0-9a-f]+ ([0-9a-f]+)/.exec(sections)?.[1] ?? "",
      16,
    );
    expect(bytes[version]).toBe(1);
    bytes[version] = 2;
    const foreign = join(scratch, "foreign");
    writeFileSync(foreign, bytes, { mode: 0o755 });
    const { stdout, stderr, status } = spawnSync(foreign, ["--version"], { encoding: "utf8" });
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr).toMatch(/^foreign: .*version.*\n$/);
  });
});

describe("our own sources", () => {
  it("bind nothing to the names os and std, which Node and QuickJS both use", () => {
    const modules = spawnSync("grep", ["-rhoE", "JS_NewCModule\\([^)]*\\)", join(ROOT, "build/quickjs")], {
      encoding: "utf8",
    }).stdout;
    expect(modules.match(/"[^"]*"/g) ?? []).toEqual(expect.arrayContaining(['"qjs:sys"']));
    expect(modules).not.toMatch(/"(os|std)"/);
  });
});

describe("chunks", () => {
  it("are stripped, except the one through which all import() go", () => {
    expect(program.chunks.filter(({ strip }) => !strip).map(({ name }) => name)).toEqual(["importer.js"]);
  });

  it("of main and the classic tools hold no Node shim and no npm package", () => {
    const { outputs } = program.metafile;
    const starts = Object.keys(outputs).filter((path) =>
      /^(lib\/cli\/main_quickjs|tools\/(free|uptime|nproc|df|vmstat|iostat|tsar|top)\/tool)\.ts$/.test(
        outputs[path]?.entryPoint ?? "",
      ),
    );
    expect(starts.length).toBeGreaterThan(1);
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const { path: next, kind, external } of outputs[path]?.imports ?? []) {
        if (kind === "import-statement" && external !== true) visit(next);
      }
    };
    starts.forEach(visit);
    const inputs = [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
    expect(inputs.filter((input) => /build\/node_shims|node_modules|procg-require/.test(input))).toEqual([]);
  });
});

describe("a build stops at", () => {
  const errorOf = async (source: string): Promise<string> => {
    const folder = mkdtempSync(join(scratch, "bad-"));
    writeFileSync(join(folder, "entry.ts"), source);
    const outdir = join(folder, "out");
    mkdirSync(outdir);
    return bundle({ root: ROOT, entry: join(folder, "entry.ts"), outdir, unstripped: false }).then(
      () => "no error",
      (error) => String(error.message),
    );
  };

  it.each([
    [
      "a Node built-in in our own code",
      `import { readFileSync } from "node:fs"; readFileSync("/");`,
      "node:fs",
    ],
    ["a top-level await", "await Promise.resolve(1);", "Top-level await"],
    [
      "an export that is not there",
      `import { nothing } from "${ROOT}/lib/system/errno.ts"; nothing();`,
      "nothing",
    ],
    ["an unlisted built-in in a package", `import "./node_modules/p/index.js";`, "dgram"],
  ])("%s", async (_what, source, text) => {
    if (text === "dgram") {
      const folder = join(scratch, "unlisted/node_modules/p");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "index.js"), `module.exports = require("dgram");`);
      expect(await errorOf(`import "${join(folder, "index.js")}";`)).toContain(text);
    } else {
      expect(await errorOf(source)).toContain(text);
    }
  });

  it("a changed byte in the engine", () => {
    const folder = join(scratch, "engine");
    cpSync(join(ROOT, "node_modules/qjsc/deps/quickjs_2021_03_27"), folder, { recursive: true });
    const sums = join(ROOT, "build/quickjs.sha256");
    expect(() => checkSums(folder, sums)).not.toThrow();
    const path = join(folder, "libregexp.c");
    writeFileSync(path, readFileSync(path, "utf8").replace("a", "b"));
    expect(() => checkSums(folder, sums)).toThrow("libregexp.c");
  });
});

describe("npm packages in the executable", () => {
  it("commander and cli-table3 print what they print in Node", async () => {
    const { out } = await buildProgram({
      entry: join(import.meta.dirname, "library_program.ts"),
      out: join(scratch, "libraries"),
    });
    const result = JSON.parse(execFileSync(out, { encoding: "utf8" }));
    expect(result.commander).toEqual(COMMAND_LINES.map((line) => runCommander(line)));
    expect(result.tables).toEqual(drawTables());
  });
});
