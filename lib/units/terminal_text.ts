/**
 * Text of others (process names, command lines, user names) made fit for a terminal: nothing in it may move the cursor,
 * change colours or reverse the direction of writing, and its width in columns is known.
 */

/**
 * Every character that is no ordinary one becomes "?": C0 and C1 controls, DEL, direction marks and overrides, line and
 * paragraph separators, private and broken code units. `utf8` false: anything beyond ASCII too.
 */
export function safeText(text: string, utf8 = true): string {
  if (PLAIN.test(text)) return text;
  const replaced = text.replace(UNSAFE, "?");
  return utf8 ? replaced : replaced.replace(BEYOND_ASCII, "?");
}

/** Columns that a terminal gives to the character: 0, 1 or 2. */
export function charColumns(code: number): 0 | 1 | 2 {
  if (code < 0x300) return 1;
  if (isZeroWidth(code)) return 0;
  if (code < 0x1100) return 1;
  let low = 0;
  let high = WIDE.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < (WIDE[2 * middle] ?? 0)) high = middle - 1;
    else if (code > (WIDE[2 * middle + 1] ?? 0)) low = middle + 1;
    else return 2;
  }
  return 1;
}

export function textColumns(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const char of text) columns += charColumns(char.codePointAt(0) ?? 0);
  return columns;
}

/** The longest beginning of `text` that needs no more than `columns`. */
export function cutToColumns(text: string, columns: number): string {
  if (text.length <= columns && PLAIN.test(text)) return text;
  let used = 0;
  let end = 0;
  for (const char of text) {
    used += charColumns(char.codePointAt(0) ?? 0);
    if (used > columns) return text.slice(0, end);
    end += char.length;
  }
  return text;
}

/** Exactly `columns` wide: filled with blanks, or cut with "+" in the last column, as procps marks it. */
export function fitColumns(text: string, columns: number, right = false): string {
  if (text.length <= columns && PLAIN.test(text))
    return right ? text.padStart(columns) : text.padEnd(columns);
  const own = textColumns(text);
  if (own <= columns) {
    const blanks = " ".repeat(columns - own);
    return right ? blanks + text : text + blanks;
  }
  if (columns <= 0) return "";
  const cut = cutToColumns(text, columns - 1);
  return `${cut}${" ".repeat(Math.max(0, columns - 1 - textColumns(cut)))}+`;
}

const PLAIN = /^[ -~]*$/;

const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
  /[\0-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd\ue000-\uf8ff]|[\ud800-\udbff](?![\udc00-\udfff])|(?:[^\ud800-\udbff]|^)[\udc00-\udfff]/g;

const BEYOND_ASCII = /[\ud800-\udbff][\udc00-\udfff]|[^\0-\x7f]/g;

/** Combining marks of the scripts in use, joiners, variation selectors. */
function isZeroWidth(code: number): boolean {
  return (
    (code >= 0x300 && code <= 0x36f) ||
    (code >= 0x483 && code <= 0x489) ||
    (code >= 0x591 && code <= 0x5bd) ||
    (code >= 0x610 && code <= 0x61a) ||
    (code >= 0x64b && code <= 0x65f) ||
    (code >= 0x900 && code <= 0x902) ||
    code === 0x93c ||
    (code >= 0x941 && code <= 0x948) ||
    code === 0x94d ||
    code === 0xe31 ||
    (code >= 0xe34 && code <= 0xe3a) ||
    (code >= 0xe47 && code <= 0xe4e) ||
    (code >= 0x1ab0 && code <= 0x1aff) ||
    (code >= 0x1dc0 && code <= 0x1dff) ||
    code === 0x200c ||
    code === 0x200d ||
    (code >= 0x20d0 && code <= 0x20ff) ||
    (code >= 0x302a && code <= 0x302d) ||
    code === 0x3099 ||
    code === 0x309a ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    (code >= 0xfe20 && code <= 0xfe2f) ||
    (code >= 0xe0100 && code <= 0xe01ef)
  );
}

/** First and last of each range that East_Asian_Width calls W or F, and of emoji that are shown wide; ascending. */
const WIDE: readonly number[] = [
  0x1100, 0x115f, 0x231a, 0x231b, 0x2329, 0x232a, 0x23e9, 0x23ec, 0x23f0, 0x23f0, 0x23f3, 0x23f3, 0x25fd,
  0x25fe, 0x2614, 0x2615, 0x2648, 0x2653, 0x267f, 0x267f, 0x2693, 0x2693, 0x26a1, 0x26a1, 0x26aa, 0x26ab,
  0x26bd, 0x26be, 0x26c4, 0x26c5, 0x26ce, 0x26ce, 0x26d4, 0x26d4, 0x26ea, 0x26ea, 0x26f2, 0x26f3, 0x26f5,
  0x26f5, 0x26fa, 0x26fa, 0x26fd, 0x26fd, 0x2705, 0x2705, 0x270a, 0x270b, 0x2728, 0x2728, 0x274c, 0x274c,
  0x274e, 0x274e, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797, 0x27b0, 0x27b0, 0x27bf, 0x27bf, 0x2b1b,
  0x2b1c, 0x2b50, 0x2b50, 0x2b55, 0x2b55, 0x2e80, 0x303e, 0x3041, 0x33ff, 0x3400, 0x4dbf, 0x4e00, 0xa4cf,
  0xa960, 0xa97f, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6f, 0xff00, 0xff60, 0xffe0,
  0xffe6, 0x16fe0, 0x18cff, 0x1b000, 0x1b2ff, 0x1f004, 0x1f004, 0x1f0cf, 0x1f0cf, 0x1f18e, 0x1f18e, 0x1f191,
  0x1f19a, 0x1f1e6, 0x1f202, 0x1f210, 0x1f23b, 0x1f240, 0x1f248, 0x1f250, 0x1f251, 0x1f260, 0x1f265, 0x1f300,
  0x1f64f, 0x1f680, 0x1f6ff, 0x1f7e0, 0x1f7eb, 0x1f900, 0x1f9ff, 0x1fa70, 0x1faff, 0x20000, 0x3fffd,
];
