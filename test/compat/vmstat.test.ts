/**
 * vmstat under --host, option by option, against procps' vmstat on the same machine. Named differences of the 4.0.2 that Debian 12
 * has: `r` counts vmstat itself, the first line divides si, so, bi, bo, in and cs by the CPUs, -w has a column gu, -s has no page
 * allocations, a wide number pushes all that follows, and an empty word's message has a stray reason.
 */
import { expect, test } from "vitest";
import { type Comparison, compareWith, isEqual, type Outcome, shape, untilEqual } from "./binary.ts";

/** Compared as they are. */
const EXACT: readonly string[] = [
  "-d",
  "-D",
  "-m",
  "-n -d",
  "-d -n",
  "-wd",
  "-d -t",
  "-dtw",
  "-D -w",
  "-p FIRST",
  "-p /dev/FIRST",
  "--partition FIRST",
  "-f",
  "-f -d",
  "--forks",
  "-m -n",
  "-Sm -d",
  "-m -w",
];

/** Compared field by field, counters within what a live machine moves. */
const TABLES: readonly string[] = [
  "",
  "-a",
  "-n",
  "-t",
  "-w",
  "-aw",
  "-at",
  "-wt",
  "-S k",
  "-S K",
  "-S m",
  "-S M",
  "-S b",
  "-S B",
  "-S kilo",
  "--unit M",
  "--un=m",
  "--active --wide",
  "1 1",
  "1 0",
  "+1 1",
  "-- 1 1",
  "1 -n 1",
];

const STATS: readonly string[] = ["-s", "-s -S m", "-s -S k", "-sS M", "-s -a", "-s -w", "-s 1 2", "-s -S B"];

const MISTAKES: readonly string[] = [
  "0",
  "x",
  "1.5",
  "1 x",
  "1 1 1",
  "x 1 1 1",
  "0x1",
  "-- -1",
  "4294967296",
  "99999999999999999999",
  "1 99999999999999999999",
  "-1",
  "-S x",
  "-S",
  "--unit",
  "--unit=q",
  "-p nosuch",
  "-p FIRST/",
  "-p",
  "-d -s",
  "-s -d",
  "-d -m",
  "-s -m",
  "-D -d",
  "-sp FIRST",
  "-dp FIRST",
  "-Z",
  "--bogus",
  "--s",
  "--active=1",
  "--h=x",
  "-d -s 0",
  "-S x -Z",
];

compareWith("vmstat", "-V", /procps-ng 4\.0/, "procps", (comparison) => {
  const first = firstDisk(comparison);
  const words = (line: string): string[] => (line === "" ? [] : line.replaceAll("FIRST", first).split(" "));

  test.each(EXACT)("vmstat %s", (line) => {
    const pair = untilEqual(comparison, words(line));
    if (isEqual(pair)) return;
    // A counter moved in every attempt.
    expect(shape(pair.ours)).toEqual(shape(pair.theirs));
  });

  test.each(TABLES)("vmstat %s", (line) => {
    const { ours, theirs } = comparison.both(words(line));
    expectTable(ours, theirs, line);
  });

  test.each(STATS)("vmstat %s", (line) => {
    const { ours, theirs } = comparison.both(words(line));
    const kept = ours.stdout.split("\n").filter((row) => !/pages (alloc in|free)/.test(row));
    expect(kept.map(label)).toEqual(theirs.stdout.split("\n").map(label));
    const others = theirs.stdout.split("\n");
    kept.forEach((row, i) => {
      expectNear(Number.parseInt(row, 10), Number.parseInt(others[i] ?? "", 10), row);
    });
    expect(ours.code).toBe(theirs.code);
  });

  test.each(MISTAKES)("a mistake: vmstat %s", (line) => {
    const { ours, theirs } = comparison.both(words(line));
    const start = ({ code, stdout, stderr }: Outcome) => [code, stdout, stderr.split("\n").slice(0, 4)];
    expect(start(ours)).toEqual(start(theirs));
  });

  test("reports at an interval", { timeout: 30_000 }, () => {
    for (const line of [
      "1 2",
      "-y 1 1",
      "-y",
      "-t 1 2",
      "-d 1 2",
      "-p FIRST 1 2",
      "-m 1 2",
      "-D 1 2",
      "-n 1 2",
    ]) {
      const { ours, theirs } = comparison.both(words(line));
      const form = ({ stdout }: Outcome) =>
        stdout
          .trimEnd()
          .split("\n")
          .map((row) => row.trim().split(/\s+/).length);
      expect([ours.code, form(ours)], line).toEqual([theirs.code, form(theirs)]);
    }
  });

  test("the column gu is there when it is asked for", () => {
    for (const args of [["--guest"], ["--guest", "-w"]]) {
      const [heading = "", names = ""] = comparison.ours(args).stdout.split("\n");
      expect(heading).toMatch(/-cpu-+$/);
      expect(names).toMatch(/ gu$/);
      expect(heading.length).toBe(names.length);
    }
  });
});

function firstDisk({ both }: Comparison): string {
  const rows = both(["-d", "-n"])
    .theirs.stdout.split("\n")
    .slice(2)
    .map((line) => line.split(/\s+/));
  return rows.sort((a, b) => Number(b[1]) - Number(a[1]))[0]?.[0] ?? "nosuch";
}

function label(row: string): string {
  return row.replace(/^ *\d+/, "9");
}

/** Headings the same, without gu; as many numbers; memory and shares close, rates of the first line times the CPUs. */
function expectTable(ours: Outcome, theirs: Outcome, line: string): void {
  expect(ours.code).toBe(theirs.code);
  expect(ours.stderr).toBe(theirs.stderr);
  const [ourHead = "", ourNames = "", ourRow = ""] = ours.stdout.split("\n");
  const [theirHead = "", theirNames = "", theirRow = ""] = theirs.stdout.split("\n");
  const names = theirNames.trim().split(/\s+/);
  const guest = names.indexOf("gu");
  if (guest < 0) {
    expect(ourHead).toBe(theirHead);
    expect(ourNames).toBe(theirNames);
  } else {
    expect(ourHead.replace(/-+/g, "-")).toBe(theirHead.replace(/-+/g, "-"));
    expect(ourNames).toBe(theirNames.replace(/ {2}gu\b/, ""));
  }
  const ourCells = ourRow.trim().split(/\s+/);
  const theirCells = theirRow.trim().split(/\s+/);
  if (guest >= 0) theirCells.splice(guest, 1);
  expect(ourCells.length, line).toBe(theirCells.length);
  ourCells.slice(0, 17).forEach((cell, i) => {
    const value = Number(cell);
    const other = Number(theirCells[i]);
    // r: theirs counts itself, and both move; si to cs: only that they are numbers.
    if (i < 2 || (i > 5 && i < 12)) expect(value).toBeGreaterThanOrEqual(0);
    else expectNear(value, other, `${line}: column ${i + 1}`);
  });
}

function expectNear(value: number, other: number, what: string): void {
  if (Number.isNaN(value) && Number.isNaN(other)) return;
  // Free memory and caches move by a few MiB on a busy machine.
  expect(Math.abs(value - other), `${what}: ${value} and ${other}`).toBeLessThanOrEqual(
    Math.max(2, other * 0.08, other > 1e6 ? 600_000 : 0),
  );
}
