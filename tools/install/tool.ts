/** procg install DIR: makes the links by which the tools are called. */
import { toolLoaders } from "procg:tools";
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { ENOENT, errnoText } from "../../lib/system/errno.ts";
import type { System } from "../../lib/system/system.ts";

export const tool: ToolDeclaration = {
  name: "install",
  summary: "make links named free, top, ... to this executable in a directory",
  family: "procg",
  section: 1,
  usage: "[options] DIR",
  options: [
    { key: "force", short: "f", long: "force", help: "replace files of the same names" },
    { key: "all", short: "a", long: "all", help: "also link the tools that no classic tool is named like" },
    { key: "dry-run", short: "n", long: "dry-run", help: "say what would be done, and do nothing" },
  ],
  description: [
    "A link with a relative target is made where the executable lies in DIR itself, else an absolute one. A file that is there already is " +
      "left alone, and reported, unless --force is given; a link that is right already is left alone in silence.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, print } = context;
  const [directory, extra] = commandLine.operands;
  if (directory === undefined) throw new UsageError("missing operand: DIR");
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  const status = system.stat(directory);
  if (typeof status === "number") throw new ToolError(`${directory}: ${errnoText(status)}`);
  if ((status.mode & 0o170000) !== 0o040000) throw new ToolError(`${directory}: Not a directory`);
  const has = (key: string): boolean => commandLine.options.some((option) => option.key === key);
  const executable = system.readLink("/proc/self/exe");
  if (typeof executable === "number") throw new ToolError(`/proc/self/exe: ${errnoText(executable)}`);

  let failed = 0;
  for (const name of Object.keys(toolLoaders)) {
    const load = toolLoaders[name];
    if (load === undefined) continue;
    const declaration = (await load()).tool;
    if (!has("all") && !(declaration.linked ?? declaration.family !== "procg")) continue;
    const path = `${directory.endsWith("/") ? directory.slice(0, -1) : directory}/${name}`;
    const problem = link(system, linkTarget(executable, directory), path, has("force"), has("dry-run"));
    if (problem === "made") print(`${path}\n`);
    else if (problem !== "there") {
      failed++;
      context.warn(`${path}: ${problem}`);
    }
  }
  return failed === 0 ? 0 : 1;
}

/** "made", "there" (right already), or why not. */
function link(system: System, target: string, path: string, force: boolean, dryRun: boolean): string {
  const current = system.lstat(path);
  if (typeof current === "number") {
    if (current !== ENOENT) return errnoText(current);
  } else {
    if (system.readLink(path) === target) return "there";
    if ((current.mode & 0o170000) === 0o040000) return "Is a directory";
    if (!force) return "File exists (--force replaces it)";
    const removed = dryRun ? 0 : system.remove(path);
    if (removed < 0) return errnoText(removed);
  }
  const made = dryRun ? 0 : system.symlink(target, path);
  return made < 0 ? errnoText(made) : "made";
}

/** In the executable's own directory the bare name, so that the directory can be moved or mounted elsewhere. */
function linkTarget(executable: string, directory: string): string {
  const slash = executable.lastIndexOf("/");
  const home = slash === 0 ? "/" : executable.slice(0, slash);
  return directory === home || directory === `${home}/` ? executable.slice(slash + 1) : executable;
}
