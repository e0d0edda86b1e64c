/**
 * The pages have every tool, every option, and what the tools really print. The tables, and a first draft of a page that is
 * missing, are written by `UPDATE_DOCS=1 npx vitest run --project unit test/docs`.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolLoaders } from "procg:tools";
import { beforeAll, expect, test } from "vitest";
import { runInNode } from "../golden/run.ts";
import { examplesOf, linksOf, pages, ROOT, textOf } from "./pages.ts";
import { documentSchemas } from "./schemas.ts";
import {
  type DeclaredTool,
  declaredTools,
  docsTable,
  NUMBERS_HEADING,
  pageDraft,
  readmeTable,
  schemaTable,
  undescribed,
  withGenerated,
} from "./tool_pages.ts";

const UPDATE = process.env.UPDATE_DOCS === "1";
const documents = new Map([...documentSchemas()].map(([file, { title }]) => [file, title ?? ""]));
let tools: readonly DeclaredTool[];
beforeAll(async () => {
  tools = await declaredTools();
}, 120_000);

test("a tool is called as its folder", () => {
  expect(tools.map(({ tool }) => tool.name)).toEqual(tools.map(({ name }) => name));
});

test.each([
  ["README.md", "tools", () => readmeTable(tools)],
  ["docs/README.md", "tools", () => docsTable(tools)],
  ["docs/README.md", "schemas", () => schemaTable(documents, Object.keys(toolLoaders))],
] as const)("%s lists all %s", (page, name, table) => {
  const wanted = withGenerated(textOf(page), name, table());
  // Here and not beside the schemas' own test: two writers of one file would undo each other.
  if (UPDATE) writeFileSync(join(ROOT, page), wanted);
  expect(textOf(page), "write it: UPDATE_DOCS=1 npx vitest run --project unit test/docs").toBe(wanted);
});

test("every tool has a page with all its options", async () => {
  const missing: string[] = [];
  for (const each of tools) {
    const page = `docs/${each.name}.md`;
    if (UPDATE && !existsSync(join(ROOT, page))) writeFileSync(join(ROOT, page), await pageDraft(each));
    if (!existsSync(join(ROOT, page))) {
      missing.push(`${page}: no such page; UPDATE_DOCS=1 writes a draft`);
      continue;
    }
    for (const tool of each.callable) {
      const options = undescribed(tool, textOf(page));
      missing.push(...options.map((option) => `${page}: nothing about ${option} of ${tool.name}`));
    }
  }
  expect(missing).toEqual([]);
});

test("docs/README.md leads to every page", () => {
  const targets = linksOf(textOf("docs/README.md"));
  const missing = readdirSync(join(ROOT, "docs")).filter(
    (name) => name.endsWith(".md") && name !== "README.md" && !targets.includes(name),
  );
  expect(missing, "not linked in docs/README.md").toEqual([]);
});

/** They change something, or run something, and print no figures. */
const ACTING = ["capture", "exec", "host", "install", "register"];

test("the page of a tool that prints numbers says where they come from", () => {
  const printing = tools.map(({ name }) => name).filter((name) => !ACTING.includes(name));
  const without = printing.filter((name) => !textOf(`docs/${name}.md`).includes(`\n${NUMBERS_HEADING}\n`));
  expect(without, `without the heading "${NUMBERS_HEADING}"`).toEqual([]);
});

const examples = pages().flatMap((page) => examplesOf(textOf(page)).map((each) => ({ page, ...each })));

test.each(examples)("$page: $line", async ({ words, shown }) => {
  const [name = "", ...args] = words;
  const at = args.indexOf("--replay");
  const [, capture = ""] = args.splice(at, 2);
  const { stdout, stderr } = await runInNode(capture, name, args);
  const printed = stderr + stdout;
  if (shown.endsWith("\n...\n")) expect(printed).toContain(shown.slice(0, -4));
  else expect(printed.trimEnd()).toBe(shown.trimEnd());
});

test("examples are found", () => {
  expect(examples.length).toBeGreaterThan(10);
  const text = "```\n$ procg free -m --replay x\na\nb\n$ free --replay y | head -1\nc\n```\n";
  expect(examplesOf(text)).toEqual([
    { line: "procg free -m --replay x", words: ["free", "-m", "--replay", "x"], shown: "a\nb\n" },
  ]);
});

test("a page that leaves out an option, and a copy without marks, are told", () => {
  const option = { key: "a", short: "a", long: "all", help: "" };
  const tool = {
    options: [option, { key: "help", long: "help", help: "" }],
  } as unknown as DeclaredTool["tool"];
  expect(undescribed(tool, "`--almost`, x-a, --all-of-it")).toEqual(["-a, --all"]);
  expect(undescribed(tool, "| `-a` |")).toEqual([]);
  expect(() => withGenerated("text", "tools", "")).toThrow("no <!-- tools: generated -->");
});
