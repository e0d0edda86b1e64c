/** What is to be set for a program, beside what its user has set. */
import type { Container } from "../container/container.ts";
import type { System } from "../system/system.ts";
import { findJava } from "./java.ts";
import { type RuntimeLimits, readRuntimeLimits } from "./limits.ts";
import { type Circumstances, type Proposal, RUNTIME_VARIABLES, type RuntimeVariable } from "./variables.ts";

export interface VariableAnswer {
  readonly name: string;
  /** Who reads it. */
  readonly runtime: string;
  /** What it is to be set to; null: it is left as it is. */
  readonly value: string | null;
  readonly reason: string;
  /** The file, or the variable, that decided; null: none. */
  readonly source: string | null;
}

export interface RuntimeEnvironment {
  readonly limits: RuntimeLimits;
  readonly variables: readonly VariableAnswer[];
}

/** Which variables are meant; null: all. */
export type Wanted = ReadonlySet<string> | null;

/** `program`: argv[0] of what is to run, where that is known. Never throws for a file. */
export function readRuntimeEnvironment(
  container: Container,
  wanted: Wanted,
  program: string | null,
): RuntimeEnvironment {
  const { system } = container;
  const limits = readRuntimeLimits(container);
  const isWanted = (name: string): boolean => wanted === null || wanted.has(name);
  const bound = limits.cpus.value !== null || limits.memory.value !== null;
  const location = bound ? (container.location("memory") ?? container.location("cpu")) : null;
  const circumstances: Circumstances = {
    ...limits,
    java: bound && isWanted("JAVA_TOOL_OPTIONS") ? findJava(system, program) : null,
    cgroupVersion: location?.version ?? null,
  };
  const variables = RUNTIME_VARIABLES.map((variable) =>
    isWanted(variable.name)
      ? answer(variable, variable.propose(circumstances), system)
      : leave(variable, "not asked for", null),
  );
  return { limits, variables };
}

/** The user's own value wins, an empty one too; to a list of options ours is added where it is not there yet. */
export function answer(
  variable: RuntimeVariable,
  { text, why, source }: Proposal,
  system: Pick<System, "env">,
): VariableAnswer {
  const { name, runtime, givesWayTo = [], unlessThere } = variable;
  const own = system.env(name);
  if (own !== undefined && (unlessThere === undefined || own === "")) {
    return leave(variable, "set by the user", name);
  }
  const other = givesWayTo.find((each) => system.env(each) !== undefined);
  if (other !== undefined) return leave(variable, `${other} is set by the user`, other);
  if (text === null) return leave(variable, why, source);
  if (own === undefined) return { name, runtime, value: text, reason: why, source };
  const missing = text.split(" ").filter((option) => unlessThere?.(option).test(own) !== true);
  if (missing.length === 0) return leave(variable, "set by the user", name);
  const value = missing.reduce(addOption, own);
  return { name, runtime, value, reason: `${why}; added to the user's`, source };
}

function leave({ name, runtime }: RuntimeVariable, reason: string, source: string | null): VariableAnswer {
  return { name, runtime, value: null, reason, source };
}

/** Behind what is there; in MAKEFLAGS what follows " -- " are variables. */
function addOption(own: string, option: string): string {
  const end = own.indexOf(" -- ");
  return end < 0 ? `${own} ${option}` : `${own.slice(0, end)} ${option}${own.slice(end)}`;
}

/** What is to be set, in order. */
export function changesOf(environment: RuntimeEnvironment): [name: string, value: string][] {
  const changes: [string, string][] = [];
  for (const { name, value } of environment.variables) if (value !== null) changes.push([name, value]);
  return changes;
}
