/**
 * Every tool over every fixture through the executable: the same bytes as in Node (test/golden).
 *
 * PROCG_GOLDEN_SAMPLE=N takes one case of N, for an executable that is slow (a sanitizer's, another architecture's): which one goes round
 * from fixture to fixture, so that each fixture and each case is run with every tool.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { casesFor, goldenFixtureNames, toolsWithGoldens } from "../golden/cases.ts";
import { goldenText, goldenTextOfCase } from "../golden/golden_file.ts";
import { binaryPath, hasBinary, runBinary } from "../golden/run.ts";

const tools = await toolsWithGoldens();
const sample = Number(process.env.PROCG_GOLDEN_SAMPLE ?? 1);

for (const { tool, directory, cases } of tools) {
  describe.skipIf(!hasBinary())(`golden ${tool} through ${binaryPath()}`, () => {
    for (const [index, fixture] of goldenFixtureNames().entries()) {
      const all = casesFor(cases, fixture);
      const held = all.filter((_, at) => (at + index) % Math.min(sample, all.length) === 0);
      if (held.length === 0) continue;
      test.concurrent(fixture, async () => {
        const golden = readFileSync(join(directory, `${fixture}.txt`), "utf8");
        const expected =
          sample === 1 ? golden : held.map((one) => goldenTextOfCase(golden, tool, one)).join("");
        expect(await goldenText(runBinary, fixture, tool, held)).toBe(expected);
      });
    }
  });
}
