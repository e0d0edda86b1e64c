/**
 * A program that is run when the alarms change: no shell, no arguments, data in its environment. One at a time, and ended when it takes too
 * long; what changed meanwhile is told by the next run.
 */
import { errnoText } from "../system/errno.ts";
import type { FileHost } from "../system/file_host.ts";
import type { AlarmState } from "./alarm.ts";
import { alarmName, alarmsDocument } from "./alarm_document.ts";

/** Longest that it may take. */
export const DEADLINE_SECONDS = 30;

export interface AlarmProgram {
  /** The alarms of one more sample. Comes back at once. */
  readonly add: (states: readonly AlarmState[]) => void;
}

/** `log`: one line for each run that did not end with 0. */
export function alarmProgram(
  host: FileHost,
  program: string,
  hostName: string,
  log: (text: string) => void,
): AlarmProgram {
  let latest: readonly AlarmState[] = [];
  /** The alarms that the program was told of. */
  let told = "";
  let isRunning = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    for (let now = standing(latest); now !== told; now = standing(latest)) {
      told = now;
      const problem = programProblem(
        await host.runProgram(program, [], environmentOf(latest, hostName), DEADLINE_SECONDS),
      );
      if (problem !== null) log(`${program}: ${problem}`);
    }
    isRunning = false;
  };
  return {
    add(states) {
      latest = states;
      if (!isRunning && standing(states) !== told) void run();
    },
  };
}

/** What the end of a program says; null: all is well. */
export function programProblem(status: number | undefined): string | null {
  if (status === undefined || status === 0) return status === 0 ? null : "cannot be run here";
  return status < 0 ? errnoText(status) : `ended with ${status}`;
}

function standing(states: readonly AlarmState[]): string {
  const active = states.filter((state) => state.isActive);
  return active.map((state) => `${alarmName(state)} ${state.rule.level} ${state.rule.text}`).join("\n");
}

function environmentOf(states: readonly AlarmState[], hostName: string): [string, string][] {
  const document = alarmsDocument(states);
  return [
    ["PROCG_ALERT_STATE", document.state],
    ["PROCG_ALERT_TEXT", standing(states).replace(/\n/g, "; ")],
    ["PROCG_ALERT_HOST", hostName],
    ["PROCG_ALERT_JSON", JSON.stringify(document)],
  ];
}
