/** The text of a golden file: every case of one tool over one fixture, one after the other. */
import type { GoldenCase } from "./cases.ts";
import type { Runner, RunResult } from "./run.ts";

const HEAD = "=== ";
const NO_NEWLINE = "\n\\ no newline at end\n";

/** Runs the cases in their order and gives the golden file's text. */
export async function goldenText(
  run: Runner,
  fixture: string,
  tool: string,
  cases: readonly GoldenCase[],
): Promise<string> {
  let text = "";
  for (const { args } of cases) text += caseText(tool, args, await run(fixture, tool, args));
  return text;
}

/** The part of a golden file's text that is about one case; empty when there is none. */
export function goldenTextOfCase(golden: string, tool: string, { args }: GoldenCase): string {
  const head = headLine(tool, args);
  const start = golden.startsWith(head) ? 0 : golden.indexOf(`\n${head}`) + 1;
  if (start === 0 && !golden.startsWith(head)) return "";
  const end = golden.indexOf(`\n${HEAD}${tool}`, start) + 1;
  return golden.slice(start, end === 0 ? undefined : end);
}

function caseText(tool: string, args: readonly string[], result: RunResult): string {
  const errors = result.stderr === "" ? "" : `--- stderr\n${closed(result.stderr)}`;
  return `${headLine(tool, args)}--- exit ${result.exitCode}\n${errors}--- stdout\n${closed(result.stdout)}`;
}

const headLine = (tool: string, args: readonly string[]): string =>
  `${HEAD}${[tool, ...args.map(quoted)].join(" ")}\n`;

function closed(text: string): string {
  return text === "" || text.endsWith("\n") ? text : text + NO_NEWLINE;
}

function quoted(word: string): string {
  return /^[\w./:=,+-]+$/.test(word) ? word : `'${word}'`;
}
