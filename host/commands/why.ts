/** procg host why: what slows containers down, or kills them, seen from the host, which sees every parent's limit. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { answer, lookTwice, USUAL_INTERVAL_SECONDS } from "../../lib/diagnosis/ask.ts";
import { engineOption, openCompanion, positiveNumber } from "../companion.ts";
import { openHostContainer } from "../metric/host_container.ts";
import { findContainers } from "../metric/targets.ts";

export const tool: ToolDeclaration = {
  name: "why",
  summary: "say why containers are slow or were killed: a verdict for each, with its evidence",
  family: "procg",
  section: 8,
  usage: "[options] CONTAINER...",
  options: [
    {
      key: "interval",
      short: "i",
      long: "interval",
      argument: "SECONDS",
      help: `between the two looks that rates need (${USUAL_INTERVAL_SECONDS})`,
    },
    engineOption,
  ],
  description: [
    "As procg why inside, and it sees more: the limits of all parents, and a container that is frozen or too starved to answer. With --json " +
      "each container is one line.",
  ],
  failureCode: 2,
  exitStatus: "0 all healthy, 1 a finding, 2 cannot tell of at least one and no finding",
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print, warn } = context;
  if (commandLine.operands.length === 0) throw new UsageError("name containers");
  const seconds = positiveNumber(commandLine, "interval", USUAL_INTERVAL_SECONDS);
  const { engine } = await openCompanion(context);
  const targets = await findContainers(context, engine, commandLine.operands);
  const names = targets.map(({ name, id }) => name ?? id);
  targets.forEach(({ pid, state }, index) => {
    if (pid === 0) throw new ToolError(`${names[index]}: it is ${state}`);
  });
  const open = targets.map((facts) => {
    let startTicks: number | null = null;
    return () => {
      const opened = openHostContainer(system, facts);
      if (opened === null) return null;
      startTicks ??= opened.instance.ownStartTicks;
      return startTicks === opened.instance.ownStartTicks ? opened.container : null;
    };
  });
  let worst = 0;
  let separator = "";
  for (const [index, looks] of (await lookTwice(system, open, seconds)).entries()) {
    const name = names[index] ?? "";
    const { text, status } = looks === null ? ENDED : answer(looks, NO_PAST, name, shared);
    if (looks === null) warn(`${name}: it has ended`);
    else {
      print(separator + text);
      separator = shared.json ? "" : "\n";
    }
    if (worst !== 1 && status !== 0) worst = status;
  }
  return worst;
}

/** Of a container that ended meanwhile nothing is told. */
const ENDED = { text: "", status: 2 };

/** History and black box lie inside, where nothing is trusted. */
const NO_PAST = { box: null, episodes: null };
