/** `npm start`: installs what is missing, builds what is out of date, shows the demonstration. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ensure, ROOT, runScript, SetupError } from "./setup.mjs";

/** The newest change below a file or folder, tests left out. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return /\.test\.ts$/.test(path) ? 0 : status.mtimeMs;
  let latest = 0;
  for (const name of readdirSync(path)) {
    if (name === "golden" || name === "testing") continue;
    latest = Math.max(latest, newest(join(path, name)));
  }
  return latest;
}

/** True when dist/procg is newer than everything that it is made from. */
export function isBuilt() {
  const binary = join(ROOT, "dist/procg");
  if (!existsSync(binary)) return false;
  const made = statSync(binary).mtimeMs;
  const sources = ["lib", "tools", "host", "build", "package.json", "package-lock.json"];
  return sources.every((each) => newest(join(ROOT, each)) <= made);
}

/** Builds unless the executable is up to date. */
export function build() {
  if (isBuilt()) return;
  const result = spawnSync(process.execPath, [join(ROOT, "build/build.mjs")], {
    cwd: ROOT,
    stdio: "inherit",
    timeout: 600_000,
  });
  if (result.status !== 0)
    throw new SetupError(`build failed (${result.status ?? result.signal}): npm run build`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(async () => {
    ensure(["node_modules", "compiler", "engine"]);
    build();
    // Only now: it needs nothing of node_modules, but the executable.
    const { demo } = await import("./demo.mjs");
    await demo();
  });
}
