/** The pages of the project as text: links, headings, and the commands that they show. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** Paths of all pages, from the top. */
export function pages(): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .map((name) => `${folder}/${name}`)
      .filter((path) => path.endsWith(".md"));
  return ["README.md", "CHANGELOG.md", ...below("docs"), "test/fixtures/README.md"].sort();
}

export const textOf = (page: string): string => readFileSync(join(ROOT, page), "utf8");

/** Without what stands in code. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "code");

/** Targets of links, but for those to other hosts. */
export function linksOf(text: string): string[] {
  const found = [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return found.filter((target) => !/^(https?:|mailto:)/.test(target));
}

/** What a heading is called in a link. */
export function anchorsOf(text: string): string[] {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.*)$/gm)];
  return headings.map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

export interface ShownCommand {
  /** As the page has it. */
  readonly line: string;
  readonly words: readonly string[];
}

/** Command lines in blocks (`$ ...`, or every line where the block says sh) and in spans of code. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (const [, kind = "", block = ""] of text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)) {
    for (const line of block.split("\n")) {
      if (line.startsWith("$ ")) lines.push(line.slice(2));
      else if (kind === "sh") lines.push(line);
    }
  }
  const spans = text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`\n]+)`/g);
  return [...lines, ...[...spans].map((match) => match[1] ?? "")];
}

/** Words of a shell line; quotes are taken off. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map((match) => match[0].replace(/['"]/g, ""));

/**
 * Calls of procg and of the tools that `names` lists, after comments, pipes and what runs them (docker exec, `--`) are taken away. What is no
 * call that can be tried (placeholders in brackets, substitutions, ellipses) is left out.
 */
export function commandsOf(text: string, names: readonly string[]): ShownCommand[] {
  const found: ShownCommand[] = [];
  for (const line of linesOf(text)) {
    for (const part of line.replace(/(^|\s)#.*$/, "").split(/\s*(?:\||&&|;|>|&$|&\s)\s*/)) {
      if (/[[\]…()]|\.\.\.|\$|\\/.test(part)) continue;
      const words = wordsOf(part);
      const wrapped = /^(docker|podman|kubectl)$/.test(words[0] ?? "") ? words.indexOf("--") + 1 : 0;
      while (/^[A-Z_]+=/.test(words[wrapped] ?? "")) words.splice(wrapped, 1);
      const [first = "", ...rest] = words.slice(wrapped);
      const name = first.replace(/^.*\//, "");
      if (name === "procg" && rest.length > 0) found.push({ line: part, words: rest });
      else if (names.includes(name) && rest.some((word) => word.startsWith("-")) && wrapped + rest.length > 0)
        found.push({ line: part, words: [name, ...rest] });
    }
  }
  return found;
}

export interface Example extends ShownCommand {
  /** What stands below it, to the next command or the end of the block. */
  readonly shown: string;
}

/** Calls over a capture whose whole output a page shows: `$ procg TOOL ... --replay NAME`. */
export function examplesOf(text: string): Example[] {
  const found: Example[] = [];
  for (const [, block = ""] of text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)) {
    for (const part of block.split(/^\$ /m).slice(1)) {
      const end = part.indexOf("\n");
      const [line, shown] = [part.slice(0, end), part.slice(end + 1)];
      const words = wordsOf(line);
      if (words[0] !== "procg" || !words.includes("--replay") || /[|>;]/.test(line) || shown === "") continue;
      found.push({ line, words: words.slice(1), shown });
    }
  }
  return found;
}
