/** What kind of terminal TERM names: whether a screen can be painted on it at all. */
import type { System } from "../system/system.ts";

/** "full": sequences of ECMA-48; "plain": lines only; "unknown": TERM is not set, or names nothing known. */
export type TerminalKind = "full" | "plain" | "unknown";

const FAMILIES =
  /^(?:xterm|screen|tmux|rxvt|linux|vt[1-5]\d\d|ansi|konsole|gnome|vte|putty|kitty|alacritty|foot|st|stterm|eterm|mlterm|mrxvt|dtterm|iterm2?|wezterm|ghostty|contour|cygwin|mintty|nsterm|apple|cons25|bvterm|ms-terminal|teraterm|kterm|jfbterm|fbterm|interix|hurd|sun-color|dvtm|vscode|wsvt25|pcansi|rio|warp)(?:$|[-.+_\d])/i;

const DIRECTORIES = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"];

export function terminalKind(system: System): TerminalKind {
  const name = system.env("TERM") ?? "";
  if (name === "") return "unknown";
  if (name === "dumb") return "plain";
  if (FAMILIES.test(name)) return "full";
  // Another name: its terminfo entry tells whether it moves the cursor as all these do.
  if (!/^[\w.+-]+$/.test(name)) return "unknown";
  const own = system.env("TERMINFO");
  for (const directory of own === undefined || own === "" ? DIRECTORIES : [own, ...DIRECTORIES]) {
    for (const folder of [name.charAt(0), name.charCodeAt(0).toString(16)]) {
      const entry = system.readBytes(`${directory}/${folder}/${name}`);
      if (typeof entry !== "number") return entry.includes("\x1b[%i%p1%d;%p2%dH") ? "full" : "plain";
    }
  }
  return "unknown";
}
