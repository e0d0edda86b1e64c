/** The shipped executable in an empty root file system. Not for the sanitizer's build, which needs its libraries. */
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { binaryPath, hasBinary } from "../golden/run.ts";
import { expectOneLine, isRoot, start, temporaryDirectory } from "./spawn.ts";

describe.skipIf(!hasBinary() || !isRoot)("an empty root file system (needs root)", () => {
  /** `prepare` runs in a mount namespace of its own, in the new root. */
  const inChroot = (prepare: string, words: string) => {
    const root = temporaryDirectory();
    cpSync(binaryPath(), join(root, "procg"));
    for (const name of ["proc", "sys"]) mkdirSync(join(root, name));
    const command = `cd "$1" && ${prepare} exec chroot . /procg ${words}`;
    return start("unshare", ["--mount", "sh", "-c", command, "sh", root], "unshare");
  };
  const BOTH = "mount -t proc proc proc && mount --rbind /sys sys &&";
  const canMount = isRoot && start("unshare", ["--mount", "true"], "unshare").code === 0;

  test.skipIf(!canMount).each([
    ["free", /^ +total .*\nMem: +\d+/],
    ["nproc", /^\d+\n$/],
    ["uptime", / up .*load average: /],
    ["free --json", /^\{"schema":"procg.free\/v1"/],
    ["--list", /free/],
  ])("%s with /proc and /sys", (words, output) => {
    const outcome = inChroot(BOTH, words);
    expect(outcome.stderr).toBe("");
    expect(outcome).toMatchObject({ code: 0 });
    expect(outcome.stdout).toMatch(output);
  });

  test.skipIf(!canMount)("without /proc", () => {
    expectOneLine(inChroot("", "free"), 1, "free: cannot read /proc/meminfo: No such file or directory\n");
    expectOneLine(inChroot("", "uptime"), 1, "uptime: cannot read /proc/uptime: No such file or directory\n");
    expectOneLine(inChroot("", "install /"), 1, "install: /proc/self/exe: No such file or directory\n");
    expect(inChroot("", "nproc")).toMatchObject({ code: 0, stderr: "" });
    expect(inChroot("", "nproc --all")).toMatchObject({ code: 0, stderr: "" });
    // Whatever cannot be read: the program is started.
    expect(inChroot("", "exec /procg nproc")).toMatchObject({ code: 0, stderr: "" });
    expect(inChroot("", "env")).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(inChroot("", "doctor")).toMatchObject({ code: 1, stderr: "" });
    expectOneLine(
      inChroot("", "capture /x"),
      1,
      "capture: cannot read /proc/uptime: No such file or directory",
    );
  });

  test.skipIf(!canMount)("/proc without /sys", () => {
    const outcome = inChroot("mount -t proc proc proc &&", "free --json");
    expect(outcome.code).toBe(0);
  });
});
