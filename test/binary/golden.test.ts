/** Every tool over every fixture through the executable. PROCG_GOLDEN_SAMPLE=N: one case of N. */
import { toolsWithGoldens } from "../golden/cases.ts";
import { binaryPath, hasBinary, runBinary } from "../golden/run.ts";
import { describeGoldens } from "../golden/through_program.ts";

const sample = Number(process.env.PROCG_GOLDEN_SAMPLE ?? 1);
describeGoldens(await toolsWithGoldens(), runBinary, { through: binaryPath(), skip: !hasBinary(), sample });
