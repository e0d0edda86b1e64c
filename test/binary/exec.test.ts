/** procg exec takes the place of a program as env(1) does: same pid, signals, files, words and exit codes. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binaryPath, hasBinary } from "../golden/run.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "procg-exec-"));
  writeFileSync(join(folder, "script"), 'echo "script $1 $#"\n');
  chmodSync(join(folder, "script"), 0o755);
  writeFileSync(join(folder, "plain"), "no program\n");
  chmodSync(join(folder, "plain"), 0o644);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[], input?: string) {
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    cwd: folder,
    timeout: 20_000,
    ...(input === undefined ? {} : { input }),
  });
  return { status, signal, stdout, stderr };
}

const viaExec = (...words: readonly string[]) => run(binaryPath(), ["exec", ...words]);
const viaEnv = (...words: readonly string[]) => run("env", words);

/** Not a version manager's script, which sets variables of its own. */
const PYTHON = "/usr/bin/python3";

/** What a program finds of itself. */
const SELF =
  'import os,sys; print(os.getcwd(), sorted(os.listdir("/proc/self/fd")), sys.argv, os.umask(0), os.getpriority(0, 0), ' +
  '[l for l in open("/proc/self/status") if l[:6] in ("SigBlk", "SigIgn")], sorted(os.environb), os.environb.get(b"X"))';

describe.skipIf(!hasBinary())("procg exec", () => {
  test.each([
    ["as it is", "exec"],
    ["ignored signals", "trap '' INT HUP; exec"],
    [
      "a mask",
      `exec ${PYTHON} -c 'import os,signal,sys; signal.pthread_sigmask(0,{10,15}); os.execvp(sys.argv[1],sys.argv[1:])'`,
    ],
    ["more files, none on 0", "exec 7</dev/null 8>&1 <&-; exec"],
    ["umask and priority", "umask 027; exec nice -n 3"],
    ["names that are not UTF-8", "export X=\"$(printf '\\377')\"; export Y=$X; exec"],
  ])("hands on what it was given: %s", (_what, start) => {
    const script = `${start} "$@"`;
    const words = [PYTHON, "-c", SELF, "--json", "-x", "a b"];
    const direct = run("sh", ["-c", script, "sh", "env", ...words]);
    expect([direct.status, direct.stderr]).toEqual([0, ""]);
    expect(run("sh", ["-c", script, "sh", binaryPath(), "exec", "--", ...words])).toEqual(direct);
  });

  test("is the same process", () => {
    const { stdout } = run("sh", ["-c", `echo $$; exec ${binaryPath()} exec sh -c 'echo $$'`]);
    const [before, after] = stdout.trim().split("\n");
    expect(after).toBe(before);
  });

  test.each([
    ["its exit code", ["sh", "-c", "exit 7"]],
    ["its death by a signal", ["sh", "-c", "kill -9 $$"]],
    ["a name with a slash", ["./script", "a b"]],
    ["a text without #! is a script", ["script-in-path", "a b"]],
    ["a closed output", ["sh", "-c", "echo x >&-; echo $?"]],
  ])("as env does: %s", (_what, words) => {
    const [name = "", ...rest] = words;
    const command = name === "script-in-path" ? ["sh", "-c", 'PATH="$PWD:$PATH"; "$0" script "$1"'] : null;
    if (command === null) {
      const expected = viaEnv(name, ...rest);
      expect(viaExec(name, ...rest)).toEqual(expected);
      expect(viaExec("--", name, ...rest)).toEqual(expected);
      return;
    }
    const both = ["env", `${binaryPath()} exec`].map(
      (through) => run("sh", ["-c", `PATH="$PWD:$PATH"; ${through} script 'a b'`]).stdout,
    );
    expect(both).toEqual(["script a b 1\n", "script a b 1\n"]);
  });

  test.each([
    ["not found", ["no-such-program"], 127, "exec: no-such-program: No such file or directory\n"],
    ["not found, with a slash", ["./no/such"], 127, "exec: ./no/such: No such file or directory\n"],
    ["not executable", ["./plain"], 126, "exec: ./plain: Permission denied\n"],
    ["a folder", ["/"], 126, "exec: /: Permission denied\n"],
    ["its own options", ["--frob", "sh"], 125, "exec: unrecognized option '--frob'\n"],
    ["no command", [], 125, "exec: a command is needed\n"],
    ["a variable that is none", ["--only=GOMAXPROC", "sh"], 125, null],
    ["a capture", ["--replay", "/none", "sh"], 125, null],
  ])("%s: exit code and one line", (_what, words, status, line) => {
    const result = viaExec(...words);
    expect([result.status, result.stdout]).toEqual([status, ""]);
    expect(result.stderr).toMatch(/^exec: [^\n]+\n$/);
    if (line !== null) expect(result.stderr).toBe(line);
    if (status > 125) expect(viaEnv(...words).status).toBe(status);
  });
});
