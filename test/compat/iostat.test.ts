/** iostat under --host, option by option, against sysstat's iostat on the same machine. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { BINARY, type Comparison, compareWith, expectClose, shape, untilEqual } from "./binary.ts";

const LINES: readonly string[] = [
  "",
  "-c",
  "-d",
  "-x",
  "-k",
  "-m",
  "-t -c",
  "-z",
  "-s",
  "-h",
  "-p",
  "-p ALL",
  "-p FIRST",
  "-N",
  "-y",
  "-dx",
  "-xs",
  "-dxk",
  "-dxm",
  "-dsm",
  "-dh",
  "-dhm",
  "-xh",
  "-xsh",
  "-c -d",
  "-d -c -z FIRST",
  "-kx -c FIRST",
  "--human",
  "--pretty",
  "--compact",
  "-x --human",
  "-x --pretty",
  "-x -h --compact",
  "--dec=0",
  "--dec=1",
  "--dec=2",
  "-x --dec=0",
  "-xh --dec=0",
  "-c --dec=1",
  "-h --dec=2",
  "ALL",
  "-d ALL -z",
  "FIRST",
  "-d FIRST SECOND",
  "-d SECOND FIRST",
  "-d /dev/FIRST",
  "-dp FIRST,SECOND",
  "-d -p FIRST,SECOND",
  "-d -p ALL -z",
  "nosuch",
  "-d nosuch",
  "-g all FIRST SECOND",
  "-d -g a",
  "-d -H -g a FIRST SECOND",
  "-d -H -g a FIRST -g b SECOND",
  "-dx -g a FIRST SECOND",
  "-d -g a SECOND -H FIRST",
  "-o JSON",
  "-o JSON -c",
  "-o JSON -d",
  "-o JSON -x",
  "-o JSON -xs",
  "-o JSON -s",
  "-o JSON -m FIRST",
  "-o JSON -h -d FIRST",
  "-o JSON --dec=0 FIRST",
  "-o JSON -x -m -d FIRST",
  "-o JSON -d -g all FIRST SECOND",
  "-o JSON -z -d SECOND",
  "-",
  "0",
  "1.5",
  "x",
  "+1",
  "-c 1 1",
];

const MISTAKES: readonly string[] = [
  "-Z",
  "--bogus",
  "--",
  "-km",
  "-k -m",
  "-H",
  "-g",
  "-j",
  "-f",
  "-o",
  "-o XML",
  "-o json",
  "--dec=3",
  "--dec",
  "1 0",
  "0 5",
  "1 2 3",
  "-dpFIRST",
  "-cZ",
  "--help",
];

compareWith("iostat", "-V", /sysstat version 12/, "sysstat", (comparison) => {
  const [first = "nosuch", second = first] = devices(comparison);
  const words = (line: string): string[] =>
    line === "" ? [] : line.replaceAll("FIRST", first).replaceAll("SECOND", second).split(" ");

  test.each(LINES)("iostat %s", (line) => expectSame(comparison, words(line)));

  test.each(MISTAKES)("a mistake: iostat %s", (line) => {
    const { ours, theirs } = comparison.both(words(line));
    expect([ours.code, ours.stdout, firstLine(ours.stderr)]).toEqual([
      theirs.code,
      theirs.stdout,
      firstLine(theirs.stderr),
    ]);
  });

  test("a type of persistent names that is not there", () => {
    const { ours, theirs } = comparison.both(["-j", "NOSUCH", first]);
    expect([ours.code, ours.stderr]).toEqual([theirs.code, `iostat: ${theirs.stderr}`]);
  });

  describe("devices that somebody else counts: -f DIR, +f DIR", () => {
    const folder = mkdtempSync(join(tmpdir(), "procg-iostat-"));
    afterAll(() => rmSync(folder, { recursive: true }));
    const used = "100 10 2000 50 200 20 4000 400 0 300 500 5 0 80 1 3 9\n";
    const files = {
      "block/zz/stat": used,
      "block/ubd10/stat": used,
      "block/ubd2/stat": used.replace("100", "170"),
      "block/ubd2/ubd2p1/stat": "90 10 1800 40 100 10 2000 200 0 100 200 0 0 0 0 0 0\n",
      "block/idle/stat": "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
      [`block/${first}/stat`]: "7 0 70 5 0 0 0 0 0 5 5 0 0 0 0 0 0\n",
      diskstats: ` 200 1 zz1 ${used} 200 0 ubdx ${used} 8 200 ${second} ${used}`,
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const SELECTIONS = [
      "",
      " ALL",
      " ubd2",
      " zz ubd2 nosuch",
      " ubd2p1",
      " ubdx",
      " -p",
      " -p ALL",
      " -p ubd2",
    ];

    test.each([
      ...SELECTIONS.flatMap((selection) => [`-d -f DIR${selection}`, `-d +f DIR${selection}`]),
      ...["-dx -f DIR", "-f DIR -d -g a zz ubd2", "-d +f DIR FIRST", "-d +f DIR -p FIRST"],
      ...["-o JSON -d -f DIR", "-d -y -f DIR 1 1"],
    ])("iostat %s", (line) => {
      expectSame(comparison, words(line.replace("DIR", folder)));
    });

    test.each(["-f DIR/nosuch", "-f DIR/diskstats", "-f DIR +f DIR", "-f DIR -f DIR"])(
      "a mistake: %s",
      (line) => {
        const { ours, theirs } = comparison.both(words(line.replaceAll("DIR", folder)));
        expect([ours.code, ours.stdout, firstLine(ours.stderr)]).toEqual([
          theirs.code,
          theirs.stdout,
          firstLine(theirs.stderr),
        ]);
      },
    );
  });

  describe("colours", () => {
    const COLORED = [
      "",
      "-c",
      "-d",
      "-x FIRST",
      "-xh FIRST",
      "-h",
      "-xs",
      "-d --dec=0",
      "-m",
      "-t -c",
      "-d -g a FIRST SECOND",
    ];

    test.each(COLORED)("S_COLORS=always iostat %s", (line) => {
      expectSame(comparison, words(line), { S_COLORS: "always" });
    });

    test.each([
      "N=33:Z=foo:X=1",
      "N=33;4:H",
      "N=",
      "N=33x:I=31",
      ":N=36",
      "N=36:N=35",
      "n=36",
      "N=33;:Z=9",
      "N=36 :I=1",
    ])("S_COLORS_SGR=%s", (sgr) => {
      expectSame(comparison, ["-d", first], { S_COLORS: "always", S_COLORS_SGR: sgr });
    });

    test.each(["", "never", "auto", "foo"])("S_COLORS=%s without a terminal: none", (when) => {
      expectSame(comparison, ["-d", first], { S_COLORS: when });
    });
  });

  test("intervals", { timeout: 20_000 }, () => {
    for (const line of ["-d -y 1 1 SECOND", "-d 1 2 SECOND", "-d -o JSON -y 1 2 SECOND", "-d SECOND 1 2"]) {
      expectSame(comparison, words(line));
    }
  });

  test.each(["-c -o JSON 1", "-c -y -o JSON 60", "-c 60 3"])(
    "^C ends iostat %s in peace: exit 0, the JSON whole",
    (line) => {
      const interrupted = (command: readonly string[]) =>
        spawnSync("timeout", ["-s", "INT", "--preserve-status", "1.5", ...command, ...words(line)], {
          encoding: "utf8",
          env: { PATH: process.env.PATH ?? "", LC_ALL: "C", PROCG_HOST: "1" },
        });
      const [ours, theirs] = [interrupted([BINARY, "iostat"]), interrupted(["iostat"])];
      expect(theirs.status).toBe(0);
      expect([ours.status, ours.stderr]).toEqual([0, ""]);
      if (line.includes("JSON")) expect(JSON.parse(ours.stdout).sysstat.hosts).toHaveLength(1);
      // How many reports there were is a matter of the machine's mood where they come every second.
      if (!line.endsWith(" 1")) expect(shape({ ...ours, code: 0 })).toEqual(shape({ ...theirs, code: 0 }));
    },
  );

  test("environment: POSIXLY_CORRECT, S_TIME_FORMAT", () => {
    for (const line of [
      "-d FIRST",
      "-dx FIRST",
      "-dh FIRST",
      "-dk FIRST",
      "-o JSON -d FIRST",
      "-o JSON -dxs FIRST",
    ]) {
      expectSame(comparison, words(line), { POSIXLY_CORRECT: "1" });
    }
    expectSame(comparison, ["-t", "-c"], { S_TIME_FORMAT: "ISO" });
    expectSame(comparison, ["-t", "-c"], { S_TIME_FORMAT: "ISO", TZ: "Asia/Kolkata" });
  });
});

/** The one with most IO, and one that was never used; both without spaces. */
function devices({ both }: Comparison): string[] {
  const rows = both(["-d", "ALL"])
    .theirs.stdout.split("\n")
    .slice(3)
    .map((line) => line.split(/\s+/))
    .filter((cells) => cells.length > 7);
  const byUse = rows.sort((a, b) => Number(b[5]) + Number(b[6]) - Number(a[5]) - Number(a[6]));
  return [byUse[0]?.[0], byUse.at(-1)?.[0]].filter((name) => name !== undefined);
}

function expectSame(comparison: Comparison, args: readonly string[], env: Record<string, string> = {}): void {
  expectClose(untilEqual(comparison, args, env), 0.5);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
