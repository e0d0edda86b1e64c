/** procg install DIR: makes the links by which the tools are called. */
import { toolLoaders } from "procg:tools";
import { isLinked } from "../../lib/cli/help.ts";
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { ENOENT, errnoText } from "../../lib/system/errno.ts";
import { isDirectory } from "../../lib/system/file_type.ts";
import type { FileStatus, System } from "../../lib/system/system.ts";

export const tool: ToolDeclaration = {
  name: "install",
  summary: "make links named free, top, ... to this executable in a directory",
  family: "procg",
  section: 1,
  // install(1) copies files: Makefiles call it.
  linked: false,
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
  const { system, shared, commandLine, print } = context;
  const [directory, extra] = commandLine.operands;
  if (directory === undefined) throw new UsageError("missing operand: DIR");
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  const status = system.stat(directory);
  if (typeof status === "number") throw new ToolError(`${directory}: ${errnoText(status)}`);
  if (!isDirectory(status)) throw new ToolError(`${directory}: Not a directory`);
  const has = (key: string): boolean => commandLine.options.some((option) => option.key === key);
  const executable = system.readLink("/proc/self/exe");
  if (typeof executable === "number") throw new ToolError(`/proc/self/exe: ${errnoText(executable)}`);
  const program = system.stat(executable);
  // Replaced while it runs: the link ends in " (deleted)".
  if (typeof program === "number") throw new ToolError(`${executable}: ${errnoText(program)}`);
  const slash = executable.lastIndexOf("/");
  const home = system.stat(executable.slice(0, slash) || "/");
  // In its own directory the bare name, so that the directory can be moved or mounted elsewhere.
  const isHome = typeof home !== "number" && isSame(home, status);
  const goal: Goal = { target: isHome ? executable.slice(slash + 1) : executable, program };

  const links: InstalledLink[] = [];
  for (const name of Object.keys(toolLoaders)) {
    const load = toolLoaders[name];
    if (load === undefined) continue;
    const declaration = (await load()).tool;
    if (declaration.linked === false || (!has("all") && !isLinked(declaration))) continue;
    const path = `${directory.endsWith("/") ? directory.slice(0, -1) : directory}/${name}`;
    const outcome = link(system, goal, path, has("force"), has("dry-run"));
    const problem = outcome === "made" || outcome === "there" ? null : outcome;
    links.push({ path, isMade: outcome === "made", problem });
    if (outcome === "made" && !shared.json) print(`${path}\n`);
    if (problem !== null) context.warn(`${path}: ${problem}`);
  }
  const document: InstallDocument = { schema: "procg.install/v1", isDryRun: has("dry-run"), links };
  if (shared.json) print(`${JSON.stringify(document)}\n`);
  return links.every(({ problem }) => problem === null) ? 0 : 1;
}

/** The links of procg install, and what is in the way. */
interface InstallDocument {
  readonly schema: "procg.install/v1";
  /** Nothing was done: isMade says what would be. */
  readonly isDryRun: boolean;
  readonly links: readonly InstalledLink[];
}

interface InstalledLink {
  readonly path: string;
  /** false: it was right already, or there is a problem. */
  readonly isMade: boolean;
  /** Why there is none; null: it is there. */
  readonly problem: string | null;
}

interface Goal {
  readonly target: string;
  readonly program: FileStatus;
}

/** "made", "there" (right already), or what is in the way. Throws ToolError where the directory cannot be changed. */
function link(system: System, goal: Goal, path: string, force: boolean, dryRun: boolean): string {
  const check = (errno: number): void => {
    if (errno < 0) throw new ToolError(`${path}: ${errnoText(errno)}`);
  };
  const current = system.lstat(path);
  if (typeof current === "number") {
    if (current !== ENOENT) check(current);
  } else {
    // The executable itself, or a hard link to it: never removed.
    if (isSame(current, goal.program) || system.readLink(path) === goal.target) return "there";
    if (isDirectory(current)) return "Is a directory";
    if (!force) return "File exists (--force replaces it)";
    if (!dryRun) check(system.remove(path));
  }
  if (!dryRun) check(system.symlink(goal.target, path));
  return "made";
}

function isSame(a: FileStatus, b: FileStatus): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
