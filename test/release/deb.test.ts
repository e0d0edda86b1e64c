/** The Debian packages: what dpkg and lintian say of them, and their life in a small root: in, on top, over, out. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { captureDirectory } from "../fixtures/captures.ts";
import {
  architecture,
  FIRST,
  has,
  isRoot,
  NO_ARM64,
  nativeExecutable,
  output,
  product,
  readJson,
  run,
} from "./release.ts";
import { makeSmallRoot, type SmallRoot, standIn } from "./small_root.ts";

const ROOT = join(import.meta.dirname, "../..");
const { version } = readJson(join(ROOT, "package.json"));
const hasDpkg = has("dpkg-deb");

const contents = (deb: string): string[] =>
  output("dpkg-deb", "--contents", deb)
    .trim()
    .split("\n")
    .map((line) => line.replace(/^(\S+) (\S+) .*? \.\/(.*)$/, "$1 $2 $3"));

describe.skipIf(!hasDpkg)("the packages, taken apart (needs dpkg)", () => {
  const architectures = NO_ARM64 === undefined ? ["amd64", "arm64"] : ["amd64"];

  test.each(architectures)("procg for %s has the executable, links, pages, completions", (name) => {
    const deb = product(new RegExp(`^procg_.*_${name}\\.deb$`));
    const info = output("dpkg-deb", "--field", deb);
    expect(info).toContain(`Package: procg\nVersion: ${version}-1\nArchitecture: ${name}\n`);
    const size = Number(/^Installed-Size: (\d+)$/m.exec(info)?.[1]);
    expect(size).toBeGreaterThan(800);
    expect(size).toBeLessThan(2000);
    const files = contents(deb);
    const owners = new Set(files.map((line) => line.split(" ")[1]));
    expect([...owners]).toEqual(["root/root"]);
    expect(files).toContain("-rwxr-xr-x root/root usr/bin/procg");
    expect(files).toContain("lrwxrwxrwx root/root usr/lib/procg/bin/free -> ../../../bin/procg");
    expect(files).toContain("-rw-r--r-- root/root usr/share/doc/procg/copyright");
    for (const path of ["procg.1.gz", "procg-free.1.gz", "procg-uptime.1.gz"]) {
      expect(files).toContain(`-rw-r--r-- root/root usr/share/man/man1/${path}`);
    }
    for (const path of [
      "bash-completion/completions/procg",
      "zsh/vendor-completions/_procg",
      "fish/vendor_completions.d/procg.fish",
    ]) {
      expect(files).toContain(`-rw-r--r-- root/root usr/share/${path}`);
    }
    // No maintainer scripts.
    expect(output("dpkg-deb", "--info", deb)).not.toMatch(/\b(pre|post)(inst|rm)\b/);
  });

  test("procg-divert has links and scripts that a shell can read", () => {
    const deb = product(/^procg-divert_.*_all\.deb$/);
    expect(output("dpkg-deb", "--field", deb, "Depends")).toBe(`procg (= ${version}-1)\n`);
    const folder = mkdtempSync(join(tmpdir(), "procg-deb-"));
    try {
      output("dpkg-deb", "--control", deb, folder);
      expect(readdirSync(folder).sort()).toEqual(["control", "postinst", "postrm", "preinst"]);
      for (const script of ["postinst", "postrm", "preinst"]) output("sh", "-n", join(folder, script));
    } finally {
      rmSync(folder, { recursive: true });
    }
    const links = contents(deb).flatMap((line) => / usr\/bin\/(.+) -> procg$/.exec(line)?.[1] ?? []);
    // As the tools declare it: tsar and loadcalc stand for no program of Debian.
    expect(links.sort()).toEqual(["df", "free", "iostat", "nproc", "top", "uptime", "vmstat"]);
  });

  test.skipIf(!has("lintian"))("lintian has no error and no warning (needs lintian)", () => {
    const debs = readdirSync(FIRST).filter((name) => name.endsWith(".deb"));
    const { stdout } = run("lintian", "--fail-on", "none", ...debs.map((name) => join(FIRST, name)));
    expect(stdout.split("\n").filter((line) => /^[EW]:/.test(line))).toEqual([]);
  });
});

const canInstall = hasDpkg && isRoot && has("busybox") && has("chroot");

describe.skipIf(!canInstall)("installed in a small root (needs root, dpkg and busybox)", () => {
  let root: SmallRoot;
  const procg = () => product(new RegExp(`^procg_.*_${architecture}\\.deb$`));

  beforeAll(() => {
    root = makeSmallRoot();
    root.dpkg("--install", procg());
  });
  afterAll(() => root.remove());

  test("every tool runs, under its name and by its link", () => {
    mkdirSync(join(root.folder, "captures"));
    output("cp", "-a", captureDirectory("v2-cgroupns"), join(root.folder, "captures/v2"));
    const tools = root.inside("/usr/bin/procg", "--list").stdout.trim().split("\n");
    expect(tools).toContain("free");
    for (const tool of tools) {
      expect([tool, root.inside("procg", tool, "--version").stdout]).toEqual([
        tool,
        expect.stringContaining(`${tool} from procg ${version}`),
      ]);
      // iostat's ends with 1, as sysstat's.
      const help = root.inside("procg", tool, "--help");
      expect([tool, help.stdout + help.stderr]).toEqual([tool, expect.stringMatching(/usage/i)]);
    }
    for (const link of readdirSync(join(root.folder, "usr/lib/procg/bin"))) {
      const { stdout } = root.inside(`/usr/lib/procg/bin/${link}`, "--version");
      expect([link, stdout]).toEqual([link, expect.stringContaining(`${link} from procg`)]);
    }
    for (const tool of ["free", "nproc", "uptime", "doctor"]) {
      const here = run(nativeExecutable(), tool, "--replay", captureDirectory("v2-cgroupns"));
      const there = root.inside("procg", tool, "--replay", "/captures/v2");
      expect([tool, there.status, there.stdout]).toEqual([tool, here.status, here.stdout]);
    }
  });

  test("dpkg finds its files unchanged; once removed, nothing is left", () => {
    expect(root.dpkg("--verify", "procg")).toBe("");
    root.dpkg("--purge", "procg");
    const left = output("find", root.folder, "-path", "*procg*", "-not", "-path", "*/captures/*");
    expect(left.split("\n").filter((path) => path.slice(root.folder.length).includes("procg"))).toEqual([]);
    root.dpkg("--install", procg());
  });
});

describe.skipIf(!canInstall)("procg-divert in a small root (needs root, dpkg and busybox)", () => {
  let root: SmallRoot;
  let work: string;
  const says = (path: string): string => root.inside(path, "--version").stdout.trim();
  const diversions = () => root.inside("dpkg-divert", "--list").stdout;
  const classic = (release: string) => {
    // One file of its own: a package disappears when another has all of its files.
    const page = { "usr/share/man/man1/free.1.gz": `page ${release}`, "usr/bin/pgrep": "pgrep" };
    const files = { "usr/bin/free": `procps ${release}`, "usr/bin/uptime": `procps ${release}`, ...page };
    return standIn(work, "procps", release, files);
  };

  beforeAll(() => {
    root = makeSmallRoot();
    work = mkdtempSync(join(tmpdir(), "procg-divert-"));
    // Debian 12 knows df as /bin/df, though /bin is /usr/bin.
    const coreutils = { "bin/df": "coreutils 9", "usr/bin/nproc": "coreutils 9", "usr/bin/tac": "tac" };
    // It keeps /bin from going with the last package that has a file there.
    root.dpkg("--install", standIn(work, "base-files", "1", { "bin/base": "base" }));
    root.dpkg("--install", classic("1"), standIn(work, "coreutils", "9", coreutils));
    root.dpkg("--install", product(new RegExp(`^procg_.*_${architecture}\\.deb$`)));
  });
  afterAll(() => {
    root.remove();
    rmSync(work, { recursive: true, force: true });
  });

  const ours = () => {
    for (const name of ["free", "uptime", "nproc", "df"])
      expect(says(`/usr/bin/${name}`)).toMatch(new RegExp(`^${name} from procg`));
  };

  test("puts ours in the place of the classic programs, which stay as .distrib", () => {
    root.dpkg("--install", product(/^procg-divert_/));
    ours();
    expect(says("/usr/bin/free.distrib")).toBe("procps 1");
    expect(says("/usr/bin/df.distrib.usr-is-merged")).toBe("coreutils 9");
    const page = (name: string) => root.inside("readlink", `/usr/share/man/man1/${name}`).stdout;
    expect(page("free.1.gz")).toBe("procg-free.1.gz\n");
    expect(root.inside("sh", "/usr/share/man/man1/free.distrib.1.gz").stdout).toBe("page 1\n");
  });

  test("an upgrade of the classic package goes to .distrib, also where df has moved to /usr/bin", () => {
    root.dpkg("--install", classic("2"));
    const moved = { "usr/bin/df": "coreutils 10", "usr/bin/nproc": "coreutils 10", "usr/bin/tac": "tac" };
    root.dpkg("--install", standIn(work, "coreutils", "10", moved));
    ours();
    expect(says("/usr/bin/free.distrib")).toBe("procps 2");
    expect(says("/usr/bin/df.distrib")).toBe("coreutils 10");
    expect(output("find", root.folder, "-name", "*.usr-is-merged")).toBe("");
  });

  test("a package that comes later finds its name taken, and goes to .distrib", () => {
    if (!diversions().includes("/usr/bin/vmstat")) return;
    root.dpkg("--install", standIn(work, "other", "1", { "usr/bin/vmstat": "other 1" }));
    expect(says("/usr/bin/vmstat")).toContain("from procg");
    expect(says("/usr/bin/vmstat.distrib")).toBe("other 1");
  });

  test("installed again, or upgraded, nothing is moved twice", () => {
    const before = diversions();
    root.dpkg("--install", product(/^procg-divert_/));
    expect(diversions()).toBe(before);
    ours();
    expect(says("/usr/bin/free.distrib")).toBe("procps 2");
  });

  test("a name that a version no longer has goes back to the classic program", () => {
    // As a version with one more name would have left it.
    root.inside(
      ...["dpkg-divert", "--package", "procg-divert", "--quiet", "--add", "--rename"],
      ...["--divert", "/usr/bin/cat.distrib", "/usr/bin/cat"],
    );
    expect(root.inside("readlink", "/usr/bin/cat").status).toBe(1);
    root.dpkg("--install", product(/^procg-divert_/));
    expect(diversions()).not.toContain("/usr/bin/cat");
    expect(root.inside("readlink", "/usr/bin/cat").stdout).toBe("busybox\n");
  });

  test("removed, every classic program is back and no diversion is left", () => {
    root.dpkg("--remove", "procg-divert");
    expect(diversions()).toBe("");
    expect(says("/usr/bin/free")).toBe("procps 2");
    expect(says("/bin/df")).toBe("coreutils 10");
    expect(says("/usr/bin/nproc")).toBe("coreutils 10");
    expect(root.inside("sh", "/usr/share/man/man1/free.1.gz").stdout).toBe("page 2\n");
    expect(output("find", root.folder, "-name", "*.distrib*")).toBe("");
    expect(root.dpkg("--verify", "procps", "coreutils")).toBe("");
  });

  test("a second life: in and out by purge", () => {
    root.dpkg("--install", product(/^procg-divert_/));
    ours();
    root.dpkg("--purge", "procg-divert");
    expect(diversions()).toBe("");
    expect(says("/usr/bin/free")).toBe("procps 2");
  });

  test("before coreutils has moved df: in and out, and df is there again", () => {
    const old = { "bin/df": "coreutils 9", "usr/bin/nproc": "coreutils 9", "usr/bin/tac": "tac" };
    root.dpkg("--install", "--force-downgrade", standIn(work, "coreutils", "9.0", old));
    root.dpkg("--install", product(/^procg-divert_/));
    ours();
    root.dpkg("--install", standIn(work, "coreutils", "9.1", old));
    ours();
    root.dpkg("--remove", "procg-divert");
    expect(says("/bin/df")).toBe("coreutils 9");
    expect(root.dpkg("--verify", "procps", "coreutils")).toBe("");
  });

  test("procg does not go while procg-divert needs it", () => {
    root.dpkg("--install", product(/^procg-divert_/));
    const { status, stderr } = run("dpkg", `--root=${root.folder}`, "--log=/dev/null", "--remove", "procg");
    expect([status, stderr]).toEqual([1, expect.stringContaining("procg-divert depends on procg")]);
    ours();
  });
});
