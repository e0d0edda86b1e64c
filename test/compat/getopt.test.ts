/**
 * Generated command lines, given to the installed tool and to ours: same exit code, same first line on stderr.
 *
 * Left out are words that mean something here and nothing there: the shared options, and options of newer versions.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { runTool } from "../../lib/cli/run_tool.ts";
import { sharedOptionSpecs } from "../../lib/cli/shared_options.ts";
import type { ToolDeclaration } from "../../lib/cli/tool.ts";
import { nodeSystem } from "../../lib/system/node/node_system.ts";
import type { System } from "../../lib/system/system.ts";
import { tool as free } from "../../tools/free/tool.ts";
import { tool as nproc } from "../../tools/nproc/tool.ts";
import { tool as uptime } from "../../tools/uptime/tool.ts";

const LINES = 600;
const SEED = 20261121;

/** Options of our declarations that came after procps 4.0.2 and coreutils 9.1. */
const NEWER: Readonly<Record<string, readonly string[]>> = {
  free: ["L", "line"],
  uptime: ["r", "c", "raw", "container"],
  nproc: [],
};

interface Outcome {
  readonly code: number;
  readonly firstLine: string;
}

for (const tool of [free, uptime, nproc]) {
  const version = spawnSync(tool.name, ["--version"], { encoding: "utf8" }).stdout ?? "";
  const usable = /procps-ng 4\.0|coreutils\) 9\./.test(version);
  if (!usable && process.env.CI === "true") {
    test(`${tool.name} is installed`, () => expect(version).toMatch(/procps-ng 4\.0|coreutils\) 9\./));
  }
  describe.skipIf(!usable)(`${tool.name} (needs procps-ng 4.0 and coreutils 9)`, () => {
    test(`${LINES} command lines`, async () => {
      const random = generator(SEED);
      const different: string[] = [];
      for (let count = 0; count < LINES; count++) {
        const args = commandLine(tool, random);
        const posix = random() < 0.1;
        const env = {
          LC_ALL: "C",
          TZ: "UTC",
          PATH: process.env.PATH ?? "",
          ...(posix ? { POSIXLY_CORRECT: "1" } : {}),
        };
        const shown = `${posix ? "POSIXLY_CORRECT=1 " : ""}${tool.name} ${JSON.stringify(args)}`;
        const [mine, real] = [await ours(tool, args, env), theirs(tool.name, args, env)];
        if (mine.code === real.code && mine.firstLine === real.firstLine) continue;
        different.push(`${shown}: ours ${JSON.stringify(mine)}, theirs ${JSON.stringify(real)}`);
      }
      expect(different).toEqual([]);
    });
  });
}

function theirs(name: string, args: readonly string[], env: Record<string, string>): Outcome {
  const run = spawnSync(name, [...args], { env, encoding: "utf8", timeout: 200 });
  // Still running after the time: it accepted its command line (free -s 1).
  const code = run.error === undefined ? (run.status ?? -1) : 0;
  return { code, firstLine: code === 0 ? "" : firstLine(run.stderr) };
}

async function ours(
  tool: ToolDeclaration,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Outcome> {
  let stderr = "";
  const live = nodeSystem({
    argv: [tool.name, ...args],
    env,
    stdout: () => 0,
    stderr: (text) => {
      stderr += text;
      return 0;
    },
  });
  // One report is enough.
  const system: System = Object.create(live, { hasNextStep: { value: () => false } });
  const code = await runTool(system, tool, tool.name, args);
  return { code, firstLine: code === 0 ? "" : firstLine(stderr) };
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

/** mulberry32: numbers in [0, 1), the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function commandLine(tool: ToolDeclaration, random: () => number): string[] {
  const words: string[] = [];
  const length = 1 + Math.floor(random() * 4);
  while (words.length < length) {
    const made = word(tool, random);
    if (!isOurs(tool, made)) words.push(made);
  }
  return words;
}

const VALUES = [
  "1",
  "0",
  "2",
  "x",
  "",
  "-1",
  "1.5",
  "1,5",
  " 1",
  "1 ",
  "1x",
  "+1",
  "1e0",
  "0x1",
  ".",
  "99999999999999999999",
];

function word(tool: ToolDeclaration, random: () => number): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const shorts = tool.options.flatMap((spec) => (spec.short === undefined ? [] : [spec.short]));
  const letters = [...shorts, ...shorts, "Z", "5", "-", ":", "W"];
  const roll = random();
  if (roll < 0.35) {
    let bundle = "-";
    do bundle += pick(letters);
    while (random() < 0.4);
    return random() < 0.3 ? bundle + pick(VALUES) : bundle;
  }
  if (roll < 0.8) {
    const long = pick(tool.options.flatMap((spec) => (spec.long === undefined ? [] : [spec.long])));
    const part = random() < 0.5 ? long : long.slice(0, Math.floor(random() * (long.length + 1)));
    const tail = random() < 0.1 ? "q" : "";
    return `--${part}${tail}${random() < 0.3 ? `=${pick(VALUES)}` : ""}`;
  }
  if (roll < 0.95) return pick(VALUES);
  return pick(["-", "--", "---", "--bogus", "foo"]);
}

/** Means something only to us, or only to newer versions than the installed one. */
function isOurs(tool: ToolDeclaration, made: string): boolean {
  const newer = NEWER[tool.name] ?? [];
  if (!made.startsWith("--"))
    return made.startsWith("-") && newer.some((name) => name.length === 1 && made.includes(name));
  const name = made.slice(2).split("=")[0] ?? "";
  if (made !== "--" && newer.some((long) => long.length > 1 && long.startsWith(name))) return true;
  if (tool.options.some((spec) => spec.long?.startsWith(name) === true)) return false;
  return sharedOptionSpecs.some((spec) => spec.long?.startsWith(name) === true);
}
