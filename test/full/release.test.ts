/** The packages in a clean Debian, and the executables built at another place. Minutes, root, and Debian's mirror. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { architecture, filesBelow, has, isRoot, output, run } from "../release/release.ts";

const ROOT = join(import.meta.dirname, "../..");
const MIRROR = process.env.PROCG_DEBIAN_MIRROR ?? "http://deb.debian.org/debian";
const work = mkdtempSync(join(tmpdir(), "procg-full-"));
const here = join(work, "here");

/** A release of the tree in `root`. */
function release(root: string, out: string): void {
  const env = ["env", "SOURCE_DATE_EPOCH=1790000000", process.execPath];
  output("/usr/bin/env", ...env, join(root, "build/release.mjs"), "--out", out);
}

beforeAll(() => release(ROOT, here));
afterAll(() => rmSync(work, { recursive: true, force: true }));

test("built at another place, without any object from before, it is the same to the byte", () => {
  const copy = join(work, "another/place");
  const left = new Set(["dist", ".cache", ".git"]);
  cpSync(ROOT, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !left.has(relative(ROOT, path)),
  });
  const there = join(work, "there");
  release(copy, there);
  const names = filesBelow(here);
  expect(filesBelow(there)).toEqual(names);
  const differ = names.filter(
    (name) => !readFileSync(join(here, name)).equals(readFileSync(join(there, name))),
  );
  expect(differ).toEqual([]);
});

const possible = isRoot && has("debootstrap") && has("dpkg");

describe.skipIf(!possible)("in a clean Debian (needs root and debootstrap)", () => {
  const root = join(work, "debian");
  const inside = (...command: readonly string[]) =>
    output("chroot", root, "/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", ...command);

  beforeAll(() => {
    const packages = "--include=procps,sysstat";
    output("debootstrap", "--variant=minbase", packages, "bookworm", root, MIRROR);
    for (const name of readdirSync(here).filter((each) => each.endsWith(".deb"))) {
      cpSync(join(here, name), join(root, "root", name));
    }
    output("mount", "-t", "proc", "proc", join(root, "proc"));
  });
  afterAll(() => {
    run("umount", join(root, "proc"));
  });

  const debs = (pattern: RegExp): string[] =>
    readdirSync(join(root, "root"))
      .filter((name) => pattern.test(name))
      .map((name) => `/root/${name}`);
  const CLASSIC = ["df", "free", "nproc", "uptime"];
  const version = (name: string): string => inside(name, "--version").split("\n")[0] ?? "";

  test("apt installs procg, and every tool runs", () => {
    inside("apt-get", "install", "-y", ...debs(new RegExp(`^procg_.*_${architecture}\\.deb$`)));
    for (const tool of inside("procg", "--list").trim().split("\n")) {
      expect([tool, inside("procg", tool, "--version")]).toEqual([
        tool,
        expect.stringContaining(`${tool} from procg`),
      ]);
    }
    // df has nothing to list in a chroot, as the classic one.
    for (const tool of CLASSIC.filter((name) => name !== "df")) {
      const { status, stdout } = run("chroot", root, `/usr/lib/procg/bin/${tool}`);
      expect([tool, status]).toEqual([tool, 0]);
      expect(stdout).not.toBe("");
    }
    for (const tool of CLASSIC) expect(version(tool)).not.toContain("procg");
  });

  test("procg-divert takes the names over, through reinstallation of the classic packages, and gives them back", () => {
    const before = CLASSIC.map(version);
    inside("apt-get", "install", "-y", ...debs(/^procg-divert_/));
    for (const tool of CLASSIC) expect(version(tool)).toContain(`${tool} from procg`);
    inside("apt-get", "install", "-y", "--reinstall", "procps", "coreutils");
    for (const tool of CLASSIC) expect(version(tool)).toContain(`${tool} from procg`);
    inside("apt-get", "remove", "-y", "procg-divert");
    expect(CLASSIC.map(version)).toEqual(before);
    expect(inside("dpkg", "--verify", "procps")).not.toContain("/usr/bin");
    expect(inside("dpkg", "--verify", "coreutils")).not.toContain("/bin/");
    inside("apt-get", "purge", "-y", "procg");
    expect(run("chroot", root, "procg", "--version").status).not.toBe(0);
  });
});
