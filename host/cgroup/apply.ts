/** Reads and changes cgroup files of one container, key by key: a failing key has its own status, the others still run. */
import type { CgroupLocation } from "../../lib/cgroupfs/locate.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";
import { errnoName, errnoText } from "../../lib/system/errno.ts";
import type { System } from "../../lib/system/system.ts";
import type { Engine } from "../engine/engine.ts";
import { isFailure } from "../engine/engine.ts";
import type { ContainerCgroups } from "../register/host_view.ts";
import { type CgroupKey, controllerOf, findKey, isKnownKey } from "./keys.ts";
import { parseBytes, parseValue, type Value, weightOfShares } from "./values.ts";

export interface KeyRequest {
  readonly name: string;
  /** null: only read. */
  readonly value: string | null;
}

export interface KeyOutcome {
  readonly key: string;
  /** The file that was read or written; null: none. */
  readonly file: string | null;
  readonly requested: string | null;
  readonly before: string | null;
  readonly after: string | null;
  /** "engine": through the engine's update, kept over a restart; "direct": written to the file. */
  readonly via: "engine" | "direct" | "dry-run" | null;
  /** 0, or an errno as a positive number (1 for what was refused here). */
  readonly status: number;
  readonly error: string | null;
}

export interface ApplyOptions {
  readonly direct: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
}

export interface CgroupTarget {
  readonly system: System;
  readonly engine: Engine | null;
  readonly id: string;
  readonly cgroups: ContainerCgroups;
}

interface Plan {
  readonly request: KeyRequest;
  readonly key: CgroupKey;
  readonly location: CgroupLocation;
  readonly path: string;
  readonly value: Value;
  readonly before: string;
}

/** Answers in the order of the requests. Writes are ordered so that memory stays below memory + swap at every step. */
export async function applyKeys(
  target: CgroupTarget,
  requests: readonly KeyRequest[],
  options: ApplyOptions,
): Promise<KeyOutcome[]> {
  const outcomes: (KeyOutcome | Plan)[] = requests.map((request) =>
    prepare(target, request, requests, options),
  );
  const plans = outcomes.filter((each): each is Plan => "value" in each);
  for (const plan of orderPlans(target, plans)) {
    const at = outcomes.indexOf(plan);
    outcomes[at] = await write(target, plan, plans, options);
  }
  const answers = outcomes as KeyOutcome[];
  return options.direct && !options.dryRun ? withoutHalfPairs(target.system, answers) : answers;
}

/** Memory and memory + swap belong together: where the second could not be written the first is put back. */
function withoutHalfPairs(system: System, answers: readonly KeyOutcome[]): KeyOutcome[] {
  const isPair = (each: KeyOutcome): boolean =>
    each.via === "direct" && /\/memory\.(memsw\.)?limit_in_bytes$/.test(each.file ?? "");
  const pair = answers.filter(isPair);
  const failed = pair.find((each) => each.status !== 0);
  return answers.map((each) => {
    if (pair.length !== 2 || failed === undefined || !isPair(each) || each.status !== 0) return each;
    system.createFile(each.file ?? "", each.before ?? "", 0o644, false);
    const after = readTrimmed(system, each.file ?? "");
    return { ...each, after: textOr(after, ""), status: 1, error: `put back, because ${failed.key} failed` };
  });
}

function refused(
  request: KeyRequest,
  file: string | null,
  error: string,
  before: string | null = null,
): KeyOutcome {
  return {
    key: request.name,
    file,
    requested: request.value,
    before,
    after: before,
    via: null,
    status: 1,
    error,
  };
}

function prepare(
  target: CgroupTarget,
  request: KeyRequest,
  all: readonly KeyRequest[],
  options: ApplyOptions,
): KeyOutcome | Plan {
  const controller = isKnownKey(request.name) ? controllerOf(request.name) : null;
  if (controller === null) return refused(request, null, "not a file that may be asked");
  const location = target.cgroups.location(controller);
  if (location === null) return refused(request, null, `no ${controller} controller for this container`);
  const own = findKey(request.name, location.version);
  const foreign = own === null ? findKey(request.name, location.version === 1 ? 2 : 1) : null;
  const translation = foreign?.other ?? null;
  const key = own ?? (translation === null ? null : findKey(translation.name, location.version));
  if (key === null) return refused(request, null, `cgroup v${location.version} has no such file`);
  const path = `${location.directory}/${key.name}`;
  const before = readTrimmed(target.system, path);
  if (typeof before === "number") return { ...failed(request, path, before, null), after: null };
  if (request.value === null) {
    return {
      key: request.name,
      file: path,
      requested: null,
      before,
      after: before,
      via: null,
      status: 0,
      error: null,
    };
  }
  if (key.readOnly) return refused(request, path, "it can only be read", before);
  const source = foreign ?? key;
  const parsed = parseValue(source.kind, request.value, source.version);
  if ("problem" in parsed) return refused(request, path, parsed.problem, before);
  const value =
    translation === null ? parsed : translated(target, location, translation.how, parsed, before, all);
  if (typeof value === "string") return refused(request, path, value, before);
  const problem = options.force ? null : belowUsage(target.system, location, key, value);
  if (problem !== null) return refused(request, path, problem, before);
  return { request, key, location, path, value, before };
}

/** The value for the other version's file; a text says why there is none. */
function translated(
  target: CgroupTarget,
  location: CgroupLocation,
  how: NonNullable<CgroupKey["other"]>["how"],
  value: Value,
  before: string,
  all: readonly KeyRequest[],
): Value | string {
  const { number } = value;
  if (how === "same") return { text: number === null ? value.text : `${number}`, number };
  if (how === "shares") {
    const weight = weightOfShares(typeof number === "number" ? number : 1024);
    return { text: `${weight}`, number: weight };
  }
  if (how === "quota" || how === "period") {
    const [quota = "max", period = "100000"] = before.split(" ");
    if (how === "quota") return { text: `${number === "max" ? "max" : value.text} ${period}`, number: null };
    return { text: `${quota} ${value.text}`, number: null };
  }
  // memory + swap: less the memory limit, the one that is being set with it or the one that stands.
  if (number === "max" || number === null) return { text: "max", number: "max" };
  const asked =
    all.find((each) => each.name === "memory.limit_in_bytes" || each.name === "memory.max")?.value ?? null;
  const memory = parseBytes(asked ?? `${readTrimmed(target.system, `${location.directory}/memory.max`)}`);
  if (memory === null || memory === "max")
    return "without a memory limit memory + swap has no equal on cgroup v2";
  if (number < memory) return "memory + swap is below the memory limit";
  return { text: `${number - memory}`, number: number - memory };
}

/** The kernel would reclaim, and then kill or refuse. */
function belowUsage(system: System, location: CgroupLocation, key: CgroupKey, value: Value): string | null {
  const usageFile: Readonly<Record<string, string>> = {
    "memory.limit_in_bytes": "memory.usage_in_bytes",
    "memory.memsw.limit_in_bytes": "memory.memsw.usage_in_bytes",
    "memory.max": "memory.current",
    "memory.high": "memory.current",
    "pids.max": "pids.current",
  };
  const file = usageFile[key.name];
  if (file === undefined || typeof value.number !== "number") return null;
  const usage = readTrimmed(system, `${location.directory}/${file}`);
  if (typeof usage === "number" || !/^[0-9]+$/.test(usage) || value.number >= Number(usage)) return null;
  return `below what is in use (${file} ${usage}); --force sets it all the same`;
}

/** v1: memory <= memory + swap at every moment. Raising begins with the sum, lowering with memory. */
function orderPlans(target: CgroupTarget, plans: readonly Plan[]): readonly Plan[] {
  const memory = plans.find((plan) => plan.key.name === "memory.limit_in_bytes");
  const both = plans.find((plan) => plan.key.name === "memory.memsw.limit_in_bytes");
  if (memory === undefined || both === undefined) return plans;
  const current = readTrimmed(target.system, both.path);
  const raises = typeof current === "string" && isAbove(memory.value.number, parseBytes(current));
  const pair = raises ? [both, memory] : [memory, both];
  return [...pair, ...plans.filter((plan) => plan !== memory && plan !== both)];
}

function isAbove(a: Limit | null, b: Limit | null): boolean {
  if (a === null || b === null || b === "max") return false;
  return a === "max" || a > b;
}

async function write(
  target: CgroupTarget,
  plan: Plan,
  plans: readonly Plan[],
  options: ApplyOptions,
): Promise<KeyOutcome> {
  const { request, key, path, before, value } = plan;
  const base = { key: request.name, file: path, requested: request.value, before };
  if (options.dryRun) return { ...base, after: value.text, via: "dry-run", status: 0, error: null };
  if (!options.direct) {
    const field = key.update;
    const asked = field === null ? null : updateBody(plan, plans, before);
    const updating = asked === null ? null : (target.engine?.update(target.id, asked) ?? null);
    if (updating === null) {
      return {
        ...base,
        after: before,
        via: null,
        status: 1,
        error: "the engine has no such setting: --direct writes the file",
      };
    }
    const failure = await updating;
    const after = readTrimmed(target.system, path);
    if (failure !== null && isFailure(failure)) {
      return { ...base, after: textOr(after, before), via: "engine", status: 1, error: failure.failed };
    }
    return outcome({ ...base, via: "engine" }, after);
  }
  const result = target.system.createFile(path, value.text, 0o644, false);
  const after = readTrimmed(target.system, path);
  if (result < 0)
    return {
      ...base,
      after: textOr(after, before),
      via: "direct",
      status: -result,
      error: wordsOf(result, key),
    };
  return outcome({ ...base, via: "direct" }, after);
}

function outcome(
  base: Pick<KeyOutcome, "key" | "file" | "requested" | "before" | "via">,
  after: string | number,
): KeyOutcome {
  if (typeof after === "number") return { ...base, after: null, status: -after, error: errnoText(after) };
  return { ...base, after, status: 0, error: null };
}

/** As the engine's API names it. Memory and memory + swap go together where both are asked for, as `docker update` needs it. */
function updateBody(plan: Plan, plans: readonly Plan[], before: string): Record<string, unknown> | null {
  const { update } = plan.key;
  if (update === null) return null;
  const number = (each: Plan): unknown =>
    each.key.kind === "cpus" ? each.value.text : each.value.number === "max" ? -1 : each.value.number;
  // Moby does not take 0 or -1 for these: a limit cannot be removed through it.
  if (update === "Memory" && plan.value.number === "max") return null;
  const body: Record<string, unknown> = { [update]: number(plan) };
  const memory = plans.find((each) => each.key.update === "Memory");
  const both = plans.find((each) => each.key.update === "MemorySwap");
  if ((plan === memory || plan === both) && memory !== undefined && both !== undefined) {
    return { Memory: number(memory), MemorySwap: number(both) };
  }
  if (update === "CpuQuota" || update === "CpuPeriod") {
    const quota = plans.find((each) => each.key.update === "CpuQuota");
    const period = plans.find((each) => each.key.update === "CpuPeriod");
    if (quota !== undefined && period !== undefined)
      return { CpuQuota: number(quota), CpuPeriod: number(period) };
  }
  return before === "" && update === "MemorySwap" ? null : body;
}

function failed(request: KeyRequest, file: string, errno: number, before: string | null): KeyOutcome {
  const error = errno === -2 ? "there is no such file here" : `${errnoText(errno)} (${errnoName(errno)})`;
  return {
    key: request.name,
    file,
    requested: request.value,
    before,
    after: before,
    via: null,
    status: -errno,
    error,
  };
}

function wordsOf(errno: number, key: CgroupKey): string {
  const name = errnoName(errno);
  if (errno === -16 && key.controller === "memory")
    return `more is in use than that, and cannot be given back (${name})`;
  if (errno === -34) return `outside what the parent has (${name})`;
  if (errno === -13 && key.controller === "cpuset") return `outside what the parent has (${name})`;
  if (errno === -22 && key.name === "memory.limit_in_bytes")
    return `above memory + swap: raise memory.memsw.limit_in_bytes first (${name})`;
  if (errno === -22 && key.name === "memory.memsw.limit_in_bytes") return `below the memory limit (${name})`;
  if (errno === -19 || errno === -2) return `the container has ended (${name})`;
  return `${errnoText(errno)} (${name})`;
}

function textOr(text: string | number, otherwise: string): string {
  return typeof text === "string" ? text : otherwise;
}

/** v1 writes "no limit" as a huge number: as -1 it can be read and given back. */
function readTrimmed(system: System, path: string): string | number {
  const text = system.readText(path);
  if (typeof text === "number") return text;
  const trimmed = text.replace(/\n$/, "");
  return /^9223372036854[0-9]{6}$/.test(trimmed) ? "-1" : trimmed;
}
