/** README's table of tools is made from the tools' declarations: `UPDATE_DOCS=1 npx vitest run --project unit test/docs`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolLoaders } from "procg:tools";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const BEGIN = "<!-- tools: generated -->";
const END = "<!-- /tools -->";

async function table(): Promise<string> {
  const rows = ["| tool | what it does | like |", "|---|---|---|"];
  for (const [name, load] of Object.entries(toolLoaders)) {
    const { tool } = await load();
    const called = tool.family === "procg" && tool.linked !== true ? `procg ${name}` : name;
    rows.push(`| [\`${called}\`](docs/${name}.md) | ${tool.summary} | ${tool.compatibleWith ?? ""} |`);
  }
  return rows.join("\n");
}

it("lists every tool as it declares itself", async () => {
  const path = join(ROOT, "README.md");
  const text = readFileSync(path, "utf8");
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  expect(from).toBeGreaterThan(0);
  const wanted = `${text.slice(0, from)}${BEGIN}\n${await table()}\n${text.slice(to)}`;
  if (process.env.UPDATE_DOCS === "1") writeFileSync(path, wanted);
  expect(readFileSync(path, "utf8")).toBe(wanted);
});

it.each(Object.keys(toolLoaders))("%s has a page", (name) => {
  expect(existsSync(join(ROOT, "docs", `${name}.md`))).toBe(true);
});
