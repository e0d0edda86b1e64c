/** Colours of figures on a terminal, as S_COLORS and S_COLORS_SGR of sysstat choose them. */

/** What stands between ESC[ and m. */
export interface Colors {
  /** A percentage from 75 on, and from 50 on. */
  readonly high: string;
  readonly middle: string;
  readonly number: string;
  readonly zero: string;
  /** Names of devices. */
  readonly item: string;
}

const KEYS: Readonly<Record<string, keyof Colors>> = {
  H: "high",
  M: "middle",
  N: "number",
  Z: "zero",
  I: "item",
};

/** "H=31;1:N=34": what is no such thing is passed over, and the default stays. */
export function parseColors(sgr: string): Colors {
  const colors: Record<keyof Colors, string> = {
    high: "31;1",
    middle: "35;1",
    number: "34;1",
    zero: "34;22",
    item: "32;22",
  };
  for (const part of sgr.split(":")) {
    const [, letter = "", value = ""] = /^([HMNZI])=([\d;]+)$/.exec(part) ?? [];
    const key = KEYS[letter];
    if (key !== undefined) colors[key] = value;
  }
  return colors;
}

export function paintedName(text: string, colors: Colors | null): string {
  return colors === null ? text : painted(text, colors.item);
}

/** Its unit stays plain, and so does what is not known. `ratio`: of a percentage; else null. */
export function paintedNumber(text: string, ratio: number | null, colors: Colors | null): string {
  if (colors === null || text.endsWith("-")) return text;
  const end = /\d$/.test(text) ? text.length : text.length - 1;
  const number = text.slice(0, end);
  return painted(number, colors[kindOf(number, ratio)]) + text.slice(end);
}

/** Zero is what is printed as zero. */
function kindOf(number: string, ratio: number | null): keyof Colors {
  if (ratio !== null && ratio * 100 >= 75) return "high";
  if (ratio !== null && ratio * 100 >= 50) return "middle";
  return /[1-9]/.test(number) ? "number" : "zero";
}

function painted(text: string, sgr: string): string {
  return `\x1b[${sgr}m${text}\x1b[0m`;
}
