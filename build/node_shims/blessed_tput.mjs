// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/**
 * blessed/lib/tput: terminal capabilities. The sequences of ECMA-48 and xterm, which every terminal has in common that
 * lib/screen lets pass (lib/screen/terminal_kind.ts); only colours and the alternate screen differ.
 */
const CSI = "\x1b[";

/** @param {string} terminal   TERM */
function colorsOf(terminal) {
  if (/256|direct|truecolor|kitty|alacritty|foot|iterm|wezterm|ghostty/.test(terminal)) return 256;
  return /^vt|^ansi-m|-m$|mono/.test(terminal) ? 1 : 8;
}

/** The console and vt100s have no second screen. @param {string} terminal */
function hasSecondScreen(terminal) {
  return !/^(?:linux|vt\d|ansi|cons)/.test(terminal);
}

const count = (n) => (n === undefined || n === null || n < 1 ? 1 : n);

const capabilities = {
  cup: (y = 0, x = 0) => `${CSI}${y + 1};${x + 1}H`,
  hpa: (x = 0) => `${CSI}${x + 1}G`,
  vpa: (y = 0) => `${CSI}${y + 1}d`,
  cuu: (n) => `${CSI}${count(n)}A`,
  cud: (n) => `${CSI}${count(n)}B`,
  cuf: (n) => `${CSI}${count(n)}C`,
  cub: (n) => `${CSI}${count(n)}D`,
  cuu1: () => `${CSI}A`,
  cud1: () => "\n",
  cuf1: () => `${CSI}C`,
  cub1: () => "\b",
  csr: (top = 0, bottom = 0) => `${CSI}${top + 1};${bottom + 1}r`,
  il: (n) => `${CSI}${count(n)}L`,
  dl: (n) => `${CSI}${count(n)}M`,
  ich: (n) => `${CSI}${count(n)}@`,
  dch: (n) => `${CSI}${count(n)}P`,
  ech: (n) => `${CSI}${count(n)}X`,
  el: () => `${CSI}K`,
  ed: () => `${CSI}J`,
  clear: () => `${CSI}H${CSI}2J`,
  sc: () => "\x1b7",
  rc: () => "\x1b8",
  ind: () => "\n",
  ri: () => "\x1bM",
  civis: () => `${CSI}?25l`,
  cnorm: () => `${CSI}?25h`,
  cvvis: () => `${CSI}?25h`,
  smkx: () => `${CSI}?1h\x1b=`,
  rmkx: () => `${CSI}?1l\x1b>`,
  bel: () => "\x07",
  cr: () => "\r",
  smacs: () => "",
  rmacs: () => "",
  enacs: () => "",
};

function Tput(options) {
  if (!(this instanceof Tput)) return new Tput(options);
  const terminal = String(options?.terminal ?? "xterm").toLowerCase();
  Object.assign(this, capabilities);
  this.smcup = () => (hasSecondScreen(terminal) ? `${CSI}?1049h` : "");
  this.rmcup = () => (hasSecondScreen(terminal) ? `${CSI}?1049l` : `${CSI}H${CSI}2J`);
  this.keypad_xmit = this.smkx;
  this.keypad_local = this.rmkx;
  this.colors = colorsOf(terminal);
  this.bools = { back_color_erase: true, eat_newline_glitch: true };
  this.numbers = { U8: 1, max_colors: this.colors };
  this.strings = {
    change_scroll_region: "csr",
    delete_line: "dl1",
    insert_line: "il1",
    parm_up_cursor: "cuu",
    parm_down_cursor: "cud",
    parm_left_cursor: "cub",
    parm_right_cursor: "cuf",
    erase_chars: "ech",
  };
  this.features = { unicode: true, brokenACS: true };
  this.unicode = true;
  this.brokenACS = true;
  this.acscr = {};
  this.utoa = {};
  this.padding = false;
}
Object.defineProperty(Tput.prototype, "has", {
  value(name) {
    return typeof this[name] === "function";
  },
});

export default Tput;
