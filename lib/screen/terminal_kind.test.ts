import { expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { terminalKind } from "./terminal_kind.ts";

const kind = (name: string | undefined, files: Readonly<Record<string, string>> = {}): string =>
  terminalKind(
    Object.assign(memorySystem(files), { env: (key: string) => (key === "TERM" ? name : undefined) }),
  );

test("terminals in use, dumb ones, and none", () => {
  for (const name of [
    "xterm",
    "xterm-256color",
    "screen.xterm",
    "tmux-256color",
    "linux",
    "vt100",
    "rxvt-unicode",
    "alacritty",
    "xterm-kitty",
    "foot",
    "st-256color",
    "ansi",
  ]) {
    expect([name, kind(name)]).toEqual([name, "full"]);
  }
  expect(kind("dumb")).toBe("plain");
  expect([kind(undefined), kind(""), kind("nonsense9"), kind("../../etc/passwd")]).toEqual([
    "unknown",
    "unknown",
    "unknown",
    "unknown",
  ]);
});

test("another name: its terminfo entry decides", () => {
  const entry = (cup: string): Record<string, string> => ({
    "/usr/share/terminfo/n/newterm": `\x1a\x01${cup}\0`,
  });
  expect(kind("newterm", entry("\x1b[%i%p1%d;%p2%dH"))).toBe("full");
  expect(kind("newterm", entry("\x1bY%p1%' '%+%c"))).toBe("plain");
});
