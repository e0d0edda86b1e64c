/** Why's answer as text: one screen, the verdict first. Names of processes are text of others and are made safe here. */
import { scaleHuman } from "../units/memory_size.ts";
import { safeText } from "../units/terminal_text.ts";
import type { BoxEntry, BoxOom } from "./black_box.ts";
import type { LastOomDocument, SinceStart, Verdict, WhyDocument } from "./document.ts";
import type { Evidence, Ruling } from "./ruling.ts";

/** Evidence lines of the second and later verdicts: the first has all of its own. */
const BRIEF = 2;
const EPISODES = 4;

export function renderWhy(document: WhyDocument): string {
  const { container, verdicts, consumers } = document;
  let text = "";
  verdicts.forEach((verdict, index) => {
    const name = index === 0 && container !== null ? `${safeText(container)}: ` : "";
    text += `${name}${verdict.id}: ${safeText(verdict.summary)}${whenText(verdict)}\n`;
    text += evidenceLines(index === 0 ? verdict.evidence : verdict.evidence.slice(0, BRIEF));
    if (verdict.advice !== null) text += `  -> ${verdict.advice}\n`;
  });
  if (consumers.cpu.length > 0)
    text += `CPU: ${consumers.cpu.map(({ pid, comm, usedCores }) => `${safeText(comm)} (${pid}) ${usedCores.toFixed(2)} cores`).join(", ")}\n`;
  if (consumers.memory.length > 0)
    text += `memory: ${consumers.memory.map(({ pid, comm, residentBytes }) => `${safeText(comm)} (${pid}) ${scaleHuman(residentBytes, false)}`).join(", ")}\n`;
  text += sinceStartLine(document.sinceStart);
  for (const { id, from, to } of document.episodes?.slice(-EPISODES) ?? [])
    text += `history: ${id} from ${minute(from)} to ${minute(to)}\n`;
  const reasons = new Map<string, string[]>();
  for (const { id, reason } of document.notKnown) reasons.set(reason, [...(reasons.get(reason) ?? []), id]);
  for (const [reason, ids] of reasons) text += `not known: ${ids.join(", ")}: ${reason}\n`;
  return text;
}

/** --explain: every rule, with the figures that it looked at, whether it holds or not. */
export function renderRulings(rulings: readonly Ruling[]): string {
  let text = "";
  for (const { id, severity, summary, evidence } of rulings)
    text += `${id}: ${severity === "none" ? "no" : severity}: ${safeText(summary)}\n${evidenceLines(evidence)}`;
  return text;
}

/** --last-oom: the newest first. */
export function renderLastOom({ box, sameRun }: LastOomDocument): string {
  const ooms = box?.ooms ?? [];
  if (ooms.length > 0)
    return [...ooms]
      .reverse()
      .map((oom) => oomText(oom, sameRun))
      .join("");
  const near = box?.recent[box.recent.length - 1];
  return `no OOM kill was recorded${near === undefined ? "" : `; near a limit at ${timeText(near.atUnixMs)}`}\n`;
}

function oomText({ kills, before, after }: BoxOom, sameRun: boolean | null): string {
  let text = `oom: ${kills} ${kills === 1 ? "kill" : "kills"} in the seconds before ${timeText(after.atUnixMs)}`;
  text += sameRun === false ? ", before the container was started anew\n" : "\n";
  if (before === null) text += "  before it: nothing, for nothing was near a limit 5 s earlier\n";
  else text += entryLines(before, `${((after.atUnixMs - before.atUnixMs) / 1000).toFixed(0)} s before`);
  text += entryLines(after, "after");
  const still = new Set(after.processes.map((one) => `${one.pid} ${one.startTicks}`));
  const gone = before?.processes.filter((one) => !still.has(`${one.pid} ${one.startTicks}`)) ?? [];
  if (gone.length > 0)
    text += `  gone, or no longer among the largest: ${gone.map(({ pid, comm }) => `${safeText(comm)} (${pid})`).join(", ")}\n`;
  return text;
}

function timeText(unixMs: number): string {
  return minute(new Date(unixMs).toISOString(), true);
}

function entryLines(entry: BoxEntry, when: string): string {
  const part = (words: string, bytes: number | null): string =>
    bytes === null ? "" : `, ${words} ${scaleHuman(bytes, false)}`;
  const usage = entry.usageBytes === null ? "-" : scaleHuman(entry.usageBytes, false);
  const limit = entry.limitBytes === null ? "" : ` of ${scaleHuman(entry.limitBytes, false)}`;
  let text = `  ${when}: usage ${usage}${limit}`;
  text +=
    part("anonymous", entry.anonBytes) + part("shmem", entry.shmemBytes) + part("kernel", entry.kernelBytes);
  text += entry.pids === null ? "\n" : `, ${entry.pids} tasks\n`;
  for (const { pid, comm, residentBytes, anonBytes } of entry.processes)
    text += `    ${safeText(comm)} (${pid}) ${scaleHuman(residentBytes, false)}${part("anonymous", anonBytes)}\n`;
  return text;
}

function whenText({ since, at }: Verdict): string {
  if (since !== null) return ` (since ${minute(since)})`;
  return at === null ? "" : ` (at ${minute(at, true)})`;
}

/** "2026-11-21 14:03" of RFC 3339, UTC. */
function minute(time: string, seconds = false): string {
  return `${time.slice(0, seconds ? 19 : 16).replace("T", " ")}Z`;
}

function evidenceLines(list: readonly Evidence[]): string {
  const rows = list.map(
    (one) => [safeText(one.figure), valueText(one), one.rule, safeText(one.file)] as const,
  );
  const width = Math.min(58, Math.max(0, ...rows.map(([figure]) => figure.length)));
  let text = "";
  for (const [figure, value, rule, file] of rows) {
    const tail = [rule === "" ? "" : `(${rule})`, file].filter((one) => one !== "").join("  ");
    text += `  ${figure.padEnd(width)}  ${value.padEnd(9)} ${tail}`.replace(/ +$/, "");
    text += "\n";
  }
  return text;
}

function valueText({ value, unit }: Evidence): string {
  if (value === null) return "-";
  if (typeof value === "string") return safeText(value);
  if (unit === "bytes") return scaleHuman(value, false);
  if (unit === "bytes/s") return `${scaleHuman(Math.round(value), false)}/s`;
  if (unit === "ratio") return `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;
  if (unit === "cores" || unit === "seconds") return value.toFixed(2);
  return `${Math.round(value * 10) / 10}`;
}

function sinceStartLine(start: SinceStart): string {
  const parts: string[] = [];
  const { oomKills, oomBy, throttledPeriods, periods, refusedForks } = start;
  if (oomKills)
    parts.push(`${oomKills} OOM ${oomKills === 1 ? "kill" : "kills"}${oomBy === null ? "" : WHOSE[oomBy]}`);
  if (throttledPeriods) parts.push(`${throttledPeriods} of ${periods} quota periods cut short`);
  if (refusedForks) parts.push(`${refusedForks} forks refused`);
  return parts.length === 0 ? "" : `since the start: ${parts.join(", ")}\n`;
}

const WHOSE: Readonly<Record<NonNullable<SinceStart["oomBy"]>, string>> = {
  own: " (its own limit was met)",
  parent: " (a parent's limit was met)",
  "hidden parent": " (its own limit was not met: a hidden parent's)",
  host: " (no limit was met: the host's memory)",
  unknown: "",
};
