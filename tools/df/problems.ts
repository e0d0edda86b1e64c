/** What df says of a path that it could not ask: the path as the shell would need it quoted, as coreutils writes it. */
import type { DfProblem } from "./collect.ts";

export function problemText({ path, text }: DfProblem): string {
  return path === null ? text : `${quotedName(path)}: ${text}`;
}

/** As it is, where the shell would take it for one word; else in quotes, control characters as $'\\n'. */
export function quotedName(name: string): string {
  return needsQuotes(name) ? alwaysQuoted(name) : name;
}

export function alwaysQuoted(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const control = /[\u0000-\u001f\u007f]/;
  if (name.includes("'") && !control.test(name) && !/["$`\\!]/.test(name)) return `"${name}"`;
  // coreutils tries double quotes first and keeps the pair that it had begun.
  let text = name.includes("'") && control.test(name) ? "'''" : "'";
  let isEscaped = false;
  for (const character of name) {
    if (control.test(character)) {
      if (!isEscaped) text += "'$'";
      isEscaped = true;
      text += ESCAPES[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
      continue;
    }
    if (isEscaped) text += "''";
    isEscaped = false;
    text += character === "'" ? "'\\''" : character;
  }
  return `${text}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function needsQuotes(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name === "" || /[\u0000-\u0020\u007f!"$&'()*;<=>?[\\^`|]/.test(name)) return true;
  return name.startsWith("~") || name.startsWith("#") || name === "{" || name === "}";
}
