/** free: memory and swap that the container has, uses, and can still get. Replaces procps-ng's free(1). */
import type { OptionSpec, ParsedOption, ToolContext, ToolDeclaration } from "../../lib/cli/tool.ts";
import { ToolError, UsageError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { memoryDoubt } from "../../lib/container/doubt.ts";
import { collectMemory, computeMemory } from "../../lib/container/memory.ts";
import { type Layout, renderMemory, type Unit } from "./render.ts";

/** option key -> [base, exponent] of the unit. */
const UNITS: Readonly<Record<string, Unit>> = {
  bytes: { base: 1024, exponent: 0 },
  kilo: { base: 1000, exponent: 1 },
  mega: { base: 1000, exponent: 2 },
  giga: { base: 1000, exponent: 3 },
  tera: { base: 1000, exponent: 4 },
  peta: { base: 1000, exponent: 5 },
  kibi: { base: 1024, exponent: 1 },
  mebi: { base: 1024, exponent: 2 },
  gibi: { base: 1024, exponent: 3 },
  tebi: { base: 1024, exponent: 4 },
  pebi: { base: 1024, exponent: 5 },
};

/** procps refuses a second unit as it reads it. */
function oneUnit(_option: ParsedOption, before: readonly ParsedOption[]): void {
  if (before.some((option) => UNITS[option.key] !== undefined)) {
    throw new ToolError("Multiple unit options don't make sense.");
  }
}

function unit(key: string, long: string, help: string, short?: string): OptionSpec {
  return { key, long, help, check: oneUnit, ...(short === undefined ? {} : { short }) };
}

export const tool: ToolDeclaration = {
  name: "free",
  summary: "show the memory that this container has, uses and can still get",
  family: "procps",
  section: 1,
  usage: "[options]",
  compatibleWith: "procps-ng 4.0",
  options: [
    unit("bytes", "bytes", "in bytes", "b"),
    unit("kilo", "kilo", "in kilobytes (1000 bytes)"),
    unit("mega", "mega", "in megabytes"),
    unit("giga", "giga", "in gigabytes"),
    unit("tera", "tera", "in terabytes"),
    unit("peta", "peta", "in petabytes"),
    unit("kibi", "kibi", "in kibibytes (1024 bytes), the default", "k"),
    unit("mebi", "mebi", "in mebibytes", "m"),
    unit("gibi", "gibi", "in gibibytes", "g"),
    unit("tebi", "tebi", "in tebibytes"),
    unit("pebi", "pebi", "in pebibytes"),
    { key: "human", short: "h", long: "human", help: "three digits and the unit that fits" },
    { key: "si", long: "si", help: "powers of 1000 instead of 1024" },
    { key: "lohi", short: "l", long: "lohi", help: "add rows for low and high memory" },
    { key: "line", short: "L", long: "line", help: "everything on a single line" },
    { key: "total", short: "t", long: "total", help: "add a row with memory and swap together" },
    {
      key: "committed",
      short: "v",
      long: "committed",
      help: "add a row with committed memory and its limit",
    },
    {
      key: "seconds",
      short: "s",
      long: "seconds",
      argument: "N",
      help: "repeat every N seconds",
      check: (option) => void parseSeconds(option.value ?? ""),
    },
    {
      key: "count",
      short: "c",
      long: "count",
      argument: "N",
      help: "repeat N times, then end",
      check: (option) => void parseCount(option.value ?? ""),
    },
    { key: "wide", short: "w", long: "wide", help: "show buffers and cache in columns of their own" },
    { key: "help", long: "help", help: "display this help and exit", immediate: true },
    { key: "version", short: "V", long: "version", help: "display the version and exit", immediate: true },
  ],
  description: [
    "Memory of the container: total is the smallest memory limit that applies to it, or the machine's memory. Used is what it holds and " +
      "cannot give back; available is what it can still get before something is killed, by whatever limit comes first: its own, a " +
      "visible parent's, or the machine's.",
    "On a machine that is no container, and with --host, the numbers are those of /proc/meminfo.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, shared, print } = context;
  const layout = readLayout(context);
  if (context.commandLine.operands.length > 0) throw new UsageError("");
  const repeat = readRepeat(context);
  const container = openContainer(system, shared);
  let warned = false;
  const first = system.monotonicSeconds();
  for (let done = 0; ; ) {
    const model = computeMemory(collectMemory(container));
    const doubt = memoryDoubt(model, "total, free and available");
    if (doubt !== null && !warned) {
      warned = true;
      context.warn(doubt);
    }
    if (shared.json || shared.explain) {
      const { explainMemory, memoryJson } = await import("./json.ts");
      print(shared.json ? memoryJson(container, model) : explainMemory(container, model));
    } else {
      print(renderMemory(model, layout));
    }
    done++;
    if (repeat === null || done === repeat.count || !system.hasNextStep()) return 0;
    if (!shared.json && !layout.oneLine) print("\n");
    // On ideal ticks, so that the time a report takes does not add up.
    const due = first + done * repeat.seconds;
    await system.sleep(Math.max(0, due - system.monotonicSeconds()));
  }
}

function readLayout({ commandLine }: ToolContext): Layout {
  let unit: Unit | null = null;
  const has = (key: string): boolean => commandLine.options.some((option) => option.key === key);
  for (const option of commandLine.options) unit = UNITS[option.key] ?? unit;
  const si = has("si");
  const base = si ? 1000 : (unit?.base ?? 1024);
  return {
    human: has("human"),
    si,
    unit: { base, exponent: unit?.exponent ?? 1 },
    wide: has("wide"),
    lowHigh: has("lohi"),
    oneLine: has("line"),
    total: has("total"),
    committed: has("committed"),
  };
}

function readRepeat({
  commandLine,
}: ToolContext): { readonly seconds: number; readonly count: number } | null {
  let seconds: number | null = null;
  let count: number | null = null;
  for (const option of commandLine.options) {
    if (option.key === "seconds") seconds = parseSeconds(option.value ?? "");
    if (option.key === "count") count = parseCount(option.value ?? "");
  }
  if (seconds === null && count === null) return null;
  return { seconds: seconds ?? 1, count: count ?? Number.POSITIVE_INFINITY };
}

/** A number with `.` or `,` whatever the locale; at least a microsecond. Like procps, no digits at all count as 0. */
function parseSeconds(text: string): number {
  // procps gives no reason where nothing, or a second separator, is left to read.
  if (text === "" || /^[ \t]*[+-]?\d*[.,]\d*[.,]/.test(text)) {
    throw new ToolError(`seconds argument failed: '${text}'`);
  }
  if (!/^[ \t]*[+-]?\d*([.,]\d*)?$/.test(text)) {
    throw new ToolError(`seconds argument failed: '${text}': Invalid argument`);
  }
  const seconds = Number(text.trim().replace(",", ".")) || 0;
  if (seconds < 1e-6) throw new ToolError(`seconds argument \`${text}' is not positive number`);
  return seconds;
}

function parseCount(text: string): number {
  if (!/^[ \t]*[+-]?\d+$/.test(text)) throw new ToolError(`failed to parse count argument: '${text}'`);
  const count = Number(text);
  if (count < 1 || count > 2147483647) {
    throw new ToolError(`failed to parse count argument: '${text}': Numerical result out of range`);
  }
  return count;
}
