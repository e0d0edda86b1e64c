/** `npm run ok`: the quick gate while working: format, lint, fences, types, dead code, unit tests. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./setup.mjs";

const suites = "biome,fences,tsc,tsc-test,knip,unit";
const { status } = spawnSync(process.execPath, [join(ROOT, "build/test.mjs"), "--only", suites], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
