/** df under --host, option by option, against coreutils' df on the same machine. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Comparison, compareWith, expectClose, untilEqual } from "./binary.ts";

const folder = mkdtempSync(join(tmpdir(), "procg-df-"));
mkdirSync(join(folder, "a b"));
writeFileSync(join(folder, "it's"), "");
symlinkSync("/proc", join(folder, "link"));
afterAll(() => rmSync(folder, { recursive: true }));

const LINES: readonly string[] = [
  "",
  "-a",
  "-h",
  "-H",
  "-k",
  "-m",
  "-i",
  "-T",
  "-P",
  "-l",
  "-v",
  "--total",
  "--sync",
  "--no-sync",
  "-hT",
  "-hi",
  "-Hi",
  "-iT",
  "-aT",
  "-ai",
  "-al",
  "-a --total",
  "-P -h",
  "-P -T",
  "-P -i",
  "-P -m",
  "-P -BM",
  "-h -k",
  "-k -h",
  "-h -BG",
  "-B K",
  "-BM",
  "-BG",
  "-BT",
  "-BE",
  "-BMB",
  "-BkB",
  "-BkD",
  "-BKiB",
  "-BMiB",
  "-B1",
  "-B1M",
  "-B10M",
  "-B3MB",
  "-B512",
  "-B1000",
  "-B1024",
  "-B1500",
  "-B4096",
  "-B1000000",
  "-B1024000",
  "-B0x10",
  "-B010",
  "-B+5",
  "-B human-readable",
  "-B hu",
  "-B s",
  "-BM -i",
  "-BMB -i",
  "-B1 --total",
  "-h --total",
  "-i --total",
  "--block-size=K",
  "--block-size M",
  "--block=G",
  "--hum",
  "--output",
  "-h --output",
  "-BM --output",
  "--output=source,target",
  "--output=size",
  "--output=target,size,pcent",
  "--output=avail --output=pcent",
  "--output=itotal,iused,iavail,ipcent,fstype",
  "--output=target --total",
  "--output=file,size /",
  "--output --total",
  "-t tmpfs",
  "-t tmpfs -t ext4",
  "-F tmpfs",
  "--type=devtmpfs",
  "-x tmpfs",
  "-x tmpfs -x devtmpfs --total",
  "--ex tmpfs",
  "-a -x cgroup",
  "/",
  "-h /",
  "-hT /",
  ". /tmp",
  "/proc",
  "/dev/null /dev/pts",
  "/etc/passwd /proc/self/mountinfo",
  "-i /",
  "-a /proc",
  "-l / /proc",
  "-t tmpfs /dev/shm",
  "--total / /",
  "--total --output=size,target /",
  "--output=target /",
  "-- /",
];

const MISTAKES: readonly string[] = [
  "/nonexistent",
  "/nonexistent /",
  "-t nosuch",
  "-t nosuch /",
  "-x ext4 -t ext4",
  "-t a -t b -x b -x a",
  "-Z",
  "--bogus",
  "--o=x --a",
  "-B",
  "-t",
  "--block-size",
  "--total=3",
  "-Bx",
  "-B1x",
  "-B -5",
  "-B 0",
  "-B 99999999999999999999",
  "-B Kib",
  "-B e",
  "-B 1e",
  "-B b",
  "-B w",
  "-B R",
  "-B 1RB",
  "-B Y",
  "-B 1Z",
  "-B 08",
  "--block-size=x",
  "--output=foo",
  "--output=size,foo",
  "--output=size,size",
  "--output=size --output=size",
  "--output=",
  "--output=source,",
  "-i --output",
  "--output -i",
  "-T --output",
  "--output -T",
  "-P --output",
  "--output=size -P",
  "--no",
  "--s",
];

const ENVIRONMENTS: readonly Record<string, string>[] = [
  { BLOCK_SIZE: "M" },
  { BLOCK_SIZE: "x" },
  { BLOCK_SIZE: "1x" },
  { BLOCK_SIZE: "0" },
  { BLOCK_SIZE: "-5" },
  { BLOCKSIZE: "512" },
  { BLOCKSIZE: "human-readable" },
  { DF_BLOCK_SIZE: "si", BLOCK_SIZE: "1" },
  { DF_BLOCK_SIZE: "" },
  { DF_BLOCK_SIZE: "'M" },
  { DF_BLOCK_SIZE: "5K" },
  { POSIXLY_CORRECT: "1" },
  { POSIXLY_CORRECT: "1", BLOCK_SIZE: "G" },
];

compareWith("df", "--version", /coreutils\) 9\./, "coreutils", (comparison) => {
  test.each(LINES)("df %s", (line) => expectSame(comparison, words(line)));

  test.each(MISTAKES)("a mistake: df %s", (line) => expectSame(comparison, words(line)));

  test("empty words", () => {
    for (const args of [["-B", ""], ["-t", ""], [""]]) expectSame(comparison, args);
  });

  test.each(ENVIRONMENTS)("environment %j", (env) => {
    expectSame(comparison, ["/"], env);
    expectSame(comparison, ["-P", "/"], env);
    expectSame(comparison, ["-h"], env);
    expectSame(comparison, ["-i", "/"], env);
  });

  test("quotes in a UTF-8 locale", () => {
    for (const args of [["--output=foo"], ["-x", "a", "-t", "a"]])
      expectSame(comparison, args, { LC_ALL: "C.UTF-8" });
  });

  test("names that need quotes, relative names, links", () => {
    for (const args of [
      [
        "a b",
        "it's",
        "link",
        "link/self",
        "no such",
        "nosuch'",
        "a\nb",
        "~x",
        "a$b",
        "it's\n",
        "=",
        "{",
        "a{b",
      ],
      ["a b/", "./link", "../"],
    ]) {
      expectSame(comparison, args, {}, folder);
    }
  });

  test("devices", () => {
    const sources = comparison
      .both(["--output=source"])
      .theirs.stdout.split("\n")
      .filter((source) => source.startsWith("/dev/"));
    for (const source of sources) expectSame(comparison, [source]);
    expectSame(comparison, ["/dev/zero", "/dev/tty"]);
  });

  test("--help goes to stdout, a closed stdout is an error", () => {
    const { ours, theirs } = comparison.both(["--help"]);
    expect([ours.code, ours.stderr, ours.stdout.startsWith("Usage: df [OPTION]... [FILE]...")]).toEqual([
      theirs.code,
      theirs.stderr,
      theirs.stdout.startsWith("Usage: df [OPTION]... [FILE]..."),
    ]);
  });
});

function words(line: string): string[] {
  return line === "" ? [] : line.split(" ");
}

function expectSame(
  comparison: Comparison,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = "/",
): void {
  expectClose(untilEqual(comparison, args, env, cwd), 1);
}
