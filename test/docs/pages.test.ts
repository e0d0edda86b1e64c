/** The documents say what is so: links lead somewhere, commands are those that the tools take, files and scripts that are named exist. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { toolLoaders } from "procg:tools";
import { beforeAll, expect, test } from "vitest";
import { runTool } from "../../lib/cli/run_tool.ts";
import type { ToolDeclaration } from "../../lib/cli/tool.ts";
import { nodeSystem } from "../../lib/system/node/node_system.ts";
import { anchorsOf, commandsOf, linksOf, pages, ROOT, textOf } from "./pages.ts";

const PAGES = pages();
const NAMES = Object.keys(toolLoaders);
/** The tool that README's recipe makes. */
const EXAMPLE = "hello";
/** Tools that are called by their name alone. */
const linked: string[] = [];

// All modules at once: each is compiled when it is first asked for.
beforeAll(async () => {
  for (const [name, load] of Object.entries(toolLoaders)) {
    const { tool } = await load();
    if (tool.family !== "procg" || tool.linked === true) linked.push(name);
    for (const command of tool.commands ?? []) await command.load();
  }
}, 120_000);

/** What a link leads to, or why it leads nowhere. */
function broken(page: string, target: string): string | null {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(ROOT, join(ROOT, dirname(page), decodeURI(path)));
  if (!existsSync(join(ROOT, file))) return `${target}: no such file`;
  if (anchor === undefined || anchorsOf(textOf(file)).includes(anchor)) return null;
  return `${target}: no such heading`;
}

test.each(PAGES)("%s: every link leads somewhere", (page) => {
  const wrong = linksOf(textOf(page)).flatMap((target) => broken(page, target) ?? []);
  expect(wrong).toEqual([]);
});

/** A declaration that parses its command line and then does nothing. */
const idle = (tool: ToolDeclaration): ToolDeclaration => ({
  ...tool,
  run: () => 0,
  ...(tool.commands === undefined
    ? {}
    : {
        commands: tool.commands.map((each) => ({
          ...each,
          load: async () => ({ tool: idle((await each.load()).tool) }),
        })),
      }),
});

/** Options of the executable itself, before any tool. */
const OWN = ["--list", "--man", "--completions", "--help", "--version"];

/** What the tool says to a command line; "" when it takes it. */
async function refusal(words: readonly string[]): Promise<string> {
  const [name = "", ...args] = words;
  if (OWN.includes(name))
    return args.every((arg) => /^(bash|zsh|fish|procg|[A-Z]+)$/.test(arg) || NAMES.includes(arg))
      ? ""
      : `no ${args[0]}`;
  const load = toolLoaders[name];
  if (load === undefined) return /^[A-Z]/.test(name) || name === EXAMPLE ? "" : `no tool ${name}`;
  let said = "";
  const note = (text: string): number => {
    said += text;
    return 0;
  };
  const system = nodeSystem({ argv: [name], env: {}, stdout: () => 0, stderr: note });
  // A capture and a root are opened before the tool runs.
  const plain = args.filter(
    (arg, i) => !/^--(replay|root)/.test(arg) && !/^--(replay|root)$/.test(args[i - 1] ?? ""),
  );
  const code = await runTool(system, idle((await load()).tool), name, plain);
  return said === "" && code === 0 ? "" : said.trim().split("\n")[0] || `exit ${code}`;
}

test.each(PAGES)("%s: every command is one that the tools take", async (page) => {
  const wrong: string[] = [];
  for (const { line, words } of commandsOf(textOf(page), linked)) {
    const said = await refusal(words);
    if (said !== "") wrong.push(`${line}: ${said}`);
  }
  expect(wrong).toEqual([]);
});

test("commands are found: in blocks, in spans, behind docker exec; and a wrong one is told", async () => {
  const text =
    "```sh\nfree -m   # x\nkubectl exec POD -- /opt/procg/free -h | head\n```\n`procg host list --bogus`, `uptime`, `free`\n";
  const found = commandsOf(text, linked);
  expect(found.map(({ words }) => words.join(" "))).toEqual(["free -m", "free -h", "host list --bogus"]);
  expect(await Promise.all(found.map(({ words }) => refusal(words)))).toEqual([
    "",
    "",
    expect.stringContaining("--bogus"),
  ]);
  expect(await refusal(["bogus"])).toBe("no tool bogus");
  expect(PAGES.flatMap((page) => commandsOf(textOf(page), linked)).length).toBeGreaterThan(100);
});

test("scripts and files that are named exist", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const wrong: string[] = [];
  for (const page of PAGES) {
    const text = textOf(page);
    for (const [, script = ""] of text.matchAll(/npm run ([a-z:]+)/g))
      if (!(script in scripts)) wrong.push(`${page}: npm run ${script}`);
    for (const [path] of text.matchAll(/(?<![\w/.-])(?:test|lib|build|contrib)\/[\w./-]*\w/g)) {
      if (!existsSync(join(ROOT, path))) wrong.push(`${page}: ${path}`);
    }
  }
  expect(wrong).toEqual([]);
});
