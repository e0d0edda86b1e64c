/**
 * The ways in: a directory of the host that is bound into the container, an exec with the data on standard input, and a walk below
 * /proc/PID/root. Nothing is written outside the container: a bind is used only when its source is ours, links are never followed.
 */
import { errnoName, errnoText } from "../../lib/system/errno.ts";
import type { HostAccess } from "../../lib/system/host_access.ts";
import type { System } from "../../lib/system/system.ts";
import { type ContainerFacts, type Engine, isFailure } from "../engine/engine.ts";

export type Way = "bind" | "exec" | "procroot";

export const ALL_WAYS: readonly Way[] = ["bind", "exec", "procroot"];

export interface WayOptions {
  readonly ways: readonly Way[];
  /** Directory of the host whose children are bound into containers. */
  readonly bindRoot: string;
  readonly timeoutSeconds: number;
  /** As on a kernel without openat2. */
  readonly walkOnly: boolean;
}

export interface Written {
  /** null: no way led in. */
  readonly way: Way | null;
  /** Why each way before it, or all of them, did not: "exec: no procg in the container". */
  readonly problems: readonly string[];
  /** The container is gone or is not to be asked now: the next event decides. */
  readonly gone: boolean;
}

interface Attempt {
  readonly problem: string | null;
  readonly gone: boolean;
}

export const INSTANCE_FILE = "instance.json";
const BIND_TARGET = "/run/procg/host";

export async function writeInstance(
  system: System,
  access: HostAccess,
  engine: Engine | null,
  facts: ContainerFacts,
  ownStartTicks: number,
  text: string,
  options: WayOptions,
): Promise<Written> {
  const problems: string[] = [];
  let gone = false;
  for (const way of options.ways) {
    const tried =
      way === "bind"
        ? await byBind(access, facts, text, options)
        : way === "exec"
          ? await byExec(engine, facts, text, options)
          : await byProcRoot(system, access, facts, ownStartTicks, text, options);
    if (tried === null) continue;
    if (tried.problem === null) return { way, problems, gone: false };
    problems.push(`${way}: ${tried.problem}`);
    if (tried.gone) gone = true;
  }
  return { way: null, problems, gone };
}

/** NAME of a bind's source when it is BINDROOT/NAME; null when it is anything else. */
export function bindName(source: string, bindRoot: string): string | null {
  const prefix = `${bindRoot.replace(/\/+$/, "")}/`;
  if (!source.startsWith(prefix)) return null;
  const name = source.slice(prefix.length).replace(/\/+$/, "");
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(name) ? name : null;
}

/** null: the container has no such bind. */
async function byBind(
  access: HostAccess,
  facts: ContainerFacts,
  text: string,
  options: WayOptions,
): Promise<Attempt | null> {
  const mount = facts.mounts.find((each) => each.destination.replace(/\/+$/, "") === BIND_TARGET);
  if (mount === undefined || mount.kind === "tmpfs") return null;
  const name = bindName(mount.source, options.bindRoot);
  if (name === null)
    return { problem: `${mount.source} is not below ${options.bindRoot}: not written`, gone: false };
  const result = await access.writeBelow(
    {
      base: options.bindRoot,
      startTicks: null,
      parts: name,
      name: INSTANCE_FILE,
      hostDevices: [],
      walkOnly: options.walkOnly,
    },
    text,
    options.timeoutSeconds,
  );
  return { ...outcome(result), gone: false };
}

/** null: the engine cannot. */
async function byExec(
  engine: Engine | null,
  facts: ContainerFacts,
  text: string,
  options: WayOptions,
): Promise<Attempt | null> {
  if (engine === null) return null;
  if (facts.state !== "running") return { problem: `the container is ${facts.state}`, gone: false };
  const over = mountOver(facts);
  if (over !== null) return { problem: `${over} is a mount that others may share`, gone: false };
  const asked = engine.exec(facts.id, ["procg", "register", "--stdin"], text, options.timeoutSeconds);
  if (asked === null) return null;
  const result = await asked;
  if (isFailure(result)) return { problem: noProgram(result.failed) ?? result.failed, gone: result.gone };
  if (result.exitCode === 0) return { problem: null, gone: false };
  const words = result.output.trim().split("\n")[0] ?? "";
  if (result.exitCode === 126 || result.exitCode === 127) {
    return { problem: noProgram(words) ?? `exit status ${result.exitCode}: ${words}`, gone: false };
  }
  return { problem: `exit status ${result.exitCode}${words === "" ? "" : `: ${words}`}`, gone: false };
}

function noProgram(message: string): string | null {
  return /not found|no such file/i.test(message) ? "no procg in the container" : null;
}

/** A bind or volume at or above the file's directory: what is written there, others may see. */
function mountOver(facts: ContainerFacts): string | null {
  const directory = `${facts.runDirectory ?? "/run/procg"}/host/`;
  for (const mount of facts.mounts) {
    if (mount.kind !== "tmpfs" && directory.startsWith(`${mount.destination.replace(/\/+$/, "")}/`)) {
      return mount.destination;
    }
  }
  return null;
}

async function byProcRoot(
  system: System,
  access: HostAccess,
  facts: ContainerFacts,
  ownStartTicks: number,
  text: string,
  options: WayOptions,
): Promise<Attempt | null> {
  if (facts.pid === 0) return { problem: `the container is ${facts.state}`, gone: true };
  const parts = `${(facts.runDirectory ?? "/run/procg").replace(/^\/+|\/+$/g, "")}/host`;
  const result = await access.writeBelow(
    {
      base: `/proc/${facts.pid}`,
      startTicks: ownStartTicks,
      parts,
      name: INSTANCE_FILE,
      hostDevices: tmpfsDevices(system),
      walkOnly: options.walkOnly,
    },
    text,
    options.timeoutSeconds,
  );
  return outcome(result);
}

/** Of all tmpfs that the host, or we, have mounted: such a one in a container is shared. */
function tmpfsDevices(system: System): string[] {
  const devices = new Set<string>();
  for (const path of ["/proc/1/mountinfo", "/proc/self/mountinfo"]) {
    const text = system.readText(path);
    if (typeof text === "number") continue;
    for (let at = text.indexOf(" - tmpfs"); at >= 0; at = text.indexOf(" - tmpfs", at + 1)) {
      const device = text.slice(text.lastIndexOf("\n", at) + 1, at).split(" ")[2];
      if (device !== undefined) devices.add(device);
    }
  }
  return [...devices];
}

const WORDS: Readonly<Record<number, string>> = {
  [-1]: "this process shares the host's mount namespace",
  [-3]: "the container has ended",
  [-18]: "a file system of the host is mounted on the way",
  [-20]: "a name on the way is no directory (a link or a file): not followed",
  [-30]: "the root file system is read-only",
  [-40]: "a name on the way is a symbolic link: not followed",
  [-110]: "no answer in time",
};

function outcome(result: number): Attempt {
  if (result >= 0) return { problem: null, gone: false };
  const gone = result === -3 || result === -2;
  return { problem: WORDS[result] ?? `${errnoText(result)} (${errnoName(result)})`, gone };
}
