/**
 * Import fences: which part may import which. Imports run one way:
 * kernfile <- cgroupfs, procfs <- container <- tools, host. Prints one line per break and exits 1.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/**
 * What each part of lib/ may import, besides itself. A type-only import of the System interface is open to all.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const MAY_IMPORT = {
  "lib/units": [],
  "lib/rate": ["lib/units"],
  "lib/loadavg": [],
  "lib/kernfile": ["lib/system"],
  "lib/procfs": ["lib/kernfile", "lib/system", "lib/units"],
  "lib/cgroupfs": ["lib/kernfile", "lib/procfs", "lib/system", "lib/units"],
  "lib/container": [
    "lib/kernfile",
    "lib/cgroupfs",
    "lib/procfs",
    "lib/system",
    "lib/units",
    "lib/rate",
    "lib/loadavg",
    "lib/http",
  ],
  "lib/http": ["lib/system"],
  "lib/sampler": ["lib/kernfile", "lib/cgroupfs", "lib/procfs", "lib/container", "lib/system", "lib/units"],
  "lib/history": ["lib/sampler", "lib/container", "lib/system"],
  "lib/runtime_environment": ["lib/cli", "lib/container", "lib/kernfile", "lib/system", "lib/units"],
  "lib/diagnosis": [
    "lib/kernfile",
    "lib/cgroupfs",
    "lib/procfs",
    "lib/container",
    "lib/sampler",
    "lib/history",
    "lib/system",
    "lib/units",
  ],
  "lib/system": ["lib/kernfile"],
  "lib/screen": ["lib/system", "lib/units"],
  "lib/cli": ["lib/system", "lib/units", "lib/kernfile"],
};

/** npm packages that shipped code may use, each in a chunk of its own. */
const SHIPPED_PACKAGES = ["commander", "blessed", "cli-table3"];

const BUILTINS = new Set(builtinModules);
const isBuiltin = (name) => name.startsWith("node:") || BUILTINS.has(name.split("/")[0]);

const isTest = (file) => /\.test\.ts$|(^|\/)testing\//.test(file);
const isShipped = (file) =>
  /^(lib|tools|host)\//.test(file) && !isTest(file) && !file.startsWith("lib/system/node/");

/** "lib/cgroupfs", "tools/free", "host", "build", "test": the unit that the rules speak of. */
function partOf(file) {
  const [first, second] = file.split("/");
  if (first === "lib") return `lib/${second}`;
  if (first === "tools" && file.split("/").length > 2) return `tools/${second}`;
  return first;
}

/** Removes comments, so that an example in one is no import. Strings that hold "//" survive well enough. */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/**
 * The imports of one file: module name, and whether only types come.
 * @param {string} text
 * @returns {{ name: string, typeOnly: boolean }[]}
 */
export function importsOf(text) {
  const found = [];
  const source = withoutComments(text);
  const statement = /^\s*(?:import|export)\s+((?:type\s)?)([^;"']*?)\bfrom\s*["']([^"']+)["']/gm;
  for (const [, type, names = "", name] of source.matchAll(statement)) {
    const inner = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1];
    const allTypes =
      inner?.split(",").every((each) => each.trim() === "" || /^type\s/.test(each.trim())) ?? false;
    found.push({ name, typeOnly: type !== "" || allTypes });
  }
  for (const [, name] of source.matchAll(/^\s*import\s*["']([^"']+)["']/gm))
    found.push({ name, typeOnly: false });
  for (const [, name] of source.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)) {
    // import("x").T in a type position cannot be told from a dynamic import here: both count as values.
    found.push({ name, typeOnly: false });
  }
  return found;
}

/** Why `file` may not import `target` (a path in the project); null when it may. */
function whyNotPath(file, target, typeOnly) {
  const from = partOf(file);
  const to = partOf(target);
  if (isTest(file) || from === "test" || from === "build") return null;
  if (isTest(target)) return "shipped code must not import test code";
  if (target.startsWith("lib/system/node/") && !file.startsWith("lib/system/node/")) {
    return "lib/system/node is for tests and build only";
  }
  if (to === "test" || to === "build") return `shipped code must not import ${to}/`;
  if (/^tools\/[^/]+\/render[^/]*\.ts$/.test(file) || /^host\/(.*\/)?render[^/]*\.ts$/.test(file)) {
    const sameFolder = dirname(file) === dirname(target);
    const sibling = sameFolder && /\/(render|format)[^/]*\.ts$/.test(target);
    if (to === "lib/units" || sibling) return null;
    if (typeOnly && (sameFolder || to === "lib/container" || target === "lib/system/system.ts")) return null;
    return "render sees only the model's types and lib/units";
  }
  if (from === to) return null;
  if (from.startsWith("lib/")) {
    if (!to.startsWith("lib/")) return "lib must not import tools or host";
    if (typeOnly && target === "lib/system/system.ts") return null;
    const allowed = MAY_IMPORT[from];
    if (allowed === undefined) return `${from} is not in the table of build/fences.mjs`;
    return allowed.includes(to) ? null : `${from} must not import ${to}`;
  }
  if (from.startsWith("tools/") || from === "host") {
    if (to.startsWith("tools/")) return "no tool imports another tool";
    if (to === "host") return "tools must not import host";
  }
  return null;
}

/** @returns {string | null} why the import is not allowed */
export function whyNot(file, name, typeOnly) {
  if (name.startsWith(".")) return whyNotPath(file, normalize(join(dirname(file), name)), typeOnly);
  if (!isShipped(file)) return null;
  if (name.startsWith("qjs:")) {
    const host = file.startsWith("lib/system/quickjs/") || file === "lib/cli/main_quickjs.ts";
    return host ? null : "qjs: modules belong to lib/system/quickjs";
  }
  if (name.startsWith("procg:")) {
    // Made by the build: the tools' table and the version.
    const mayAsk = file.startsWith("lib/cli/") || file.startsWith("tools/install/");
    return mayAsk ? null : "procg: modules belong to lib/cli";
  }
  if (isBuiltin(name)) return "shipped code must not import Node's modules: use System";
  return SHIPPED_PACKAGES.includes(name.split("/")[0]) ? null : `the package ${name} is not for shipped code`;
}

/** Names that say nothing. The shims are called as the Node modules that they stand for. */
function whyNotName(file) {
  if (file.startsWith("build/node_shims/")) return null;
  const parts = file.split("/");
  const base = parts.at(-1).replace(/\.[^.]+$/, "");
  if (parts.slice(0, -1).some((part) => /^(utils?|helpers?|common|misc)$/.test(part)))
    return "no utils folder";
  if (/^(utils?|helpers?|common|misc)$/.test(base)) return "no utils file";
  if (base === "index") return "no barrel (index.ts)";
  return null;
}

/** Every source file of the project, relative to its top. */
function sourceFiles() {
  const files = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && entry.name !== "golden") walk(path);
      } else if (/\.(ts|mts|mjs)$/.test(entry.name)) files.push(relative(ROOT, path));
    }
  };
  for (const top of ["lib", "tools", "host", "build", "test"]) {
    if (existsSync(join(ROOT, top))) walk(join(ROOT, top));
  }
  return files;
}

export function checkFences() {
  const breaks = [];
  const files = sourceFiles();
  for (const file of files) {
    const badName = whyNotName(file);
    if (badName !== null) breaks.push(`${file}: ${badName}`);
    for (const { name, typeOnly } of importsOf(readFileSync(join(ROOT, file), "utf8"))) {
      const why = whyNot(file, name, typeOnly);
      if (why !== null) breaks.push(`${file}: import "${name}": ${why}`);
    }
  }
  return { breaks, files: files.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { breaks, files } = checkFences();
  for (const line of breaks) process.stdout.write(`${line}\n`);
  process.stdout.write(`fences: ${files} files, ${breaks.length} breaks\n`);
  process.exitCode = breaks.length === 0 ? 0 : 1;
}
