/**
 * Every tool over every fixture, in Node over memfs, against tools/TOOL/golden/FIXTURE.txt.
 * `UPDATE_GOLDEN=1 npx vitest run --project unit test/golden` writes them anew. The executable: test/binary/golden.test.ts.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { casesFor, goldenFixtureNames, toolsWithGoldens } from "./cases.ts";
import { goldenText } from "./golden_file.ts";
import { runInNode } from "./run.ts";

const tools = await toolsWithGoldens();
const updating = process.env.UPDATE_GOLDEN === "1";

test("there are tools with goldens", () => {
  expect(tools.length).toBeGreaterThan(0);
});

for (const { tool, directory, cases } of tools) {
  describe(`golden ${tool}`, () => {
    const fixtures = goldenFixtureNames().filter((fixture) => casesFor(cases, fixture).length > 0);

    for (const fixture of fixtures) {
      test(fixture, async () => {
        const path = join(directory, `${fixture}.txt`);
        const text = await goldenText(runInNode, fixture, tool, casesFor(cases, fixture));
        if (updating) {
          mkdirSync(directory, { recursive: true });
          writeFileSync(path, text);
        }
        expect(existsSync(path), `${path} is missing: UPDATE_GOLDEN=1 writes it`).toBe(true);
        expect(text).toBe(readFileSync(path, "utf8"));
      });
    }

    test("no golden without a fixture", () => {
      const files = existsSync(directory) ? readdirSync(directory) : [];
      const stale = files.filter((file) => !fixtures.includes(file.replace(/\.txt$/, "")));
      if (updating) for (const file of stale) rmSync(join(directory, file));
      expect(updating ? [] : stale).toEqual([]);
    });
  });
}
