/**
 * Which command lines are kept for which fixtures. A tool declares its own in tools/TOOL/golden.cases.ts:
 *
 *   export const goldenCases: readonly GoldenCase[]
 *
 * so that adding a tool touches no file here.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { captureHasStatvfs, fixtureEntry, loadFixture, realCaptureNames } from "../fixtures/captures.ts";
import { syntheticNames } from "../fixtures/synthetic.ts";

export interface GoldenCase {
  readonly args: readonly string[];
  /**
   * What a fixture must hold for this case, else there is none: a path of its first step ("/proc/diskstats"),
   * "statvfs", or "steps" (two at least).
   */
  readonly needs?: readonly string[];
  /** Only these fixtures; absent: all. */
  readonly captures?: readonly string[];
}

export interface ToolCases {
  readonly tool: string;
  /** Where its golden files are. */
  readonly directory: string;
  readonly cases: readonly GoldenCase[];
}

const TOOLS = join(import.meta.dirname, "..", "..", "tools");

/** Every tool that declares goldens, by name. */
export async function toolsWithGoldens(): Promise<ToolCases[]> {
  const found: ToolCases[] = [];
  for (const tool of readdirSync(TOOLS).sort()) {
    const path = join(TOOLS, tool, "golden.cases.ts");
    if (!existsSync(path)) continue;
    const declared: { readonly goldenCases: readonly GoldenCase[] } = await import(path);
    found.push({ tool, directory: join(TOOLS, tool, "golden"), cases: declared.goldenCases });
  }
  return found;
}

/** All fixtures, real ones first. */
export function goldenFixtureNames(): string[] {
  return [...realCaptureNames(), ...syntheticNames()];
}

/** The cases of a tool that this fixture can answer. */
export function casesFor(cases: readonly GoldenCase[], fixture: string): GoldenCase[] {
  return cases.filter(
    ({ needs = [], captures }) =>
      (captures === undefined || captures.includes(fixture)) && needs.every((need) => holds(fixture, need)),
  );
}

function holds(fixture: string, need: string): boolean {
  if (need === "statvfs") return captureHasStatvfs(fixture);
  if (need === "steps") return loadFixture(fixture).steps.length > 1;
  if (!need.startsWith("/")) throw new Error(`golden.cases.ts: unknown need "${need}"`);
  return fixtureEntry(fixture, need) !== null;
}
