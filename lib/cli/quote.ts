/** Quotes a word in a message as coreutils does: ‘x’ where the locale's charset is UTF-8, 'x' in others. */
import type { System } from "../system/system.ts";

export function quote(system: System, word: string): string {
  const locale = system.env("LC_ALL") || system.env("LC_CTYPE") || system.env("LANG") || "C";
  return /utf-?8/i.test(locale) ? `‘${word}’` : `'${word}'`;
}
