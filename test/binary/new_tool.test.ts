/** README's recipe for a new tool, done in a copy of the project: no file but those that it names has to change. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const copy = mkdtempSync(join(tmpdir(), "procg-new-tool-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Not copied: what is made, and goldens of other tools, which the recipe does not touch. */
const LEFT_OUT = /^(?:\.git|\.cache|dist|node_modules|coverage)$|^tools\/(?!uptime\/)\w+\/golden$/;

beforeAll(() => {
  cpSync(ROOT, copy, { recursive: true, filter: (path) => !LEFT_OUT.test(path.slice(ROOT.length + 1)) });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(copy, ".cache"));
  for (const made of ["objects", "captures"]) {
    mkdirSync(join(ROOT, ".cache", made), { recursive: true });
    symlinkSync(join(ROOT, ".cache", made), join(copy, ".cache", made));
  }
});

/** Commands of the section's block. */
function recipe(): string[] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const section = readme.slice(readme.indexOf("### Adding a tool"));
  const block = /^```sh\n([\s\S]*?)^```/m.exec(section)?.[1] ?? "";
  return block.trim().split("\n");
}

/** What other suites do over the whole project is left to them. */
const shortened = (command: string): string =>
  command
    .replace(/^npx biome check --write && npm run ok/, "node build/test.mjs --only fences,knip")
    .replace(
      /unit test\/docs/,
      "unit test/docs/tools.test.ts test/docs/schemas.test.ts -t 'tool|lists|schema of'",
    );

test("copy, build, goldens, documents, checks: as README says, and nothing else", () => {
  const commands = recipe();
  expect(commands[0]).toMatch(/^cp -r tools\/uptime tools\/hello/);
  expect(commands.at(-1)).toMatch(/ npm run ok /);
  for (const command of commands) {
    const { PROCG_BINARY: _, VITEST: __, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync("sh", ["-ec", shortened(command)], {
      cwd: copy,
      env: { ...env, NODE_ENV: "" },
      encoding: "utf8",
    });
    expect(status, `${command}\n${stdout}${stderr}`).toBe(0);
  }
  const ask = (...words: string[]): string =>
    execFileSync(join(copy, "dist/procg"), words, { encoding: "utf8" });
  expect(ask("--list").split("\n")).toContain("hello");
  expect(ask("hello", "--version")).toMatch(/^hello from procg /);
  expect(ask("--man", "hello")).toMatch(/^\.TH "HELLO" "1"/m);
  for (const shell of ["bash", "zsh", "fish"]) expect(ask("--completions", shell)).toContain("hello");
  expect(changed(ROOT, copy)).toEqual([
    "README.md",
    "docs/README.md",
    "docs/hello.md",
    "docs/schemas/hello.schema.json",
    "tools/hello",
  ]);
}, 240_000);

/** Paths that differ, or are on one side only; of a folder that is new its own name. */
function changed(before: string, after: string): string[] {
  const listed = (root: string, folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? "/" : ""}`)
      .filter((path) => !LEFT_OUT.test(path.replace(/\/$/, "")));
  const below = (folder: string): string[] => {
    const [old, now] = [listed(before, folder), listed(after, folder)];
    return [...new Set([...old, ...now])].sort().flatMap((path) => {
      if (!old.includes(path) || !now.includes(path)) return [path.replace(/\/$/, "")];
      if (path.endsWith("/")) return below(path);
      return readFileSync(join(before, path)).equals(readFileSync(join(after, path))) ? [] : [path];
    });
  };
  return below("");
}
