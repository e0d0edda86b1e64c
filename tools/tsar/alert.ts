/** tsar --alert: which thresholds are crossed, as a Nagios plugin says it. No shell is run; a program only with --exec, data in its environment. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { readHistory } from "../../lib/history/reader.ts";
import { type AlarmState, type AlarmWatch, watchAlarms } from "../../lib/sampler/alarm.ts";
import {
  type AlarmEntry,
  type AlarmsDocument,
  alarmEntries,
  alarmName,
  overallState,
} from "../../lib/sampler/alarm_document.ts";
import { DEADLINE_SECONDS, programProblem } from "../../lib/sampler/alarm_program.ts";
import { type Sample, takeSampleOrAsk } from "../../lib/sampler/sample.ts";
import type { Rule } from "../../lib/sampler/threshold.ts";
import { openFileHost } from "../../lib/system/file_host.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import { readConfig } from "./config.ts";
import { hasOption, lastValue, numberOption } from "./plan.ts";
import { historyDirectory } from "./store.ts";

/** One document of `tsar --alert --json`. */
export interface AlertDocument {
  readonly schema: "procg.tsar-alert/v1";
  readonly state: AlarmsDocument["state"];
  readonly source: "history" | "live";
  readonly alarms: readonly AlarmEntry[];
}

const EXIT = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;
/** A history whose last record is older says nothing about now. */
const RECENT_MS = 300_000;

export async function runAlert(context: ToolContext): Promise<number> {
  const { rules, processNames } = readConfig(context);
  if (rules.length === 0) throw new ToolError("no thresholds: --config FILE or --rule RULE", 3);
  const program = lastValue(context, "exec");
  if (program !== null && !program.startsWith("/")) throw new ToolError("--exec needs a full path", 3);
  const watch = watchAlarms(rules);
  const stored = hasOption(context, "live") ? null : await fromHistory(context, watch, rules);
  const states = stored ?? (await fromNow(context, watch, rules, processNames));
  const document = alertDocument(states, stored === null ? "live" : "history");
  const line = alertLine(document, states);
  context.print(context.shared.json ? `${JSON.stringify(document)}\n` : line);
  if (program !== null && (document.state === "warning" || document.state === "critical")) {
    await runProgram(context, program, document, line);
  }
  return EXIT[document.state];
}

/** null: no store, or one that is not kept up. */
async function fromHistory(
  context: ToolContext,
  watch: AlarmWatch,
  rules: readonly Rule[],
): Promise<readonly AlarmState[] | null> {
  const host = await openFileHost(context.system);
  if (host === null) return null;
  const nowMs = context.system.realtimeSeconds() * 1000;
  const longest = Math.max(...rules.map((rule) => Math.max(rule.seconds, rule.samples * 60)));
  let before: Sample | null = null;
  let states: readonly AlarmState[] | null = null;
  let lastMs = 0;
  readHistory(
    context.system,
    host,
    historyDirectory(context),
    {
      // Long enough for an alarm that only stands because it has not cleared.
      fromMs: nowMs - Math.max(3600, 2 * longest) * 1000,
      toMs: nowMs + 60_000,
      groups: new Set(watch.groups.map((group) => group.name)),
    },
    {
      sample(sample) {
        states = watch.add(before, sample);
        before = sample;
        lastMs = sample.realtimeMs;
      },
      event(event) {
        if (event.kind === "start") before = null;
      },
    },
  );
  return nowMs - lastMs > RECENT_MS ? null : states;
}

/** As many intervals as the longest rule needs. */
async function fromNow(
  context: ToolContext,
  watch: AlarmWatch,
  rules: readonly Rule[],
  processNames: readonly string[],
): Promise<readonly AlarmState[]> {
  const { system, shared } = context;
  const seconds = numberOption(context, "interval", 1, 0.05);
  const needed = Math.max(
    ...rules.map((rule) => Math.max(rule.samples, Math.ceil(rule.seconds / seconds) + 1)),
  );
  const look = (): Promise<Sample> =>
    takeSampleOrAsk(openContainer(system, shared), watch.groups, { processNames });
  let before = await look();
  let states: readonly AlarmState[] = watch.add(null, before);
  for (let done = 0; done < needed && system.hasNextStep(); done++) {
    await system.sleep(seconds);
    const after = await look();
    // The first look only opens the interval.
    states = watch.add(before, after);
    before = after;
  }
  return states;
}

function alertDocument(states: readonly AlarmState[], source: "history" | "live"): AlertDocument {
  return { schema: "procg.tsar-alert/v1", state: overallState(states), source, alarms: alarmEntries(states) };
}

/** STATE - what | performance data: the plugin's line. */
function alertLine(document: AlertDocument, states: readonly AlarmState[]): string {
  const value = (state: AlarmState): string => (state.value === null ? "unknown" : state.value.toFixed(2));
  const active = states.filter((state) => state.isActive);
  const what = active.map((state) => `${alarmName(state)} is ${value(state)} (${state.rule.text})`);
  const text =
    what.length > 0
      ? what.join("; ")
      : document.state === "unknown"
        ? "no value is known"
        : "no threshold is crossed";
  const known = new Map<string, string>();
  for (const state of states) if (state.value !== null) known.set(alarmName(state), value(state));
  const data = [...known]
    .map(([name, number]) => `'${safeText(name).replace(/[='|]/g, "_")}'=${number}`)
    .join(" ");
  const safe = safeText(text).replace(/\|/g, " ");
  return `TSAR ${document.state.toUpperCase()} - ${safe}${data === "" ? "" : ` | ${data}`}\n`;
}

async function runProgram(
  context: ToolContext,
  program: string,
  document: AlertDocument,
  line: string,
): Promise<void> {
  const host = await openFileHost(context.system);
  const status = await host?.runProgram(
    program,
    [],
    [
      ["PROCG_ALERT_STATE", document.state],
      ["PROCG_ALERT_TEXT", line.trimEnd()],
      ["PROCG_ALERT_HOST", context.system.names().nodename],
      ["PROCG_ALERT_JSON", JSON.stringify(document)],
    ],
    DEADLINE_SECONDS,
  );
  const problem = programProblem(status);
  if (problem !== null) context.warn(`${program}: ${problem}`);
}
