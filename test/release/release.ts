/** What the tests of the release share: the products, and programs that look at them. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Set by global_setup.ts. */
const BOTH = process.env.PROCG_RELEASE ?? "";
export const FIRST = join(BOTH, "first");
export const SECOND = join(BOTH, "second");
export const NO_ARM64 = process.env.PROCG_RELEASE_NO_ARM64;
const CI = process.env.CI === "true";

/** Whether a test that needs a program can run: in CI it must. */
export function has(program: string): boolean {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return CI || folders.some((folder) => existsSync(join(folder, program)));
}

export const isRoot = process.getuid?.() === 0;

export function run(command: string, ...args: readonly string[]): SpawnSyncReturns<string> {
  const env = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LC_ALL: "C",
    TZ: "UTC",
  };
  const result = spawnSync(command, args, { encoding: "utf8", env, timeout: 300_000 });
  if (result.error !== undefined) throw result.error;
  return result;
}

/** Stdout of a command that must succeed. */
export function output(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = run(command, ...args);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${status}: ${stderr}${stdout}`);
  return stdout;
}

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** All files below, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

/** The one file of this name pattern in the first run. */
export function product(pattern: RegExp): string {
  const names = readdirSync(FIRST).filter((name) => pattern.test(name));
  if (names.length !== 1) throw new Error(`${pattern}: ${names.length} files`);
  return join(FIRST, names[0] ?? "");
}

/** The executable for the machine that the tests run on. */
export const nativeExecutable = (): string => join(FIRST, `procg-linux-${process.arch}`);

export const architecture = process.arch === "arm64" ? "arm64" : "amd64";

export function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, "utf8"));
}
