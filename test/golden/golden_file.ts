/** The text of a golden file: every case of one tool over one fixture, one after the other. */
import type { GoldenCase } from "./cases.ts";
import type { Runner, RunResult } from "./run.ts";

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

function caseText(tool: string, args: readonly string[], result: RunResult): string {
  const line = [tool, ...args.map(quoted)].join(" ");
  const errors = result.stderr === "" ? "" : `--- stderr\n${closed(result.stderr)}`;
  return `=== ${line}\n--- exit ${result.exitCode}\n${errors}--- stdout\n${closed(result.stdout)}`;
}

function closed(text: string): string {
  return text === "" || text.endsWith("\n") ? text : text + NO_NEWLINE;
}

function quoted(word: string): string {
  return /^[\w./:=,+-]+$/.test(word) ? word : `'${word}'`;
}
