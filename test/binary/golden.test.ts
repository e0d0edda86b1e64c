/** Every tool over every fixture through the executable: the same bytes as in Node (test/golden). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { casesFor, goldenFixtureNames, toolsWithGoldens } from "../golden/cases.ts";
import { goldenText } from "../golden/golden_file.ts";
import { binaryPath, hasBinary, runBinary } from "../golden/run.ts";

const tools = await toolsWithGoldens();

for (const { tool, directory, cases } of tools) {
  describe.skipIf(!hasBinary())(`golden ${tool} through ${binaryPath()}`, () => {
    for (const fixture of goldenFixtureNames()) {
      const held = casesFor(cases, fixture);
      if (held.length === 0) continue;
      test(fixture, async () => {
        const golden = readFileSync(join(directory, `${fixture}.txt`), "utf8");
        expect(await goldenText(runBinary, fixture, tool, held)).toBe(golden);
      });
    }
  });
}
