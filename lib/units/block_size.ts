/** The unit in which `df` prints sizes: -B, -h, -H, -k, -m and the environment, as coreutils reads them. */

export interface BlockSize {
  readonly bytes: number;
  /** Each number with the unit that fits it: -h, -H. */
  readonly human: boolean;
  /** A letter behind each number: -BM, but not -B1M. */
  readonly suffix: boolean;
  readonly base: 1000 | 1024;
  /** The letter is followed by B, with base 1024 by iB: -BMB, -BMiB. */
  readonly withB: boolean;
}

export type BlockSizeProblem = "invalid" | "suffix" | "overflow";

/** `bytes` is what was understood up to the mistake, 0 for nothing: the environment goes on with it. */
export interface BlockSizeMistake {
  readonly problem: BlockSizeProblem;
  readonly bytes: number;
}

export const HUMAN_1024: BlockSize = { bytes: 1, human: true, suffix: true, base: 1024, withB: false };
export const HUMAN_1000: BlockSize = { bytes: 1, human: true, suffix: true, base: 1000, withB: false };

export function plainBlocks(bytes: number): BlockSize {
  return { bytes, human: false, suffix: false, base: 1000, withB: false };
}

/** "10K", "KiB", "MB", "human-readable", "si"; a leading ' asks for digit groups, which the C locale does not have. */
export function parseBlockSize(text: string): BlockSize | BlockSizeMistake {
  const word = text.startsWith("'") ? text.slice(1) : text;
  if (word !== "" && "human-readable".startsWith(word)) return HUMAN_1024;
  if (word !== "" && "si".startsWith(word)) return HUMAN_1000;
  const [, digits = "", rest = ""] =
    /^[ \t\n\v\f\r]*(\+?(?:0[xX][0-9a-fA-F]+|[0-9]+)?)([\s\S]*)$/.exec(word) ?? [];
  const number = readNumber(digits);
  const tail = number.rest + rest;
  if (number.value === null && !SUFFIXES.includes(tail.charAt(0) || "-"))
    return { problem: "invalid", bytes: 0 };
  const value = number.value ?? 1;
  const scaled = tail === "" ? { bytes: value, length: 0, base: 1024 } : scale(value, tail);
  if (scaled === null || scaled.length !== tail.length) {
    return { problem: value === 0 ? "invalid" : "suffix", bytes: Math.min(value, LARGEST) };
  }
  if (value > LARGEST || scaled.bytes > LARGEST) return { problem: "overflow", bytes: LARGEST };
  if (scaled.bytes === 0) return { problem: "invalid", bytes: 0 };
  if (number.value !== null) return plainBlocks(scaled.bytes);
  const withB = tail.endsWith("B");
  return {
    bytes: scaled.bytes,
    human: false,
    suffix: true,
    base: withB && !tail.endsWith("iB") ? 1000 : 1024,
    withB,
  };
}

const LARGEST = 2 ** 64 - 1;

/** Letters that may follow the number; e, p, y, z and 0 are let through and then refused as a suffix. */
const SUFFIXES = "eEgGkKmMpPtTyYzZ0";

const POWERS: Readonly<Record<string, number>> = {
  k: 1,
  K: 1,
  m: 2,
  M: 2,
  g: 3,
  G: 3,
  t: 4,
  T: 4,
  P: 5,
  E: 6,
  Z: 7,
  Y: 8,
};

/** As strtoumax with base 0: hexadecimal, octal, decimal; null without digits. */
function readNumber(digits: string): { value: number | null; rest: string } {
  const unsigned = digits.replace("+", "");
  if (unsigned === "") return { value: null, rest: "" };
  if (/^0[xX]/.test(unsigned)) return { value: Number(unsigned), rest: "" };
  if (!unsigned.startsWith("0")) return { value: Number(unsigned), rest: "" };
  const octal = /^[0-7]*/.exec(unsigned)?.[0] ?? "";
  return { value: Number.parseInt(octal, 8), rest: unsigned.slice(octal.length) };
}

/** The value times the suffix, and how long the suffix is; null for an unknown one. */
function scale(value: number, tail: string): { bytes: number; length: number; base: number } | null {
  const power = POWERS[tail.charAt(0)];
  if (power === undefined) return null;
  const second = tail.charAt(1);
  const isBinary = second === "i" && tail.charAt(2) === "B";
  const isDecimal = second === "B" || second === "D";
  const base = isDecimal ? 1000 : 1024;
  return { bytes: value * base ** power, length: isBinary ? 3 : isDecimal ? 2 : 1, base };
}

/** The unit in the heading: "1K", "1MB", "512B", "1.5kB". */
export function blockSizeHeading(size: BlockSize): string {
  let by1000 = size.bytes;
  let by1024 = size.bytes;
  let is1000: boolean;
  let is1024: boolean;
  do {
    is1000 = by1000 % 1000 === 0;
    by1000 = Math.floor(by1000 / 1000);
    is1024 = by1024 % 1024 === 0;
    by1024 = Math.floor(by1024 / 1024);
  } while (is1000 && is1024);
  const base = is1000 === is1024 ? (size.suffix ? size.base : 1000) : is1024 ? 1024 : 1000;
  const withB = size.withB || base === 1000;
  let exponent = 0;
  let unit = 1;
  while (exponent < LETTERS.length && size.bytes >= unit * base) {
    unit *= base;
    exponent++;
  }
  let amount = size.bytes / unit;
  amount = amount < 10 ? Math.ceil(amount * 10) / 10 : Math.ceil(amount);
  return `${amount}${unitLetters(exponent, base, withB)}`;
}

/** What stands behind each number: "M", "MB", "MiB", or nothing. `bytes`: the unit; 1 for inodes. */
export function blockSuffix(size: BlockSize, bytes: number): string {
  if (!size.suffix) return "";
  let exponent = 0;
  for (let power = 1; power < bytes && exponent < LETTERS.length; power *= size.base) exponent++;
  return unitLetters(exponent, size.base, size.withB);
}

const LETTERS = "KMGTPEZY";

function unitLetters(exponent: number, base: 1000 | 1024, withB: boolean): string {
  const letter = exponent === 0 ? "" : exponent === 1 && base === 1000 ? "k" : LETTERS.charAt(exponent - 1);
  if (!withB) return letter;
  return `${letter}${base === 1024 && exponent > 0 ? "i" : ""}B`;
}
