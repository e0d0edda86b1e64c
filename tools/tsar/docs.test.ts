/** docs/tsar.md has every column, in the words of the column itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MODULES } from "../../lib/sampler/modules.ts";

test("the page has every module and column", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/tsar.md"), "utf8");
  for (const module of MODULES) {
    const start = text.indexOf(`### --${module.name}: ${module.summary}\n`);
    expect(start, module.name).toBeGreaterThan(0);
    const end = text.indexOf("\n### ", start + 1);
    const section = text.slice(start, end < 0 ? text.length : end);
    for (const { name, show, help } of module.columns) {
      const mark = show === "hidden" ? " (hidden)" : show === "summary" ? " *" : "";
      expect(section).toContain(`| ${name}${mark} | ${help} |\n`);
    }
  }
});
