/** What npm packages print, as text: the same function runs in Node and in the executable. */
import Table from "cli-table3";
import { Argument, Command, InvalidArgumentError } from "commander";

/** Output, errors and exit code of a commander program. */
export function runCommander(args: readonly string[]): string {
  const written: string[] = [];
  const program = new Command("sample")
    .description("A program for tests.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => written.push(`out:${text}`),
      writeErr: (text) => written.push(`err:${text}`),
    })
    .option("-n, --number <n>", "a number", (value: string) => {
      if (!/^\d+$/.test(value)) throw new InvalidArgumentError("Not a number.");
      return Number(value);
    })
    .option("-v, --verbose", "more");
  program
    .command("run")
    .addArgument(new Argument("<what>", "what to run").choices(["one", "two"]))
    .allowExcessArguments(false)
    .action((what, _options, command) =>
      written.push(`ran ${what} ${JSON.stringify(command.optsWithGlobals())}`),
    );
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    const { code, exitCode, message } = error as { code: string; exitCode: number; message: string };
    written.push(`threw ${code} ${exitCode} ${message}`);
  }
  return written.join("\n");
}

export const COMMAND_LINES: readonly (readonly string[])[] = [
  ["run", "one"],
  ["-n", "5", "-v", "run", "two"],
  ["--number=x", "run", "one"],
  ["--number"],
  ["--verbos"],
  ["run"],
  ["run", "three"],
  ["run", "one", "more"],
  ["rum"],
  ["--help"],
  ["run", "--help"],
];

/** Tables with wide characters, marks, colours, spans. */
export function drawTables(): string {
  const style = { head: [], border: [] };
  const plain = new Table({ head: ["name", "容器", "é"], style });
  plain.push(
    ["a", "日本語", "e\u0301"],
    ["\u001b[31mred\u001b[39m", "🚀 go", "x".repeat(12)],
    ["", "a\nb", "-"],
  );
  const spans = new Table({ style, colWidths: [8, 10], wordWrap: true });
  spans.push(
    [{ colSpan: 2, content: "both columns" }],
    ["long words wrap", { hAlign: "right", content: "7" }],
  );
  return `${plain.toString()}\n${spans.toString()}`;
}
