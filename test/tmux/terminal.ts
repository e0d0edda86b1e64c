/** A program in a terminal of its own (tmux): type keys, look at the screen. Each has a server of its own. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export function whyNoTmux(): string | null {
  const found = (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, "tmux")));
  return found ? null : "no tmux (package tmux)";
}

export interface Terminal {
  /** Names of tmux ("Enter", "C-c", "Up"), or text with `literal`. */
  press(...keys: readonly string[]): void;
  type(text: string): void;
  /** Lines of the screen, without trailing blanks. */
  screen(): string[];
  /** The screen with SGR sequences. */
  colored(): string;
  /** Waits until the screen fits; throws with the screen when it does not within the time. */
  until(fits: (lines: readonly string[]) => boolean, seconds?: number): Promise<string[]>;
  resize(columns: number, rows: number): void;
  /** Column and row of the cursor, and whether it is shown. */
  cursor(): { readonly x: number; readonly y: number; readonly shown: boolean };
  /** Pid of the program in the pane: the shell. */
  pid(): number;
  close(): void;
}

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly env?: Readonly<Record<string, string>>;
}

let count = 0;

/** Runs `command` in a shell; the terminal stays when it has ended, so that what is left there can be looked at. */
export function openTerminal(command: string, options: TerminalOptions): Terminal {
  const socket = `procg-test-${process.pid}-${++count}`;
  const tmux = (...args: readonly string[]): string => {
    const result = spawnSync("tmux", ["-L", socket, ...args], {
      encoding: "utf8",
      env: environment(options),
    });
    if (result.status !== 0) throw new Error(`tmux ${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  };
  const size = ["-x", String(options.columns), "-y", String(options.rows)];
  tmux("-f", "/dev/null", "new-session", "-d", ...size, `${command}; echo "ended with $?"; exec sleep 1000`);
  tmux("set-option", "-g", "status", "off");
  tmux("resize-window", "-x", String(options.columns), "-y", String(options.rows));
  const screen = (): string[] =>
    tmux("capture-pane", "-p")
      .split("\n")
      .slice(0, -1)
      .map((line) => line.trimEnd());
  return {
    press: (...keys) => {
      tmux("send-keys", ...keys);
    },
    type: (text) => {
      tmux("send-keys", "-l", "--", text);
    },
    screen,
    colored: () => tmux("capture-pane", "-p", "-e"),
    async until(fits, seconds = 10) {
      const end = Date.now() + seconds * 1000;
      for (;;) {
        const lines = screen();
        if (fits(lines)) return lines;
        if (Date.now() > end) throw new Error(`the screen does not become as wanted:\n${lines.join("\n")}`);
        await sleep(30);
      }
    },
    resize: (columns, rows) => {
      tmux("resize-window", "-x", String(columns), "-y", String(rows));
    },
    cursor: () => {
      const [x = "", y = "", shown = ""] = tmux(
        "display-message",
        "-p",
        "#{cursor_x} #{cursor_y} #{cursor_flag}",
      )
        .trim()
        .split(" ");
      return { x: Number(x), y: Number(y), shown: shown === "1" };
    },
    pid: () => Number(tmux("display-message", "-p", "#{pane_pid}").trim()),
    close: () => {
      spawnSync("tmux", ["-L", socket, "kill-server"]);
    },
  };
}

function environment(options: TerminalOptions): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: "/nonexistent", LANG: "C.UTF-8", TZ: "UTC", ...options.env };
}
