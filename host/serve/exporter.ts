/** All containers as metrics. The engine is asked for names now and then, never for a scrape; what a scrape costs is kept for a second. */

import type { CpuUsageSample } from "../../lib/container/cpu_usage.ts";
import {
  METRIC_TYPES,
  type MetricFormat,
  type MetricNames,
  renderMetrics,
} from "../../lib/container/openmetrics.ts";
import { runDirectory } from "../../lib/container/registration.ts";
import type { HttpRequest } from "../../lib/http/request.ts";
import { makeResponse, makeTextResponse, type Response } from "../../lib/http/response.ts";
import type { HostAccess } from "../../lib/system/host_access.ts";
import type { System } from "../../lib/system/system.ts";
import type { Roster } from "../engine/roster.ts";
import { openHostContainers, readHostDocument } from "../metric/host_container.ts";
import { openInsideReader } from "../metric/inside.ts";
import { readNote } from "../register/notes.ts";
import { type ContainerMetrics, mergeMetrics } from "./merge.ts";

export interface ExporterOptions {
  readonly system: System;
  readonly access: HostAccess;
  readonly roster: Roster;
  readonly version: string;
  readonly metricNames: MetricNames;
  /** Containers beyond are counted, not exported. */
  readonly most: number;
}

export interface Exporter {
  answer(request: HttpRequest): Response | Promise<Response>;
}

export function createExporter(options: ExporterOptions): Exporter {
  const { system, access, roster } = options;
  /** Of the look before, by id and start of the init. */
  let samples = new Map<string, CpuUsageSample>();
  const kept = new Map<string, { readonly second: number; readonly response: Promise<Response> }>();
  const insides = openInsideReader(system, access);
  const run = runDirectory(system);

  const render = async (format: MetricFormat): Promise<string> => {
    const parts: ContainerMetrics[] = [];
    const opened = openHostContainers(system, [...roster.known.values()].slice(0, options.most));
    const inside = await insides.read(opened, true);
    const seen = new Map<string, CpuUsageSample>();
    for (const [index, each] of opened.entries()) {
      const { id } = each.facts;
      const key = `${id} ${each.instance.ownStartTicks}`;
      const note = readNote(system, run, id);
      const { document, cpu } = readHostDocument(each, note, samples.get(key) ?? null, 1, inside[index]);
      seen.set(key, cpu);
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
    samples = seen;
    const leftOut = Math.max(0, roster.known.size - options.most);
    const own =
      gauge("containers", "Containers that run.", roster.known.size) +
      gauge("containers_left_out", "Containers that are not exported: more than --most.", leftOut) +
      gauge(
        "engine_up",
        "1: the engine has answered the last time.",
        roster.isFilled && roster.problem === null ? 1 : 0,
      );
    return parts.length > 0 ? mergeMetrics(parts, own) : `${own}${format === "openmetrics" ? "# EOF\n" : ""}`;
  };

  return {
    answer(request) {
      const now = system.realtimeSeconds();
      if (request.path === "/healthz") {
        return roster.isFilled
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
      const response = render(format).then((text) =>
        makeResponse(200, METRIC_TYPES[format], text, system.realtimeSeconds()),
      );
      kept.set(format, { second, response });
      return response;
    },
  };
}

function gauge(name: string, help: string, value: number): string {
  const full = `procg_host_${name}`;
  return `# TYPE ${full} gauge\n# HELP ${full} ${help}\n${full} ${value}\n`;
}
