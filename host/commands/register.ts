/** procg host register: puts the registration into containers, once. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { procCgroup } from "../../lib/procfs/cgroup.ts";
import {
  hasOption,
  listOrFail,
  openCompanion,
  optionValue,
  registerOptions,
  registrarOf,
  requireEngine,
} from "../companion.ts";
import type { ContainerFacts } from "../engine/engine.ts";
import { isFailure } from "../engine/engine.ts";
import { registerContainer } from "../register/register.ts";
import type { Way } from "../register/ways.ts";

export const tool: ToolDeclaration = {
  name: "register",
  summary: "tell containers what only the host knows",
  family: "procg",
  section: 8,
  usage: "[options] CONTAINER... | --all | --pid PID",
  options: [
    { key: "all", short: "a", long: "all", help: "every running container" },
    { key: "pid", long: "pid", argument: "PID", help: "the container whose init is PID, without an engine" },
    ...registerOptions,
  ],
  description: [
    "Exit status: 0 every container is registered, 1 at least one is not (one line for each says why).",
  ],
  run,
};

/** What `procg host register` did, a container after the other. */
interface RegisterDocument {
  readonly schema: "procg.host-register/v1";
  readonly containers: readonly Row[];
}

interface Row {
  readonly id: string;
  readonly name: string | null;
  /** null: it is not registered. */
  readonly way: Way | null;
  readonly milliseconds: number;
  /** Why each way before it, or all, did not lead in. */
  readonly problems: readonly string[];
}

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print, warn } = context;
  const names = commandLine.operands;
  const all = hasOption(commandLine, "all");
  const pid = optionValue(commandLine, "pid");
  if (Number(all) + Number(pid !== null) + Number(names.length > 0) !== 1) {
    throw new UsageError("name containers, or --all, or --pid PID");
  }
  const companion = await openCompanion(context);
  const registrar = registrarOf(context, companion);
  const targets = pid !== null ? [] : all ? await listOrFail(requireEngine(companion)) : names;
  const rows: Row[] = [];
  const registerOne = async (facts: ContainerFacts): Promise<void> => {
    const began = system.monotonicSeconds();
    const done = await registerContainer(registrar, facts);
    const { way, problems } = done === "unchanged" ? { way: null, problems: [] } : done;
    const milliseconds = Math.round((system.monotonicSeconds() - began) * 1000);
    rows.push({ id: facts.id, name: facts.name, way, milliseconds, problems });
  };
  if (pid !== null) await registerOne(factsOfPid(context, pid));
  for (const target of targets) {
    const facts = await requireEngine(companion).inspect(target);
    if (!isFailure(facts)) await registerOne(facts);
    else if (!all || !facts.gone) {
      rows.push({ id: target, name: null, way: null, milliseconds: 0, problems: [facts.failed] });
    }
  }
  const document: RegisterDocument = { schema: "procg.host-register/v1", containers: rows };
  if (shared.json) print(`${JSON.stringify(document)}\n`);
  for (const row of rows) {
    const label = row.name ?? (/^[0-9a-f]{64}$/.test(row.id) ? row.id.slice(0, 12) : row.id);
    if (row.way === null) warn(`${label}: ${row.problems.join("; ")}`);
    else if (!shared.json) print(`${label}: registered by ${row.way} in ${row.milliseconds} ms\n`);
  }
  return rows.length >= (all ? 0 : 1) && rows.every((row) => row.way !== null) ? 0 : 1;
}

/** What /proc tells of a container without an engine. */
function factsOfPid({ system }: ToolContext, text: string): ContainerFacts {
  if (!/^[1-9][0-9]{0,9}$/.test(text)) throw new UsageError(`not a pid: '${text}'`);
  const lines = attempt(system, `/proc/${text}`, procCgroup).value;
  if (lines === null) throw new ToolError(`${text}: no such process`);
  const id = lines.map((line) => /[0-9a-f]{64}/.exec(line.path)?.[0]).find((found) => found !== undefined);
  return {
    id: id ?? `pid-${text}`,
    name: null,
    image: null,
    runtime: "unknown",
    state: "running",
    pid: Number(text),
    startedAt: null,
    labels: {},
    hostname: null,
    networkMode: null,
    mounts: [],
    rootfsQuotaBytes: null,
    runDirectory: null,
  };
}
