// biome-ignore-all lint/suspicious/noControlCharactersInRegex: escape sequences are looked for
/** The interactive top in a real terminal: keys typed, screens looked at. Needs tmux and the executable. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { binaryPath, hasBinary } from "../golden/run.ts";
import { openTerminal, type Terminal, type TerminalOptions, whyNoTmux } from "./terminal.ts";

const missing = whyNoTmux() ?? (hasBinary() ? null : "no dist/procg");
const required = process.env.CI === "true";
const PROCG = binaryPath();
const TOP = `${PROCG} top --host`;

let open: Terminal[] = [];
let children: ChildProcess[] = [];
let folder = "";

function start(command: string, options: Partial<TerminalOptions> = {}): Terminal {
  const terminal = openTerminal(command, { columns: 80, rows: 24, ...options });
  open.push(terminal);
  return terminal;
}

/** A sleeper under a name of its own. */
function sleeper(name = "sleep"): ChildProcess & { pid: number } {
  const child = spawn("/bin/sleep", ["300"], { stdio: "ignore", argv0: name });
  children.push(child);
  return child as ChildProcess & { pid: number };
}

const headerAt = (lines: readonly string[]): number => lines.findIndex((line) => /^[1-4 ]+PID\b/.test(line));
const ready = (lines: readonly string[]): boolean =>
  headerAt(lines) > 0 && /%Cpu.*\d id/.test(lines.join("\n"));
const rows = (lines: readonly string[]): string[] =>
  lines.slice(headerAt(lines) + 1).filter((line) => line !== "");

if (missing !== null && required) test("tmux and the executable are there", () => expect(missing).toBeNull());

describe.skipIf(missing !== null)(`top in a terminal (${missing ?? "tmux"})`, () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "procg-top-"));
    return () => rmSync(folder, { recursive: true });
  });
  afterEach(() => {
    for (const terminal of open) terminal.close();
    for (const child of children) child.kill("SIGKILL");
    open = [];
    children = [];
  });

  test("80x24: the summary, the header on line 7, 17 tasks", async () => {
    const lines = await start(`${TOP} -d 1`).until(ready);
    expect(lines[0]).toMatch(
      /^top - \d\d:\d\d:\d\d up .*, +\d+ users?, {2}load average: [\d.]+, [\d.]+, [\d.]+$/,
    );
    expect(lines[1]).toMatch(/^Tasks: +\d+ total, +\d+ running, +\d+ sleeping, +\d+ stopped, +\d+ zombie$/);
    expect(lines[3]).toMatch(/^MiB Mem : /);
    expect(headerAt(lines)).toBe(6);
    expect(rows(lines).length).toBe(17);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  test("the same screen as procps' top", async () => {
    if (!/procps-ng 4\.0/.test(spawnSync("top", ["-V"], { encoding: "utf8" }).stdout ?? "")) return;
    const child = sleeper();
    const ours = start(`${TOP} -p ${child.pid}`);
    const theirs = start(`top -p ${child.pid}`);
    const shape = (lines: readonly string[]): string[] =>
      lines
        .slice(1)
        .map((line) => line.replace(/\d/g, "0").replace(/ +0/g, " 0").replace(/\b0+/g, "0").trimEnd())
        .filter((line) => !/^.Cpu/.test(line));
    const [mine, other] = [await ours.until(ready), await theirs.until((lines) => headerAt(lines) > 0)];
    expect(shape(mine)).toEqual(shape(other));
    for (const key of ["c", "1", "1", "E", "e", "J", "j", "x"]) {
      ours.press(key);
      theirs.press(key);
      await sleep(100);
      if (key === "1") continue;
      await ours
        .until((found) => `${shape(found)}` === `${shape(theirs.screen())}`)
        .catch(() => {
          expect(shape(ours.screen()), key).toEqual(shape(theirs.screen()));
        });
    }
  });

  test.each([
    [120, 40],
    [40, 10],
  ])("%ix%i: whole lines, no more rows than there are", async (columns, height) => {
    const lines = await start(`${TOP} -d 1`, { columns, rows: height }).until((found) => headerAt(found) > 0);
    expect(lines.length).toBe(height);
    expect(lines.every((line) => line.length <= columns)).toBe(true);
    expect(lines[headerAt(lines)]?.trim()).toMatch(/^PID USER/);
    if (height === 40) expect(lines.join("\n")).toMatch(/\nCPU \[.*\nMem \[/);
  });

  test("something is there at once; rates follow", async () => {
    const terminal = start(`${TOP} -d 30`);
    await terminal.until(ready, 5);
  });

  test("q: exit 0, the cursor back, the screen as before", async () => {
    const terminal = start(`echo before; ${TOP}; stty -a | grep -c -- '-icanon\\|-echo '`);
    await terminal.until(ready);
    terminal.press("q");
    const lines = await terminal.until((found) => found.join("\n").includes("ended with"));
    expect(lines.slice(0, 3)).toEqual(["before", "0", "ended with 1"]);
    expect(terminal.cursor().shown).toBe(true);
  });

  test.each(["TERM", "INT", "HUP", "QUIT"])("SIG%s: exit 0 and the terminal restored", async (signal) => {
    const file = join(folder, `pid-${signal}`);
    const terminal = start(`echo before; sh -c 'echo $$ > ${file}; exec ${TOP}'`);
    await terminal.until(ready);
    process.kill(Number(readFileSync(file, "utf8")), `SIG${signal}` as NodeJS.Signals);
    const lines = await terminal.until((found) => found.join("\n").includes("ended with"));
    expect(lines.slice(0, 2)).toEqual(["before", "ended with 0"]);
    expect(terminal.cursor().shown).toBe(true);
  });

  test("SIGKILL cannot be caught; SIGSEGV restores the terminal", async () => {
    const file = join(folder, "pid-segv");
    const terminal = start(`echo before; sh -c 'echo $$ > ${file}; exec ${TOP}' 2>/dev/null`);
    await terminal.until(ready);
    process.kill(Number(readFileSync(file, "utf8")), "SIGSEGV");
    const lines = await terminal.until((found) => found.join("\n").includes("ended with"));
    expect(lines[0]).toBe("before");
    expect(terminal.cursor().shown).toBe(true);
  });

  test("^Z and fg", async () => {
    const terminal = start(`bash --norc -i`);
    await terminal.until((lines) => /[$#]$/.test(lines[0] ?? ""));
    terminal.type(`${TOP} -d 1\n`);
    await terminal.until(ready);
    terminal.press("C-z");
    await terminal.until((lines) => lines.join("\n").includes("Stopped"));
    expect(terminal.cursor().shown).toBe(true);
    terminal.type("fg\n");
    await terminal.until((lines) => ready(lines) && !lines.join("\n").includes("Stopped"));
    terminal.press("q");
    await terminal.until((lines) => lines.join("\n").includes("Stopped") && !ready(lines));
  });

  test("after SIGSTOP the whole screen is painted anew, not only what changed", async () => {
    const file = join(folder, "pid-stop");
    const terminal = start(`bash --norc -i`);
    await terminal.until((lines) => /[$#]$/.test(lines[0] ?? ""));
    terminal.type(`(echo $BASHPID > ${file}; exec ${TOP} -d 60)\n`);
    await terminal.until(ready);
    const pid = Number(readFileSync(file, "utf8"));
    process.kill(pid, "SIGSTOP");
    await terminal.until((lines) => lines.join("\n").includes("Stopped"));
    terminal.type("fg\n");
    const lines = await terminal.until(
      (found) => found[0]?.startsWith("top - ") === true && !/Stopped|pid-stop/.test(found.join("\n")),
    );
    expect(headerAt(lines)).toBe(6);
    expect(terminal.cursor().shown).toBe(false);
  });

  test("-n: top ends with the last frame, at once, and it stays", async () => {
    const child = sleeper();
    const lines = await start(`echo before; ${TOP} -n 1 -d 60 -p ${child.pid}`).until((found) =>
      found.join("\n").includes("ended with"),
    );
    expect(lines[0]).toBe("before");
    expect(lines[1]).toMatch(/^top - /);
    expect(lines[7]).toMatch(/^ +PID USER/);
    expect(lines[8]).toMatch(new RegExp(`^ *${child.pid} .* sleep$`));
    expect(lines[9]).toBe("ended with 0");
  });

  test("resize", async () => {
    const terminal = start(`${TOP} -d 1`);
    await terminal.until(ready);
    for (const [columns, height] of [
      [132, 50],
      [60, 12],
      [20, 5],
      [80, 24],
    ] as const) {
      terminal.resize(columns, height);
      // A line that were too long would go on in the next one, where the header's place is.
      const at = height < 10 ? -1 : 6;
      await terminal.until((lines) => lines.length === height && (at < 0 || /PID/.test(lines[at] ?? "")));
    }
    const lines = await terminal.until(ready);
    expect(headerAt(lines)).toBe(6);
    expect(rows(lines).length).toBe(17);
  });

  test("stdin is no terminal: one line, exit 1", () => {
    const result = spawnSync(PROCG, ["top"], { encoding: "utf8", input: "" });
    expect([result.status, result.stderr]).toEqual([1, "top: failed tty get\n"]);
  });

  test("TERM unset, unknown, dumb", async () => {
    const unset = start(`env -u TERM ${TOP}`);
    await unset.until((lines) => lines[0] === "top: TERM environment variable not set");
    const unknown = start(`TERM=nonsense9 ${TOP}`);
    await unknown.until((lines) => lines[0] === "top: 'nonsense9': unknown terminal type");
    const dumb = start(`TERM=dumb ${TOP} -n 1`);
    const lines = await dumb.until((found) => found.join("\n").includes("ended with 0"));
    expect(lines.join("\n")).toContain("PID USER");
  });

  test("keys that change what is shown", async () => {
    const child = sleeper("/opt/long/path/of/a-sleeper");
    const terminal = start(`${TOP} -d 60 -p ${child.pid},${process.pid}`, { columns: 110 });
    await terminal.until(ready);
    const after = async (key: string, fits: (text: string) => boolean): Promise<void> => {
      terminal.press(key);
      await terminal.until((lines) => fits(lines.join("\n")));
    };
    await after("c", (text) => text.includes("/opt/long/path"));
    await after("c", (text) => !text.includes("/opt/long/path"));
    await after("V", (text) => text.includes("`- "));
    await after("V", (text) => !text.includes("`- "));
    await after("t", (text) => /Cpu\(s\): +[\d.]+\/[\d.]+ +\d+\[/.test(text));
    await after("t", (text) => text.includes("["));
    await after("t", (text) => !text.includes("Cpu(s)"));
    await after("t", (text) => text.includes(" id,"));
    await after("m", (text) => /MiB Mem : +[\d.]+\/ +[\d.]+ +\[/.test(text));
    await after("m", (text) => text.includes("MiB Mem"));
    await after("m", (text) => !text.includes("MiB Mem"));
    await after("m", (text) => text.includes("buff/cache"));
    await after("l", (text) => !text.includes("load average"));
    await after("l", (text) => text.includes("load average"));
    await after("E", (text) => text.includes("GiB Mem"));
    await after("e", (text) => /\d\.\dm /.test(text));
    await after("1", (text) => text.includes("%Cpu0"));
    await after("A", (text) => /^1 +PID/m.test(text) && /^4 +PID/m.test(text));
    await after("A", (text) => !/^4 +PID/m.test(text));
    await after("H", (text) => text.includes("Threads:"));
    await after("H", (text) => text.includes("Tasks:"));
    await after("ö", (text) => text.includes("Unknown command - try 'h' for help"));
    await after("h", (text) => text.startsWith("Help for Interactive Commands"));
    await after("h", (text) => text.startsWith("Help for Windows"));
    await after("Escape", (text) => text.includes("load average"));
  });

  test("sorting: P M N T, R, < >", async () => {
    const terminal = start(`${TOP} -d 60`);
    await terminal.until(ready);
    const column = (lines: readonly string[], index: number): number[] =>
      rows(lines).map((line) => Number(line.trim().split(/\s+/)[index]));
    const falls = (numbers: readonly number[]): boolean =>
      numbers.length > 1 && numbers.every((number, i) => i === 0 || number <= (numbers[i - 1] as number));
    terminal.press("N");
    await terminal.until((lines) => falls(column(lines, 0)));
    terminal.press("R");
    await terminal.until((lines) => column(lines, 0)[0] === 1 && falls(column(lines, 0).reverse()));
    terminal.press("R");
    terminal.press("M");
    await terminal.until((lines) => falls(column(lines, 9)));
  });

  test("filters: u, o, /, n, and = undoes them", async () => {
    sleeper();
    const terminal = start(`${TOP} -d 60`);
    await terminal.until(ready);
    const count = rows(terminal.screen()).length;
    terminal.press("o");
    await terminal.until(
      (lines) => lines[5]?.startsWith("add filter #1 (ignoring case) as: [!]FLD?VAL") === true,
    );
    expect(terminal.cursor().shown).toBe(true);
    terminal.type("COMMAND=SLEEP\n");
    await terminal.until(
      (lines) => rows(lines).length > 0 && rows(lines).every((line) => /sleep/i.test(line)),
    );
    terminal.press("=");
    await terminal.until((lines) => rows(lines).length === count);
    terminal.press("u");
    await terminal.until((lines) => lines[5]?.startsWith("Which user (blank for all)") === true);
    terminal.type("nosuchuser\n");
    await terminal.until((lines) => lines[5]?.includes("Invalid user") === true);
    terminal.press("/");
    terminal.type("kthreadd");
    await terminal.until(
      (lines) => rows(lines).length > 0 && rows(lines).every((line) => line.includes("kthreadd")),
    );
    terminal.press("Escape");
    await terminal.until((lines) => rows(lines).length === count);
    terminal.press("n");
    terminal.type("3\n");
    await terminal.until((lines) => rows(lines).length === 3);
  });

  test("k: pid, signal, sure; the process is gone", async () => {
    const child = sleeper();
    const ended = new Promise((resolve) => child.on("exit", (_code, signal) => resolve(signal)));
    const terminal = start(`${TOP} -d 60 -p ${child.pid}`);
    await terminal.until(ready);
    terminal.press("k");
    await terminal.until(
      (lines) => lines[5]?.startsWith(`PID to signal/kill [default pid = ${child.pid}]`) === true,
    );
    terminal.press("Enter");
    await terminal.until(
      (lines) => lines[5]?.startsWith(`Send pid ${child.pid} (sleep) signal [15/sigterm]`) === true,
    );
    terminal.type("hup\n");
    await terminal.until((lines) => lines[5]?.includes("sure? [Y/n]") === true);
    terminal.press("Enter");
    expect(await ended).toBe("SIGHUP");
  });

  test("k: a pid below 0 is the default and nobody else, 0 is top itself", async () => {
    const child = sleeper();
    const terminal = start(`${TOP} -d 60 -p ${child.pid}`);
    await terminal.until(ready);
    const asked = async (pid: string): Promise<string> => {
      terminal.press("k");
      terminal.type(pid);
      const isAsked = (lines: readonly string[]) => lines[5]?.includes("signal [15/sigterm]") === true;
      const line = (await terminal.until(isAsked))[5] ?? "";
      terminal.press("Escape");
      await terminal.until((lines) => !isAsked(lines));
      return line;
    };
    expect(await asked("-1\n")).toContain(`Send pid ${child.pid} (sleep)`);
    const own = Number(/Send pid (\d+) /.exec(await asked("0\n"))?.[1]);
    expect(readFileSync(`/proc/${own}/cmdline`, "utf8")).toContain("top");
  });

  test("r: nice value; n at the question does nothing", async () => {
    const child = sleeper();
    const terminal = start(`${TOP} -d 60 -p ${child.pid}`);
    await terminal.until(ready);
    for (const [answer, nice] of [
      ["n\n", "0"],
      ["\n", "7"],
    ] as const) {
      terminal.press("r");
      terminal.press("Enter");
      terminal.type("7\n");
      await terminal.until((lines) => lines[5]?.includes("sure?") === true);
      terminal.type(answer);
      await terminal.until((lines) => rows(lines)[0]?.trim().split(/\s+/)[3] === nice);
    }
  });

  test("secure mode refuses k, r, d", async () => {
    const terminal = start(`${TOP} -s`);
    await terminal.until(ready);
    for (const key of ["k", "r", "d"]) {
      terminal.press(key);
      await terminal.until((lines) => lines[5]?.includes("Unavailable in secure mode") === true);
      terminal.press("l");
      terminal.press("l");
    }
  });

  test("f: fields", async () => {
    const terminal = start(`${TOP} -d 60`);
    await terminal.until(ready);
    terminal.press("f");
    await terminal.until(
      (lines) =>
        lines[0]?.startsWith("Fields Management for window 1:Def, whose current sort field is %CPU") === true,
    );
    terminal.press("Down");
    terminal.press("d");
    terminal.press("q");
    await terminal.until((lines) => headerAt(lines) > 0 && !lines.join("\n").includes("USER"));
  });

  test("D: one process", async () => {
    const child = sleeper();
    const terminal = start(`MARK=of-the-environment ${TOP} -d 1 -p ${child.pid}`, { columns: 120, rows: 60 });
    await terminal.until(ready);
    terminal.press("D");
    const lines = await terminal.until(
      (found) => found[0]?.startsWith(`Process ${child.pid}: sleep`) === true,
    );
    expect(lines.join("\n")).toMatch(
      /limits \(soft, hard\)[\s\S]*Max open files[\s\S]*threads \(1\)[\s\S]*open files/,
    );
    terminal.press("q");
    await terminal.until(ready);
  });

  test("mouse: a heading sorts, a task is selected", async () => {
    const terminal = start(`${TOP} -d 60`);
    const lines = await terminal.until(ready);
    const x = (lines[headerAt(lines)] ?? "").indexOf("PID") + 2;
    terminal.type(`\x1b[<0;${x};${headerAt(lines) + 1}M`);
    await terminal.until((found) => Number(rows(found)[0]?.trim().split(/\s+/)[0]) > 2);
    terminal.type(`\x1b[<0;5;${headerAt(lines) + 3}M`);
    const second = (): string => terminal.colored().split("\n")[headerAt(lines) + 2] ?? "";
    await terminal.until(() => /\x1b\[[0-9;]*7m/.test(second()));
  });

  test("W writes ~/.config/procg/toprc; procps' toprc is read and left alone", async () => {
    const home = join(folder, "home");
    mkdirSync(join(home, ".config/procps"), { recursive: true });
    const theirs = readFileSync(join(import.meta.dirname, "toprc.procps"), "utf8");
    writeFileSync(join(home, ".config/procps/toprc"), theirs);
    const terminal = start(`${TOP} -d 60`, { env: { HOME: home }, columns: 120 });
    // The file shows PID, COMMAND and TIME+ only.
    const lines = await terminal.until(
      // The first frame with rates takes a message away.
      (found) => ready(found) && found.some((line) => /^ +PID +TIME\+ COMMAND$/.test(line)),
    );
    expect(lines.join("\n")).not.toContain("USER");
    terminal.press("e");
    terminal.press("W");
    await terminal.until((found) =>
      found.join("\n").includes(`Wrote configuration to '${home}/.config/procg/toprc'`),
    );
    expect(readFileSync(join(home, ".config/procps/toprc"), "utf8")).toBe(theirs);
    expect(JSON.parse(readFileSync(join(home, ".config/procg/toprc"), "utf8"))).toMatchObject({
      schema: "procg.toprc/v1",
      taskScale: 1,
    });
  });

  test("NO_COLOR: z changes nothing", async () => {
    const terminal = start(`${TOP} -d 60`, { env: { NO_COLOR: "1" }, columns: 120, rows: 40 });
    await terminal.until(ready);
    terminal.press("z");
    await sleep(300);
    expect(terminal.colored()).not.toMatch(/\x1b\[(?:[0-9;]*;)?(?:3[0-7]|38;5;\d+)m/);
    const colored = start(`${TOP} -d 60`);
    await colored.until(ready);
    colored.press("z");
    await colored.until(() => /\x1b\[(?:[0-9;]*;)?3[0-7]m/.test(colored.colored()));
  });

  test("names of processes cannot paint the screen; wide characters keep the columns", async () => {
    const nasty = sleeper(`\x1b[2J\x1b[31mRED\x07\u202e${"\x1b]0;title\x07".repeat(1000)}`);
    const wide = sleeper("日本語のプロセス名前👍 end");
    const terminal = start(`${TOP} -d 60 -c -p ${nasty.pid},${wide.pid}`, { columns: 120 });
    const lines = await terminal.until((found) => ready(found) && found.join("\n").includes("RED"));
    const text = lines.join("\n");
    expect(text).toContain("?[2J?[31");
    expect(text).toContain("日本語");
    expect(headerAt(lines)).toBe(6);
    expect(rows(lines).length).toBe(2);
  });
});
