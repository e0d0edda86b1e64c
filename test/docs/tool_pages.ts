/** What the pages say of tools, made from their declarations: the tables, a page's first draft, and which options a page leaves out. */
import { toolLoaders } from "procg:tools";
import { calledAs, sentence } from "../../lib/cli/help.ts";
import type { OptionSpec, ToolDeclaration } from "../../lib/cli/tool.ts";
import { runInNode } from "../golden/run.ts";

export interface DeclaredTool {
  /** Of its folder. */
  readonly name: string;
  readonly tool: ToolDeclaration;
  /** The tool itself, or its commands. */
  readonly callable: readonly ToolDeclaration[];
}

export async function declaredTools(): Promise<DeclaredTool[]> {
  const found: DeclaredTool[] = [];
  for (const [name, load] of Object.entries(toolLoaders)) {
    const { tool } = await load();
    const commands = await Promise.all((tool.commands ?? []).map(async (each) => (await each.load()).tool));
    found.push({ name, tool, callable: commands.length === 0 ? [tool] : commands });
  }
  return found;
}

/** Those that somebody who comes from procps knows, then our own. */
function grouped(tools: readonly DeclaredTool[]): { classic: DeclaredTool[]; own: DeclaredTool[] } {
  const isClassic = ({ tool }: DeclaredTool): boolean => tool.compatibleWith !== undefined;
  return { classic: tools.filter(isClassic), own: tools.filter((each) => !isClassic(each)) };
}

/** README's table. */
export function readmeTable(tools: readonly DeclaredTool[]): string {
  const { classic, own } = grouped(tools);
  const rows = [...classic, ...own].map(({ name, tool }) => {
    return `| [\`${calledAs(tool)}\`](docs/${name}.md) | ${tool.summary} | ${tool.compatibleWith ?? ""} |`;
  });
  return ["| tool | what it does | like |", "|---|---|---|", ...rows].join("\n");
}

/** The table of docs/README.md. */
export function docsTable(tools: readonly DeclaredTool[]): string {
  const row = (heading: string, chosen: readonly DeclaredTool[]): string =>
    `| ${heading} | ${chosen.map(({ name }) => `[${name}](${name}.md)`).join(", ")} |`;
  const { classic, own } = grouped(tools);
  return ["| | |", "|---|---|", row("in place of a classic tool", classic), row("procg's own", own)].join(
    "\n",
  );
}

/** Where a document is described that has no page of its name, nor of its name's first word. */
const PAGE_OF: Readonly<Record<string, string>> = { alerts: "tsar", container: "endpoint", instance: "host" };

/** @param documents file of the schema -> the document's name @param tools names */
export function schemaTable(documents: ReadonlyMap<string, string>, tools: readonly string[]): string {
  const rows = [...documents].sort().map(([file, title]) => {
    const name = file.replace(".schema.json", "");
    const page = PAGE_OF[name] ?? (tools.includes(name) ? name : (name.split("-")[0] ?? name));
    return `| [${title}](schemas/${file}) | [${page}.md](${page}.md) |`;
  });
  return ["| document | described in |", "|---|---|", ...rows].join("\n");
}

/** `text` with `content` between the marks of `name`. Throws when they are not there. */
export function withGenerated(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no ${begin} ... ${end}`);
  return `${text.slice(0, from)}${begin}\n${content}\n${text.slice(to)}`;
}

export const NUMBERS_HEADING = "## Where the numbers come from";

/** A capture of a container with limits. */
const EXAMPLE = "docker-v2-private";

/** A page to begin with: true, and short. Its examples are what the tool prints. */
export async function pageDraft({ name, tool }: DeclaredTool): Promise<string> {
  const example = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await runInNode(EXAMPLE, name, args);
    const words = ["procg", name, ...args, "--replay", EXAMPLE];
    return `\`\`\`\n$ ${words.join(" ")}\n${stderr}${stdout}\`\`\``;
  };
  const options = tool.options.filter(shown);
  const rows = options.map((option) => `| ${spellings(option).map(code).join(", ")} | ${option.help} |`);
  const table = ["## Options", ["| option | |", "|---|---|", ...rows].join("\n")];
  return `${[
    `# ${name}`,
    sentence(tool.summary),
    await example(),
    ...(tool.description ?? []),
    ...(rows.length === 0 ? [] : table),
    NUMBERS_HEADING,
    await example("--explain"),
  ].join("\n\n")}\n`;
}

const code = (word: string): string => `\`${word}\``;

/** Help and version need no description. */
const shown = ({ key, hidden }: OptionSpec): boolean =>
  hidden !== true && key !== "help" && key !== "version";

function spellings({ short, long }: OptionSpec): string[] {
  return [...(short === undefined ? [] : [`-${short}`]), ...(long === undefined ? [] : [`--${long}`])];
}

/** Options of help that the page names in none of their spellings. */
export function undescribed(tool: ToolDeclaration, page: string): string[] {
  const named = new Set(page.match(/(?<![\w-])--?[A-Za-z0-9][\w-]*/g));
  const options = tool.options.filter(shown).map(spellings);
  return options.filter((each) => !each.some((word) => named.has(word))).map((each) => each.join(", "));
}
