/**
 * What a daemon does each minute: a sample into the store, and the thresholds looked at. Loaded by loadcalc only when there is a history to
 * keep or a threshold to watch: without it its memory stays as it is.
 */
import { type ContainerChoice, openContainer } from "../container/container.ts";
import { readMountList } from "../container/mount_list.ts";
import { type AlarmState, type AlarmWatch, unknownIn, watchAlarms } from "../sampler/alarm.ts";
import { type AlarmProgram, alarmProgram } from "../sampler/alarm_program.ts";
import { groupsOf, MODULES } from "../sampler/modules.ts";
import { orNull } from "../sampler/read_context.ts";
import { type Sample, takeSample } from "../sampler/sample.ts";
import { parseRules } from "../sampler/threshold.ts";
import { errnoText } from "../system/errno.ts";
import { openFileHost } from "../system/file_host.ts";
import type { System } from "../system/system.ts";
import { createHistoryWriter, DEFAULT_DIRECTORY, type HistoryOptions, type HistoryWriter } from "./writer.ts";

export interface RecorderOptions {
  /** null: no history. */
  readonly history: Omit<HistoryOptions, "daemon"> | null;
  /** Text of the rules; null: none. */
  readonly rules: string | null;
  /** Full path of what is run when the alarms change; absent: nothing. */
  readonly program?: string | null;
  readonly choice: ContainerChoice;
  /** Messages for the log; the same one is not given twice in a row. */
  readonly log: (text: string) => void;
}

export interface Recorder {
  /** Call it as often as you like: it samples once a minute. */
  readonly tick: () => void;
  /** Of the last sample; empty before the first. */
  readonly alarms: () => readonly AlarmState[];
  readonly end: () => void;
}

const PERIOD_SECONDS = 60;

/** Is the history's usual place a volume that somebody has mounted? Only then it is on without being asked for. */
export function hasHistoryVolume(system: System, choice: ContainerChoice): boolean {
  const mounts = orNull(() => readMountList(openContainer(system, choice)));
  return mounts?.some((mount) => mount.target === DEFAULT_DIRECTORY) ?? false;
}

/** Never fails: what is wrong is logged, and what still works goes on. */
export async function openRecorder(system: System, options: RecorderOptions): Promise<Recorder> {
  let told: string | null = null;
  const tell = (problem: string | null): void => {
    if (problem !== null && problem !== told) options.log(`history: ${problem}`);
    told = problem;
  };
  const { watch, processNames } = openRules(options);
  const open = async (): Promise<HistoryWriter | null> => {
    if (options.history === null) return null;
    const opened = await createHistoryWriter(system, { ...options.history, daemon: true });
    if (typeof opened !== "string") return opened;
    tell(opened);
    return null;
  };
  const program = watch === null ? null : await openProgram(system, options);
  let writer = await open();
  let isOpening = false;
  let before: Sample | null = null;
  let alarms: readonly AlarmState[] = [];
  let due = system.monotonicSeconds();
  const groups = options.history === null ? (watch?.groups ?? []) : groupsOf(MODULES);

  /** Another program wrote there, or the directory was not there yet: tried again each minute. */
  const reopen = async (): Promise<void> => {
    isOpening = true;
    writer = await open();
    isOpening = false;
  };

  return {
    tick() {
      const now = system.monotonicSeconds();
      if (now < due) return;
      due = Math.max(due + PERIOD_SECONDS, now + PERIOD_SECONDS / 2);
      const container = openContainer(system, options.choice);
      const sample = takeSample(container, groups, { processNames, isStored: true });
      if (writer !== null) tell(writer.append(sample).problem);
      else if (options.history !== null && !isOpening) void reopen();
      if (watch !== null) {
        alarms = watch.add(before, sample);
        program?.add(alarms);
      }
      before = sample;
    },
    alarms: () => alarms,
    end() {
      writer?.end(Math.round(system.realtimeSeconds() * 1000), Math.round(system.monotonicSeconds() * 1000));
    },
  };
}

async function openProgram(system: System, { program, log }: RecorderOptions): Promise<AlarmProgram | null> {
  const path = program ?? null;
  if (path === null) return null;
  const host = await openFileHost(system);
  if (host === null) log(`${path}: no program can be run from here`);
  return host === null ? null : alarmProgram(host, path, system.names().nodename, log);
}

/** A file of rules with a mistake is not used at all: half of it would look like all of it. */
function openRules(options: RecorderOptions): { watch: AlarmWatch | null; processNames: readonly string[] } {
  const found = parseRules(options.rules ?? "");
  const mistake = found.mistakes[0] ?? unknownIn(found.rules);
  if (mistake !== null) options.log(`thresholds are not watched: ${mistake}`);
  const watch = mistake === null && found.rules.length > 0 ? watchAlarms(found.rules) : null;
  return { watch, processNames: found.processNames };
}

/** The text of a file of rules, or null and a line in the log. */
export function readRules(system: System, path: string, log: (text: string) => void): string | null {
  const text = system.readText(path);
  if (typeof text !== "number") return text;
  log(`${path}: ${errnoText(text)}: thresholds are not watched`);
  return null;
}
