/**
 * A screen of styled lines on a terminal, painted by blessed: it keeps what stands there, writes only what changed, and reads
 * keys and the mouse. No widgets: what is shown is handed over as whole lines.
 *
 * Text must be safe for a terminal (lib/units/terminal_text.ts): it is written as it is.
 */
import { EventEmitter } from "blessed/lib/events.js";
import blessedScreen, { type BlessedCell } from "blessed/lib/widgets/screen.js";
import type { System } from "../system/system.ts";
import type { TerminalHost } from "../system/terminal_host.ts";
import { charColumns } from "../units/terminal_text.ts";

export interface Style {
  readonly bold?: boolean;
  readonly underline?: boolean;
  readonly reverse?: boolean;
  /** One of the eight or sixteen colours; -1 or absent: the terminal's own. */
  readonly foreground?: number;
  readonly background?: number;
}

export interface Span {
  readonly text: string;
  readonly style: Style | null;
}

/** A line; what is left of its width is blank in the style of `fill`. */
export interface StyledLine {
  readonly spans: readonly Span[];
  readonly fill?: Style | null;
}

export interface Key {
  /** The character that was typed, "" for a key without one. */
  readonly char: string;
  /** "a", "A", "up", "pagedown", "C-c", "escape", "enter", "backspace" ... */
  readonly name: string;
}

export interface MouseEvent {
  readonly kind: "press" | "wheelup" | "wheeldown";
  readonly x: number;
  readonly y: number;
}

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** `cursor`: [column, row] where it is shown; null: hidden. */
  draw(lines: readonly StyledLine[], cursor: readonly [number, number] | null): void;
  /** Everything is written anew with the next draw. */
  invalidate(): void;
  /** ^Z: the terminal as it was, stopped until SIGCONT, and back. */
  suspend(): void;
  /** The terminal as it was before. */
  close(): void;
}

export interface ScreenListener {
  key(key: Key): void;
  mouse(event: MouseEvent): void;
  resize(): void;
  /** No more input: the terminal is gone. */
  end(): void;
}

/** What puts any terminal right again, whatever had been switched on. */
const RESTORE = "\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?1l\x1b>\x1b[r\x1b[m\x1b[?25h";

const SIGWINCH = 28;
const SIGTSTP = 20;
const SIGCONT = 18;

/** Opens the terminal on fd 0 and 1. Gives an errno when fd 0 is none. */
export function openScreen(system: System, host: TerminalHost, listener: ScreenListener): Screen | number {
  const second = /^(?:linux|vt\d|ansi|cons)/i.test(system.env("TERM") ?? "")
    ? "\x1b[H\x1b[2J"
    : "\x1b[?1049l";
  const input = Object.assign(new EventEmitter(), {
    isTTY: true,
    isRaw: true,
    destroyed: false,
    setRawMode: () => undefined,
    resume: () => undefined,
    pause: () => undefined,
  });
  let closed = false;
  const opened = host.openInput(RESTORE + second, (text) => {
    if (text === null) listener.end();
    else if (!closed) input.emit("data", text);
  });
  if (opened < 0) return opened;
  const size = (): readonly [number, number] => {
    const found = system.windowSize(1) ?? system.windowSize(0);
    // A window without a size (a serial line): what the environment says.
    if (found !== null && found[0] > 0 && found[1] > 0) return found;
    return [Number(system.env("COLUMNS")) || 80, Number(system.env("LINES")) || 24];
  };
  const output = Object.assign(new EventEmitter(), {
    isTTY: true,
    writable: true,
    bytesWritten: 1,
    write: (text: string) => system.write(1, text) >= 0,
  });
  // Asked for anew after each SIGWINCH: as getters, which Object.assign would not keep.
  Object.defineProperty(output, "columns", { get: () => size()[0] });
  Object.defineProperty(output, "rows", { get: () => size()[1] });
  const screen = blessedScreen({ input, output, useBCE: true, fullUnicode: false, warnings: false });
  const { program } = screen;
  const written: string[] = [];
  let cursorShown = false;

  program.on("keypress", (char, key) => {
    const name = key.full ?? key.name ?? char ?? "";
    // Told twice: as "return" and as "enter".
    if (name === "return") return;
    const printable = char !== undefined && char >= " " && char !== "\x7f" && char.length <= 2;
    listener.key({ char: printable ? char : "", name: printable && char !== " " ? char : name });
  });
  program.on("mouse", (event) => {
    const kind =
      event.action === "wheelup" || event.action === "wheeldown"
        ? event.action
        : event.action === "mousedown" && event.button === "left"
          ? "press"
          : null;
    if (kind !== null) listener.mouse({ kind, x: event.x, y: event.y });
  });
  const mouse = (on: boolean): void => {
    if (!/^(?:linux|vt\d|ansi|cons)/i.test(system.env("TERM") ?? "")) {
      program.setMouse({ vt200Mouse: true, sgrMouse: true }, on);
    }
  };
  mouse(true);

  const invalidate = (): void => {
    written.length = 0;
  };
  const resize = (): void => {
    output.emit("resize");
    invalidate();
    listener.resize();
  };
  const suspend = (): void => {
    program.flush();
    host.suspend();
    screen.program.flush();
    // The restore text left the second screen: enter it again, whatever blessed believes.
    system.write(1, enterText(second));
    mouse(true);
    screen.alloc();
    program.flush();
    resize();
  };
  host.watchSignal(SIGWINCH, resize);
  host.watchSignal(SIGTSTP, suspend);
  host.watchSignal(SIGCONT, () => {
    if (!closed) resize();
  });

  return {
    get columns() {
      return program.cols;
    },
    get rows() {
      return program.rows;
    },
    draw(lines, cursor) {
      const columns = program.cols;
      for (let y = 0; y < program.rows; y++) {
        const line = lines[y] ?? EMPTY_LINE;
        const key = keyOf(line);
        if (written[y] === key) continue;
        written[y] = key;
        const cells = screen.lines[y];
        if (cells === undefined) continue;
        fillCells(cells, line, columns, screen.dattr);
        cells.dirty = true;
      }
      screen.draw(0, program.rows - 1);
      if (cursor !== null) {
        program.cup(cursor[1], cursor[0]);
        if (!cursorShown) program.showCursor();
      } else if (cursorShown) program.hideCursor();
      cursorShown = cursor !== null;
      program.flush();
    },
    invalidate,
    suspend,
    close() {
      if (closed) return;
      closed = true;
      for (const signal of [SIGWINCH, SIGTSTP, SIGCONT]) host.watchSignal(signal, null);
      program.flush();
      host.closeInput();
    },
  };
}

function enterText(leave: string): string {
  return `${leave === "\x1b[?1049l" ? "\x1b[?1049h" : ""}\x1b[?1h\x1b=\x1b[?25l`;
}

const EMPTY_LINE: StyledLine = { spans: [] };

function keyOf(line: StyledLine): string {
  let key = styleKey(line.fill ?? null);
  for (const span of line.spans) key += `${styleKey(span.style)}${span.text}`;
  return key;
}

/** Begins with a control character, which no text has. */
function styleKey(style: Style | null): string {
  return style === null ? "\x01" : `\x02${attributeOf(style, 0)}\x01`;
}

/** blessed's number for a style: flags, foreground, background, nine bits each for the colours. */
function attributeOf(style: Style | null, plain: number): number {
  if (style === null) return plain;
  const flags =
    (style.bold === true ? 1 : 0) | (style.underline === true ? 2 : 0) | (style.reverse === true ? 8 : 0);
  const color = (value: number | undefined): number => (value === undefined || value < 0 ? 0x1ff : value);
  return (flags << 18) | (color(style.foreground) << 9) | color(style.background);
}

/** Cells of one line. A wide character takes two: the second holds no text. Marks join the character before them. */
function fillCells(cells: BlessedCell[], line: StyledLine, columns: number, plain: number): void {
  let x = 0;
  for (const span of line.spans) {
    const attribute = attributeOf(span.style, plain);
    const { text } = span;
    for (let i = 0; i < text.length && x < columns; i++) {
      let char = text.charAt(i);
      let width = 1;
      if (char > "~") {
        const code = text.codePointAt(i) ?? 0;
        if (code > 0xffff) {
          char = String.fromCodePoint(code);
          i++;
        }
        width = charColumns(code);
      }
      if (width === 0) {
        const before = cells[x - 1];
        if (before !== undefined) before[1] += char;
        continue;
      }
      if (width === 2 && x + 1 >= columns) break;
      const cell = cells[x++] as BlessedCell;
      cell[0] = attribute;
      cell[1] = char;
      if (width === 2) {
        const half = cells[x++] as BlessedCell;
        half[0] = attribute;
        half[1] = "";
      }
    }
  }
  const rest = attributeOf(line.fill ?? null, plain);
  for (; x < columns; x++) {
    const cell = cells[x] as BlessedCell;
    cell[0] = rest;
    cell[1] = " ";
  }
}
