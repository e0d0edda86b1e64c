import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { toolsPlugin } from "./tools_plugin.mjs";

const ROOT = join(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "procg-new-tool-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test("a tool is one folder: uptime's, copied and named anew, is called like all others", async () => {
  for (const folder of ["lib", "tools", "host", "package.json"]) {
    cpSync(join(ROOT, folder), join(copy, folder), {
      recursive: true,
      filter: (path) => !/(^|\/)(golden|testing)$|\.test\.ts$/.test(path),
    });
  }
  cpSync(join(copy, "tools/uptime"), join(copy, "tools/hello"), { recursive: true });
  const declaration = join(copy, "tools/hello/tool.ts");
  writeFileSync(declaration, readFileSync(declaration, "utf8").replace('name: "uptime"', 'name: "hello"'));
  // What the build bundles, for Node instead of the engine.
  const entry = `export { runMain } from "${copy}/lib/cli/main.ts";
export { nodeSystem } from "${copy}/lib/system/node/node_system.ts";`;
  const outfile = join(copy, "bundle.mjs");
  await build({
    stdin: { contents: entry, resolveDir: ROOT },
    ...{ bundle: true, format: "esm", platform: "node", outfile, logLevel: "error" },
    packages: "external",
    plugins: [toolsPlugin(copy)],
  });
  const { runMain, nodeSystem } = await import(outfile);
  const run = async (...argv: string[]): Promise<string> => {
    let said = "";
    const stdout = (text: string): number => {
      said += text;
      return 0;
    };
    await runMain(nodeSystem({ argv, env: {}, stdout, stderr: stdout }));
    return said;
  };
  expect(await run("procg", "hello", "--version")).toMatch(/^hello from procg /);
  expect(await run("hello", "--help")).toContain("\nUsage:\n hello [options]\n");
  expect((await run("procg", "--list")).split("\n")).toContain("hello");
  expect(await run("procg", "--man", "hello")).toMatch(/^\.TH "HELLO" "1"/m);
  expect(await run("procg", "--completions", "bash")).toContain("hello");
}, 60_000);
