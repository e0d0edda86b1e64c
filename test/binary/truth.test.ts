/** The truth of the captures (test/truth) through the executable. */
import { describe } from "vitest";
import { binaryPath, hasBinary, runBinary } from "../golden/run.ts";
import { checkTruth } from "../truth/checks.ts";

describe.skipIf(!hasBinary())(`through ${binaryPath()}`, () => {
  checkTruth("executable", runBinary);
});
