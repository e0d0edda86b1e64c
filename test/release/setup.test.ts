/** A release where the cross compiler is missing, and one that does without it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../../build/release.mjs");
const folder = mkdtempSync(join(tmpdir(), "procg-release-test-"));
const out = join(folder, "out");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const release = (env: NodeJS.ProcessEnv, ...flags: readonly string[]) =>
  spawnSync(process.execPath, [SCRIPT, "--out", out, ...flags], {
    encoding: "utf8",
    env: { ...process.env, SOURCE_DATE_EPOCH: "1790000000", ...env },
  });

test.skipIf(process.arch !== "x64")(
  "without a cross compiler the packages are named in one line (x64)",
  () => {
    const bin = mkdtempSync(join(folder, "bin-"));
    symlinkSync(process.execPath, join(bin, "node"));
    const { status, stdout, stderr } = release({ PATH: bin, PROCG_NO_INSTALL: "1" });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "setup: no cross compiler for arm64: dpkg --add-architecture arm64 && apt-get update && " +
        "apt-get install gcc-aarch64-linux-gnu musl-dev:arm64; not installed here: PROCG_NO_INSTALL=1 (--skip-arm64 goes on without)\n",
    );
    expect(existsSync(out)).toBe(false);
  },
);

test.skipIf(process.arch !== "x64")("--skip-arm64 leaves out what is for arm64, nothing else (x64)", () => {
  const { status, stderr } = release({}, "--skip-arm64");
  expect([status, stderr]).toEqual([0, ""]);
  const names = readdirSync(out);
  expect(names.filter((name) => name.includes("arm64"))).toEqual([]);
  expect(names).toContain("procg-linux-x64");
  expect(readFileSync(join(out, "procg.spdx.json"), "utf8")).not.toContain("arm64");
  expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("a time that is none is refused in one line", () => {
  const { status, stderr } = release({ SOURCE_DATE_EPOCH: "yesterday" }, "--skip-arm64");
  expect([status, stderr]).toEqual([1, "release: SOURCE_DATE_EPOCH=yesterday is no count of seconds\n"]);
});
