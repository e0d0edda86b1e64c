/**
 * `npm run release`: everything that is handed out, in dist/release/. The same sources and compilers give the same bytes.
 *
 *   --out FOLDER    another folder; it is replaced
 *   --skip-arm64    without the executable and packages for arm64
 *
 * procg-linux-x64, procg-linux-arm64    static executables
 * procg_*.deb, procg-divert_*.deb       Debian packages
 * oci/                                  an image with nothing but the executable, for COPY --from
 * man/, completions/, schemas/          as files
 * procg.spdx.json, copyright            what is inside, and its licences
 * SHA256SUMS                            of all of it
 *
 * Times are SOURCE_DATE_EPOCH's, else the last commit's. DEBFULLNAME and DEBEMAIL name the maintainer in the packages.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ensure, ROOT, runScript, SetupError } from "./setup.mjs";

/** Packages of Debian, as --version of the tools that stand for their programs names them. */
const CLASSIC = /\bcompatible with .*\b(?:procps|coreutils|sysstat)\b/;

const ARCHITECTURES = /** @type {const} */ ({ x64: "amd64", arm64: "arm64" });

const print = (text) => process.stdout.write(`${text}\n`);

/** Seconds: SOURCE_DATE_EPOCH, else the last commit. */
function releaseTime() {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined && given !== "") {
    if (!/^\d{1,11}$/.test(given))
      throw new SetupError(`release: SOURCE_DATE_EPOCH=${given} is no count of seconds`);
    return Number(given);
  }
  try {
    const options = { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    return Number(execFileSync("git", ["log", "-1", "--format=%ct"], options).trim());
  } catch {
    throw new SetupError("release: no git history to take the time from: set SOURCE_DATE_EPOCH");
  }
}

/** @param {"x64" | "arm64"} target @param {string} folder */
async function buildExecutable(target, folder) {
  const { buildProgram } = await import("./build.mjs");
  const { BuildError, targetToolchain } = await import("./toolchain.mjs");
  const { listComponents } = await import("./release/components.mjs");
  const name = `procg-linux-${target}`;
  const toolchain = targetToolchain(target, { sanitize: false, unstripped: false });
  if (toolchain.notice !== null) throw new SetupError(`release: ${toolchain.notice}`);
  const built = await buildProgram({ target, out: join(folder, name) }).catch((error) => {
    throw error instanceof BuildError ? new SetupError(`release: ${error.message}`) : error;
  });
  const components = listComponents(ROOT, target, {
    metafile: built.metafile,
    compilerVersion: toolchain.version,
  });
  chmodSync(built.out, 0o755);
  return { target, architecture: ARCHITECTURES[target], name, content: readFileSync(built.out), components };
}

/** What the tools say of themselves. @param {string} program   runs here @param {number} time   of the pages */
function describeTools(program, time) {
  const ask = (...words) => execFileSync(program, words, { encoding: "utf8", env: {} });
  const pages = ["procg", ...ask("--list").trim().split("\n")].map((tool) => {
    const [heading = "", ...rest] = ask("--man", tool).split("\n");
    const dated = heading.replace('" ""', `" "${new Date(time * 1000).toISOString().slice(0, 10)}"`);
    const section = Number(/^\.TH "[^"]+" "(\d)"/.exec(heading)?.[1] ?? 1);
    return { tool, section, text: [dated, ...rest].join("\n") };
  });
  const empty = mkdtempSync(join(tmpdir(), "procg-release-"));
  try {
    const links = ask("install", "--dry-run", empty).trim().split("\n");
    const linked = links.map((path) => relative(empty, path)).sort();
    const diverted = linked.filter((name) => CLASSIC.test(ask(name, "--version")));
    const completions = {
      bash: ask("--completions", "bash"),
      zsh: ask("--completions", "zsh"),
      fish: ask("--completions", "fish"),
    };
    return { pages, linked, diverted, completions };
  } finally {
    rmSync(empty, { recursive: true });
  }
}

/** @param {string} folder @param {string} path @param {string | Buffer} content */
function put(folder, path, content) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** All files, sorted. @param {string} folder */
const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();

/** @param {string} folder @param {readonly ("x64" | "arm64")[]} targets */
async function fill(folder, targets) {
  const { divertPackage, pageName, procgPackage } = await import("./release/deb.mjs");
  const { copyrightText } = await import("./release/deb_texts.mjs");
  const { writeImageLayout } = await import("./release/oci.mjs");
  const { spdxDocument } = await import("./release/spdx.mjs");
  const { OWN_COPYRIGHT } = await import("./release/components.mjs");
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const time = releaseTime();

  const executables = [];
  for (const target of targets) executables.push(await buildExecutable(target, folder));
  const native = executables.find(({ target }) => target === process.arch);
  if (native === undefined) throw new SetupError(`release: nothing is built that runs on ${process.arch}`);
  const { pages, linked, diverted, completions } = describeTools(join(folder, native.name), time);
  for (const page of pages) put(folder, join("man", pageName(page)), page.text);
  put(folder, "completions/procg.bash", completions.bash);
  put(folder, "completions/_procg", completions.zsh);
  put(folder, "completions/procg.fish", completions.fish);
  const schemas = join(ROOT, "docs/schemas");
  if (existsSync(schemas)) cpSync(schemas, join(folder, "schemas"), { recursive: true });

  const release = {
    version,
    time,
    linked,
    diverted,
    pages,
    completions,
    changes: readFileSync(join(ROOT, "CHANGELOG.md"), "utf8"),
  };
  for (const { architecture, content, components } of executables) {
    const deb = procgPackage(release, architecture, content, components);
    put(folder, deb.name, deb.content);
  }
  const divert = divertPackage(release);
  put(folder, divert.name, divert.content);
  writeImageLayout({ folder: join(folder, "oci"), version, time, executables });
  const bill = spdxDocument({ version, time, executables, copyright: OWN_COPYRIGHT });
  put(folder, "procg.spdx.json", `${JSON.stringify(bill, null, 2)}\n`);
  put(folder, "copyright", copyrightText(time, native.components));
  const sums = filesBelow(folder).map((name) => {
    const sum = createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
    return `${sum}  ${name}\n`;
  });
  put(folder, "SHA256SUMS", sums.join(""));
}

async function main() {
  const { values } = parseArgs({ options: { out: { type: "string" }, "skip-arm64": { type: "boolean" } } });
  const out = resolve(ROOT, values.out ?? "dist/release");
  const targets = /** @type {("x64" | "arm64")[]} */ (values["skip-arm64"] ? ["x64"] : ["x64", "arm64"]);
  const { ensureCrossCompiler } = await import("./release/cross.mjs");
  // First: another architecture needs apt's lists anew.
  for (const target of targets) if (target !== process.arch) ensureCrossCompiler(target);
  ensure(["node_modules", "compiler", "engine"]);
  const partial = `${out}.${process.pid}.part`;
  mkdirSync(partial, { recursive: true });
  try {
    await fill(partial, targets);
    rmSync(out, { recursive: true, force: true });
    renameSync(partial, out);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  for (const name of filesBelow(out).filter((each) => !each.includes("/"))) {
    print(`${String(statSync(join(out, name)).size).padStart(9)}  ${name}`);
  }
  print(relative(process.cwd(), out) || out);
}

await runScript(main);
