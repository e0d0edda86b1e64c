/** procg host cgroup: reads and changes cgroup files of a container while it runs. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { applyKeys, type KeyOutcome, type KeyRequest } from "../cgroup/apply.ts";
import { engineOption, hasOption, openCompanion } from "../companion.ts";
import { findContainers } from "../metric/targets.ts";
import { openHostView, readCgroups } from "../register/host_view.ts";

export const tool: ToolDeclaration = {
  name: "cgroup",
  summary: "read and change cgroup files of a container",
  family: "procg",
  section: 8,
  usage: "[options] CONTAINER KEY[=VALUE]...",
  options: [
    {
      key: "direct",
      long: "direct",
      help: "write to the file; without it the engine is asked, so that a restart keeps the value",
    },
    { key: "force", long: "force", help: "also below what is in use" },
    { key: "dry-run", short: "n", long: "dry-run", help: "check, and say what would be written" },
    {
      key: "compat",
      long: "compat",
      help: "print [{Subsystem, Out, Err, Status}]; Out is what stands afterwards",
    },
    engineOption,
  ],
  description: [
    "KEY is a file's name on cgroup v1 or v2; on the other it is translated (memory.memsw.limit_in_bytes: swap alone on v2). VALUE takes k, m, g, t; " +
      "max or -1 is no limit. Keys are independent of each other: each has its own status. Exit status: 0 all went well, 1 at least one did not.",
  ],
  run,
};

/** Each key that was asked for or set, in the order of the command line. */
interface CgroupDocument {
  readonly schema: "procg.host-cgroup/v1";
  readonly id: string;
  readonly name: string | null;
  readonly keys: readonly KeyOutcome[];
}

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print, warn } = context;
  const [name, ...words] = commandLine.operands;
  if (name === undefined || words.length === 0)
    throw new UsageError("a container and at least one KEY or KEY=VALUE");
  const requests = words.map(parseRequest);
  const { engine } = await openCompanion(context);
  const [facts] = await findContainers(context, engine, [name]);
  if (facts === undefined || facts.pid === 0)
    throw new ToolError(`${name}: it is ${facts?.state ?? "not there"}`);
  const cgroups = readCgroups(openHostView(system), facts.pid, facts.id);
  if (cgroups === null) throw new ToolError(`${name}: it has ended`);
  const outcomes = await applyKeys({ system, engine, id: facts.id, cgroups }, requests, {
    direct: hasOption(commandLine, "direct"),
    force: hasOption(commandLine, "force"),
    dryRun: hasOption(commandLine, "dry-run"),
  });
  if (hasOption(commandLine, "compat")) print(`${JSON.stringify(outcomes.map(compatible))}\n`);
  else if (shared.json) {
    const document: CgroupDocument = {
      schema: "procg.host-cgroup/v1",
      id: facts.id,
      name: facts.name,
      keys: outcomes,
    };
    print(`${JSON.stringify(document)}\n`);
  } else {
    for (const each of outcomes) {
      if (each.error !== null) warn(`${each.key}: ${each.error}`);
      else print(`${line(each)}\n`);
    }
  }
  return outcomes.every((each) => each.status === 0) ? 0 : 1;
}

function parseRequest(word: string): KeyRequest {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  if (!/^[a-z0-9_.]{3,64}$/.test(name)) throw new UsageError(`not a cgroup file: '${name}'`);
  return { name, value: equals < 0 ? null : word.slice(equals + 1) };
}

function line(each: KeyOutcome): string {
  const after = each.after ?? "-";
  if (each.requested === null)
    return after.includes("\n") ? `${each.key}:\n${after}` : `${each.key} ${after}`;
  const how = each.via === "dry-run" ? " (not written)" : ` (${each.via})`;
  return `${each.key} ${each.before ?? "-"} -> ${after}${how}`;
}

/** The shape of the old `docker cgroup`; where that echoed the request this has what was read back. */
function compatible(each: KeyOutcome) {
  return {
    Subsystem: each.key,
    Out: each.error === null ? (each.after ?? "") : "",
    Err: each.error ?? "",
    Status: each.status,
  };
}
