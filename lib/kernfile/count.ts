/**
 * A single non-negative integer, as in memory.current: "109121536\n".
 *
 * The kernel prints such values with %llu: up to 20 digits. Above 2^53 the number is the nearest double.
 */
import { ParseError } from "./parse_error.ts";

/** Digits of 2^64 - 1. */
const LONGEST = 20;

/** The whole text of a file that holds one count. Throws ParseError. */
export function parseCount(text: string, path: string): number {
  return requireCount(withoutNewline(text), path, 0);
}

/** One field of a line. Throws ParseError where it is anything but decimal digits. */
export function requireCount(field: string, path: string, line: number): number {
  const value = toCount(field);
  if (value < 0) throw new ParseError(path, line, `not a count: ${quote(field)}`);
  return value;
}

/** As requireCount, for the few fields that the kernel may print negative (nice, tpgid). */
export function requireInteger(field: string, path: string, line: number): number {
  const isNegative = field.startsWith("-");
  const value = toCount(isNegative ? field.slice(1) : field);
  if (value < 0) throw new ParseError(path, line, `not an integer: ${quote(field)}`);
  return isNegative && value > 0 ? -value : value;
}

/** A non-negative decimal such as "25.50" or "12". Throws ParseError. */
export function requireDecimal(field: string, path: string, line: number): number {
  const point = field.indexOf(".");
  const whole = toCount(point < 0 ? field : field.slice(0, point));
  if (whole < 0 || (point >= 0 && toCount(field.slice(point + 1)) < 0)) {
    throw new ParseError(path, line, `not a decimal: ${quote(field)}`);
  }
  return Number(field);
}

/** Decimal digits as a number; -1 where the field is anything else. */
export function toCount(field: string): number {
  const value = Number(field);
  // Number() also takes "", " 1", "0x1f" and "1e3": the way back is the cheapest proof that these were digits.
  if (value >= 0 && Number.isSafeInteger(value) && String(value) === field) return value;
  return isDigits(field) ? value : -1;
}

/** The text without the newline that ends a kernel file. */
export function withoutNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

/** For messages: short, and printable whatever the file held. */
export function quote(field: string): string {
  return JSON.stringify(field.length > 40 ? `${field.slice(0, 40)}...` : field);
}

function isDigits(field: string): boolean {
  if (field.length === 0 || field.length > LONGEST) return false;
  for (let i = 0; i < field.length; i++) {
    const code = field.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
