/** Every tool over every fixture through an executable: the same bytes as in Node (test/golden). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { casesFor, goldenFixtureNames, type ToolCases } from "./cases.ts";
import { goldenText, goldenTextOfCase } from "./golden_file.ts";
import type { Runner } from "./run.ts";

/**
 * Declares the tests. `sample` takes one case of so many, for an executable that is slow (a sanitizer's, another architecture's): which
 * one goes round from fixture to fixture, so that each fixture and each case is run with every tool.
 */
export function describeGoldens(
  tools: readonly ToolCases[],
  run: Runner,
  { through, skip, sample }: { readonly through: string; readonly skip: boolean; readonly sample: number },
): void {
  for (const { tool, directory, cases } of tools) {
    describe.skipIf(skip)(`golden ${tool} through ${through}`, () => {
      for (const [index, fixture] of goldenFixtureNames().entries()) {
        const all = casesFor(cases, fixture);
        const held = all.filter((_, at) => (at + index) % Math.min(sample, all.length) === 0);
        if (held.length === 0) continue;
        test.concurrent(fixture, async () => {
          const golden = readFileSync(join(directory, `${fixture}.txt`), "utf8");
          const expected =
            sample === 1 ? golden : held.map((one) => goldenTextOfCase(golden, tool, one)).join("");
          expect(await goldenText(run, fixture, tool, held)).toBe(expected);
        });
      }
    });
  }
}
