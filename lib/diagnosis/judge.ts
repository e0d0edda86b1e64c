/** All rules, and which of their verdicts stand beside each other. */
import { judgeNeighbour, judgeThrottled } from "./cpu.ts";
import { judgeIoLimit, judgeIoStall } from "./io.ts";
import { judgeMemoryStall, judgeOom, judgeOomNear } from "./memory.ts";
import type { Looks, RuleId, Ruling } from "./ruling.ts";
import { judgeDState, judgeFrozen, judgePids } from "./states.ts";

/** The order in which findings of one severity are told. */
const RULES = [
  judgeFrozen,
  judgeOom,
  judgePids,
  judgeThrottled,
  judgeOomNear,
  judgeMemoryStall,
  judgeIoLimit,
  judgeIoStall,
  judgeDState,
  judgeNeighbour,
];

/** What a verdict explains: the same waiting, seen by another rule. */
const EXPLAINS: Readonly<Partial<Record<RuleId, readonly RuleId[]>>> = {
  frozen: ["throttled", "memory-stall", "io-limit", "io-stall", "d-state", "noisy-neighbour"],
  oom: ["oom-near", "memory-stall", "noisy-neighbour"],
  throttled: ["noisy-neighbour"],
  "memory-stall": ["io-stall", "d-state", "noisy-neighbour"],
  // At its limit it would not be faster with more CPU.
  "io-limit": ["io-stall", "d-state", "noisy-neighbour"],
  "io-stall": ["d-state"],
};

/** Every rule's ruling, in order. Pure. */
export function judge(looks: Looks): Ruling[] {
  const rulings = RULES.map((rule) => rule(looks));
  const explained = new Map<RuleId, RuleId>();
  for (const { id } of rulings.filter(isFinding)) {
    if (explained.has(id)) continue;
    for (const other of EXPLAINS[id] ?? []) if (!explained.has(other)) explained.set(other, id);
  }
  return rulings.map((ruling) => {
    const by = explained.get(ruling.id);
    if (by === undefined || !isFinding(ruling)) return ruling;
    return { ...ruling, severity: "none", summary: `${ruling.summary}: explained by ${by}`, advice: null };
  });
}

export function isFinding({ severity }: Ruling): boolean {
  return severity === "critical" || severity === "warning";
}
