/** A man page (man(7) macros) from a tool's declaration. */
import { calledAs, optionGroups, sentence } from "./help.ts";
import type { OptionSpec, ToolDeclaration } from "./tool.ts";
import { suiteVersionText } from "./version.ts";

/** The whole page. Same declarations, same text: it carries no date. @param commands   the tool's, loaded */
export function manPage(tool: ToolDeclaration, commands: readonly ToolDeclaration[] = []): string {
  const { own, shared, last } = optionGroups(tool);
  // env(1) and install(1) are other programs.
  const name = calledAs(tool).replace(" ", "-");
  const title = `${name.toUpperCase()}" "${tool.section}`;
  const paragraphs = (tool.description ?? [sentence(tool.summary)]).map(escaped);
  const description = paragraphs.join("\n.PP\n");
  return [
    `.TH "${title}" "" "${suiteVersionText().trim()}" "procg"\n`,
    `.SH NAME\n${escaped(name)} \\- ${escaped(tool.summary)}\n`,
    `.SH SYNOPSIS\n${bold(calledAs(tool))} ${escaped(tool.usage.trim())}\n`,
    `.SH DESCRIPTION\n${description}\n`,
    commands.length > 0 ? `.SH COMMANDS\n${commands.map((each) => commandSection(tool, each)).join("")}` : "",
    `.SH OPTIONS\n${[...own, ...last].map(optionParagraph).join("")}`,
    `.SS Options of every tool of procg\n${shared.map(optionParagraph).join("")}`,
    `.SH ENVIRONMENT\n${ENVIRONMENT}`,
    `.SH EXIT STATUS\n${escaped(tool.exitStatus ?? `0 when all went well, otherwise 1${tool.family === "sysstat" ? "; 6 when the output cannot be written" : ""}`)}.\n`,
    `.SH "SEE ALSO"\n.BR procg (1)\n`,
  ].join("");
}

/** One command: what it does, and its own options. */
function commandSection(tool: ToolDeclaration, command: ToolDeclaration): string {
  const called = `${calledAs(tool)} ${command.name}`;
  const { own } = optionGroups(command);
  const paragraphs = (command.description ?? []).map((text) => `.PP\n${escaped(text)}\n`);
  return [
    `.SS ${escaped(command.name)}\n${bold(called)} ${escaped(command.usage.trim())}\n`,
    `.PP\n${escaped(sentence(command.summary))}\n${paragraphs.join("")}${own.map(optionParagraph).join("")}`,
  ].join("");
}

/** procg(1): the executable under its own name. */
export function suitePage(tools: readonly ToolDeclaration[]): string {
  const pages = tools.map((tool) => `.TP\n${bold(tool.name)}\n${escaped(tool.summary)}\n`);
  return [
    `.TH "PROCG" "1" "" "${suiteVersionText().trim()}" "procg"\n`,
    ".SH NAME\nprocg \\- tools that tell the truth inside a container\n",
    `.SH SYNOPSIS\n${bold("procg")} \\fITOOL\\fR [\\fIarguments\\fR]\n.br\n${bold("procg")} ${escaped("--list | --help | --version")}\n`,
    `.br\n${bold("procg")} ${escaped("--man TOOL | --completions bash|zsh|fish")}\n`,
    `.SH DESCRIPTION\n${escaped(SUITE_DESCRIPTION)}\n`,
    `.SH TOOLS\n${pages.join("")}`,
    `.SH OPTIONS\n.TP\n${bold("--list")}\nprint the names of the tools\n`,
    `.TP\n${bold("--man")} \\fITOOL\\fR\nprint the man page of a tool, or of procg\n`,
    `.TP\n${bold("--completions")} \\fISHELL\\fR\nprint completions for bash, zsh or fish\n`,
    `.TP\n${bold("--help")}, ${bold("-h")}\nsay what there is\n.TP\n${bold("--version")}, ${bold("-V")}\nprint the version\n`,
    `.SH "EXIT STATUS"\nThat of the tool; 1 when there is no such tool.\n`,
  ].join("");
}

const SUITE_DESCRIPTION =
  "One executable that holds all tools. Called by a link with a tool's name it is that tool; procg install DIR makes the links. " +
  "The numbers are those of the container that it runs in, or of the machine where it runs in none.";

const ENVIRONMENT = `.TP
.B PROCG_ROOT
As
.BR \\-\\-root .
.TP
.B PROCG_HOST
When 1, as
.BR \\-\\-host .
`;

function optionParagraph(spec: OptionSpec): string {
  const argument = spec.argument === undefined ? "" : `\\fI${escaped(spec.argument)}\\fR`;
  const named = (name: string, separator: string): string => {
    if (argument === "") return bold(name);
    return bold(name) + (spec.optionalArgument === true ? `[${separator}${argument}]` : separator + argument);
  };
  const names: string[] = [];
  if (spec.short !== undefined)
    names.push(named(`-${spec.short}`, spec.optionalArgument === true ? "" : " "));
  if (spec.long !== undefined) names.push(named(`--${spec.long}`, "="));
  return `.TP\n${names.join(", ")}\n${escaped(spec.help)}\n`;
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** Text as troff prints it verbatim: no escapes, no requests, hyphens that can be copied. */
function escaped(text: string): string {
  return text
    .replace(/\\/g, "\\e")
    .replace(/-/g, "\\-")
    .replace(/`/g, "\\(ga")
    .replace(/\^/g, "\\(ha")
    .replace(/~/g, "\\(ti")
    .replace(/^(?=[.'])/gm, "\\&");
}
