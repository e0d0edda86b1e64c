/** Which containers are ranked: those of the engine, kept true by its events, or those of the host's notes while it is away. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import type { Companion } from "../companion.ts";
import type { ContainerFacts } from "../engine/engine.ts";
import { openRoster } from "../engine/roster.ts";
import { findContainers } from "../metric/targets.ts";

export interface ContainerSource {
  list(): Promise<ContainerFacts[]>;
  /** Why the engine does not answer; null: it does, or there is none. */
  problem(): string | null;
  close(): void;
}

/** Throws ToolError: a name that is not there, no engine and no notes. */
export async function openSource(
  context: ToolContext,
  { engine, host }: Companion,
  names: readonly string[] | "all",
): Promise<ContainerSource> {
  const { system } = context;
  const roster = engine === null ? null : openRoster({ system, host, engine, refreshSeconds: 30 });
  await roster?.refresh();
  if (roster === null || engine === null || !roster.isFilled) {
    roster?.close();
    const first = await findContainers(context, engine, names);
    const quiet: ToolContext = { ...context, warn: () => undefined };
    let isFirst = true;
    return {
      list: async () => {
        if (!isFirst) return findContainers(quiet, engine, names);
        isFirst = false;
        return first;
      },
      problem: () => null,
      close: () => undefined,
    };
  }
  const isNamed = ({ id, name }: ContainerFacts, wanted: string): boolean =>
    name === wanted || (wanted.length >= 3 && id.startsWith(wanted));
  const chosen = (): ContainerFacts[] => {
    const all = [...roster.known.values()];
    return names === "all" ? all : all.filter((facts) => names.some((wanted) => isNamed(facts, wanted)));
  };
  for (const wanted of names === "all" ? [] : names) {
    if (!chosen().some((facts) => isNamed(facts, wanted))) {
      roster.close();
      throw new ToolError(`${wanted}: no such container runs`);
    }
  }
  return {
    list: async () => chosen(),
    problem: () => (roster.problem === null ? null : `${engine.address}: ${roster.problem}`),
    close: () => roster.close(),
  };
}
