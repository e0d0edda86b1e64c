/** procg why: what slows this container down, or kills it, in one verdict with its evidence. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { type Container, openContainer } from "../../lib/container/container.ts";
import { readIdentity } from "../../lib/container/identity.ts";
import { readLoad } from "../../lib/container/load.ts";
import { runDirectory } from "../../lib/container/registration.ts";
import { answer, lookTwice, USUAL_INTERVAL_SECONDS } from "../../lib/diagnosis/ask.ts";
import { type BlackBox, boxPath, readBox } from "../../lib/diagnosis/black_box.ts";
import type { LastOomDocument } from "../../lib/diagnosis/document.ts";
import type { Episode } from "../../lib/diagnosis/past.ts";
import { renderLastOom } from "../../lib/diagnosis/render.ts";

export const tool: ToolDeclaration = {
  name: "why",
  summary: "say why this container is slow or was killed: one verdict, with its evidence and what to do",
  family: "procg",
  section: 1,
  usage: "[options]",
  options: [
    {
      key: "interval",
      short: "i",
      long: "interval",
      argument: "SECONDS",
      help: `between the two looks that rates need (${USUAL_INTERVAL_SECONDS})`,
    },
    {
      key: "history",
      long: "history",
      argument: "DIR",
      help: "loadcalc's history, for when it began (/var/log/procg, where that is)",
    },
    {
      key: "last-oom",
      long: "last-oom",
      help: "what held the memory at the last OOM kill, from loadcalc's black box",
    },
  ],
  description: [
    "Looks twice and says which of these holds: throttled, oom, oom-near, pids-limit, memory-stall, io-limit, io-stall, noisy-neighbour, " +
      "d-state, frozen; or healthy; or unknown. Each verdict names its files, figures and rule. Counters since the start are told as history only.",
  ],
  failureCode: 2,
  exitStatus: "0 healthy, 1 a finding, 2 cannot tell",
  run,
};

const HISTORY = "/var/log/procg";

async function run(context: ToolContext): Promise<number> {
  const { system, shared, print, commandLine } = context;
  const value = (key: string): string | null => {
    let found: string | null = null;
    for (const option of commandLine.options) if (option.key === key) found = option.value ?? "";
    return found;
  };
  const [extra] = commandLine.operands;
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  if (value("last-oom") !== null) return lastOom(context);
  const seconds = Number(value("interval") ?? USUAL_INTERVAL_SECONDS);
  if (!(seconds > 0 && seconds <= 3600))
    throw new ToolError(`--interval: not 0 to 3600 seconds: '${value("interval")}'`);
  const open = () => openContainer(system, shared);
  const [looks] = await lookTwice(system, [open], seconds);
  if (!looks) throw new ToolError("nothing to look at");
  // What loadcalc keeps is of the container that it runs in.
  const isOwn = shared.cgroup === null && !shared.host;
  const past = {
    box: isOwn ? readBox(system, runDirectory(system)) : null,
    episodes: isOwn ? await readEpisodes(context, value("history")) : null,
  };
  const { text, status } = answer(looks, past, null, shared);
  print(text);
  return status;
}

/** The code that reads it is loaded only where there is one. */
async function readEpisodes(
  { system }: ToolContext,
  given: string | null,
): Promise<readonly Episode[] | null> {
  const directory = given ?? HISTORY;
  if (typeof system.stat(directory) === "number") {
    if (given !== null) throw new ToolError(`${given}: no history there`);
    return null;
  }
  const { readEpisodes: read } = await import("../../lib/diagnosis/past.ts");
  return read(system, directory);
}

function lastOom({ system, shared, print, warn }: ToolContext): number {
  const run = runDirectory(system);
  const box = readBox(system, run);
  const container = openContainer(system, shared);
  if (box === null) {
    const isThere = typeof system.stat(boxPath(run)) !== "number";
    // It is made when something comes near a limit for the first time.
    if (isThere || readLoad(container).source !== "loadcalc") {
      warn(isThere ? `${boxPath(run)}: not a black box` : "loadcalc does not run here: nothing is recorded");
      return 2;
    }
  }
  const sameRun = box === null ? null : isOfThisRun(box, container);
  const document: LastOomDocument = { schema: "procg.why-oom/v1", sameRun, box };
  print(shared.json ? `${JSON.stringify(document)}\n` : renderLastOom(document));
  return box !== null && box.ooms.length > 0 ? 1 : 0;
}

function isOfThisRun(box: BlackBox, container: Container): boolean | null {
  const { bootId, initStartTicks } = readIdentity(container);
  if (bootId === null || initStartTicks === null) return null;
  return box.bootId === bootId && box.initStartTicks === initStartTicks;
}
