/**
 * `npm test`: everything that must hold, suite by suite, with live output. The last line is the sum over all suites:
 * `N passed, M failed`, with `, K skipped` where parts could not run here (no root, no Docker).
 *
 *   --full         the long parts too (npm run test:full)
 *   --only A,B     only these suites, by name
 *   CI=true        a skipped part is a failure
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { ensure, ROOT, runScript } from "./setup.mjs";

const REPORTS = join(ROOT, ".cache/test");
const CI = process.env.CI === "true";
const arguments_ = process.argv.slice(2);
const full = arguments_.includes("--full");
const onlyAt = arguments_.indexOf("--only");
const only = onlyAt < 0 ? null : (arguments_[onlyAt + 1] ?? "").split(",");

const bin = (name) => join(ROOT, "node_modules/.bin", name);
const node = (...words) => [process.execPath, ...words];

/** A vitest project: its JSON report gives the counts. */
const vitest = (project, name = project) =>
  node(
    ...[join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--project", project],
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${reportOf(name)}`],
  );
const reportOf = (name) => join(REPORTS, `${name}.json`);

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {readonly string[]} command
 * @property {boolean} [counted]   vitest: counts come from the report; else the command is one test
 * @property {number} [minutes]    after which it is ended and failed; 5 unless given
 * @property {Readonly<Record<string, string>>} [env]
 * @property {boolean} [full]      only with --full
 * @property {string} [needs]      the suite whose failure makes this one pointless
 */

/** @type {readonly Suite[]} */
const SUITES = [
  { name: "biome", command: [bin("biome"), "check", "--diagnostic-level=warn", "--max-diagnostics=30"] },
  { name: "fences", command: node("build/fences.mjs") },
  { name: "tsc", command: [bin("tsc"), "-p", "tsconfig.json"] },
  { name: "tsc-test", command: [bin("tsc"), "-p", "tsconfig.test.json"] },
  { name: "knip", command: [bin("knip"), "--no-progress"] },
  { name: "unit", command: vitest("unit"), counted: true, minutes: 8 },
  { name: "build", command: node("build/build.mjs") },
  { name: "binary", command: vitest("binary"), counted: true, minutes: 8, needs: "build" },
  { name: "build-sanitize", command: node("build/build.mjs", "--sanitize", "--out", "dist/procg-sanitize") },
  {
    name: "sanitize",
    // Not the terminal and the daemon: they are about signals and time, which the sanitizers change. Their C code has the host's tests.
    command: [
      ...vitest("binary", "sanitize"),
      ...["golden", "truth", "bad_input", "capture", "history"].map((name) => `test/binary/${name}`),
      "test/fuzz/trees",
      "test/environments/clock",
    ],
    counted: true,
    minutes: 12,
    // Nothing is freed at exit, on purpose. A run costs some eight times the plain one: every tool over every fixture, one case of four.
    env: { PROCG_BINARY: "dist/procg-sanitize", ASAN_OPTIONS: "detect_leaks=0", PROCG_GOLDEN_SAMPLE: "4" },
    needs: "build-sanitize",
  },
  { name: "compat", command: vitest("compat"), counted: true, minutes: 8, needs: "build" },
  { name: "e2e", command: vitest("e2e"), counted: true, minutes: 18, needs: "build" },
  { name: "kernel", command: vitest("kernel"), counted: true, minutes: 15, needs: "build" },
  { name: "release", command: vitest("release"), counted: true, minutes: 15 },
  { name: "full", command: vitest("full"), counted: true, minutes: 120, full: true, needs: "build" },
];

const print = (text) => process.stdout.write(`${text}\n`);

/** The process group that runs now; ended by a signal to us. */
let running = null;

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // gone
  }
}

/**
 * Runs to the end or to the time limit. Gives the exit status; null when it had to be ended.
 * @param {Suite} suite
 * @returns {Promise<number | null>}
 */
function runCommand(suite) {
  const [command, ...words] = suite.command;
  const env = { ...process.env, ...(full ? { PROCG_FULL: "1" } : {}), ...suite.env };
  return new Promise((resolve) => {
    const child = spawn(command, words, {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      env,
      detached: true,
    });
    running = child;
    const timer = setTimeout(
      () => {
        print(`${suite.name}: ended after ${suite.minutes ?? 5} minutes`);
        killGroup(child, "SIGTERM");
        setTimeout(() => killGroup(child, "SIGKILL"), 15_000).unref();
      },
      (suite.minutes ?? 5) * 60_000,
    );
    const done = (status) => {
      clearTimeout(timer);
      running = null;
      // Whatever it left in its group.
      killGroup(child, "SIGKILL");
      resolve(status);
    };
    child.on("error", (error) => {
      print(`${suite.name}: ${error.message}`);
      done(127);
    });
    child.on("exit", (status) => done(status));
  });
}

/** passed, failed, skipped of a vitest report; the last with their names, the failed with their reasons. */
function readReport(name) {
  const path = reportOf(name);
  if (!existsSync(path)) return null;
  const report = JSON.parse(readFileSync(path, "utf8"));
  const counts = { passed: 0, failed: 0, skipped: [], why: [] };
  for (const file of report.testResults) {
    const path = relative(ROOT, file.name);
    // A file that broke before its first test.
    if (file.status === "failed" && file.assertionResults.length === 0) {
      counts.failed++;
      counts.why.push([path, shortened(file.message)]);
    }
    for (const test of file.assertionResults) {
      const name = `${path}: ${test.fullName}`;
      if (test.status === "passed") counts.passed++;
      else if (test.status !== "failed") counts.skipped.push(name);
      else {
        counts.failed++;
        counts.why.push([name, shortened(test.failureMessages[0])]);
      }
    }
  }
  return counts;
}

function shortened(message) {
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
  const lines = `${message ?? ""}`.replace(escapes, "").split("\n");
  return lines
    .filter((line) => !/^\s+at /.test(line))
    .join(" ")
    .slice(0, 500);
}

/** Reasons that are told again at the end, where a long log is read first; one reason may fail many tests. */
const REASONS_MOST = 20;

/** @param {readonly (readonly [name: string, reason: string])[]} failures */
function printFailures(failures) {
  const byReason = new Map();
  for (const [name, reason] of failures) byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  if (byReason.size > 0) print("\n=== failed");
  for (const [reason, names] of [...byReason].slice(0, REASONS_MOST))
    print(`${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ""}\n    ${reason}`);
  if (byReason.size > REASONS_MOST) print(`and ${byReason.size - REASONS_MOST} more reasons`);
}

/** @param {Suite} suite */
async function runSuite(suite) {
  if (suite.counted) rmSync(reportOf(suite.name), { force: true });
  const status = await runCommand(suite);
  if (!suite.counted) return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: [] };
  const counts = readReport(suite.name);
  if (counts === null) return { passed: 0, failed: 1, skipped: [] };
  // An error outside any test (a failed set-up or tear-down) is one more failure.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  if (status === 0 && counts.passed === 0 && counts.skipped.length === 0) counts.failed = 1;
  return counts;
}

/** dockerd and its like, when the suite that started them was killed. */
async function stopLeftovers() {
  const { stopDocker } = await import("../test/e2e/stop.mjs");
  await stopDocker();
}

const hasFullTests = () =>
  ["test/full", "test/kernel"].some(
    (folder) =>
      existsSync(join(ROOT, folder)) &&
      readdirSync(join(ROOT, folder), { recursive: true }).some((name) => `${name}`.endsWith(".test.ts")),
  );

async function main() {
  ensure(["node_modules", "compiler", "engine"]);
  mkdirSync(REPORTS, { recursive: true });
  const lines = [];
  const failures = [];
  const failedSuites = new Set();
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of SUITES) {
    if (suite.full && !(full && hasFullTests())) continue;
    if (only !== null && !only.includes(suite.name)) continue;
    print(`\n=== ${suite.name}`);
    const start = performance.now();
    let counts;
    if (suite.needs !== undefined && failedSuites.has(suite.needs)) {
      print(`not run: ${suite.needs} failed`);
      counts = { passed: 0, failed: 1, skipped: [] };
    } else counts = await runSuite(suite);
    if (suite.name === "e2e") await stopLeftovers();
    if (counts.failed > 0) failedSuites.add(suite.name);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const skipped = counts.skipped.length === 0 ? "" : `, ${counts.skipped.length} skipped`;
    lines.push(
      `${suite.name.padEnd(15)} ${`${counts.passed} passed, ${counts.failed} failed${skipped}`.padEnd(42)} ${seconds} s`,
    );
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped.length;
    for (const name of counts.skipped) print(`skipped: ${name}`);
    failures.push(...(counts.why ?? []));
  }
  printFailures(failures);
  print("\n=== sum");
  for (const line of lines) print(line);
  if (CI && sum.skipped > 0) {
    print(`CI: ${sum.skipped} skipped tests must run: counted as failed`);
    sum.failed += sum.skipped;
    sum.skipped = 0;
  }
  print(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}`);
  return sum.failed === 0 && sum.passed > 0 ? 0 : 1;
}

for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
]) {
  process.on(signal, async () => {
    if (running !== null) {
      killGroup(running, "SIGTERM");
      setTimeout(() => running !== null && killGroup(running, "SIGKILL"), 3_000).unref();
    }
    await stopLeftovers();
    process.exit(status);
  });
}

await runScript(main);
