/** What loadcalc's history tells of the last day: in which minutes the rules that it has figures for held. */
import { readHistory } from "../history/reader.ts";
import { groupsOf, MODULES } from "../sampler/modules.ts";
import { computeModule, isComparable, type Sample } from "../sampler/sample.ts";
import { openFileHost } from "../system/file_host.ts";
import type { System } from "../system/system.ts";

/** Minutes in a row in which a rule held. */
export interface Episode {
  readonly id: "oom" | "pids-limit" | "throttled" | "memory-stall" | "io-stall";
  /** RFC 3339, UTC: the sample before which it began. */
  readonly from: string;
  readonly to: string;
}

/** id, module, column, from which value on. Percent, as the module shows them; the rules' own thresholds. */
const RULES: readonly (readonly [Episode["id"], string, string, number])[] = [
  ["oom", "oom", "kill", 1],
  ["pids-limit", "pids", "util", 90],
  ["throttled", "throttle", "ratio", 10],
  ["memory-stall", "psi", "memsom", 10],
  ["io-stall", "psi", "iosom", 20],
];

const DAY_MS = 86_400_000;
/** Samples further apart say nothing of the time between. */
const GAP_MS = 600_000;
/** Episodes that are told. */
const MOST = 8;

/** The last episodes, oldest first; null: there is no history here. */
export async function readEpisodes(system: System, directory: string): Promise<Episode[] | null> {
  const host = await openFileHost(system);
  if (host === null) return null;
  const nowMs = system.realtimeSeconds() * 1000;
  const modules = MODULES.filter((module) => RULES.some(([, name]) => name === module.name));
  const groups = new Set(groupsOf(modules).map((group) => group.name));
  const samples: Sample[] = [];
  const options = { fromMs: nowMs - DAY_MS, toMs: nowMs, groups };
  const lost = readHistory(system, host, directory, options, { sample: (sample) => samples.push(sample) });
  return lost === null ? null : episodesOf(samples);
}

/** Pure. */
export function episodesOf(samples: readonly Sample[]): Episode[] {
  const open = new Map<Episode["id"], Episode>();
  const found: Episode[] = [];
  let before: Sample | null = null;
  for (const sample of samples) {
    const last: Sample | null = before;
    before = sample;
    const close =
      last === null || !isComparable(last, sample) || sample.realtimeMs - last.realtimeMs > GAP_MS;
    for (const [id, name, column, least] of RULES) {
      const holds = !close && (columnValue(last, sample, name, column) ?? 0) >= least;
      if (!holds) {
        open.delete(id);
        continue;
      }
      const from = open.get(id)?.from ?? new Date(last?.realtimeMs ?? 0).toISOString();
      const episode = { id, from, to: new Date(sample.realtimeMs).toISOString() };
      const known = open.get(id);
      if (known === undefined) found.push(episode);
      else found[found.indexOf(known)] = episode;
      open.set(id, episode);
    }
  }
  return found.slice(-MOST);
}

function columnValue(before: Sample | null, after: Sample, name: string, column: string): number | null {
  const module = MODULES.find((one) => one.name === name);
  if (module === undefined) return null;
  const index = module.columns.findIndex((one) => one.name === column);
  return computeModule(module, before, after)[0]?.values[index] ?? null;
}
