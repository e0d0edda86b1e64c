/** Starts the executable over files that a test made, and looks at what it prints. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect } from "vitest";
import { binaryPath } from "../golden/run.ts";

export interface Outcome {
  /** null: ended by `signal`. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly timeoutMs?: number;
}

/** Nothing that these tests ask for takes longer than this; what hangs is killed, and its code is null. */
const TIMEOUT_MS = 2_000;

/** ASan's shadow memory and checks take their time. */
export const SLOWNESS = binaryPath().includes("sanitize") ? 10 : 1;

export const isRoot = process.getuid?.() === 0;

export function runTool(tool: string, args: readonly string[], options: SpawnOptions = {}): Outcome {
  return start(binaryPath(), args, tool, options);
}

/** Any program; for chroot(1), sh -c. */
export function start(
  program: string,
  args: readonly string[],
  argv0: string,
  options: SpawnOptions = {},
): Outcome {
  const run = spawnSync(program, args, {
    argv0,
    cwd: "/",
    env: { TZ: "UTC", LC_ALL: "C", PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...options.env },
    encoding: "utf8",
    timeout: (options.timeoutMs ?? TIMEOUT_MS) * SLOWNESS,
    killSignal: "SIGKILL",
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  return { code: run.status, signal: run.signal, stdout: run.stdout ?? "", stderr: run.stderr ?? "" };
}

/** A directory that is removed after the file's tests. Readable for everybody. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "procg-"));
  start("chmod", ["755", directory], "chmod");
  made.push(directory);
  return directory;
}

const made: string[] = [];

afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A file's text, or a link's target, or an empty directory. */
export type Content = string | { readonly link: string } | { readonly directory: true };

/** Writes files below a new directory; gives the directory. */
export function tree(files: Readonly<Record<string, Content>>): string {
  const top = temporaryDirectory();
  for (const [path, content] of Object.entries(files)) {
    const full = join(top, path);
    mkdirSync(dirname(full), { recursive: true });
    if (typeof content === "string") writeFileSync(full, content);
    else if ("link" in content) symlinkSync(content.link, full);
    else mkdirSync(full, { recursive: true });
  }
  return top;
}

/** Ended by itself, with this code, nothing on stdout and one line on stderr that says `what`. */
export function expectOneLine(outcome: Outcome, code: number, what: string | RegExp): void {
  expectNoTrace(outcome);
  expect(outcome).toMatchObject({ code, signal: null, stdout: "" });
  expect(outcome.stderr).toMatch(/^[^\n]+\n$/);
  expect(outcome.stderr).toMatch(what);
}

/** No stack of JavaScript or C, no sanitizer's report, no internal error; and never silent success. */
export function expectNoTrace({ code, signal, stdout, stderr }: Outcome): void {
  expect(stderr).not.toMatch(/^ +at |internal error|Sanitizer|runtime error|Segmentation/m);
  expect(signal).toBeNull();
  if (code === 0) expect(stdout).not.toBe("");
  else expect(stderr + stdout).not.toBe("");
}
