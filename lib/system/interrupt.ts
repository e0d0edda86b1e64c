/** Waiting that a signal ends: for tools that report again and again, and have something to finish when they are told to end. */
import type { System } from "./system.ts";
import { openTerminalHost } from "./terminal_host.ts";

/** In an object: an async function that returned the promise itself would wait for it. */
export interface Stop {
  readonly told: Promise<"stopped">;
}

/** Takes the signals' default action away from now on. null: a System that has no signals. */
export async function watchStop(system: System, signals: readonly number[]): Promise<Stop | null> {
  const host = await openTerminalHost(system);
  if (host === null) return null;
  return {
    told: new Promise((resolve) => {
      for (const signal of signals) host.watchSignal(signal, () => resolve("stopped"));
    }),
  };
}

export async function sleepOrStop(
  system: System,
  stop: Stop | null,
  seconds: number,
): Promise<"stopped" | "waited"> {
  const waited = system.sleep(seconds).then(() => "waited" as const);
  return stop === null ? waited : Promise.race([waited, stop.told]);
}
