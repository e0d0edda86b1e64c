/**
 * Runs a TypeScript script in Node: `node build/run_ts.mjs SCRIPT.ts [ARGUMENTS...]`.
 *
 * The script and what it imports are bundled to a file below .cache; npm packages stay outside the bundle.
 * import.meta.dirname keeps meaning the source file's directory. The exit code is the script's.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error("usage: node build/run_ts.mjs SCRIPT.ts [ARGUMENTS...]");
  process.exit(2);
}
const directory = join(import.meta.dirname, "..", ".cache", "run_ts");
const outfile = join(directory, `${basename(script, ".ts")}-${process.pid}.mjs`);
const sourceDirectory = {
  name: "source-directory",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("import.meta.dirname", JSON.stringify(dirname(path))),
      loader: "ts",
    })),
};
mkdirSync(directory, { recursive: true });
const options = { bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "warning" };
await build({ ...options, entryPoints: [script], outfile, plugins: [sourceDirectory] });
const { status } = spawnSync(process.execPath, [outfile, ...args], { stdio: "inherit" });
rmSync(outfile, { force: true });
process.exit(status ?? 1);
