// biome-ignore-all lint/suspicious/noControlCharactersInRegex: escape sequences are looked for
/** procg host top in a real terminal, over an engine that the test plays. Needs tmux and the executable; no root, no Docker. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeEngine, idOf, playEngine } from "../binary/fake_engine.ts";
import { binaryPath, hasBinary } from "../golden/run.ts";
import { openTerminal, type Terminal, type TerminalOptions, whyNoTmux } from "./terminal.ts";

const missing = whyNoTmux() ?? (hasBinary() ? null : "no dist/procg");
const TOP = `${binaryPath()} host top -d 1`;

let folder = "";
let engine: FakeEngine;
let terminal: Terminal;

function start(command = TOP, options: Partial<TerminalOptions> = {}): Terminal {
  const env = { DOCKER_HOST: `unix://${folder}/engine.sock`, PROCG_RUN: join(folder, "run") };
  terminal = openTerminal(command, { columns: 100, rows: 10, env, ...options });
  return terminal;
}

const HEADER = /^NAME .* CPU .* PROBLEMS$/;
const ready = (lines: readonly string[]): boolean => HEADER.test(lines[3] ?? "") && (lines[4] ?? "") !== "";
const names = (lines: readonly string[]): string[] =>
  lines
    .slice(4)
    .map((line) => line.split(" ")[0] ?? "")
    .filter((name) => name !== "");
const ended = (lines: readonly string[]): boolean => lines.join("\n").includes("ended with");

if (missing !== null && process.env.CI === "true") {
  test("tmux and the executable are there", () => expect(missing).toBeNull());
}

describe.skipIf(missing !== null)("procg host top in a terminal", () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "procg-host-top-"));
    engine = playEngine(folder);
    await engine.listen();
    // Each is the whole machine to look at: the process that stands for it is in no cgroup of its own.
    for (let i = 0; i < 9; i++) engine.add(i, `c${i}`);
  });
  afterEach(async () => {
    terminal.close();
    await engine.end();
    rmSync(folder, { recursive: true, force: true });
  });

  test("ranked, selected, filtered, explained; everything of one", async () => {
    start();
    const first = await terminal.until(ready);
    expect(first[0]).toMatch(/^procg host top - \d\d:\d\d:\d\d UTC, 9 containers, by cpu$/);
    // These "containers" are sleepers in this test's own cgroup: where that is the root, their CPU is not known.
    expect(first[1]).toMatch(/^all together: CPU (-|[\d.]+) of \d+, memory .* of .*, \d+ threads active/);
    expect(first.length).toBe(10);
    expect(first.every((line) => line.length <= 100)).toBe(true);
    terminal.press("N");
    await terminal.until((lines) => lines[0]?.endsWith("by name") === true && names(lines)[0] === "c0");
    terminal.press("r");
    await terminal.until(
      (lines) => lines[0]?.endsWith("by name, reversed") === true && names(lines)[0] === "c8",
    );
    terminal.press("r", "End");
    await terminal.until((lines) => names(lines).at(-1) === "c8" && names(lines)[0] === "c3");
    expect(terminal.colored()).toMatch(/\x1b\[7mc8 /);
    terminal.press("/");
    terminal.type("C");
    await terminal.until((lines) => lines[0]?.includes("9 with 'C'") === true);
    terminal.type("4");
    await terminal.until((lines) => names(lines).join() === "c4");
    expect(terminal.screen()[2]).toBe("Name, image or id has C4");
    expect(terminal.cursor()).toEqual({ x: 24, y: 2, shown: true });
    terminal.press("Enter", "Down", "Enter");
    const page = await terminal.until((lines) => /^Id +[0-9a-f]{64}$/.test(lines[1] ?? ""));
    expect(page[0]?.trim()).toBe("c4  running");
    expect(page.join("\n")).toMatch(/^Memory +working set .*limit /m);
    terminal.press("q");
    await terminal.until((lines) => names(lines)[0] === "c4");
    terminal.press("=", "h");
    await terminal.until((lines) => /^ +Enter +everything/m.test(lines.join("\n")));
    terminal.press("h", "d");
    await terminal.until((lines) => lines[2]?.startsWith("Seconds between") === true);
    terminal.type("x");
    terminal.press("Enter");
    await terminal.until((lines) => lines[2] === "not a number of seconds: 'x'");
  });

  test("a container that starts or ends is there, or gone, by its event: the list is asked every 30 s", async () => {
    start(`${TOP} -d 0.5 -o name`);
    await terminal.until(ready);
    engine.add(21, "aaa");
    engine.event("start", idOf(21));
    await terminal.until((lines) => names(lines)[0] === "aaa", 8);
    engine.containers.delete(idOf(21));
    engine.event("die", idOf(21));
    await terminal.until((lines) => names(lines)[0] === "c0", 8);
  });

  test("names that would move the cursor are shown, not obeyed", async () => {
    engine.containers.clear();
    engine.add(1, "bad\x1b[2Jname");
    start();
    const lines = await terminal.until(ready);
    expect(lines[4]).toMatch(/^bad\?\[2Jname /);
  });

  test("resized: whole lines, as many as there are; the selected one stays in sight", async () => {
    start(`${TOP} -o name`);
    await terminal.until(ready);
    terminal.press("End");
    await terminal.until((lines) => names(lines).at(-1) === "c8");
    terminal.resize(60, 8);
    const small = await terminal.until((lines) => lines.length === 8 && names(lines).at(-1) === "c8");
    expect(small.every((line) => line.length <= 60)).toBe(true);
    expect(names(small).length).toBe(4);
    terminal.resize(140, 50);
    await terminal.until((lines) => lines.length === 50 && names(lines).length === 9);
  });

  test("what has not changed is not written again", async () => {
    const file = join(folder, "typescript");
    start(`script -qfc '${TOP} -d 0.2' ${file}`);
    await terminal.until(ready);
    const size = statSync(file).size;
    await terminal.until(() => statSync(file).size > size + 100);
    const text = readFileSync(file, "latin1");
    // The header stands there since the first frame; no frame begins with an empty screen.
    expect(text.split("PROBLEMS").length).toBe(2);
    expect(text.split("\x1b[2J").length + text.split("\x1b[J").length).toBeLessThan(5);
    // script(1) outlives its terminal, and top the terminal that script made for it.
    terminal.press("q");
    await terminal.until(ended);
  });

  test.each(["q", "TERM", "HUP", "INT", "C-c"])("%s: exit 0, the terminal as it was", async (how) => {
    const file = join(folder, "pid");
    start(
      `echo before; sh -c 'echo $$ > ${file}; exec ${TOP}'; e=$?; stty -a | grep -c -- '-icanon\\|-echo '; (exit $e)`,
    );
    await terminal.until(ready);
    if (/^[A-Z]+$/.test(how)) process.kill(Number(readFileSync(file, "utf8")), `SIG${how}` as NodeJS.Signals);
    else terminal.press(how);
    const lines = await terminal.until(ended);
    expect(lines.slice(0, 3)).toEqual(["before", "0", "ended with 0"]);
    expect(terminal.cursor().shown).toBe(true);
  });

  test("-b and pipes print: a head, a blank line, the columns; -n ends it", async () => {
    start(`${TOP} -b -n 1 -o name c5 c6`, { columns: 160 });
    const lines = await terminal.until(ended);
    expect(lines[0]).toMatch(/UTC, 2 containers, by name$/);
    expect(lines[2]).toMatch(HEADER);
    expect([lines[3]?.split(" ")[0], lines[4]?.split(" ")[0]]).toEqual(["c5", "c6"]);
    expect(lines[5]).toBe("ended with 0");
  });
});
