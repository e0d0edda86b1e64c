/** Damage to files, from a seed: the same seed gives the same damage everywhere. */

/** Numbers from 0 up to below 1 (mulberry32). */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (random: Random, count: number): number => Math.floor(random() * count);

export function pick<T>(random: Random, all: readonly T[]): T {
  const one = all[below(random, all.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

/** What readers have stumbled over: bounds of integers, words for numbers, bytes that are no text, things that end a terminal's line. */
const PIECES = [
  ...[
    "0",
    "-1",
    "1",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854771712",
    "-9223372036854775808",
  ],
  ...["4294967296", "1e999", "0x10", "00000000000000000000000000000000000001", "1.5", "+5", "max", "-"],
  ...[
    "\0",
    "\xff\xfe",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xc3",
    "\x1b]0;x\x07",
    "\x1b[2J",
    "\r",
    "\n",
    "\n\n",
    "\t",
    " ",
    "  ",
  ],
  ...[
    ":",
    "/",
    "/..",
    "../..",
    "\\040",
    "\\134",
    "\\777",
    "\\",
    " - ",
    "(",
    ")",
    ") R ",
    "%s%n",
    "__proto__",
    "constructor",
  ],
  ...["{", "[", '"', ",", "null", "a".repeat(5000), "9".repeat(400)],
];

/** One damage to bytes, one char per byte. */
export function damage(text: string, random: Random): string {
  const at = below(random, text.length + 1);
  const length = below(random, random() < 0.5 ? 4 : 200);
  const lines = text.split("\n");
  const line = below(random, lines.length);
  switch (below(random, 9)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + length);
    case 2:
      return text.slice(0, at) + pick(random, PIECES) + text.slice(at);
    case 3:
      return text.slice(0, at) + pick(random, PIECES) + text.slice(at + 1 + below(random, 8));
    case 4: {
      const byte = text.charCodeAt(at) ^ (1 << below(random, 8));
      return (
        text.slice(0, at) + String.fromCharCode((Number.isNaN(byte) ? 0 : byte) & 0xff) + text.slice(at + 1)
      );
    }
    case 5:
      return [...lines.slice(0, line), lines[line], ...lines.slice(line)].join("\n");
    case 6:
      return [...lines.slice(0, line), ...lines.slice(line + 1)].join("\n");
    case 7: {
      // A number for another.
      const numbers = [...text.matchAll(/\d+/g)];
      if (numbers.length === 0) return pick(random, PIECES);
      const number = pick(random, numbers);
      const start = number.index ?? 0;
      return text.slice(0, start) + pick(random, PIECES) + text.slice(start + number[0].length);
    }
    default:
      return text.slice(at) + text.slice(0, at);
  }
}

/** One to six of them. */
export function damageMore(text: string, random: Random): string {
  let damaged = text;
  for (let times = 1 + below(random, 6); times > 0; times--) damaged = damage(damaged, random);
  return damaged;
}
