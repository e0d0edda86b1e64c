/** All containers as metrics. The engine is asked for names now and then, never for a scrape; what a scrape costs is kept for a second. */

import type { CpuUsageSample } from "../../lib/container/cpu_usage.ts";
import {
  METRIC_TYPES,
  type MetricFormat,
  type MetricNames,
  renderMetrics,
} from "../../lib/container/openmetrics.ts";
import type { HttpRequest } from "../../lib/http/request.ts";
import { makeResponse, makeTextResponse, type Response } from "../../lib/http/response.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { pidStat } from "../../lib/procfs/pid_stat.ts";
import type { System } from "../../lib/system/system.ts";
import { type ContainerFacts, type Engine, isFailure } from "../engine/engine.ts";
import { openHostContainer, readHostDocument } from "../metric/host_container.ts";
import { readNote } from "../register/notes.ts";
import { type ContainerMetrics, mergeMetrics } from "./merge.ts";

export interface ExporterOptions {
  readonly system: System;
  readonly engine: Engine;
  readonly runDirectory: string;
  readonly version: string;
  readonly metricNames: MetricNames;
  /** Containers beyond are counted, not exported. */
  readonly most: number;
}

interface Known {
  readonly facts: ContainerFacts;
  readonly startTicks: number | null;
}

export interface Exporter {
  /** Compares with the engine's list; asks only for what is new. */
  refresh(): Promise<void>;
  answer(request: HttpRequest): Response;
}

export function createExporter(options: ExporterOptions): Exporter {
  const { system, engine } = options;
  const known = new Map<string, Known>();
  const samples = new Map<string, CpuUsageSample>();
  const kept = new Map<string, { readonly second: number; readonly response: Response }>();
  let isEngineUp = 0;
  let refreshed = false;
  let refreshing = false;

  const startTicksOf = (pid: number): number | null =>
    attempt(system, `/proc/${pid}`, pidStat).value?.starttime ?? null;

  const refresh = async (): Promise<void> => {
    if (refreshing) return;
    refreshing = true;
    const ids = new Set<string>();
    const changed: string[] = [];
    const failure = await engine.list(({ id, name }) => {
      ids.add(id);
      const before = known.get(id);
      const same =
        before !== undefined &&
        (name === null || name === before.facts.name) &&
        startTicksOf(before.facts.pid) === before.startTicks;
      if (!same) changed.push(id);
    });
    isEngineUp = failure === null ? 1 : 0;
    if (failure === null) {
      for (const id of [...known.keys()]) {
        if (ids.has(id)) continue;
        known.delete(id);
        samples.delete(id);
      }
      for (const id of changed) {
        const facts = await engine.inspect(id);
        if (isFailure(facts) || facts.pid === 0) continue;
        // A container that is new has no sample of before.
        samples.delete(id);
        known.set(id, { facts, startTicks: startTicksOf(facts.pid) });
      }
      refreshed = true;
    }
    refreshing = false;
  };

  const render = (format: MetricFormat): string => {
    const parts: ContainerMetrics[] = [];
    let leftOut = 0;
    for (const [id, { facts }] of known) {
      if (parts.length >= options.most) {
        leftOut++;
        continue;
      }
      const opened = openHostContainer(system, facts);
      if (opened === null) continue;
      const note = readNote(system, options.runDirectory, id);
      const { document, cpu } = readHostDocument(opened, note, samples.get(id) ?? null, 1);
      samples.set(id, cpu);
      const text = renderMetrics(document, {
        format,
        names: options.metricNames,
        version: options.version,
        ageSeconds: 0,
      });
      const { name, image, instanceUuid } = document.container;
      const labels: [string, string][] = [];
      for (const [key, value] of [
        ["name", name],
        ["image", image],
        ["uuid", instanceUuid],
      ] as const) {
        if (value !== null) labels.push([key, value]);
      }
      parts.push({ labels, text });
    }
    const own =
      gauge("containers", "Containers that run.", known.size) +
      gauge("containers_left_out", "Containers that are not exported: more than --most.", leftOut) +
      gauge("engine_up", "1: the engine has answered the last time.", isEngineUp);
    return parts.length > 0 ? mergeMetrics(parts, own) : `${own}${format === "openmetrics" ? "# EOF\n" : ""}`;
  };

  return {
    refresh,
    answer(request) {
      const now = system.realtimeSeconds();
      if (request.path === "/healthz") {
        return refreshed
          ? makeTextResponse(200, "ok", now)
          : makeTextResponse(503, "the engine has not answered yet", now);
      }
      if (request.path !== "/metrics") return makeTextResponse(404, "there are /metrics and /healthz", now);
      const format: MetricFormat = request.accept.includes("application/openmetrics-text")
        ? "openmetrics"
        : "text";
      const second = Math.floor(system.monotonicSeconds());
      const before = kept.get(format);
      if (before !== undefined && before.second === second) return before.response;
      const response = makeResponse(200, METRIC_TYPES[format], render(format), now);
      kept.set(format, { second, response });
      return response;
    },
  };
}

function gauge(name: string, help: string, value: number): string {
  const full = `procg_host_${name}`;
  return `# TYPE ${full} gauge\n# HELP ${full} ${help}\n${full} ${value}\n`;
}
