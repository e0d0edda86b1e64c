/** A limited cgroup of this machine, seen through cgroup mounts at odd places: the same limits everywhere, or none known and said so. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isRoot, start, temporaryDirectory } from "../binary/spawn.ts";
import { binaryPath, hasBinary } from "../golden/run.ts";

const TOP = "/sys/fs/cgroup";
const NAME = `procg-odd-${process.pid}`;
const isV1 = existsSync(`${TOP}/memory/cgroup.procs`) && existsSync(`${TOP}/cpu/cgroup.procs`);
const LIMIT = 67_108_864;

/** Directories made, file -> text; where to write a pid. */
const LIMITS: readonly (readonly [string, string])[] = isV1
  ? [
      [`${TOP}/memory/${NAME}/memory.limit_in_bytes`, String(LIMIT)],
      [`${TOP}/cpu/${NAME}/cpu.cfs_quota_us`, "50000"],
    ]
  : [
      [`${TOP}/${NAME}/memory.max`, String(LIMIT)],
      [`${TOP}/${NAME}/cpu.max`, "50000 100000"],
    ];
const DIRECTORIES = [...new Set(LIMITS.map(([file]) => file.slice(0, file.lastIndexOf("/"))))];

/** v2: a child has limits only where the root hands the controllers down. */
function canLimit(): boolean {
  if (isV1) return true;
  const control = `${TOP}/cgroup.subtree_control`;
  const given = existsSync(control) ? readFileSync(control, "utf8").split(/\s/) : [];
  return given.includes("memory") && given.includes("cpu");
}

const canMount = isRoot && canLimit() && start("unshare", ["-m", "-p", "-f", "true"], "unshare").code === 0;

describe.skipIf(!hasBinary() || !canMount)(
  "cgroup file systems at odd places (needs root, and cgroups that can be limited)",
  () => {
    let folder = "";
    beforeAll(() => {
      folder = temporaryDirectory();
      mkdirSync(join(folder, "cg"));
      mkdirSync(join(folder, "a b"));
      for (const directory of DIRECTORIES) mkdirSync(directory);
      for (const [file, text] of LIMITS) writeFileSync(file, text);
    });
    afterAll(() => {
      for (const directory of DIRECTORIES) rmdirSync(directory);
    });

    /** `script` in namespaces of its own, as a process of the limited cgroup; then the tool. */
    const runInside = (script: string, words: string) => {
      const join_ = DIRECTORIES.map((directory) => `echo $$ > ${directory}/cgroup.procs;`).join(" ");
      const inner = `${script.replaceAll("DIR", folder)} "${binaryPath()}" ${words}; exit $?`;
      const outer = `${join_} exec unshare --mount --pid --fork --mount-proc sh -c '${inner}'`;
      return start("sh", ["-c", outer], "sh", { timeoutMs: 10_000 });
    };
    const known = (script: string): void => {
      const free = runInside(script, "free --json");
      expect([free.code, free.stderr]).toEqual([0, ""]);
      expect(JSON.parse(free.stdout).memory).toMatchObject({ limitBytes: LIMIT, totalBytes: LIMIT });
      expect(JSON.parse(runInside(script, "nproc --json").stdout)).toMatchObject({
        quotaCores: 0.5,
        cpus: 1,
      });
    };

    test.each([
      ["as usual", ":;"],
      [
        "bound elsewhere, gone from the usual place",
        "mount --rbind /sys/fs/cgroup DIR/cg; umount -l /sys/fs/cgroup;",
      ],
      ["twice", "mount --rbind /sys/fs/cgroup DIR/cg;"],
      ["a blank in the name", 'mount --rbind /sys/fs/cgroup "DIR/a b"; umount -l /sys/fs/cgroup;'],
      [
        "bound over itself, read-only",
        "mount --rbind /sys/fs/cgroup /sys/fs/cgroup; mount -o remount,bind,ro /sys/fs/cgroup;",
      ],
    ])("%s", (_name, script) => known(script));

    test("covered by something else: not known, and said so", () => {
      const cover = "mount -t tmpfs none /sys/fs/cgroup;";
      const free = runInside(cover, "free --json");
      expect(free.stderr).toMatch(/^free: no memory cgroup can be seen: .*upper bounds only\n$/);
      expect(JSON.parse(free.stdout).memory).toMatchObject({ limitBytes: null, usedBytes: null });
      expect(JSON.parse(runInside(cover, "nproc --json").stdout)).toMatchObject({ quotaCores: null });
    });
  },
);
