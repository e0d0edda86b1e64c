/** procg host prepare: the folder that a container gets bound at its creation, and the flag that does it. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { makeDirectories } from "../../lib/system/make_directories.ts";
import { optionValue } from "../companion.ts";
import { defaultBindRoot } from "../register/register.ts";
import { bindName } from "../register/ways.ts";

export const tool: ToolDeclaration = {
  name: "prepare",
  summary: "make the folder that is bound into a container, and print the docker run flag",
  family: "procg",
  section: 8,
  usage: "[options] NAME...",
  options: [
    {
      key: "bind-root",
      long: "bind-root",
      argument: "DIR",
      help: "the folder in which it is made (/run/procg/containers)",
    },
  ],
  run,
};

/** Folders that containers get bound, and how. */
interface PrepareDocument {
  readonly schema: "procg.host-prepare/v1";
  readonly binds: readonly Bind[];
}

interface Bind {
  readonly name: string;
  /** On the host. */
  readonly directory: string;
  /** For `docker run`. */
  readonly flag: string;
}

function run({ system, commandLine, shared, print }: ToolContext): number {
  const names = commandLine.operands;
  if (names.length === 0) throw new UsageError("a name is needed");
  const root = optionValue(commandLine, "bind-root") ?? defaultBindRoot(system);
  const flags: Bind[] = [];
  for (const name of names) {
    const directory = `${root.replace(/\/+$/, "")}/${name}`;
    if (bindName(directory, root) === null) throw new UsageError(`not a usable name: '${name}'`);
    const result = makeDirectories(system, directory, 0o755);
    if (result < 0) throw new ToolError(`${directory}: ${errnoText(result)}`);
    flags.push({ name, directory, flag: `-v ${directory}:/run/procg/host:ro` });
  }
  const document: PrepareDocument = { schema: "procg.host-prepare/v1", binds: flags };
  if (shared.json) print(`${JSON.stringify(document)}\n`);
  else print(flags.map(({ flag }) => `${flag}\n`).join(""));
  return 0;
}
